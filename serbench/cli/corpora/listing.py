"""``serbench corpora list``: what there is, what is here, and how to get the rest."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from serbench.cli.options import CorpusRoot, JsonFlag, print_json
from serbench.errors import SerbenchError

EXAMPLES = """
[bold]Examples[/bold]

serbench corpora list

serbench corpora list --json
"""
WIDE = 110  # columns of a terminal that has room for whole headings
LONGEST_LICENCE = 44  # letters in the table; `corpora show` has all of them


def list_(corpus_root: CorpusRoot = [], json: JsonFlag = False) -> None:  # noqa: B006
    """Every corpus that serbench can read: those it has adapters for, and your own tables.

    A guest's adapter is named and not imported.
    """
    from serbench.adapters import corpus_names
    from serbench.cli.corpora.describing import console, print_guests
    from serbench.cli.corpora.reading import roots_for
    from serbench.folders import find_corpus
    from serbench.registry import guests

    roots = roots_for(None, corpus_root)
    others = guests("corpora")
    theirs = {one["name"] for one in others}
    own = [name for name in corpus_names(roots) if name not in theirs]
    rows = [_row(name, find_corpus(name, roots)) for name in own]
    if json:
        folders = {name: find_corpus(name, roots) for name in theirs}
        told = {name: None if at is None else str(at) for name, at in folders.items()}
        print_json([*rows, *({**one, "folder": told[one["name"]]} for one in others)])
        return
    _print(rows)
    print_guests(others, "corpora", console())


def short(licence: str) -> str:
    """The first clause of a card's licence.

    Examples
    --------
    >>> short("CC BY-NC-SA 4.0: non-commercial, with attribution")
    'CC BY-NC-SA 4.0'
    """
    clause = re.split(r"[;:,]\s| \(", licence, maxsplit=1)[0]
    if len(clause) <= LONGEST_LICENCE:
        return clause
    return clause[: LONGEST_LICENCE - 3].rsplit(" ", 1)[0] + " ..."


def _row(name: str, folder: Path | None) -> dict[str, Any]:
    from serbench.adapters import adapter
    from serbench.registry import registered

    claims = registered("corpora").get(name, ())
    row: dict[str, Any] = {
        "name": name,
        "owner": ", ".join(claim.owner for claim in claims) or f"the table in {folder}",
        "folder": None if folder is None else str(folder),
    }
    try:
        card = adapter(name, folder).card
    except SerbenchError as error:
        return row | {"error": str(error)}
    downloadable = any(release.downloads for release in card.releases)
    return row | {
        "title": card.title,
        "language": card.language,
        "utterances": card.standard.utterances,
        "speakers": len(card.standard.speakers) or None,
        "licence": card.licence,
        "how_to_get": card.how_to_get,
        "get": f"serbench corpora get {name}" if downloadable else None,
        "releases": [release.name for release in card.releases],
    }


def _print(rows: list[dict[str, Any]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    from serbench.cli.corpora.describing import console, print_grid

    screen = console()
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("name", no_wrap=True)
    table.add_column("title", overflow="fold")
    table.add_column("language", overflow="fold")
    wide = screen.width >= WIDE
    # Of the usual release, as its card says: no folder is read here.
    for column in ("utterances", "speakers") if wide else ("utt.", "spk."):
        table.add_column(f"{column}\nin release", justify="right", no_wrap=True)
    table.add_column("licence", overflow="fold")
    table.add_column("here", no_wrap=True)
    sound = [row for row in rows if "error" not in row]
    for row in sound:
        table.add_row(
            *map(Text, (row["name"], row["title"], row["language"])),
            f"{row['utterances']:,}",
            f"{row['speakers']:,}" if row["speakers"] else "?",
            Text(short(row["licence"])),
            _here(row["folder"]),
        )
    screen.print(table)
    screen.print("\nnumbers are the release's; serbench corpora check says what of it is here")
    here = [(row["name"], Text(row["folder"])) for row in sound if row["folder"]]
    if here:
        screen.print("\nhere")
        print_grid(here, screen)
    missing = [row for row in sound if not row["folder"]]
    if missing:
        screen.print("\nnot here, and how to get it (then: serbench corpora add NAME FOLDER)")
        print_grid([(row["name"], Text(_way(row))) for row in missing], screen)
    broken = [row for row in rows if "error" in row]
    if broken:
        screen.print("\nunusable")
        print_grid([(row["name"], Text(row["error"])) for row in broken], screen)


def _here(folder: str | None) -> str:
    if folder is None:
        return "no"
    return "yes" if Path(folder).is_dir() else "gone"


def _way(row: dict[str, Any]) -> str:
    return f"{row['get']}, or {row['how_to_get']}" if row["get"] else str(row["how_to_get"])
