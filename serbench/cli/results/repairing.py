"""``serbench results repair``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from serbench.cli.options import JsonFlag, print_json, read_from
from serbench.errors import UsageError

if TYPE_CHECKING:
    from serbench.upkeep.migrating import Migration

EXAMPLES = """
[bold]Examples[/bold]

serbench results repair --check

serbench results repair

serbench results repair /backup/results-2026 --migrate
"""


def repair(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="[DIR]", help="Results folder. Default: $SERBENCH_RESULTS, or ./results-local."
        ),
    ] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Only report, with exit status 1 if anything is damaged."),
    ] = False,
    migrate: Annotated[
        bool,
        typer.Option("--migrate", help="First bring what an older serbench wrote up to date."),
    ] = False,
    json: JsonFlag = False,
) -> None:
    """Hold every file to its SHA-256, and put what is damaged aside.

    Trials in folders and in shards, plans, what stands beside boards, planes and checkpoints are
    read whole. A damaged trial goes to superseded/, so that the same `serbench run` computes that
    one again; no byte is removed. --check changes nothing.
    """
    if check and migrate:
        raise UsageError("--check with --migrate", expected="one of them: --check changes nothing")
    from serbench.cli.progress import Screen
    from serbench.store import Store
    from serbench.upkeep.damage import damages
    from serbench.upkeep.mending import mend

    store = Store(read_from(folder, "DIR"))
    moved = None
    if migrate:
        moved = _migrated(store.root)
    with Screen().step("checking results") as tell:
        found = list(damages(store, tell))
        trials = sum(1 for _ in store.ids())
    if not check:
        mend(store, found)
    if json:
        beside = {} if moved is None else {"migrated": moved.record()}
        damaged = [one.record() for one in found]
        print_json({"trials": trials, "damaged": damaged, "mended": not check, **beside})
    else:
        if moved is not None:
            typer.echo(
                f"{len(moved.trials)} trials and {len(moved.plans)} plans brought up to date"
            )
            for line in moved.refused:
                typer.echo(f"left as it is: {line}")
        for one in found:
            typer.echo(f"{one.path}: {one.why}")
            typer.echo(f"  {one.then if check else _done(one.then)}")
        what = "nothing is damaged" if not found else f"{len(found)} damaged files"
        typer.echo(f"{trials} trials read: {what}")
    if (check and found) or (moved is not None and moved.refused):
        raise typer.Exit(1)


def _migrated(root: Path) -> Migration:
    from serbench.cli.progress import Screen
    from serbench.store import Store
    from serbench.upkeep.migrating import migrate

    with Screen().step("migrating trials") as tell:
        return migrate(Store(root), tell)


def _done(then: str) -> str:
    """What was to be done, said when it is done."""
    first, rest = then.split(";", 1) if ";" in then else (then, "")
    for now, before in (
        ("goes to", "went to"),
        ("is marked", "was marked"),
        ("is written", "was written"),
    ):
        first = first.replace(now, before)
    return f"{first};{rest}" if rest else first
