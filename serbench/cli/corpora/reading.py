"""What the commands on corpora share: reading a folder under a progress bar, and tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from serbench.errors import UsageError

Name = Annotated[str, typer.Argument(help="A corpus, as `serbench corpora list` names it.")]

MOST_LISTED = 30  # findings on a screen


def scan_folder(corpus: Any, folder: Path, allow_partial: bool) -> Any:
    from serbench.cli.progress import Screen
    from serbench.folders import cache_folder
    from serbench.preparing import read_corpus

    return read_corpus(corpus, folder, cache_folder(), allow_partial, Screen())


def roots_for(names: Sequence[str] | None, options: list[str]) -> dict[str, Path]:
    """The ``--corpus-root NAME=DIR`` options of a command on these corpora.

    A folder of a corpus that nobody asked for is most likely a typing error in the name of one that
    was: done without, the folder that is read instead would be another one.

    Parameters
    ----------
    names
        The corpora that the command is asked for; None: every one that is known.
    options
        The options as given.

    Raises
    ------
    UsageError
        If an option is not of that form, or names a corpus that is not asked for.
    UnknownName
        Where every corpus is asked for, if there is none of that name, nor in its folder.
    CorpusError
        There too, if the folder's ``corpus.toml``, which should have that name, cannot be used.
    """
    from serbench.adapters import adapter, corpus_names
    from serbench.folders import corpus_roots
    from serbench.registry import nearest
    from serbench.tabled import described_name

    roots = corpus_roots(options)
    known = corpus_names() if names is None else list(dict.fromkeys(names))
    for name, folder in roots.items():
        if name in known:
            continue
        if names is None:
            if described_name(folder) != name:
                adapter(name, folder)  # says why there is none
            continue
        hint = nearest(name, known)
        raise UsageError(
            f"--corpus-root {name}={folder}: the corpus {name!r} is not asked for",
            expected=f"the folder of {' or '.join(known)}",
            advice=f"did you mean --corpus-root {hint}={folder}?" if hint else "",
        )
    return roots


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
