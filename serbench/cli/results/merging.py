"""``serbench results merge``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from serbench.cli.options import JsonFlag, print_json

if TYPE_CHECKING:
    from serbench.merging.merge import Merged

EXAMPLES = """
[bold]Examples[/bold]

serbench results merge out/results-01.tar out/results-02.tar

serbench results merge my-bundle/ --results results-local

serbench results merge /mnt/other-lab/results --all --json
"""
SHOWN = 5


def merge(
    path: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH...",
            help="Results folders, bundles that were worked on, archives of results (.tar), or "
            "folders of these archives.",
        ),
    ],
    results: Annotated[
        Path | None,
        typer.Option(help="Results folder. Default: $SERBENCH_RESULTS, or ./results-local."),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Take trials too that belong to no plan known here.")
    ] = False,
    json: JsonFlag = False,
) -> None:
    """Take results home that were made elsewhere.

    Each trial is held to its SHA-256 and its files to theirs before it is taken. One that is here
    already with the same answers is left out; with others, the one here stays and the other is kept
    in superseded/. Checkpoints of unfinished trials come along. Exit status 1 if anything that
    arrived was not taken.
    """
    from serbench.cli.progress import Screen
    from serbench.folders import results_folder
    from serbench.merging.merge import merge as take_home

    with Screen().step("merging results") as tell:
        merged = take_home(results or results_folder(), path, every=every, progress=tell)
    if json:
        print_json(merged.record())
    else:
        for line in _lines(merged):
            typer.echo(line)
    if not merged.clean:
        raise typer.Exit(1)


def _lines(merged: Merged) -> Iterator[str]:
    yield (
        f"{len(merged.taken)} trials taken, {len(merged.equal)} were here already; "
        f"{len(merged.checkpoints)} checkpoints, {len(merged.failures)} reasons of failures"
    )
    for conflict in merged.conflicts[:SHOWN]:
        by = (
            "other utterances were asked"
            if conflict.difference is None
            else f"answers differ by up to {conflict.difference:.2g}"
        )
        yield f"here with other answers: {conflict.title} ({by}); kept in {conflict.aside}"
    yield from _more(len(merged.conflicts))
    for refusal in merged.refused[:SHOWN]:
        yield f"refused: {refusal.what}: {refusal.reason}"
    yield from _more(len(merged.refused))
    if merged.unplanned:
        yield (
            f"{len(merged.unplanned)} trials belong to no plan known here, such as "
            f"{merged.unplanned[0][:12]}; --all takes them"
        )


def _more(count: int) -> Iterator[str]:
    if count > SHOWN:
        yield f"and {count - SHOWN} more"
