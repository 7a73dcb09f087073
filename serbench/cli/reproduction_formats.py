"""A paper's table with ours beside it: for a terminal, Markdown, LaTeX, CSV and JSON."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

import typer

from serbench.cli.aligned import Aligned
from serbench.cli.latex import escaped
from serbench.cli.options import print_json
from serbench.cli.render import as_csv
from serbench.cli.reproductions import Grid, grids, legend, summary, wide
from serbench.reproducing.footnotes import Footnotes
from serbench.reproducing.page import Page

FORMATS = ("table", "md", "latex", "csv", "json")
COMMAND = ": serbench run "  # in a note: what follows is to be copied whole
OPENS, CLOSES = "\ue000", "\ue001"  # around footnotes, until the rest of a cell is escaped


def print_page(page: Page, form: str) -> None:
    """Write a page to standard output in one of ``FORMATS``."""
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


def heading(page: Page) -> str:
    """Which table of which paper."""
    return f"{page.table.paper}, Table {page.table.table}: {page.table.title}"


def as_markdown(page: Page) -> str:
    """Tables and notes for a README."""
    notes = Footnotes.of(page)
    parts = grids(page, notes, beneath=wide(page))
    lines = [f"**{_md(heading(page))}** ({_md(page.table.citation)})", ""]
    for grid in parts:
        if grid.title:
            lines += [f"**{_md(grid.title)}**", ""]
        lines.append(_md_row(grid.names))
        sides = [":--" if at < grid.texts else "--:" for at in range(len(grid.names))]
        lines.append("|" + "|".join(sides) + "|")
        lines += [_md_row(line) for line in grid.lines]
        lines.append("")
    lines += [f"- {_md(line)}" for line in (summary(page), *legend(page), *_general(page, notes))]
    lines += [f"- [{at}] {_md(note)}" for at, note in enumerate(notes.texts, 1)]
    return "\n".join([*lines, ""])


def as_latex(page: Page) -> str:
    r"""A table for a paper, by booktabs: ``\usepackage{booktabs}``, and UTF-8."""
    notes = Footnotes.of(page)
    parts = grids(page, notes, beneath=wide(page), mark=_latex_mark)
    table = page.table
    lines = [
        r"% needs \usepackage{booktabs}",
        r"\begin{table}",
        r"\centering\footnotesize",
        rf"\caption{{{_latex(heading(page))} ({_latex(table.citation)}).}}",
    ]
    for alike in _alike(parts):
        first = alike[0]
        columns = "l" * first.texts + "r" * (len(first.names) - first.texts)
        lines += [rf"\begin{{tabular}}{{{columns}}}", r"\toprule", *_latex_parts(alike)]
        lines += [r"\bottomrule", r"\end{tabular}", r"\par\medskip"]
    lines += [r"\end{table}", "", r"{\scriptsize\raggedright"]  # a float holds no page of notes
    lines += [
        rf"{_latex(line)}\par" for line in (summary(page), *legend(page), *_general(page, notes))
    ]
    lines += [rf"$^{{{at}}}$ {_latex(note)}\par" for at, note in enumerate(notes.texts, 1)]
    return "\n".join([*lines, "}", ""])


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


def _general(page: Page, notes: Footnotes) -> list[str]:
    """What holds of every number."""
    own = [page.table.note] if page.table.note else []
    return [*own, *(f"all of it: {note}" for note in notes.general)]


def _print_table(page: Page) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    notes = Footnotes.of(page)
    shown = [(grid, _aligned(grid)) for grid in grids(page, notes, beneath=False)]
    if any(_natural(grid) > console.width for grid, _ in shown):
        notes = Footnotes.of(page)
        shown = [(grid, _aligned(grid)) for grid in grids(page, notes, beneath=True)]
    console.print(Text(heading(page), "bold"))
    console.print(Text(page.table.citation, "dim"))
    for grid, aligned in shown:
        if grid.title:
            console.print()
            console.print(Text(grid.title, "bold"))
        console.print(aligned.text(console.width), soft_wrap=True, end="")
    console.print()
    console.print(Text(summary(page)))
    for line in (*legend(page), *_general(page, notes)):
        console.print(Text(_hanging(line, "", console.width), "dim"))
    for at, note in enumerate(notes.texts, 1):
        told, colon, command = note.partition(COMMAND)
        console.print(Text(_hanging(told + colon[:1], f"[{at}] ", console.width), "dim"))
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
