"""A protocol's page: its card in words, its boards, and what an audit found in their folds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from serbench.overall import Overall, overall
from serbench.site.atlas import Sheet, protocol_href
from serbench.site.columns import DASH
from serbench.site.drawn import drawn
from serbench.site.leaders import leaders
from serbench.site.page import page
from serbench.site.pictures import over_corpora
from serbench.site.words import Words
from serbench.site.written import write

if TYPE_CHECKING:
    from serbench.audit.verdict import Verdict


@dataclass(frozen=True)
class Audited:
    """A board's folds, and what was found in them; None where no audit is kept."""

    sheet: Sheet
    verdict: Verdict | None


def write_protocol(
    name: str,
    sheets: tuple[Sheet, ...],
    verdicts: Mapping[str, Verdict | None],
    words: Words,
    root: Path,
    cache: Path | None = None,
) -> None:
    """Write the page of a protocol.

    Parameters
    ----------
    verdicts
        Of each board, by the name of its page.
    cache
        Where figures are kept, and taken from if they were drawn before.
    """
    href = protocol_href(name)
    tables = [one for one in overall(s.board for s in sheets) if len(one.corpora) > 1]
    figures = drawn(over_corpora(tables), root, href.removesuffix(".html"), cache)
    title, card = words.protocols.get(name, ("", {}))
    write(
        root / href,
        page(
            "protocol", href, words.masthead, name=name, title=title, card_words=card,
            boards=[leaders(sheet) for sheet in sheets],
            tables=[_table(one) for one in tables], figures=figures,
            audited=[Audited(sheet, verdicts.get(sheet.slug)) for sheet in sheets],
        ),
    )  # fmt: skip


@dataclass(frozen=True)
class OverCorpora:
    """The table of models by corpora of a protocol, as text."""

    title: str
    corpora: tuple[str, ...]
    rows: tuple[tuple[str, str, tuple[str, ...]], ...]  # model, settings, cells
    notes: tuple[str, ...]


def _table(table: Overall) -> OverCorpora:
    """Mean UA, mean rank and UA on each corpus; canaries are on the boards themselves."""
    rows = []
    for entry in table.entries:
        if entry.canary:
            continue
        rank = entry.rank
        place = "" if rank is None else _extent(rank.best, rank.worst)
        mean = (
            f"{100 * entry.mean:.1f}"
            if rank is not None
            else f"{entry.done} of {len(table.corpora)} corpora"
        )
        cells = [DASH if cell.ua != cell.ua else f"{100 * cell.ua:.1f}" for cell in entry.cells]
        rows.append((entry.model, entry.variant, (place, mean, *cells)))
    space = "" if table.labels == "own" else f", label space {table.labels}"
    epoch = "" if table.selection == "last" else f", {table.selection}"
    notes = [note for note in (table.silent or table.powerless, *table.left_out) if note]
    title = f"{len(table.corpora)} corpora{space}{epoch}"
    return OverCorpora(title, table.corpora, tuple(rows), tuple(notes))


def _extent(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}\N{EN DASH}{high}"
