"""A board and the trials behind each of its rows, written as pages with their figures and data.

All of one board is one piece of work, which a process of its own may do: what it takes and what it
gives back is data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from serbench.asprinted import as_printed, epoch, marks_told
from serbench.curves import Course, courses
from serbench.errors import SerbenchError
from serbench.plane import kept
from serbench.quoted import SCORES, Quoted
from serbench.rows import Row
from serbench.scores import ClassScores
from serbench.site.atlas import Sheet
from serbench.site.citing import cited
from serbench.site.drawn import drawn
from serbench.site.listed import Line, listed
from serbench.site.page import page
from serbench.site.picture import Matter
from serbench.site.pictures import of_board
from serbench.site.reasons import remarks
from serbench.site.table import Shown, Table, table_of
from serbench.site.words import Words
from serbench.site.written import as_csv, as_json, write
from serbench.store import Plan, Store
from serbench.trained import hours


@dataclass(frozen=True)
class Work:
    """What it takes to write one board: ``plans`` are those behind each of its rows."""

    sheet: Sheet
    plans: tuple[tuple[tuple[Plan, ...], ...], ...]
    words: Words
    results: Path
    root: Path  # of the site that is being written
    cache: Path | None  # of figures that were drawn before
    within: tuple[Mapping[str, ClassScores], ...] = ()  # of rows of pairs, on single corpora


def write_board(work: Work) -> list[str]:
    """Write a board's page, its figures and data, and a page for each row.

    Returns
    -------
    What could not be shown, a line each; it also stands on the page.
    """
    sheet, root = work.sheet, work.root
    records = sheet.board.records()
    write(root / f"boards/{sheet.slug}.json", as_json(records))
    write(root / f"boards/{sheet.slug}.csv", as_csv(records))
    missed: list[str] = []
    went = _courses(work, missed)
    trials = {trial for rows in work.plans for row in rows for plan in row for trial in plan.trials}
    planes = kept(Store(work.results), trials)
    figures = drawn(
        of_board(Matter(sheet.board, tuple(went), work.within, tuple(planes))),
        root,
        f"boards/{sheet.slug}",
        work.cache,
    )
    table = table_of(sheet, records[: len(sheet.board.rows)])
    write(
        root / sheet.href,
        page(
            "board", sheet.href, work.words.masthead, sheet=sheet, board=sheet.board,
            said=sheet.said, table=table, figures=figures, missed=missed,
            printed=printed(sheet.board.quoted), citation=cited(sheet, work.words.masthead),
        ),
    )  # fmt: skip
    store = Store(work.results)
    drawn_of = {(course.model, course.variant) for course in went}
    for one in (*table.ranked, *table.others):
        _write_row(work, store, one, table, (one.row.model, one.row.variant) in drawn_of)
    return [f"{sheet.said.heading}: {line}" for line in missed]


@dataclass(frozen=True)
class PrintedRow:
    """What a paper prints of the board's question, as text."""

    method: str
    source: str
    selection: str
    scores: tuple[str, ...]
    doubts: tuple[str, ...]


@dataclass(frozen=True)
class Printed:
    """All that papers print of it; ``headings`` are of the scores, ``notes`` of their marks."""

    headings: tuple[str, ...]
    rows: tuple[PrintedRow, ...]
    notes: tuple[str, ...]


def printed(quoted: Sequence[Quoted]) -> Printed:
    """The published numbers of a board, in a table of their own: they are not of its rows' kind."""
    names = [name for name in SCORES if any(name in one.numbers for one in quoted)]
    return Printed(
        tuple(f"{name.upper().replace('_', ' ')} %" for name in names),
        tuple(
            PrintedRow(
                one.method,
                one.source,
                epoch(one),
                tuple(as_printed(one.numbers.get(name)) for name in names),
                one.doubts,
            )
            for one in quoted
        ),
        tuple(marks_told(quoted)),
    )


def _courses(work: Work, missed: list[str]) -> list[Course]:
    """The curves of all rows that kept their epochs."""
    board, store = work.sheet.board, Store(work.results)
    staged = {
        row.model
        for row, plans in zip(board.rows, work.plans, strict=True)
        if any(_staged(store, own) for own in plans)
    }
    if not staged:
        return []
    try:
        found = courses(
            store, corpora=board.corpora, protocols=[board.protocol], models=sorted(staged)
        )
    except SerbenchError as error:
        missed.append(f"the curves over the epochs cannot be drawn: {error.found}")
        return []
    return [one for one in found if (one.corpora, one.labels) == (board.corpora, board.labels)]


def _staged(store: Store, plans: Sequence[Plan]) -> bool:
    """Whether the first finished trial of a row kept its epochs."""
    for trial_id in (trial_id for plan in plans for trial_id in plan.trials):
        try:
            if store.has(trial_id):
                return any(name.startswith("stages-") for name in store.hashes(trial_id))
        except SerbenchError:
            continue
    return False


def _write_row(work: Work, store: Store, one: Shown, table: Table, curves: bool) -> None:
    """The page of a row: its trials, what it takes for what, and its curves."""
    missed: list[str] = []
    lines: list[Line] = []
    try:
        lines = listed(store, work.plans[one.place])
    except SerbenchError as error:
        missed.append(f"its trials cannot be listed: {error.found}")
    base = one.href.removesuffix(".html")
    write(work.root / f"{base}.csv", as_csv([line.record() for line in lines]))
    names = tuple(lines[0].scores) if lines else ()
    write(
        work.root / one.href,
        page(
            "row", one.href, work.words.masthead, sheet=work.sheet, board=work.sheet.board,
            one=one, table=table, lines=lines, names=names, data=f"{base}.csv",
            curves=curves, missed=missed,
            matrix=_matrix(one.row), hours=hours, named_alike=len(work.plans[one.place]) > 1,
            remarks=remarks(one.row, work.sheet.said.flags),
            headings={"ua": "UA %", "wa": "WA %", "n_missing": "Classes missing"},
        ),
    )  # fmt: skip


def _matrix(row: Row) -> list[tuple[str, list[tuple[int, str, int]]]]:
    """A confusion matrix: each true class with its cells' count, share, and strength 0 to 20."""
    counts = getattr(row.scores, "confusion", None)
    if counts is None:
        return []
    classes: tuple[str, ...] = row.scores.classes  # type: ignore[union-attr]
    rows = []
    for name, line in zip(classes, counts.tolist(), strict=True):
        total = sum(line)
        rows.append((
            name,
            [
                (n, f"{100 * n / total:.0f}", round(20 * n / total)) if total else (n, "", 0)
                for n in line
            ],
        ))  # fmt: skip
    return rows
