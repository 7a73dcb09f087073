"""What the commands on corpora share: reading a folder under a progress bar, and tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

Name = Annotated[str, typer.Argument(help="A corpus, as `serbench corpora list` names it.")]


def scan_folder(corpus: Any, folder: Path, allow_partial: bool) -> Any:
    from serbench.bench import read_corpus
    from serbench.cli.progress import Screen
    from serbench.folders import cache_folder

    return read_corpus(corpus, folder, cache_folder(), allow_partial, Screen())


def list_findings(found: Any) -> None:
    for finding in found.findings:
        typer.echo(f"  {finding.kind}: {finding.message}")


def print_table(headings: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    Console(highlight=False, markup=False).print(table)
