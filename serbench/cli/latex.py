"""A board as a table of a paper: LaTeX with booktabs, notes below it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from serbench.board import Board
from serbench.cli.columns import Column, picked, records
from serbench.cli.legend import badges, notes
from serbench.cli.render import lines, shown_rows

# What a paper has room for; any other by --columns.
DEFAULT = ("rank", "model", "settings", "epoch", "ua", "acc7", "letters", "wa", "delta", "p",
           "acc2-non0", "f1-non0", "mae", "correlation")  # fmt: skip
SPECIAL = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
}  # fmt: skip
RANKS = re.compile(r"^(\d+)-(\d+)$")
SIGN = re.compile(r"(?<![\w.-])([+-])(?=\d)")


def as_latex(board: Board, columns: Sequence[str] = ()) -> str:
    """A floating table with caption and label; it needs the package booktabs."""
    told = records(board)
    shown = [one for one in picked(board, told, columns) if columns or one.name in DEFAULT]
    rows = lines(board, told, shown)
    if not columns:
        shown, rows = _joined(shown, rows)
    ranked = [str(row.ranked) for row in shown_rows(board)] + ["printed"] * len(board.quoted)
    body: list[str] = []
    for at, row in enumerate(rows):
        if at and ranked[at] != ranked[at - 1]:
            body.append(r"\midrule")
        body.append(" & ".join(map(_cell, row)) + r" \\")
    label = re.sub(r"[^a-z0-9]+", "-", board.heading.lower()).strip("-")
    footnotes = [
        rf"{{\footnotesize {escaped(note)}\par}}" for note in notes(board)
    ]  # fmt: skip
    return "\n".join(
        [
            r"% needs \usepackage{booktabs}",
            r"\begin{table}",
            r"\centering",
            r"\footnotesize",
            r"\setlength{\tabcolsep}{3pt}",
            rf"\caption{{{escaped(board.heading)}: {escaped(badges(board))}.}}",
            rf"\label{{tab:{label}}}",
            rf"\begin{{tabular}}{{@{{}}{''.join(map(_alignment, shown))}@{{}}}}",
            r"\toprule",
            " & ".join(map(_heading, shown)) + r" \\",
            r"\midrule",
            *body,
            r"\bottomrule",
            r"\end{tabular}",
            r"\par\medskip",
            r"\begin{minipage}{\linewidth}\raggedright",
            *footnotes,
            r"\end{minipage}",
            r"\end{table}",
            "",
        ]
    )


def escaped(text: str) -> str:
    """Text as LaTeX prints it."""
    found = "".join(SPECIAL.get(letter, letter) for letter in text)
    return found.replace("--", "-{}-")  # of an option: two hyphens would be one dash


def _cell(text: str) -> str:
    """A cell of text or numbers."""
    return RANKS.sub(r"\1--\2", signs(escaped(text)))


def signs(text: str) -> str:
    """Signs before numbers, as long as a minus is and not as a hyphen."""
    return SIGN.sub(r"$\1$", text)


def _alignment(column: Column) -> str:
    return "l" if column.left else "r"


def _heading(column: Column) -> str:
    """Above one another: what is measured, and in what."""
    parts = re.sub(r", | (?=\[)", "\n", column.heading).split("\n")
    if len(parts) == 1:
        return escaped(column.heading)
    stacked = r" \\ ".join(
        escaped(part) if "[" not in part else f"{{{escaped(part)}}}" for part in parts
    )
    return rf"\begin{{tabular}}[b]{{@{{}}{_alignment(column)}@{{}}}}{stacked}\end{{tabular}}"


def _joined(shown: list[Column], rows: list[list[str]]) -> tuple[list[Column], list[list[str]]]:
    """A model and its settings in one column, which takes less room than two."""
    names = [column.name for column in shown]
    if not {"model", "settings"} <= set(names):
        return shown, rows
    model, settings = names.index("model"), names.index("settings")
    for row in rows:
        row[model] += f" ({row[settings]})" if row[settings] else ""
        del row[settings]
    return [column for column in shown if column.name != "settings"], rows
