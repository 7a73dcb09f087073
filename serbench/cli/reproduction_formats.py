"""A paper's table or figure with ours beside it: for a terminal, Markdown, CSV and JSON."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

import typer

from serbench.cli.aligned import Aligned
from serbench.cli.options import print_json
from serbench.cli.reproduction_marks import marked, parted, raised
from serbench.cli.reproduction_pictures import pictured
from serbench.cli.reproductions import Grid, Sheet, sheet, wide
from serbench.reproducing.page import Page
from serbench.reproducing.picture import Picture

COMMAND = ": serbench run "  # in a note: what follows is to be copied whole
CODE = re.compile(r"`([^`]+)`")
TYPED = re.compile(r"(?<=: )serbench [a-z].*$")  # in a note: what is to be typed


def print_page(page: Page | Picture, form: str) -> None:
    """Write a table or figure to standard output as one of ``reproduce.FORMATS``."""
    if form == "json":
        print_json(page.record())
    elif form == "csv":
        from serbench.cli.render import as_csv

        typer.echo(as_csv(page.records()), nl=False)
    elif form == "md":
        typer.echo(as_markdown(page), nl=False)
    elif form == "latex":
        from serbench.cli.reproduction_latex import as_latex

        typer.echo(as_latex(sheet_of(page)), nl=False)
    else:
        _print_table(page)


def as_markdown(page: Page | Picture) -> str:
    """Tables and notes for a README."""
    told = sheet_of(page)
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
    lines += [f"- {_md(note_of(at, note))}" for at, note in enumerate(told.notes, 1)]
    return "\n".join([*lines, ""])


def sheet_of(page: Page | Picture, *, beneath: bool | None = None) -> Sheet:
    """Either as text; ``beneath`` is of tables alone, None: where these are wide."""
    if isinstance(page, Picture):
        return pictured(page)
    return sheet(page, beneath=wide(page) if beneath is None else beneath)


def note_of(number: int, note: str) -> str:
    """A note with its mark, what is to be typed between backticks."""
    return f"{marked([number])} {TYPED.sub(lambda typed: f'`{typed[0]}`', note)}"


def _print_table(page: Page | Picture) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    told = sheet_of(page, beneath=False)
    if any(_natural(_aligned(grid)) > console.width for grid in told.grids):
        told = sheet_of(page, beneath=True)
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
        console.print(
            Text(_hanging(text + colon[:1], f"{raised(marked([at]))} ", console.width), "dim")
        )
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
    """Numbers end above one another, whatever marks stand beside them."""
    columns = list(zip(grid.names, *grid.lines, strict=True))
    for at in range(len(columns)):
        columns[at] = tuple(map(raised, columns[at])) if at < grid.texts else _level(columns[at])
    names, *lines = zip(*columns, strict=True)
    return Aligned(names, lines, left=set(range(grid.texts)), folds=0, between=2)


def _level(cells: Sequence[str]) -> tuple[str, ...]:
    """Cells of numbers, with as much room for marks as the widest has."""
    every = [parted(cell) for cell in cells]
    room = max(len(marks) for _, marks in every)
    return tuple(
        raised(cell) + " " * (room - len(marks))
        for cell, (_, marks) in zip(cells, every, strict=True)
    )


def _natural(aligned: Aligned) -> int:
    """Columns of a terminal that all of it takes, none folded."""
    columns = zip(aligned.names, *aligned.lines, strict=True)
    return sum(max(map(len, column)) + 2 for column in columns)


def _md_row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(map(_md, cells)) + " |"


def _md(text: str) -> str:
    """Text that Markdown shows as it is, blanks at its beginning included; code stays code."""
    parts = CODE.split(raised(text))
    told = "".join(f"`{part}`" if at % 2 else _md_plain(part) for at, part in enumerate(parts))
    inner = told.lstrip(" ")
    return "&nbsp;" * (len(told) - len(inner)) + inner


def _md_plain(text: str) -> str:
    return re.sub(r"([\\|*_~`])", r"\\\1", text).replace("<", "&lt;").replace(">", "&gt;")
