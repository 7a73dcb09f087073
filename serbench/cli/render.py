"""Boards as people and scripts read them: a terminal's table, Markdown, LaTeX, CSV, JSON."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import typer

from serbench.asprinted import Remarks, as_printed, epoch
from serbench.board import Board
from serbench.cli.columns import Column, Record, check, columns, picked, records, state
from serbench.cli.legend import badges, method, notes
from serbench.cli.marks import Marks
from serbench.cli.options import FIRST, print_json
from serbench.errors import UsageError
from serbench.quoted import Quoted
from serbench.rows import Row

FORMATS = ("table", "md", "latex", "csv", "json")
IN_MARKDOWN = 3  # what a README has room for: columns that are left out earlier need --columns
AS_IT_IS = str.maketrans({"|": r"\|", "*": r"\*"})
TAG = re.compile(r"<(?=[A-Za-z/!?])")  # what HTML would take for one
HEADLINES = ("ua", "acc7")  # the columns that say what there is of a row without scores


def print_boards(
    boards: Sequence[Board], form: str, columns: Sequence[str] = (), *, wide: bool = False
) -> None:
    """Write boards to standard output.

    Parameters
    ----------
    form
        One of :data:`FORMATS`.
    columns
        The columns of tables, by name (:mod:`serbench.cli.columns`); none: those that fit.
    wide
        A table of LaTeX over both columns of a paper.

    Raises
    ------
    UsageError
        If a column is none of theirs, or there is no board to make a file of.
    """
    check(boards, columns)
    if form == "json":
        print_json([record for board in boards for record in board.records()])
    elif not boards and form == "table":
        typer.echo(f"no board yet; the first one: {FIRST}")
    elif not boards:
        raise UsageError("no board yet", expected="results of at least one model", advice=FIRST)
    elif form == "csv":
        typer.echo(as_csv([record for board in boards for record in board.records()]), nl=False)
    elif form == "md":
        typer.echo("\n".join(as_markdown(board, columns) for board in boards), nl=False)
    elif form == "latex":
        from serbench.cli.latex import as_latex

        typer.echo("\n".join(as_latex(board, columns, wide=wide) for board in boards), nl=False)
    else:
        from serbench.cli.tables import print_tables

        print_tables(boards, columns)


def shown_columns(
    board: Board, told: Sequence[Record], asked: Sequence[str] = ()
) -> tuple[Column, ...]:
    """The columns that were asked for; of none, those that any row, or any paper, says anything in.

    Parameters
    ----------
    told
        The rows' :func:`serbench.cli.columns.records`.
    """
    every, remarks = columns(board), Remarks(board.quoted)
    printed = [_quoted(one, every, remarks) for one in board.quoted]
    filled = {one.name for at, one in enumerate(every) if any(line[at] for line in printed)}
    return picked(board, told, asked, filled)


def lines(board: Board, told: Sequence[Record], shown: Sequence[Column]) -> list[list[str]]:
    """All rows as text, in the order of :func:`shown_rows`.

    Parameters
    ----------
    told
        The rows' :func:`serbench.cli.columns.records`.
    """
    names = Counter((row.model, row.variant, row.selection) for row in board.rows)
    remarks, marks = Remarks(board.quoted), Marks.of(board)
    quoted = [_quoted(one, shown, remarks) for one in board.quoted]
    every = sorted(zip(board.rows, told, strict=True), key=lambda one: not one[0].canary)
    return [
        *(
            cells(row, record, shown, marks, names[row.model, row.variant, row.selection] > 1)
            for row, record in every
        ),
        *quoted,
    ]


def _quoted(one: Quoted, shown: Sequence[Column], remarks: Remarks) -> list[str]:
    """What a paper prints, in the columns that it tells anything of.

    A mean over folds stands where pooled scores do, marked, and in the column of such means.
    """
    mark = remarks.mark(one)
    named = any(column.name == "settings" for column in shown)
    told = {
        "model": method(one) if named else method(one) + mark,
        "settings": one.short + mark,
        "epoch": epoch(one),
    }
    for name, number in one.numbers.items():
        column = {"macro_f1": "f1"}.get(name, name.replace("_", "-"))
        told[column] = as_printed(number)
        if number.aggregation == "fold_mean":
            told[f"{column}-fold"] = number.value
    return [told.get(column.name, "") for column in shown]


def cells(
    row: Row, record: Record, shown: Sequence[Column], marks: Marks, alike: bool = False
) -> list[str]:
    """A row as text.

    Parameters
    ----------
    record
        What it says of itself.
    alike
        Another row is named alike: its version stands beside its settings.
    """
    if row.scores is None:
        said = dict.fromkeys(HEADLINES, state(row) + marks.beside(row))
        own = {"model", "settings", "epoch", "units", *said}
        found = {one.name: one.text(record) for one in shown if one.name in own - {*said}}
        found |= said
        text = [found.get(one.name, "") for one in shown]
    else:
        beside = marks.beside(row)
        text = [one.text(record) + beside * (one.name in HEADLINES) for one in shown]
    names = [one.name for one in shown]
    beside_it = next((name for name in ("settings", "model") if name in names), None)
    if alike and beside_it:
        at = names.index(beside_it)
        text[at] = f"{text[at]} version={row.version[:8]}".strip()
    return text


def shown_rows(board: Board) -> list[Row]:
    """The rows as people read them: what takes no hearing comes first."""
    return sorted(board.rows, key=lambda row: not row.canary)


def as_markdown(board: Board, columns: Sequence[str] = ()) -> str:
    """A table for a README: heading first, notes as a list below it."""
    told = records(board)
    every = shown_columns(board, told, columns)
    shown = [one for one in every if columns or one.extra <= IN_MARKDOWN]
    found = [f"**{board.heading}**: {badges(board, paper=True)}", ""]
    found += markdown_rows([one.heading for one in shown], lines(board, told, shown))
    return "\n".join([*found, "", *markdown_list(notes(board, columns, paper=True)), ""])


def markdown_rows(headings: Sequence[str], text: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table; what is Markdown's own in a cell is printed as it is."""
    return [
        "| " + " | ".join(headings) + " |",
        "|" + "|".join("---" for _ in headings) + "|",
        *("| " + " | ".join(map(_as_it_is, row)) + " |" for row in text),
    ]


def markdown_list(notes: Iterable[str]) -> list[str]:
    """Notes, each an entry of its own: lines without a mark would be one paragraph."""
    return [f"- {_as_it_is(note)}" for note in notes]


def as_csv(records: Sequence[Mapping[str, Any]]) -> str:
    """Records with the fields of all. Cells that a spreadsheet would compute are kept as text."""
    buffer = io.StringIO()
    if records:
        fields = dict.fromkeys(name for record in records for name in record)
        writer = csv.DictWriter(buffer, list(fields), lineterminator="\n")
        writer.writeheader()
        for record in records:
            writer.writerow({name: spreadsheet_safe(value) for name, value in record.items()})
    return buffer.getvalue()


def spreadsheet_safe(value: Any) -> Any:
    """A value as a CSV cell that no spreadsheet takes for a formula; lists as JSON."""
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return "'" + value
    return value


def _as_it_is(text: str) -> str:
    """Text that Markdown shows as it is, and makes no link of."""
    return TAG.sub("&lt;", text.translate(AS_IT_IS)).replace("](", r"]\(")
