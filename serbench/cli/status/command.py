"""``serbench status``: its options, and what it does with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from serbench.cli.options import JsonFlag, Results, print_json, read_from
from serbench.errors import UsageError

if TYPE_CHECKING:
    from serbench.status import Status
    from serbench.store import Store

EXAMPLES = """
[bold]Examples[/bold]

serbench status

serbench status --results /shared/results --watch

serbench status --model timnet --protocol cross-corpus --json

serbench status --log 3f09c1ab

serbench status --check && serbench leaderboard
"""


def status(
    corpus: Annotated[list[str], typer.Option(help="Only rows with this corpus.")] = [],  # noqa: B006
    protocol: Annotated[list[str], typer.Option(help="Only this protocol.")] = [],  # noqa: B006
    model: Annotated[list[str], typer.Option(help="Only this model.")] = [],  # noqa: B006
    log: Annotated[
        str | None,
        typer.Option(metavar="TRIAL", help="Print why this trial failed; its id's first digits."),
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Look again every few seconds, until Ctrl-C.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Exit with 1 unless every planned trial is done.")
    ] = False,
    json: JsonFlag = False,
    results: Results = None,
) -> None:
    """Show what is done, running, failed and why, and missing, on all machines that share a folder.

    A worker tells others what it is at every ten seconds, by a file in the results folder; one that
    has told nothing for 90 seconds, or whose process has ended, is shown as interrupted. That keeps
    nobody from its trial: the next run takes it up, from its checkpoint where there is one.
    """
    from serbench.cli.status.record import record
    from serbench.cli.status.shown import show, watch_on_screen
    from serbench.status import status_of
    from serbench.store import Store

    for option, given in (("--json", json), ("--check", check), ("--log", log is not None)):
        if watch and given:
            raise UsageError(f"--watch with {option}", expected="one of them")
    if log is not None and (check or corpus or protocol or model):
        raise UsageError("--log with a filter or --check", expected="--log TRIAL alone")
    store = Store(read_from(results))
    if log is not None:
        _print_log(store, log, json)
        return

    def look() -> Status:
        return status_of(store, corpora=corpus, protocols=protocol, models=model)

    found = look()
    if (corpus or protocol or model) and not found.lines:
        raise _unmatched(store, [*corpus, *protocol, *model])
    if watch:
        watch_on_screen(look)
    elif json:
        print_json(record(found))
    else:
        show(found)
    if check and not found.whole:
        raise typer.Exit(1)


def _print_log(store: Store, start: str, json: bool) -> None:
    from dataclasses import asdict

    from serbench.inventory import trials_in
    from serbench.reasons import failed_trial, failure_of

    failure = failure_of(store, failed_trial(trials_in(store.root, "failed", ".json", []), start))
    if failure is None:
        raise UsageError(
            f"the trial {start} has just been taken up again", advice="serbench status"
        )
    if json:
        print_json(asdict(failure))
    else:
        typer.echo(f"{failure.title or failure.trial}\ntrial {failure.trial}\n")
        typer.echo(f"{failure.reason}\n\n{failure.log.rstrip() or '(no log was kept)'}")


def _unmatched(store: Store, asked: list[str]) -> UsageError:
    from serbench.agenda import agenda

    there: dict[str, set[str]] = {}
    for row in agenda(store.root, []):
        board = f"{'+'.join(row.name.corpora)} under {row.name.protocol}"
        there.setdefault(board, set()).add(row.name.model)
    listed = (f"{board}: {', '.join(sorted(models))}" for board, models in sorted(there.items()))
    return UsageError(
        "nothing that was planned matches " + " ".join(asked),
        expected="; ".join(listed) or "nothing was planned in this results folder",
    )
