"""``serbench results pack``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from serbench.cli.options import JsonFlag, print_json
from serbench.errors import UsageError

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
    from serbench.folders import results_folder
    from serbench.packing import pack as pack_folder

    root = folder or results_folder()
    if not root.is_dir():
        state = "is not a folder" if root.exists() else "does not exist"
        raise UsageError(
            f"the results folder {root} {state}",
            expected="a folder that `serbench run` has written, by DIR or $SERBENCH_RESULTS",
        )
    with Screen().step("packing trials") as tell:
        packed = pack_folder(root, tell)
    if json:
        print_json(packed.record())
        return
    for line in packed.lines():
        typer.echo(line)
