"""Comparisons as people and scripts read them: text, Markdown, LaTeX, CSV, JSON."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from serbench.cli.comparison_latex import as_latex
from serbench.cli.comparison_records import flat, record
from serbench.cli.comparison_rows import HEADINGS, tests
from serbench.cli.legend import badges
from serbench.cli.options import print_json
from serbench.cli.render import as_csv
from serbench.comparison.reading import Comparison
from serbench.comparison.words import legend, mcnemar, paragraph

FORMATS = ("text", "md", "latex", "csv", "json")


def print_comparisons(found: Sequence[Comparison], form: str) -> None:
    """Write comparisons to standard output in one of :data:`FORMATS`."""
    if form == "json":
        print_json([record(one) for one in found])
    elif form == "csv":
        typer.echo(as_csv([row for one in found for row in flat(one)]), nl=False)
    elif form == "md":
        typer.echo("\n".join(as_markdown(one) for one in found), nl=False)
    elif form == "latex":
        typer.echo("\n".join(as_latex(one) for one in found), nl=False)
    else:
        _print_text(found)


def as_markdown(comparison: Comparison) -> str:
    """Paragraphs and tables for a README."""
    lines = [f"**{comparison.board.heading}**: {badges(comparison.board)}", ""]
    for pair in comparison.pairs:
        lines += [paragraph(pair, comparison), ""]
        if rows := list(tests(pair)):
            lines += ["| " + " | ".join(HEADINGS) + " |", "|" + "---|" * len(HEADINGS)]
            lines += ["| " + " | ".join(row) + " |" for row in rows]
            lines.append("")
        lines += [told, ""] if (told := mcnemar(pair)) else []
    if comparison.pairs:
        lines += [*(f"* {line}" for line in legend(comparison)), ""]
    lines += [f"{name} is not compared: {why}" for name, why in comparison.absent]
    return "\n".join([*lines, ""] if comparison.absent else lines)


def _print_text(found: Sequence[Comparison]) -> None:
    from rich.console import Console
    from rich.text import Text

    from serbench.cli.aligned import Aligned

    console = Console(highlight=False)
    for comparison in found:
        board = comparison.board
        console.print(Text(board.heading, "bold"))
        console.print(Text(badges(board), "red" if board.partial else "dim"))
        for pair in comparison.pairs:
            console.print()
            console.print(paragraph(pair, comparison), markup=False)
            if rows := list(tests(pair)):
                table = Aligned(HEADINGS, rows, left={0}, folds=0, between=2)
                console.print(table.text(console.width), soft_wrap=True, end="")
            if told := mcnemar(pair):
                console.print(told, markup=False)
        if lines := legend(comparison):
            console.print()
            console.print(Text("\n".join(lines), "dim"))
        for name, why in comparison.absent:
            console.print(f"{name} is not compared: {why}", style="yellow", markup=False)
        console.print()
