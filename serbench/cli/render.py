"""Boards as people and scripts read them: a terminal's table, Markdown, CSV, JSON."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import typer

from serbench.boards import Board
from serbench.cli.legend import badges, chosen, notes
from serbench.cli.options import print_json
from serbench.labels import Scale
from serbench.rows import Row


@dataclass(frozen=True)
class Column:
    """A score in a table: its heading, and its field of a row's record."""

    heading: str
    field: str
    percent: bool = True
    interval: bool = False


CLASSES = (
    Column("UA % [95% CI]", "ua", interval=True),
    Column("WA %", "wa"),
    Column("UA fold %", "ua_fold"),
)
ACROSS = (
    Column("mean UA % [95% CI]", "ua", interval=True),
    Column("sd over seeds", "ua_sd"),
    Column("mean WA %", "wa"),
    Column("sd over seeds", "wa_sd"),
)
SENTIMENT = (
    Column("ACC7 % [95% CI]", "acc7", interval=True),
    Column("ACC2 non0 %", "acc2_non0"),
    Column("F1 non0 %", "f1_non0"),
    Column("ACC2 has0 %", "acc2_has0"),
    Column("F1 has0 %", "f1_has0"),
    Column("MAE", "mae", percent=False),
    Column("r", "correlation", percent=False),
)


def print_boards(boards: Sequence[Board], form: str) -> None:
    """Write boards to standard output as "table", "md", "csv" or "json"."""
    if form == "json":
        print_json([record for board in boards for record in board.records()])
    elif form == "csv":
        typer.echo(as_csv([record for board in boards for record in board.records()]), nl=False)
    elif not boards:
        typer.echo("no board yet: serbench run --model svm-mfcc --protocol loso --corpus emodb")
    elif form == "md":
        typer.echo("\n".join(as_markdown(board) for board in boards), nl=False)
    else:
        from serbench.cli.tables import print_tables

        print_tables(boards)


def heading(board: Board) -> str:
    """Which question the board answers."""
    space = "" if board.labels == "own" else f", label space {board.labels}"
    return f"{'+'.join(board.corpora)} under {board.protocol}{space}"


def columns(board: Board) -> tuple[Column, ...]:
    """The scores that stand on the board."""
    if isinstance(board.task, Scale):
        return SENTIMENT
    if len(board.corpora) == 1:
        return CLASSES
    several = any(row.n_seeds > 1 for row in board.rows)
    return ACROSS if several else tuple(one for one in ACROSS if not one.field.endswith("_sd"))


def headings(board: Board) -> list[str]:
    """The names of all columns."""
    scores = [column.heading for column in columns(board)]
    epoch = ["epoch"] if chosen(board) else []
    return ["model", "settings", *epoch, *scores, "speakers, folds, seeds"]


def cells(row: Row, shown: Sequence[Column], alike: bool = False, apart: bool = False) -> list[str]:
    """A row as text, in the order of the headings.

    Parameters
    ----------
    shown
        The scores, the headline first.
    alike
        Another row is named alike: its version stands beside its settings.
    apart
        The rule that chose the epoch has a column of its own.
    """
    if row.stages_missing:
        scores = ["no epochs kept*", *[""] * (len(shown) - 1)]
    elif row.scores is None:
        state = f"{row.trials_done} of {row.trials_planned} trials"
        if row.trials_failed:
            state += f", {row.trials_failed} failed"
        if row.trials_damaged:
            state += f", {row.trials_damaged} damaged"
        scores = [state, *[""] * (len(shown) - 1)]
    else:
        record = row.scores.record()
        scores = [score(record, column) for column in shown]
        scores[0] += "*" if row.flags else ""
        scores[0] += "+" if row.trials_done < row.trials_planned else ""
    speakers = "?" if row.n_speakers is None else str(row.n_speakers)
    variant = f"{row.variant} version={row.version[:8]}".strip() if alike else row.variant
    epoch = ["" if row.canary else row.selection] if apart else []
    return [row.model, variant, *epoch, *scores, f"{speakers}/{row.n_folds}/{row.n_seeds}"]


def score(record: Mapping[str, float | int | None], column: Column) -> str:
    """One score as text, with its interval where the column has it and there is one.

    "undefined" for a headline that is, "-" for another score.
    """

    def text(value: float) -> str:
        return f"{100 * value:.1f}" if column.percent else f"{value:.3f}"

    value = record[column.field]
    if not column.interval:
        return "-" if value is None else text(value)
    low, high = (record[column.field + end] for end in ("_low", "_high"))
    interval = "" if low is None or high is None else f" [{text(low)}, {text(high)}]"
    return ("undefined" if value is None else text(value)) + interval


def rows(board: Board) -> list[list[str]]:
    """All rows as text."""
    names = Counter((row.model, row.variant, row.selection) for row in board.rows)
    shown, apart = columns(board), chosen(board)
    return [
        cells(row, shown, names[row.model, row.variant, row.selection] > 1, apart)
        for row in shown_rows(board)
    ]


def shown_rows(board: Board) -> list[Row]:
    """The rows as people read them: what takes no hearing comes first."""
    return sorted(board.rows, key=lambda row: not row.canary)


def as_markdown(board: Board) -> str:
    """A table for a README, heading first."""
    names = headings(board)
    lines = [f"**{heading(board)}**: {badges(board)}", ""]
    lines.append("| " + " | ".join(names) + " |")
    lines.append("|" + "|".join("---" for _ in names) + "|")
    lines += [
        "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows(board)
    ]
    return "\n".join([*lines, "", *notes(board), ""])


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
