"""The first page: every board by its protocol, with who leads it."""

from __future__ import annotations

from pathlib import Path

from serbench.site.atlas import Atlas
from serbench.site.leaders import leaders
from serbench.site.page import page
from serbench.site.words import Words
from serbench.site.written import write


def write_overview(atlas: Atlas, titles: dict[str, str], words: Words, root: Path) -> None:
    """Write the first page.

    Parameters
    ----------
    titles
        Of corpora, by their names.
    """
    groups = [
        (name, words.protocols.get(name, ("", {}))[0], [leaders(sheet) for sheet in sheets])
        for name, sheets in atlas.protocols.items()
    ]
    counts = {
        "boards": len(atlas.sheets),
        "corpora": len(atlas.corpora),
        "models": len(atlas.models),
        "protocols": len(atlas.protocols),
        "trials": sum(
            row.trials_done
            for sheet in atlas.sheets
            for row in sheet.board.rows
            if row.selection in {"last", "val"}  # the others read the same trainings
        ),
    }
    write(
        root / "index.html",
        page(
            "index", "index.html", words.masthead, groups=groups, counts=counts, atlas=atlas,
            titles=titles,
        ),
    )  # fmt: skip
