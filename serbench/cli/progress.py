"""What a person sees while work goes on: bars on a terminal, lines in a log."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Column

from serbench.jobs import Advanced, Ended, Event, Listener, Started
from serbench.trial import Trial

EVERY = 10.0  # seconds between lines of a log


class Screen:
    """A watcher for people, on standard error."""

    def __init__(self, console: Console | None = None, quiet: bool = False) -> None:
        self.console = console or Console(stderr=True, highlight=False)
        self.quiet = quiet

    def note(self, text: str) -> None:
        if not self.quiet:
            self.console.print(text, markup=False)

    @contextmanager
    def step(self, title: str) -> Iterator[Callable[[int, int], None]]:
        """A bar on a terminal; elsewhere a line every ten seconds."""
        if self.quiet:
            yield lambda done, total: None
        elif self.console.is_terminal:
            with self._bars() as bars:
                task = bars.add_task(title, total=None, note="")
                yield lambda done, total: bars.update(task, completed=done, total=total)
        else:
            yield _LogStep(self.console, title)

    @contextmanager
    def trials(self, trials: Sequence[Trial], finished: int) -> Iterator[Listener]:
        """One bar for all trials, and one for each that is being trained."""
        if finished:
            self.note(f"{finished} trials are finished already, {len(trials)} to run")
        if self.quiet or not trials:
            yield lambda event: None
        elif self.console.is_terminal:
            with self._bars() as bars:
                yield _TrialBars(bars, trials)
        else:
            yield _TrialLog(self.console, trials)

    def _bars(self) -> Progress:
        return Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=16),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}", table_column=Column(no_wrap=True)),
            console=self.console,
            transient=True,
        )


class _LogStep:
    """Lines of a log for one step."""

    def __init__(self, console: Console, title: str) -> None:
        self.console, self.title = console, title
        self.last = time.monotonic()
        self.begun: tuple[float, int] | None = None  # what workers take to start tells nothing

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if self.begun is None and done:
            self.begun = (now, done)
        if now - self.last < EVERY or self.begun is None or done == self.begun[1]:
            return
        self.last = now
        start, already = self.begun
        left = (now - start) / (done - already) * (total - done)
        self.console.print(
            f"{self.title}: {done} of {total}, about {clock(left)} left", markup=False
        )


class _TrialBars:
    """Bars of a terminal for many trials."""

    def __init__(self, bars: Progress, trials: Sequence[Trial]) -> None:
        self.bars = bars
        self.titles = {trial.id: trial.title for trial in trials}
        self.all = bars.add_task("trials", total=len(trials), note="")
        self.running: dict[str, TaskID] = {}
        self.share: dict[str, float] = {}  # of each trial, so that the time left counts epochs

    def __call__(self, event: Event) -> None:
        name = event.trial
        if isinstance(event, Started):
            self._end(name)
            self.running[name] = self.bars.add_task(self.titles[name], total=None, note="")
        elif isinstance(event, Advanced):
            self.share[name] = event.done / max(1, event.total)
            self.bars.update(
                self.running[name], completed=event.done, total=event.total, note=event.note
            )
        elif isinstance(event, Ended):
            self._end(name)
            self.share[name] = 1.0
            if event.failure:
                self.bars.console.print(failed(self.titles[name], event.failure), markup=False)
        self.bars.update(self.all, completed=round(sum(self.share.values()), 2))

    def _end(self, name: str) -> None:
        task = self.running.pop(name, None)
        if task is not None:
            self.bars.remove_task(task)


class _TrialLog:
    """Lines of a log for many trials: one at each end, and one now and then between."""

    def __init__(self, console: Console, trials: Sequence[Trial]) -> None:
        self.console = console
        self.titles = {trial.id: trial.title for trial in trials}
        self.share: dict[str, float] = {}
        self.start = self.last = time.monotonic()

    def __call__(self, event: Event) -> None:
        now = time.monotonic()
        if isinstance(event, Advanced):
            self.share[event.trial] = event.done / max(1, event.total)
            if now - self.last < EVERY:
                return
            text = f"{self.titles[event.trial]}: {event.done} of {event.total}, {event.note}"
        elif isinstance(event, Ended):
            self.share[event.trial] = 1.0
            title = self.titles[event.trial]
            if event.failure:
                text = failed(title, event.failure)
            elif now - self.last < 1.0 and self._done() < len(self.titles):
                return  # trials of hundredths of a second need no line each
            else:
                text = f"{title}: done in {clock(event.seconds)}"
        else:
            return
        self.last = now
        progress = sum(self.share.values())
        left = ""
        if progress:  # before that, nothing is known of the pace
            seconds = (now - self.start) / progress * (len(self.titles) - progress)
            left = f", about {clock(seconds)} left"
        self.console.print(f"[{self._done()}/{len(self.titles)}{left}] {text}", markup=False)

    def _done(self) -> int:
        return sum(share == 1.0 for share in self.share.values())


def failed(title: str, reason: str) -> str:
    """A line for a trial that failed."""
    return f"{title}: failed: {reason}"


def clock(seconds: float) -> str:
    """Seconds as "42 s", "3:07" or "2:15:00"."""
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{whole} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
