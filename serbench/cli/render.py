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

from serbench.boards import Board, Row
from serbench.cli.options import print_json
from serbench.labels import Classes, Scale


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
SENTIMENT = (
    Column("ACC7 % [95% CI]", "acc7", interval=True),
    Column("ACC2 non0 %", "acc2_non0"),
    Column("F1 non0 %", "f1_non0"),
    Column("ACC2 has0 %", "acc2_has0"),
    Column("F1 has0 %", "f1_has0"),
    Column("MAE", "mae", percent=False),
    Column("r", "correlation", percent=False),
)
FLAGS = {
    "few_speakers": "2 or 3 speakers: the interval says little",
    "single_speaker": "one speaker: no interval",
    "class_single_speaker": "a class is spoken by one speaker alone: interval by bootstrap",
    "undefined": "a class has no test utterance: UA is undefined",
    "no_spread": "the same score whoever is left out",
}
OF_SENTIMENT = {
    **FLAGS,
    "class_single_speaker": "a score hangs on one speaker alone: its interval is by bootstrap",
    "no_spread": "a score is the same whoever is left out",
}
ROOMY = 100  # columns of a terminal: below, a sentiment's nine stand close to each other
CONVENTIONS = (
    "non0: positive against negative, true zeros left out; has0: negative against the rest"
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
        _print_tables(boards)


def heading(board: Board) -> str:
    """Which question the board answers."""
    space = "" if board.labels == "own" else f", label space {board.labels}"
    return f"{'+'.join(board.corpora)} under {board.protocol}{space}"


def badges(board: Board) -> str:
    """What a reader must know of all its numbers."""
    shared = {
        True: "speaker-independent",
        False: "speaker-dependent",
        None: "speakers unknown",
    }[board.speaker_independent]
    partial = {True: ", PARTIAL CORPUS", False: "", None: ", completeness unknown"}[board.partial]
    altered = ", SOUNDS NOT THE RELEASE'S" if board.altered else ""
    repeated = "".join(f", {name} counted {times} times" for name, times in board.repeated.items())
    release = " ".join(digest[:8] for digest in board.fingerprints.values())
    return (
        f"{_asked(board)}{repeated}, {shared}, "
        f"{board.selection} epoch, release {release}{partial}{altered}"
    )


def _asked(board: Board) -> str:
    if isinstance(board.task, Classes):
        names = board.task.names
        return f"{len(names)} classes (chance UA {100 / len(names):.1f})"
    return f"{board.label_field} from {board.task.low:g} to {board.task.high:g}"


def columns(board: Board) -> tuple[Column, ...]:
    """The scores that stand on the board."""
    return SENTIMENT if isinstance(board.task, Scale) else CLASSES


def headings(board: Board) -> list[str]:
    """The names of all columns."""
    scores = [column.heading for column in columns(board)]
    return ["model", "settings", *scores, "speakers, folds, seeds"]


def cells(row: Row, shown: Sequence[Column], alike: bool = False) -> list[str]:
    """A row as text, in the order of the headings.

    Parameters
    ----------
    shown
        The scores, the headline first.
    alike
        Another row is named alike: its version stands beside its settings.
    """
    if row.scores is None:
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
    return [row.model, variant, *scores, f"{speakers}/{row.n_folds}/{row.n_seeds}"]


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
    names = Counter((row.model, row.variant) for row in board.rows)
    shown = columns(board)
    return [cells(row, shown, alike=names[row.model, row.variant] > 1) for row in board.rows]


def notes(board: Board) -> list[str]:
    """What the rows' marks mean, what the columns mean, and what is missing."""
    on_a_scale = isinstance(board.task, Scale)
    words = OF_SENTIMENT if on_a_scale else FLAGS
    flags = dict.fromkeys(flag for row in board.rows for flag in row.flags)
    lines = ["* " + "; ".join(words.get(flag, flag) for flag in flags)] if flags else []
    if any(row.complete and row.trials_done < row.trials_planned for row in board.rows):
        lines.append("+ more seeds were asked for than are finished: the finished ones are scored")
    if not all(row.complete for row in board.rows):
        lines.append("rows without all their trials have no score; `serbench run` completes them")
    return [*lines, CONVENTIONS] if on_a_scale else lines


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


def _print_tables(boards: Sequence[Board]) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for board in boards:
        console.print(Text(heading(board), "bold"))
        console.print(Text(badges(board), "red" if board.partial else "dim"))
        console.print(_table(board, console.width))
        for line in notes(board):
            console.print(line, style="dim", markup=False)


def _table(board: Board, width: int) -> Any:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    many = isinstance(board.task, Scale)  # columns: then headings stand word below word
    tight = many and width < ROOMY
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=0 if tight else (0, 1))
    for name in headings(board):
        long = name == "model" or "CI" in name
        whole = long or (many and name != "settings")
        table.add_column(
            name.replace(" ", "\n") if many and not long else name,
            justify="left" if name in {"model", "settings"} else "right",
            overflow="ellipsis" if whole else "fold",  # a number cut short must look like one
            min_width=len(name) if name == "settings" else None,
            no_wrap=whole,
        )
    for row, (model, variant, first, *others) in zip(board.rows, rows(board), strict=True):
        state = first if row.complete else first.replace(", ", ",\n")  # no wider than a score
        texts = map(Text, (model, variant, state, *others))
        table.add_row(*texts, style=None if row.complete else "dim")
    return table
