"""Boards as people and scripts read them: a terminal's table, Markdown, LaTeX, CSV, JSON."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import typer

from serbench.board import Board
from serbench.cli.columns import Column, Record, check, picked, records, state
from serbench.cli.legend import badges, notes
from serbench.cli.options import print_json
from serbench.quoted import Quoted
from serbench.rows import Row

FORMATS = ("table", "md", "latex", "csv", "json")
IN_MARKDOWN = 3  # what a README has room for: columns that are left out earlier need --columns
HEADLINES = ("ua", "acc7")  # the columns that say what there is of a row without scores


def print_boards(boards: Sequence[Board], form: str, columns: Sequence[str] = ()) -> None:
    """Write boards to standard output.

    Parameters
    ----------
    form
        One of :data:`FORMATS`.
    columns
        The columns of tables, by name (:mod:`serbench.cli.columns`); none: those that fit.

    Raises
    ------
    UsageError
        If a column is none of theirs.
    """
    check(boards, columns)
    if form == "json":
        print_json([record for board in boards for record in board.records()])
    elif form == "csv":
        typer.echo(as_csv([record for board in boards for record in board.records()]), nl=False)
    elif not boards:
        typer.echo("no board yet: serbench run --model svm-mfcc --protocol loso --corpus emodb")
    elif form == "md":
        typer.echo("\n".join(as_markdown(board, columns) for board in boards), nl=False)
    elif form == "latex":
        from serbench.cli.latex import as_latex

        typer.echo("\n".join(as_latex(board, columns) for board in boards), nl=False)
    else:
        from serbench.cli.tables import print_tables

        print_tables(boards, columns)


def lines(board: Board, told: Sequence[Record], shown: Sequence[Column]) -> list[list[str]]:
    """All rows as text, in the order of :func:`shown_rows`.

    Parameters
    ----------
    told
        The rows' :func:`serbench.cli.columns.records`.
    """
    names = Counter((row.model, row.variant, row.selection) for row in board.rows)
    quoted = [_quoted(one, shown) for one in board.quoted]
    every = sorted(zip(board.rows, told, strict=True), key=lambda one: not one[0].canary)
    return [
        *(
            cells(row, record, shown, names[row.model, row.variant, row.selection] > 1)
            for row, record in every
        ),
        *quoted,
    ]


def _quoted(one: Quoted, shown: Sequence[Column]) -> list[str]:
    """What a paper prints, in the columns that it tells anything of."""
    told = {"model": one.method, "settings": one.short, "epoch": one.selection}
    for name, number in one.numbers.items():
        column = {"macro_f1": "f1"}.get(name, name.replace("_", "-"))
        of_folds = "~" * (number.aggregation == "fold_mean")
        told[column] = f"{number.value}{of_folds}{'?' * bool(number.query)}"
    return [told.get(column.name, "") for column in shown]


def cells(row: Row, record: Record, shown: Sequence[Column], alike: bool = False) -> list[str]:
    """A row as text.

    Parameters
    ----------
    record
        What it says of itself.
    alike
        Another row is named alike: its version stands beside its settings.
    """
    if row.scores is None:
        said = {**dict.fromkeys(HEADLINES, state(row) + "*" * row.stages_missing)}
        own = {"model", "settings", "epoch", "units", *said}
        found = {one.name: one.text(record) for one in shown if one.name in own - {*said}}
        found |= said
        text = [found.get(one.name, "") for one in shown]
    else:
        marks = "*" * bool(row.flags) + "+" * (row.trials_done < row.trials_planned)
        text = [one.text(record) + marks * (one.name in HEADLINES) for one in shown]
    if alike:
        at = [one.name for one in shown].index("settings")
        text[at] = f"{text[at]} version={row.version[:8]}".strip()
    return text


def shown_rows(board: Board) -> list[Row]:
    """The rows as people read them: what takes no hearing comes first."""
    return sorted(board.rows, key=lambda row: not row.canary)


def as_markdown(board: Board, columns: Sequence[str] = ()) -> str:
    """A table for a README, heading first."""
    told = records(board)
    shown = [one for one in picked(board, told, columns) if columns or one.extra <= IN_MARKDOWN]
    found = [f"**{board.heading}**: {badges(board)}", ""]
    found.append("| " + " | ".join(column.heading for column in shown) + " |")
    found.append("|" + "|".join("---" for _ in shown) + "|")
    found += [
        "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
        for row in lines(board, told, shown)
    ]
    return "\n".join([*found, "", *notes(board), ""])


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
