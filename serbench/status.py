"""What of a results folder is done, running, failed and missing, row by row of its boards.

A trial is *done* once its result is there, else *running* while somebody is at it, else *failed* if
it did and nobody has retried it, else *missing*. Nothing of a result is opened but the times that
some of them took, so that 100,000 trials are counted in the time that it takes to list them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from serbench import claims
from serbench.agenda import Item, agenda
from serbench.audit.row import RowName
from serbench.claims import Seen
from serbench.inventory import ID, names, trials_in
from serbench.pace import mean_seconds, work_left
from serbench.printable import one_line
from serbench.reasons import Reason, reasons_of
from serbench.store import Store


@dataclass(frozen=True)
class Line:
    """A row of a board, and how far its trials are.

    Parameters
    ----------
    version
        Of the model.
    plans
        The files in ``plans/`` that planned it.
    resumable
        How many of the missing and failed have a checkpoint to go on from.
    seconds
        What one of its trials took of a worker's time, in the mean; None: nobody knows, or nothing
        is left to do.
    work
        Seconds of one worker that its missing and running trials take; None: nobody knows.
    longest
        Seconds until that of its workers is done whose trials take longest.
    """

    name: RowName
    version: str
    plans: tuple[str, ...]
    planned: int
    done: int
    running: int
    failed: int
    missing: int
    resumable: int
    seconds: float | None
    work: float | None
    longest: float


@dataclass(frozen=True)
class Status:
    """How far the trials of a results folder are.

    Parameters
    ----------
    running
        Who is at a trial, each worker by itself where several are at one.
    interrupted
        Missing trials at which somebody was who is silent or gone.
    failures
        Reasons of the failed ones.
    failed
        The ids of these.
    resumable
        Those of the missing and failed that can go on from a checkpoint.
    unplanned
        Finished trials that no plan of this folder names.
    strange
        Files that are not what should be there, each with the reason.
    workers
        How many processes are at trials of the folder, those of other rows included.
    local_clock
        As :attr:`serbench.claims.Claims.local_clock`.
    """

    folder: Path
    lines: tuple[Line, ...]
    running: tuple[Seen, ...]
    interrupted: tuple[Seen, ...]
    failures: tuple[Reason, ...]
    failed: tuple[str, ...]
    resumable: frozenset[str]
    unplanned: int
    strange: tuple[str, ...]
    workers: int
    local_clock: bool

    def count(self, what: str) -> int:
        """The sum of a count over the lines."""
        return sum(getattr(line, what) for line in self.lines)

    @property
    def whole(self) -> bool:
        """Whether something was planned, and all of it is done."""
        return 0 < self.count("planned") == self.count("done")

    @property
    def left(self) -> float | None:
        """Seconds until all but the failed is done, if as many work on; None: nobody knows."""
        return None if any(line.work is None for line in self.lines) else self.left_at_least

    @property
    def left_at_least(self) -> float:
        """As :attr:`left`, without the rows of which nobody knows."""
        known = sum(line.work for line in self.lines if line.work is not None)
        longest = max((line.longest for line in self.lines), default=0.0)
        return max(known / max(1, self.workers), longest)


@dataclass(frozen=True)
class _Trials:
    """Every trial that the folder holds something of; the first three have none in common."""

    done: set[str]
    at_work: Mapping[str, list[Seen]]
    failed: set[str]
    resumable: set[str]  # these may have failed, or be running


def status_of(
    store: Store,
    *,
    corpora: Collection[str] = (),
    protocols: Collection[str] = (),
    models: Collection[str] = (),
) -> Status:
    """Look at a results folder; at the rows of these corpora, protocols and models alone.

    Raises
    ------
    StoreError
        If the folder or one of its parts may not be read.
    """
    names(store.root)
    strange: list[str] = []
    rows = agenda(store.root, strange)
    found = claims.read(store.root)
    trials = _trials(store, found.seen, strange)
    shown = [
        row
        for row in rows
        if (not corpora or set(row.name.corpora) & set(corpora))
        and (not protocols or row.name.protocol in protocols)
        and (not models or row.name.model in models)
    ]
    asked = set[str]().union(*(row.trials for row in shown))
    unplanned: set[str] = set()
    if not (corpora or protocols or models):  # who wants all is shown what no plan names as well
        unplanned = trials.done - asked
        asked |= trials.failed | {seen.claim.trial for seen in found.seen}
    failed = trials.failed & asked
    missing = asked - trials.done - trials.at_work.keys() - failed
    return Status(
        folder=store.root,
        lines=tuple(_line(row, trials, store) for row in shown),
        running=tuple(
            seen for trial_id in trials.at_work if trial_id in asked
            for seen in trials.at_work[trial_id]
        ),
        interrupted=tuple(_interrupted(found.seen, missing)),
        failures=reasons_of(store, failed),
        failed=tuple(sorted(failed)),
        resumable=frozenset(trials.resumable & (missing | failed)),
        unplanned=len(unplanned),
        strange=(*strange, *found.strange),
        workers=len({_worker(seen) for each in trials.at_work.values() for seen in each}),
        local_clock=found.local_clock,
    )  # fmt: skip


def _trials(store: Store, seen: Sequence[Seen], strange: list[str]) -> _Trials:
    names(store.root / "trials")  # or a folder that may not be read would be taken for an empty one
    done = set(store.ids())
    others = sorted(name for name in done if not ID.fullmatch(name))
    strange += [one_line(f"trials/{name[:2]}/{name}: not a trial") for name in others]
    done.difference_update(others)
    at_work: dict[str, list[Seen]] = defaultdict(list)
    for one in seen:
        if one.state == "at work" and one.claim.trial not in done:
            at_work[one.claim.trial].append(one)
    failed = set(trials_in(store.root, "failed", ".json", strange))
    begun = set(trials_in(store.root, "unfinished", "", strange))
    return _Trials(
        done=done,
        at_work=dict(at_work),
        failed=failed - done - at_work.keys(),
        resumable={one for one in begun - done if store.checkpoint(one).is_file()},
    )


def _line(row: Item, trials: _Trials, store: Store) -> Line:
    done, failed = row.trials & trials.done, row.trials & trials.failed
    running = row.trials & trials.at_work.keys()
    missing = row.trials - done - running - failed
    mean = mean_seconds(store, done) if running or missing else None
    workers: dict[Hashable, list[Seen]] = defaultdict(list)
    for one in running:  # of several workers at one trial, the latest heard of
        seen = min(trials.at_work[one], key=lambda seen: seen.silence)
        workers[_worker(seen)].append(seen)
    work, longest = work_left(mean, len(missing), list(workers.values()))
    return Line(
        name=row.name,
        version=row.version,
        plans=row.files,
        planned=len(row.trials),
        done=len(done),
        running=len(running),
        failed=len(failed),
        missing=len(missing),
        resumable=len((missing | failed) & trials.resumable),
        seconds=mean,
        work=work,
        longest=longest,
    )


def _worker(seen: Seen) -> Hashable:
    return seen.claim.host, seen.claim.process


def _interrupted(seen: Sequence[Seen], missing: Collection[str]) -> Iterator[Seen]:
    """The last that was heard of each missing trial."""
    last: dict[str, Seen] = {}
    for one in sorted(seen, key=lambda one: one.silence):
        if one.claim.trial in missing:
            last.setdefault(one.claim.trial, one)
    yield from last.values()
