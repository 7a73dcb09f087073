"""Boards as people and scripts read them: a terminal's table, Markdown, CSV, JSON."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import typer

from serbench.boards import Board, Row
from serbench.cli.options import print_json

HEADINGS = ("model", "settings", "UA % [95% CI]", "WA %", "UA fold %", "speakers, folds, seeds")
FLAGS = {
    "few_speakers": "2 or 3 speakers: the interval says little",
    "single_speaker": "one speaker: no interval",
    "class_single_speaker": "a class is spoken by one speaker alone: interval by bootstrap",
    "undefined": "a class has no test utterance: UA is undefined",
    "no_spread": "the same score whoever is left out",
}


def print_boards(boards: Sequence[Board], form: str) -> None:
    """Write boards to standard output as "table", "md", "csv" or "json"."""
    if form == "json":
        print_json([record for board in boards for record in board.records()])
    elif form == "csv":
        typer.echo(as_csv(boards), nl=False)
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
        f"{len(board.classes)} classes (chance UA {100 * board.chance:.1f}){repeated}, {shared}, "
        f"{board.selection} epoch, release {release}{partial}{altered}"
    )


def cells(row: Row, alike: bool = False) -> list[str]:
    """A row as text, in the order of HEADINGS; with its version if another row is named alike."""
    if not row.complete:
        state = f"{row.trials_done} of {row.trials_planned} trials"
        if row.trials_failed:
            state += f", {row.trials_failed} failed"
        if row.trials_damaged:
            state += f", {row.trials_damaged} damaged"
        scores = [state, "", ""]
    else:
        marks = "*" if row.flags else ""
        if row.trials_done < row.trials_planned:
            marks += "+"
        interval = (
            f" [{percent(row.ua_low)}, {percent(row.ua_high)}]" if row.ua_low is not None else ""
        )
        shown = "undefined" if row.ua is None else percent(row.ua)
        scores = [f"{shown}{interval}{marks}", percent(row.wa), percent(row.ua_fold)]
    speakers = "?" if row.n_speakers is None else str(row.n_speakers)
    variant = f"{row.variant} version={row.version[:8]}".strip() if alike else row.variant
    return [row.model, variant, *scores, f"{speakers}/{row.n_folds}/{row.n_seeds}"]


def percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f}"


def rows(board: Board) -> list[list[str]]:
    """All rows as text."""
    names = Counter((row.model, row.variant) for row in board.rows)
    return [cells(row, alike=names[row.model, row.variant] > 1) for row in board.rows]


def notes(board: Board) -> list[str]:
    """What the rows' marks mean, and what is missing."""
    flags = dict.fromkeys(flag for row in board.rows for flag in row.flags)
    lines = ["* " + "; ".join(FLAGS.get(flag, flag) for flag in flags)] if flags else []
    if any(row.complete and row.trials_done < row.trials_planned for row in board.rows):
        lines.append("+ more seeds were asked for than are finished: the finished ones are scored")
    if not all(row.complete for row in board.rows):
        lines.append("rows without all their trials have no score; `serbench run` completes them")
    return lines


def as_markdown(board: Board) -> str:
    """A table for a README, heading first."""
    lines = [f"**{heading(board)}**: {badges(board)}", ""]
    lines.append("| " + " | ".join(HEADINGS) + " |")
    lines.append("|" + "|".join("---" for _ in HEADINGS) + "|")
    lines += [
        "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows(board)
    ]
    return "\n".join([*lines, "", *notes(board), ""])


def as_csv(boards: Sequence[Board]) -> str:
    """All rows with all their fields. Cells that a spreadsheet would compute are kept as text."""
    records = [record for board in boards for record in board.records()]
    buffer = io.StringIO()
    if records:
        writer = csv.DictWriter(buffer, list(records[0]), lineterminator="\n")
        writer.writeheader()
        for record in records:
            writer.writerow({name: _cell(value) for name, value in record.items()})
    return buffer.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return "'" + value
    return value


def _print_tables(boards: Sequence[Board]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    for board in boards:
        console.print(Text(heading(board), "bold"))
        console.print(Text(badges(board), "red" if board.partial else "dim"))
        table = Table(box=SIMPLE_HEAD, pad_edge=False)
        for name in HEADINGS:
            table.add_column(
                name,
                justify="left" if name in {"model", "settings"} else "right",
                overflow="fold",
                no_wrap=name in {"model", "UA % [95% CI]"},
            )
        for row, texts in zip(board.rows, rows(board), strict=True):
            table.add_row(*map(Text, texts), style=None if row.complete else "dim")
        console.print(table)
        for line in notes(board):
            console.print(line, style="dim", markup=False)
