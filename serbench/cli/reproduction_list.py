"""The tables and figures that can be made again, and how much of each is measured."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from serbench.cli.options import print_json
from serbench.errors import UsageError

if TYPE_CHECKING:
    from serbench.reproducing.figure import PaperFigure
    from serbench.reproducing.measured import Measurements
    from serbench.reproducing.page import Page
    from serbench.reproducing.picture import Picture
    from serbench.reproducing.table import PaperTable
    from serbench.store import Store


def filled(
    work: PaperTable | PaperFigure,
    store: Store | None,
    roots: dict[str, Path],
    measured: Measurements | None = None,
) -> Page | Picture:
    """A table or a figure, with what a results folder holds of it.

    Parameters
    ----------
    measured
        What of the folder has been read before, for this and for others; None: nothing has.
    """
    from serbench.literature import literature
    from serbench.reproducing.figure import PaperFigure
    from serbench.reproducing.filling import fill
    from serbench.reproducing.picture import picture

    if isinstance(work, PaperFigure):
        return picture(work, store, roots, literature(), measured)
    return fill(work, store, roots, literature(), measured)


def all_filled(store: Store | None, roots: dict[str, Path]) -> list[Page | Picture]:
    """Everything that is registered; what stands in several is read and scored once."""
    from serbench.literature import literature
    from serbench.reproducing.measured import Measurements
    from serbench.reproducing.shelf import find, names
    from serbench.reproducing.wanted import beside_all

    works = [find(name) for name in names()]
    asked = (sought for work in works for sought in beside_all(work, literature()))
    measured = Measurements(store, asked)
    return [filled(work, store, roots, measured) for work in works]


def print_list(store: Store | None, roots: dict[str, Path], *, as_json: bool) -> None:
    """All of them: of tables how many numbers are measured, of figures how many panels."""
    from rich.console import Console
    from rich.text import Text

    from serbench.cli.aligned import Aligned

    pages = all_filled(store, roots)
    if as_json:
        print_json([_record(page) for page in pages])
        return
    if not pages:
        raise UsageError("nothing is registered", expected="what ships with serbench")
    lines = []
    for page in pages:
        name, title, what, states = _told(page)
        done, others = states.count("measured"), states.count("deviates")
        more = f" (+{others})" if others else ""
        lines.append([name, title, f"{done} of {len(states)} {what}{more}"])
    console = Console(highlight=False)
    aligned = Aligned(["name", "what it shows", "measured"], lines, left={0, 1}, folds=1)
    console.print(aligned.text(console.width), soft_wrap=True)
    if any("(+" in line[2] for line in lines):
        console.print(
            Text("(+n): measured with other settings, folds or data than the paper's", "dim")
        )


def _told(page: Page | Picture) -> tuple[str, str, str, list[str]]:
    """Its name and title, what is counted of it, and the states of these."""
    from serbench.reproducing.picture import Picture

    if isinstance(page, Picture):
        states = [shown.state for shown in page.panels]
        return page.figure.name, page.figure.title, "panels", states
    return page.table.name, page.table.title, "numbers", [cell.state for cell in page.cells]


def _record(page: Page | Picture) -> dict[str, Any]:
    from serbench.reproducing.picture import Picture

    name, title, what, states = _told(page)
    work: Any = page.figure if isinstance(page, Picture) else page.table
    own = {"figure": work.figure, "kind": work.kind} if isinstance(page, Picture) else {
        "table": work.table
    }  # fmt: skip
    return {
        "name": name, "paper": work.paper, **own, "title": title, "citation": work.citation,
        what: len(states), "measured": states.count("measured"),
        "deviating": states.count("deviates"),
    }  # fmt: skip
