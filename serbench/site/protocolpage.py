"""A protocol's page: its card in words, its boards, and what an audit found in their folds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from serbench.site.atlas import Sheet, protocol_href
from serbench.site.leaders import leaders
from serbench.site.page import page
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
) -> None:
    """Write the page of a protocol.

    Parameters
    ----------
    verdicts
        Of each board, by the name of its page.
    """
    href = protocol_href(name)
    title, card = words.protocols.get(name, ("", {}))
    write(
        root / href,
        page(
            "protocol", href, name=name, title=title, card_words=card,
            boards=[leaders(sheet) for sheet in sheets],
            audited=[Audited(sheet, verdicts.get(sheet.slug)) for sheet in sheets],
        ),
    )  # fmt: skip
