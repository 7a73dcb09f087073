"""The rows of the boards, and how far each is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from serbench.cli.progress import clock
from serbench.cli.status.bar import bar, legend
from serbench.pace import SAMPLE
from serbench.status import Line, Status

ROOMY = 110  # columns of a terminal: below, a row's names stand above each other


def table(status: Status, console: Console) -> Table:
    """A line for each row of a board."""
    roomy = console.width >= ROOMY
    names = _names(status.lines)
    shown = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("model", "protocol", "corpora") if roomy else ("model, board",):
        shown.add_column(heading, overflow="fold")
    shown.add_column("")
    for heading in ("done", "running", "failed", "missing", "left"):
        shown.add_column(heading, justify="right", no_wrap=True)
    ascii_only = not console.encoding.startswith("utf")
    for line, (model, protocol, corpora) in zip(status.lines, names, strict=True):
        called = [model, protocol, corpora] if roomy else [f"{model}\n{protocol} {corpora}"]
        shown.add_row(
            *map(Text, called),
            bar(line, 20 if roomy else 10, ascii_only=ascii_only),
            Text(f"{line.done}/{line.planned}", "green" if line.done == line.planned else ""),
            *(
                Text(str(getattr(line, what)), style if getattr(line, what) else "dim")
                for what, style in (("running", "cyan"), ("failed", "bold red"), ("missing", ""))
            ),
            Text(_left(line, max(1, status.workers))),
        )
    return shown


def _names(lines: Sequence[Line]) -> list[tuple[str, str, str]]:
    """Model, protocol and corpora of each line; no two alike."""
    named = []
    for line in lines:
        name = line.name
        val = " val" if name.selection == "val" else ""
        access = "" if name.access == "none" else f" {name.access}"
        labels = "" if name.labels == "own" else f", labels {name.labels}"
        model = f"{name.model} {name.settings}".strip()
        named.append((model, f"{name.protocol}{val}{access}", "+".join(name.corpora) + labels))
    alike = Counter(named)
    versions = Counter((*words, line.version) for words, line in zip(named, lines, strict=True))
    for place, (words, line) in enumerate(zip(list(named), lines, strict=True)):
        if alike[words] > 1:
            by_version = versions[*words, line.version] == 1
            own = f"version={line.version[:8]}" if by_version else f"row={line.name.short}"
            named[place] = (f"{words[0]} {own}", *words[1:])
    return named


def _left(line: Line, workers: int) -> str:
    if line.work is None:
        return "?"
    return clock(max(line.work / workers, line.longest)) if line.work else ""


def remarks(status: Status, console: Console) -> Iterator[str]:
    """What has to be known to read the table."""
    yield legend(ascii_only=not console.encoding.startswith("utf"))
    if status.count("running") + status.count("missing"):
        pace = f"a trial takes as long as the finished ones of its row did (of {SAMPLE} at most)"
        who = {0: "one worker; nobody is at work", 1: "one worker, as now"}
        said = who.get(status.workers, f"{status.workers} workers, as now")
        yield f"left: if {pace}, and by {said}"
    if any(line.work is None for line in status.lines):
        yield "?: of these rows no trial is finished"
    resumable = status.count("resumable")
    if resumable:
        yield f"{resumable} that failed or are missing can go on from a checkpoint"
    if status.unplanned:
        yield unplanned(status)
    if status.local_clock:
        yield (
            "running/ cannot be written to from here: who is silent is judged by this machine's "
            "clock"
        )


def unplanned(status: Status) -> str:
    """Of trials that were brought here without their plan."""
    return f"{status.unplanned} finished trials are of no plan in this folder"
