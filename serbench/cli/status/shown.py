"""The status of a results folder for people: a heading, and a table for each thing to know."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from serbench.cli.progress import clock
from serbench.cli.status.rows import ROOMY, remarks, table, unplanned
from serbench.cli.status.workers import Worker, workers
from serbench.errors import UsageError
from serbench.reasons import MOST_READ
from serbench.status import Status

EVERY = 2.0  # seconds between two looks
SHARE = 10  # at most one part in so many of the time is spent looking
MOST = 20  # workers and reasons that are shown; scripts get all
EXAMPLES = 3  # trials that are named of a reason


def show(status: Status) -> None:
    """Write a status to standard output."""
    console = Console(highlight=False)
    console.print(report(status, console))


def watch_on_screen(look: Callable[[], Status]) -> None:
    """Look again every few seconds until Ctrl-C, and leave the last status on the terminal."""
    from rich.live import Live

    console = Console(highlight=False)
    if not console.is_terminal:
        raise UsageError(
            "--watch where the output is no terminal", expected="`serbench status`, or with --json"
        )
    status = look()
    try:
        with Live(console=console, screen=True, auto_refresh=False) as live:
            while True:
                began = time.monotonic()
                status = look()
                now = Text(f"{time.strftime('%H:%M:%S')}, until Ctrl-C", "dim")
                live.update(Group(now, report(status, console)), refresh=True)
                time.sleep(max(EVERY, SHARE * (time.monotonic() - began)))
    except KeyboardInterrupt:
        console.print(report(status, console))


def report(status: Status, console: Console) -> Group:
    """All that is to be known, from the whole to the parts."""
    return Group(*_parts(status, console))


def _parts(status: Status, console: Console) -> Iterator[RenderableType]:
    yield _heading(status)
    if status.lines:
        yield table(status, console)
        yield from (Text(remark, "dim") for remark in remarks(status, console))
    if status.running:
        yield Text("\nrunning", "bold")
        yield from _running(workers(status.running), console.width)
    if status.interrupted:
        yield Text("\ninterrupted: the next run takes these up", "bold")
        yield from _interrupted(workers(status.interrupted), status.resumable)
    if status.failures:
        yield Text("\nfailed: the next run tries these again; the logs lie in failed/", "bold")
        yield from _failures(status)
    if status.strange:
        count = len(status.strange)
        files = "1 file is" if count == 1 else f"{count} files are"
        yield Text(f"\n{files} not what should be there", "bold")
        yield from (Padding(Text(one), (0, 0, 0, 2)) for one in status.strange[:MOST])
        yield from _more(count, "files")


def _heading(status: Status) -> Text:
    if not status.lines:
        known = unplanned(status) if status.unplanned else "if others are at work, is it theirs?"
        return Text(f"{status.folder}: nothing was planned in this folder yet; {known}", "bold")
    words = [f"{status.count('done')} of {status.count('planned')} trials done"]
    words += [
        f"{status.count(what)} {what}"
        for what in ("running", "failed", "missing")
        if status.count(what)
    ]
    if status.left_at_least:
        word = "at least" if status.left is None else "about"
        words.append(f"{word} {clock(status.left_at_least)} left")
    return Text(f"{status.folder}: {', '.join(words)}", "bold")


def _running(found: Sequence[Worker], width: int) -> Iterator[RenderableType]:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("trial", "where, pid", "device", "epoch"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "epoch")
    for heading in ("for", "last heard of"):
        table.add_column(heading, justify="right", no_wrap=True)
    noted = width >= ROOMY and any(worker.note for worker in found)
    if noted:
        table.add_column("note", overflow="ellipsis", no_wrap=True)
    for worker in found[:MOST]:
        words = [worker.title, worker.where, worker.device, worker.epochs, clock(worker.seconds)]
        note = [Text(worker.note, "dim")] if noted else []
        table.add_row(*map(Text, words), Text(worker.heard), *note)
    yield table
    yield from _more(len(found), "workers")


def _interrupted(found: Sequence[Worker], resumable: frozenset[str]) -> Iterator[RenderableType]:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("trial", "where, pid", "epoch"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "epoch")
    for heading in ("last heard of", "process", "checkpoint"):
        table.add_column(heading, justify="right", no_wrap=True)
    for worker in found[:MOST]:
        words = [worker.title, worker.where, worker.epochs, worker.heard, worker.process]
        table.add_row(*map(Text, words), Text(worker.kept(resumable)))
    yield table
    yield from _more(len(found), "workers")


def _failures(status: Status) -> Iterator[RenderableType]:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("trials", justify="right", no_wrap=True)
    table.add_column("why, and which")
    for reason in status.failures[:MOST]:
        titles = [one.title or one.trial[:12] for one in reason.trials]
        more = len(titles) - EXAMPLES
        named = "; ".join(titles[:EXAMPLES]) + (f"; and {more} more" if more > 0 else "")
        varies = " (in others with other numbers)" if reason.varies else ""
        table.add_row(
            Text(str(len(titles)), "bold red"),
            Text.assemble(
                (reason.text + varies, ""),
                (f"\n{named}", "dim"),
                (f"\nserbench status --log {reason.trials[0].trial[:12]}", "dim"),
            ),
        )
    yield table
    yield from _more(len(status.failures), "reasons")
    if len(status.failed) > MOST_READ:
        yield Text(f"of {len(status.failed)} failed trials {MOST_READ} were asked why", "dim")


def _more(count: int, what: str) -> Iterator[Text]:
    if count > MOST:
        yield Text(f"and {count - MOST} more {what}: --json has all", "dim")
