"""What a command that runs trials leaves on the screen, and how it exits."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from serbench.cli.progress import clock

if TYPE_CHECKING:
    from serbench.bench import Outcome
    from serbench.cli.progress import Screen


@contextlib.contextmanager
def running(screen: Screen) -> Iterator[None]:
    """Trials run inside: what a model prints does not spoil ``--json``, and Ctrl-C says so."""
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    except KeyboardInterrupt:
        screen.note("stopped. What is finished is kept; the same command goes on from there.")
        raise typer.Exit(130) from None


def conclude(outcome: Outcome, results: Path, screen: Screen, *, json: bool) -> None:
    """Show the boards of what was asked for, a summary, and each failure with exit status 1."""
    from serbench.boards import boards, of_rows
    from serbench.cli.render import print_boards
    from serbench.store import Store

    shown = boards(Store(results), rows=outcome.rows, selections=outcome.selections)
    if json:
        shown = [of_rows(board, outcome.rows) for board in shown]
    print_boards(shown, "json" if json else "table")
    screen.note(summary(outcome))
    if outcome.failures:
        for failure in outcome.failures.values():
            typer.echo(f"failed: {failure}", err=True)
        raise typer.Exit(1)


def summary(outcome: Outcome) -> str:
    """How many trials there are, and what came of them."""
    found = f", {outcome.found} found finished" if outcome.found else ""
    failed = f", {len(outcome.failures)} failed" if outcome.failures else ""
    return f"{outcome.planned} trials: {outcome.done} run{found}{failed}; {clock(outcome.seconds)}"
