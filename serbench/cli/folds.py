"""Scores of single folds as people and scripts read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import typer

from serbench.by_fold import FoldBoard, FoldRow, FoldScore
from serbench.cli.legend import CONVENTIONS, badges
from serbench.cli.options import print_json
from serbench.cli.render import as_csv, print_boards
from serbench.cli.tables import ROOMY
from serbench.labels import Scale
from serbench.protocols import PAIR


@dataclass(frozen=True)
class Column:
    """A score of a fold: its heading, and its name among the fold's scores."""

    heading: str
    field: str
    percent: bool = True


CLASSES = (Column("UA %", "ua"), Column("WA %", "wa"))
OF_A_SENTIMENT = (
    Column("ACC7 %", "acc7"),
    Column("ACC2 non0 %", "acc2_non0"),
    Column("F1 non0 %", "f1_non0"),
    Column("ACC2 has0 %", "acc2_has0"),
    Column("F1 has0 %", "f1_has0"),
    Column("MAE", "mae", percent=False),
    Column("r", "correlation", percent=False),
)
NEVER_RANKED = "folds are looked at and never ranked"
LACKS = "* the fold lacks a class: UA is over the classes that it holds"


def print_folds(boards: Sequence[FoldBoard], form: str) -> None:
    """Write folds to standard output as "table", "md", "csv" or "json".

    A row without a finished fold has no line in CSV and JSON: standard error says so.
    """
    if not boards:
        print_boards([], form)
    elif form in {"csv", "json"}:
        records = [record for one in boards for record in one.records()]
        if form == "json":
            print_json(records)
        else:
            typer.echo(as_csv(records), nl=False)
        for one in boards:
            for row, title in zip(one.rows, _titles(one), strict=True):
                if not row.folds:
                    typer.echo(f"no fold of {title} on {one.board.heading}", err=True)
    elif form == "md":
        typer.echo("\n".join(_as_markdown(one) for one in boards), nl=False)
    else:
        _print_tables(boards)


def _badges(one: FoldBoard) -> str:
    """Those of the board, and its split: folds of one name may hold other speakers elsewhere."""
    return f"{badges(one.board)}, split {one.board.split[:8]}"


def _titles(one: FoldBoard) -> list[str]:
    """What each row is called, with its version where others are called alike, and its state."""
    plain = [f"{row.model} {row.variant}".strip() for row in one.rows]
    versions = [f"{name} version={row.version[:8]}" for name, row in _with(plain, one)]
    keys = [f"{name} row={row.key[:8]}" for name, row in _with(versions, one)]
    names = [
        name if plain.count(name) == 1 else version if versions.count(version) == 1 else key
        for name, version, key in zip(plain, versions, keys, strict=True)
    ]
    return [name + _state(row) for name, row in _with(names, one)]


def _with(names: Sequence[str], one: FoldBoard) -> list[tuple[str, FoldRow]]:
    return list(zip(names, one.rows, strict=True))


def _state(row: FoldRow) -> str:
    """What is missing of a row; nothing of one that has all its trials."""
    if row.trials_done == row.trials_planned and not row.trials_damaged:
        return ""
    state = f": {row.trials_done} of {row.trials_planned} trials"
    counts = {"failed": row.trials_failed, "damaged": row.trials_damaged}
    return state + "".join(f", {count} {what}" for what, count in counts.items() if count)


def _columns(one: FoldBoard) -> tuple[Column, ...]:
    return OF_A_SENTIMENT if isinstance(one.board.task, Scale) else CLASSES


def _headings(one: FoldBoard) -> list[str]:
    return ["fold", "seed", "utterances", *(column.heading for column in _columns(one))]


def _cells(fold: FoldScore, shown: Sequence[Column], across: bool) -> list[str]:
    """A fold as text: two decimals of a percentage, as papers print their folds."""

    def text(column: Column) -> str:
        value = fold.scores[column.field]
        if value is None:
            return "-"
        lacks = column.field == "ua" and fold.scores["n_missing"]
        return (f"{100 * value:.2f}" if column.percent else f"{value:.3f}") + ("*" if lacks else "")

    # Of one training on a corpus, tested on others, each is a line: emodb>ravdess.
    own = fold.fold in {"", fold.test} or fold.fold.endswith(f"{PAIR}{fold.test}")
    name = fold.fold if own or not across else f"{fold.fold}{PAIR}{fold.test}"
    return [name, str(fold.seed), str(fold.n_utterances), *map(text, shown)]


def _notes(one: FoldBoard) -> list[str]:
    if isinstance(one.board.task, Scale):
        return [CONVENTIONS, NEVER_RANKED]
    lacking = any(fold.scores["n_missing"] for row in one.rows for fold in row.folds)
    return [LACKS, NEVER_RANKED] if lacking else [NEVER_RANKED]


def _as_markdown(one: FoldBoard) -> str:
    lines = [f"**{one.board.heading}**: {_badges(one)}", ""]
    for title, row in _with(_titles(one), one):
        lines += [title, ""]
        if row.folds:
            names = _headings(one)
            lines += ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
            for fold in row.folds:
                cells = (
                    cell.replace("|", "\\|")
                    for cell in _cells(fold, _columns(one), len(one.board.corpora) > 1)
                )
                lines.append("| " + " | ".join(cells) + " |")
            lines.append("")
    return "\n".join([*lines, *_notes(one), ""])


def _print_tables(boards: Sequence[FoldBoard]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    for one in boards:
        many = isinstance(one.board.task, Scale)  # columns: then headings stand word below word
        console.print(Text(one.board.heading, "bold"))
        console.print(Text(_badges(one), "red" if one.board.partial else "dim"))
        for title, row in _with(_titles(one), one):
            console.print(Text(title))
            if not row.folds:
                continue
            tight = many and console.width < ROOMY
            table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=0 if tight else (0, 1))
            for name in _headings(one):
                table.add_column(
                    name.replace(" ", "\n") if many else name,
                    justify="left" if name == "fold" else "right",
                    no_wrap=True,  # a number cut short must look like one
                )
            for fold in row.folds:
                table.add_row(*map(Text, _cells(fold, _columns(one), len(one.board.corpora) > 1)))
            console.print(table)
        for line in _notes(one):
            console.print(line, style="dim", markup=False)
