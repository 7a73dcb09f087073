"""``serbench results pack``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from serbench.cli.options import JsonFlag, print_json, read_from

EXAMPLES = """
[bold]Examples[/bold]

serbench results pack

serbench results pack /scratch/shared/results --json
"""


def pack(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="[DIR]", help="Results folder. Default: $SERBENCH_RESULTS, or ./results-local."
        ),
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Move finished trials from a folder each into a few large files (tar).

    Every command reads them there as before, and runs may go on meanwhile. `tar -xf` of a shard in
    the results folder gives the folders back. Killed at any moment, nothing is lost: run it again.
    """
    from serbench.cli.progress import Screen
    from serbench.packing import pack as pack_folder

    root = read_from(folder, "DIR")
    with Screen().step("packing trials") as tell:
        packed = pack_folder(root, tell)
    if json:
        print_json(packed.record())
        return
    for line in packed.lines():
        typer.echo(line)
