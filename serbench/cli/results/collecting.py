"""``serbench results gc``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from serbench.cli.options import JsonFlag, print_json, read_from
from serbench.errors import UsageError

if TYPE_CHECKING:
    from serbench.upkeep.garbage import Garbage

EXAMPLES = """
[bold]Examples[/bold]

serbench results gc

serbench results gc --yes

serbench results gc /scratch/shared/results --older-than 7 --yes
"""
SHOWN = 5
UNITS = ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"))


def gc(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="[DIR]", help="Results folder. Default: $SERBENCH_RESULTS, or ./results-local."
        ),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Remove it. Without, it is only shown.")
    ] = False,
    older_than: Annotated[
        float,
        typer.Option(
            metavar="DAYS", help="Of what was set aside (superseded/), only what is this old."
        ),
    ] = 30.0,
    json: JsonFlag = False,
) -> None:
    """Remove what is dead: no board, plan, run or worker reads it.

    That is what killed processes left half written an hour ago or earlier, checkpoints and failures
    of trials that were finished since, claims of workers that have ended, and what was set aside.
    Finished trials are never touched. Without --yes nothing is.
    """
    if not 0 <= older_than < float("inf"):
        raise UsageError(f"--older-than {older_than:g}", expected="a number of days, 0 or more")
    from serbench.upkeep.garbage import garbage

    found = garbage(read_from(folder, "DIR"), days=older_than, remove=yes)
    if json:
        print_json({**found.record(), "removed": yes})
        return
    for line in _lines(found, yes):
        typer.echo(line)


def _lines(found: Garbage, removed: bool) -> Iterator[str]:
    kinds: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for one in found.dead:
        kinds[one.why].append((one.path, one.bytes))
    for why, paths in sorted(kinds.items()):
        yield f"{len(paths)} x {why}: {_size(sum(size for _, size in paths))}"
        for path, size in paths[:SHOWN]:
            yield f"  {path} ({_size(size)})"
        if len(paths) > SHOWN:
            yield f"  and {len(paths) - SHOWN} more (--json lists all)"
    done = "removed" if removed else "would be removed; --yes removes it"
    yield f"{len(found.dead)} files and folders, {_size(found.bytes)}: {done}"
    if found.recovered:
        put = "were put" if removed else "would be put"
        yield (
            f"{len(found.recovered)} trials {put} in their place: their writer was killed when "
            "nothing but the name was missing"
        )
    if found.packing:
        yield "somebody packs this folder now: packed/ was left alone"


def _size(count: int) -> str:
    for unit, name in UNITS:
        if count >= unit:
            return f"{count / unit:.1f} {name}"
    return f"{count} bytes"
