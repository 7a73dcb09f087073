"""What a command says of a bundle that it works on, line by line."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from serbench.jobs import Advanced, Ended, Event
from serbench.offsite.returning import Sent
from serbench.offsite.working import MORE_TO_DO, Errand, Parts

EVERY = 20.0  # seconds between two lines on one training
SHOWN = 3  # sources of models that are named


def introduced(parts: Parts) -> Iterator[str]:
    """What a bundle is, before anything of it runs."""
    done = len(parts.plan.jobs) - len(parts.missing())
    yield f"{len(parts.plan.jobs)} trials in {_parts(len(parts.folders))}, {done} of them finished"
    if parts.lacking:
        numbers = ", ".join(map(str, parts.lacking))
        yield f"not here, and not needed for these: part {numbers} of the bundle"
    if parts.models:
        named = ", ".join(path.name for path in parts.models[:SHOWN])
        yield f"runs the source of {len(parts.models)} models that came with the bundle: {named}"


def concluded(errand: Errand) -> Iterator[str]:
    """What came of it."""
    yield (
        f"{len(errand.done)} trials done, {len(errand.failures)} failed, {len(errand.left)} left"
    )
    yield from (f"failed: {reason}" for reason in errand.failures.values())
    if errand.left:
        yield f"time is over: the same command goes on (exit status {MORE_TO_DO})"
    if errand.left and not errand.done:
        yield (
            "no trial was finished in this time: nets go on from their checkpoints, other models "
            "need more --minutes"
        )


def packed(sent: Sent) -> Iterator[str]:
    """What goes home."""
    names = ", ".join(str(path) for path in sent.archives) or "nothing new"
    yield f"to take home: {names} ({sent.trials} trials, {sent.checkpoints} checkpoints)"
    for name in sent.left:
        yield f"no room for {name}: the next --tar, or a larger --tar-mib, has it"


class Log:
    """Lines of a log for many trials, where there is no rich to draw bars."""

    def __init__(self, parts: Parts, say: Callable[[str], None]) -> None:
        missing = parts.missing()
        self._titles = {job.trial.id: job.trial.title for job in missing}
        self._say = say
        self._over = 0
        self._last = time.monotonic()

    def __call__(self, event: Event) -> None:
        now = time.monotonic()
        title = self._titles.get(event.trial, event.trial[:12])
        if isinstance(event, Ended):
            self._over += 1
            came = f"failed: {event.failure}" if event.failure else f"done in {event.seconds:.1f} s"
            self._say(f"[{self._over}/{len(self._titles)}] {title}: {came}")
        elif isinstance(event, Advanced) and now - self._last >= EVERY:
            self._say(f"{title}: {event.done} of {event.total}, {event.note}")
        else:
            return
        self._last = now


def _parts(count: int) -> str:
    return "one part" if count == 1 else f"{count} parts"
