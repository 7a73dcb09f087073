"""Boards as people and scripts read them: a terminal's table, Markdown, CSV, JSON."""

from __future__ import annotations

import csv
import io
import json
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
    return f"{'+'.join(board.corpora)} under {board.protocol}"


def badges(board: Board) -> str:
    """What a reader must know of all its numbers."""
    shared = {
        True: "speaker-independent",
        False: "speaker-dependent",
        None: "speakers unknown",
    }[board.speaker_independent]
    partial = ", PARTIAL CORPUS" if board.partial else ""
    release = " ".join(digest[:8] for digest in board.fingerprints.values())
    return (
        f"{len(board.classes)} classes (chance UA {100 * board.chance:.1f}), {shared}, "
        f"{board.selection} epoch, release {release}{partial}"
    )


def cells(row: Row) -> list[str]:
    """A row as text, in the order of HEADINGS."""
    if row.ua is None:
        state = f"{row.trials_done} of {row.trials_planned} trials"
        if row.trials_failed:
            state += f", {row.trials_failed} failed"
        if row.trials_damaged:
            state += f", {row.trials_damaged} damaged"
        scores = [state, "", ""]
    else:
        marks = "*" if row.flags else ""
        interval = (
            f" [{percent(row.ua_low)}, {percent(row.ua_high)}]" if row.ua_low is not None else ""
        )
        scores = [f"{percent(row.ua)}{interval}{marks}", percent(row.wa), percent(row.ua_fold)]
    speakers = "?" if row.n_speakers is None else str(row.n_speakers)
    return [row.model, row.variant, *scores, f"{speakers}/{row.n_folds}/{row.n_seeds}"]


def percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f}"


def notes(board: Board) -> list[str]:
    """What the rows' marks mean, and what is missing."""
    flags = dict.fromkeys(flag for row in board.rows for flag in row.flags)
    lines = ["* " + "; ".join(FLAGS.get(flag, flag) for flag in flags)] if flags else []
    if not all(row.complete for row in board.rows):
        lines.append("rows without all their trials have no score; `serbench run` completes them")
    return lines


def as_markdown(board: Board) -> str:
    """A table for a README, heading first."""
    lines = [f"**{heading(board)}**: {badges(board)}", ""]
    lines.append("| " + " | ".join(HEADINGS) + " |")
    lines.append("|" + "|".join("---" for _ in HEADINGS) + "|")
    lines += [
        "| " + " | ".join(cell.replace("|", "\\|") for cell in cells(row)) + " |"
        for row in board.rows
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
        for row in board.rows:
            table.add_row(
                *(Text(cell) for cell in cells(row)), style=None if row.complete else "dim"
            )
        console.print(table)
        for line in notes(board):
            console.print(line, style="dim", markup=False)
