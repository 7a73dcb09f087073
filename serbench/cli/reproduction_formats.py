"""A paper's table or figure with ours beside it: for a terminal, Markdown, LaTeX, CSV and JSON."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

import typer

from serbench.cli.aligned import Aligned
from serbench.cli.latex import escaped
from serbench.cli.options import print_json
from serbench.cli.render import as_csv
from serbench.cli.reproduction_pictures import pictured
from serbench.cli.reproductions import Grid, Mark, Sheet, bracketed, sheet, wide
from serbench.reproducing.page import Page
from serbench.reproducing.picture import Picture

FORMATS = ("table", "md", "latex", "csv", "json")
COMMAND = ": serbench run "  # in a note: what follows is to be copied whole
OPENS, CLOSES = "\ue000", "\ue001"  # around footnotes, until the rest of a cell is escaped


def print_page(page: Page | Picture, form: str) -> None:
    """Write a table or figure to standard output in one of ``FORMATS``."""
    if form == "json":
        print_json(page.record())
    elif form == "csv":
        typer.echo(as_csv(page.records()), nl=False)
    elif form == "md":
        typer.echo(as_markdown(page), nl=False)
    elif form == "latex":
        typer.echo(as_latex(page), nl=False)
    else:
        _print_table(page)


def as_markdown(page: Page | Picture) -> str:
    """Tables and notes for a README."""
    told = _sheet(page)
    lines = [f"**{_md(told.heading)}** ({_md(told.citation)})", ""]
    for grid in told.grids:
        if grid.title:
            lines += [f"**{_md(grid.title)}**", ""]
        lines.append(_md_row(grid.names))
        sides = [":--" if at < grid.texts else "--:" for at in range(len(grid.names))]
        lines.append("|" + "|".join(sides) + "|")
        lines += [_md_row(line) for line in grid.lines]
        lines.append("")
    lines += [f"- {_md(line)}" for line in told.lines]
    lines += [f"- [{at}] {_md(note)}" for at, note in enumerate(told.notes, 1)]
    return "\n".join([*lines, ""])


def as_latex(page: Page | Picture) -> str:
    r"""A table for a paper, by booktabs: ``\usepackage{booktabs}``, and UTF-8."""
    told = _sheet(page, mark=_latex_mark)
    lines = [
        r"% needs \usepackage{booktabs}",
        r"\begin{table}",
        r"\centering\footnotesize",
        rf"\caption{{{_latex(told.heading)} ({_latex(told.citation)}).}}",
    ]
    for alike in _alike(told.grids):
        first = alike[0]
        columns = "l" * first.texts + "r" * (len(first.names) - first.texts)
        lines += [rf"\begin{{tabular}}{{{columns}}}", r"\toprule", *_latex_parts(alike)]
        lines += [r"\bottomrule", r"\end{tabular}", r"\par\medskip"]
    lines += [r"\end{table}", "", r"{\scriptsize\raggedright"]  # a float holds no page of notes
    lines += [rf"{_latex(line)}\par" for line in told.lines]
    lines += [rf"$^{{{at}}}$ {_latex(note)}\par" for at, note in enumerate(told.notes, 1)]
    return "\n".join([*lines, "}", ""])


def _sheet(page: Page | Picture, *, beneath: bool | None = None, mark: Mark = bracketed) -> Sheet:
    """Either as text; ``beneath`` is of tables alone, None: where these are wide."""
    if isinstance(page, Picture):
        return pictured(page, mark=mark)
    return sheet(page, beneath=wide(page) if beneath is None else beneath, mark=mark)


def _alike(parts: Sequence[Grid]) -> list[list[Grid]]:
    """Parts that follow each other and have as many columns, which make one table."""
    found: list[list[Grid]] = []
    for grid in parts:
        shape = len(grid.names), grid.texts
        if found and (len(found[-1][0].names), found[-1][0].texts) == shape:
            found[-1].append(grid)
        else:
            found.append([grid])
    return found


def _latex_parts(parts: Sequence[Grid]) -> list[str]:
    """The rows of several parts; headings again only where they are others."""
    lines: list[str] = []
    before: tuple[str, ...] = ()
    for grid in parts:
        if lines:
            lines.append(r"\midrule")
        if grid.names != before:
            lines += [_latex_row(grid.names), r"\midrule"]
        if grid.title:
            count = len(grid.names)
            lines.append(rf"\multicolumn{{{count}}}{{l}}{{\itshape {_latex(grid.title)}}} \\")
        lines += [_latex_row(line) for line in grid.lines]
        before = grid.names
    return lines


def _print_table(page: Page | Picture) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    told = _sheet(page, beneath=False)
    if any(_natural(grid) > console.width for grid in told.grids):
        told = _sheet(page, beneath=True)
    console.print(Text(told.heading, "bold"))
    console.print(Text(told.citation, "dim"))
    for grid in told.grids:
        if grid.title:
            console.print()
            console.print(Text(grid.title, "bold"))
        console.print(_aligned(grid).text(console.width), soft_wrap=True, end="")
    console.print()
    first, *more = told.lines
    console.print(Text(first))
    for line in more:
        console.print(Text(_hanging(line, "", console.width), "dim"))
    for at, note in enumerate(told.notes, 1):
        text, colon, command = note.partition(COMMAND)
        console.print(Text(_hanging(text + colon[:1], f"[{at}] ", console.width), "dim"))
        if command:  # in one piece, to be copied
            console.print(Text(f"    {colon[2:]}{command}"), soft_wrap=True)


def _hanging(text: str, mark: str, width: int) -> str:
    """A paragraph whose further lines stand under its text."""
    return textwrap.fill(
        text,
        width,
        initial_indent=mark,
        subsequent_indent=" " * (len(mark) or 2),
        break_on_hyphens=False,
        break_long_words=False,
    )


def _aligned(grid: Grid) -> Aligned:
    return Aligned(grid.names, grid.lines, left=set(range(grid.texts)), folds=0, between=2)


def _natural(grid: Grid) -> int:
    """Columns of a terminal that all of it takes, none folded."""
    columns = zip(grid.names, *grid.lines, strict=True)
    return sum(max(map(len, column)) + 2 for column in columns)


def _md_row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(map(_md, cells)) + " |"


def _md(text: str) -> str:
    """Text that Markdown shows as it is, blanks at its beginning included."""
    told = re.sub(r"([\\|*_~`])", r"\\\1", text).replace("<", "&lt;").replace(">", "&gt;")
    inner = told.lstrip(" ")
    return "&nbsp;" * (len(told) - len(inner)) + inner


def _latex_row(cells: Sequence[str]) -> str:
    return " & ".join(map(_latex_cell, cells)) + r" \\"


def _latex_cell(text: str) -> str:
    """A cell: signs of numbers as signs, what ours is set in under the paper's indented."""
    indent = r"\quad " if text.startswith("  ") else ""
    sign = re.match(r"(\(?)([+-])(?=\d)", text)
    if sign:
        rest = _latex(text[sign.end() :])
        return f"{sign[1]}${sign[2]}${rest}"
    return indent + ("--" if text == "-" else _latex(text.strip()))


def _latex(text: str) -> str:
    """Text that LaTeX sets as it is; footnotes as raised numbers."""
    found = escaped(text).replace("±", r"$\pm$").replace('"', "''")
    return found.replace(OPENS, "$^{").replace(CLOSES, "}$")


def _latex_mark(numbers: Sequence[int]) -> str:
    return f"{OPENS}{','.join(map(str, numbers))}{CLOSES}" if numbers else ""
