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
from serbench.cli.options import print_json
from serbench.cli.pairs import print_pairs
from serbench.labels import Classes, Scale
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
FLAGS = {
    "few_speakers": "2 or 3 speakers: the interval says little",
    "single_speaker": "one speaker: no interval",
    "class_single_speaker": "a class is spoken by one speaker alone: interval by bootstrap",
    "undefined": "a class has no test utterance: UA is undefined",
    "no_spread": "the same score whoever is left out",
    "few_corpora": "fewer than 4 corpora: no interval over corpora, only within each pair",
    "shared_training": "the trainings share corpora: no interval over corpora",
    "L09": "BROKE L09, unranked: its answers depend on the company of other test utterances",
    "L10": "BROKE L10, unranked: its answers depend on other utterances of the same speaker",
    "L18": "BROKE L18, unranked: its answers depend on what files are called",
    "L20": "BROKE L20, unranked: its answers depend on order, or on what it was asked before",
    "L21": "BROKE L21, unranked: features depend on other folds",
    "L22": "BROKE L22, unranked: it opened files of the test side in training",
    "no_stages": "no epochs to choose from: not a net, or run with --stages last",
}
SELECTION_NOTES = {
    "val": "val: the epoch with the highest UA on speakers held out of training",
    "best-on-test": "best-on-test: the epoch with the highest score on the test set itself; it "
    "flatters, and is never ranked",
    "best-on-test-per-metric": "best-on-test-per-metric: the same, WA and UA each from its "
    "own best epoch; never ranked",
}
CANARIES = "canaries hear nothing: what is known beside the sound reaches that much by itself"
NOT_AUDITED = "no whole audit of these folds is kept here; `serbench run` of the same writes it"
ACCESS_BADGES = {
    "none": "",
    "unlabelled": ", HEARS THE TEST SIDE unlabelled",
    "speaker-norm": ", KNOWS WHICH TEST UTTERANCES SHARE A SPEAKER",
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
    if board.badges is not None:  # as the folds have it, by their audit
        shared = ", ".join(board.badges)
    partial = {True: ", PARTIAL CORPUS", False: "", None: ", completeness unknown"}[board.partial]
    altered = ", SOUNDS NOT THE RELEASE'S" if board.altered else ""
    repeated = "".join(f", {name} counted {times} times" for name, times in board.repeated.items())
    release = " ".join(digest[:8] for digest in board.fingerprints.values())
    return (
        f"{_asked(board)}{repeated}, {shared}{ACCESS_BADGES[board.target_access]}"
        f"{'' if _chosen(board) else ', last epoch'}, release {release}{partial}{altered}"
    )


def _asked(board: Board) -> str:
    if isinstance(board.task, Classes):
        names = board.task.names
        return f"{len(names)} classes (chance UA {100 / len(names):.1f})"
    return f"{board.label_field} from {board.task.low:g} to {board.task.high:g}"


def _chosen(board: Board) -> bool:
    """Whether any row's epoch is another than the last."""
    return any(row.selection != "last" for row in board.rows)


def columns(board: Board) -> tuple[Column, ...]:
    """The scores that stand on the board."""
    if isinstance(board.task, Scale):
        return SENTIMENT
    return ACROSS if len(board.corpora) > 1 else CLASSES


def headings(board: Board) -> list[str]:
    """The names of all columns."""
    scores = [column.heading for column in columns(board)]
    epoch = ["epoch"] if _chosen(board) else []
    return ["model", "settings", *epoch, *scores, "speakers, folds, seeds"]


def cells(
    row: Row, shown: Sequence[Column], alike: bool = False, chosen: bool = False
) -> list[str]:
    """A row as text, in the order of the headings.

    Parameters
    ----------
    shown
        The scores, the headline first.
    alike
        Another row is named alike: its version stands beside its settings.
    chosen
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
    epoch = ["" if row.canary else row.selection] if chosen else []
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
    shown, chosen = columns(board), _chosen(board)
    return [
        cells(row, shown, names[row.model, row.variant, row.selection] > 1, chosen)
        for row in shown_rows(board)
    ]


def shown_rows(board: Board) -> list[Row]:
    """The rows as people read them: what takes no hearing comes first."""
    return sorted(board.rows, key=lambda row: not row.canary)


def notes(board: Board) -> list[str]:
    """What the rows' marks mean, what the columns mean, and what is missing."""
    on_a_scale = isinstance(board.task, Scale)
    words = OF_SENTIMENT if on_a_scale else FLAGS
    flags = dict.fromkeys(flag for row in board.rows for flag in row.flags)
    lines = ["* " + "; ".join(words.get(flag, flag) for flag in flags)] if flags else []
    if any(row.complete and row.trials_done < row.trials_planned for row in board.rows):
        lines.append("+ more seeds were asked for than are finished: the finished ones are scored")
    if any(row.canary for row in board.rows):
        lines.append(CANARIES)
    if board.badges is None:
        lines.append(NOT_AUDITED)
    rules = dict.fromkeys(row.selection for row in board.rows)
    lines += [SELECTION_NOTES[rule] for rule in rules if rule in SELECTION_NOTES]
    if not all(row.complete or row.stages_missing for row in board.rows):
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
        print_pairs(board, console)
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
    for row, cell in zip(shown_rows(board), rows(board), strict=True):
        # What is not complete has a state for a score, which is to be no wider than one.
        narrow = cell if row.complete else [text.replace(", ", ",\n") for text in cell]
        style = None if row.complete and row.ranked else "dim"
        table.add_row(*map(Text, narrow), style=style)
    return table
