"""What the commands on corpora share: reading a folder under a progress bar, and tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

Name = Annotated[str, typer.Argument(help="A corpus, as `serbench corpora list` names it.")]

MOST_LISTED = 30  # findings on a screen


def scan_folder(corpus: Any, folder: Path, allow_partial: bool) -> Any:
    from serbench.bench import read_corpus
    from serbench.cli.progress import Screen
    from serbench.folders import cache_folder

    return read_corpus(corpus, folder, cache_folder(), allow_partial, Screen())


def list_findings(found: Any) -> None:
    """The findings of a scan, the grave ones first, the many cut short."""
    findings = sorted(found.findings, key=lambda finding: not finding.grave)
    for finding in findings[:MOST_LISTED]:
        typer.echo(f"  {finding.kind}: {finding.message}")
    if len(findings) > MOST_LISTED:
        typer.echo(f"  and {len(findings) - MOST_LISTED} more findings (--json lists all)")


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
