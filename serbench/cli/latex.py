"""A board as a table of a paper: LaTeX with booktabs, notes below it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from serbench.board import Board
from serbench.cli.columns import Column, records
from serbench.cli.floated import Floated, escaped, labelled, signs
from serbench.cli.legend import badges, notes
from serbench.cli.render import HEADLINES, lines, shown_columns, shown_rows

__all__ = ["as_latex", "escaped", "signs"]

# What a paper has room for; any other by --columns.
DEFAULT = ("rank", "model", "settings", "epoch", "ua", "acc7", "letters", "wa", "delta", "p",
           "acc2-non0", "f1-non0", "mae", "correlation")  # fmt: skip
SPARED = ("delta", "p", "f1-non0", "letters", "epoch", "correlation")  # what goes, the first first


def as_latex(board: Board, columns: Sequence[str] = (), *, wide: bool = False) -> str:
    """A floating table with caption and label; it needs the package booktabs.

    Of its own columns it keeps those that fit the paper; those that were asked for are all there.

    Parameters
    ----------
    wide
        Over both columns of a two-column paper.
    """
    tables = list(_candidates(board, columns, wide))
    return next((one for one in tables if one.fits), tables[-1]).text()


def _candidates(board: Board, asked: Sequence[str], wide: bool) -> Iterator[Floated]:
    """The table with all its columns, then with fewer and fewer."""
    told = records(board)
    every = shown_columns(board, told, asked)
    kept = list(every) if asked else [one for one in every if one.name in DEFAULT]
    yield _floated(board, kept, told, asked, wide)
    for name in () if asked else SPARED:
        if any(one.name == name for one in kept):
            kept = [one for one in kept if one.name != name]
            yield _floated(board, kept, told, asked, wide)


def _floated(
    board: Board, kept: Sequence[Column], told: Sequence[object], asked: Sequence[str], wide: bool
) -> Floated:
    shown, rows = list(kept), lines(board, told, kept)  # type: ignore[arg-type]
    _stack_states(board, shown, rows)
    if not asked:
        shown, rows = _joined(shown, rows)
    kinds = [str(row.ranked) for row in shown_rows(board)] + ["printed"] * len(board.quoted)
    return Floated(
        caption=f"{board.heading}: {badges(board, paper=True)}",
        label=labelled(board.heading),
        headings=[above_one_another(one.heading) for one in shown],
        rows=rows,
        left={at for at, one in enumerate(shown) if one.left},
        rules={at for at in range(1, len(rows)) if kinds[at] != kinds[at - 1]},
        notes=notes(board, asked, paper=True),
        wide=wide,
    )


def _stack_states(board: Board, shown: Sequence[Column], rows: list[list[str]]) -> None:
    """What stands for a score is to be no wider than one."""
    at = next((at for at, one in enumerate(shown) if one.name in HEADLINES), None)
    for row, line in zip(shown_rows(board), rows, strict=False):
        if at is not None and not row.complete:
            line[at] = line[at].replace(", ", ",\n")


def above_one_another(heading: str) -> str:
    """A heading in as little width as its words leave it."""
    words = re.sub(r" (?=%|CI|h$)", "\N{NO-BREAK SPACE}", heading)
    return re.sub(r",? ", "\n", words).replace("\N{NO-BREAK SPACE}", " ")


def _joined(shown: list[Column], rows: list[list[str]]) -> tuple[list[Column], list[list[str]]]:
    """A model and its settings in one column, which takes less room than two."""
    names = [column.name for column in shown]
    if not {"model", "settings"} <= set(names):
        return shown, rows
    model, settings = names.index("model"), names.index("settings")
    for row in rows:
        row[model] = with_settings(row[model], row[settings])
        del row[settings]
    return [column for column in shown if column.name != "settings"], rows


def with_settings(model: str, settings: str) -> str:
    """A model and its settings: "net (hidden=4)"; what has a bracket already gets no second."""
    if not settings:
        return model
    begun = model.removesuffix(")")
    return f"{model} ({settings})" if begun == model else f"{begun}; {settings})"
