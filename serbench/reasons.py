"""Why trials failed: each reason once, with the trials that failed for it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from serbench.errors import UsageError
from serbench.printable import many_lines, one_line
from serbench.store import Failure, Store

MOST_READ = 5000  # records of failures: a broken folder of corpora fails every trial alike


@dataclass(frozen=True)
class Failed:
    """A trial that failed: its id, and what it is called."""

    trial: str
    title: str


@dataclass(frozen=True)
class Reason:
    """A reason, and who failed for it.

    Parameters
    ----------
    text
        As the first of them has it, with its line breaks.
    varies
        Whether the others differ from it in their numbers.
    """

    text: str
    trials: tuple[Failed, ...]
    varies: bool


def reasons_of(store: Store, ids: Iterable[str]) -> tuple[Reason, ...]:
    """The reasons of failed trials, the most frequent first.

    Reasons that differ in numbers alone are one: the epoch in which a loss became NaN, an address
    in memory.
    """
    found: dict[str, list[Failure]] = defaultdict(list)
    for trial_id in sorted(ids)[:MOST_READ]:
        failure = failure_of(store, trial_id)
        if failure is not None:
            found[re.sub(r"\b0x[0-9a-f]+|\d+", "#", failure.reason)].append(failure)
    reasons = []
    for alike in found.values():
        alike.sort(key=lambda failure: (failure.title, failure.trial))
        reasons.append(
            Reason(
                alike[0].reason,
                tuple(Failed(failure.trial, failure.title) for failure in alike),
                len({failure.reason for failure in alike}) > 1,
            )
        )
    return tuple(sorted(reasons, key=lambda reason: (-len(reason.trials), reason.text)))


def failure_of(store: Store, trial_id: str) -> Failure | None:
    """Why a trial failed, in printable characters; None if it has not, or has been retried."""
    try:
        failure = store.failure(trial_id)
    except RecursionError:  # JSON of a thousand brackets
        failure = Failure(trial_id, "", "its record cannot be read", "")
    if failure is None:
        return None
    return Failure(
        trial_id,
        one_line(failure.title),
        many_lines(failure.reason).strip() or "no reason was given",
        many_lines(failure.log),
    )


def failed_trial(ids: Iterable[str], start: str) -> str:
    """The failed trial whose id begins so.

    Raises
    ------
    UsageError
        If it is none, or several.
    """
    every = sorted(ids)
    found = [trial_id for trial_id in every if start and trial_id.startswith(start.lower())]
    if len(found) == 1:
        return found[0]
    if not found:
        raise UsageError(
            f"no trial that failed has an id that begins with {start!r}",
            expected=_some(every) if every else "a trial that failed, and none has",
        )
    raise UsageError(
        f"{len(found)} trials that failed have an id that begins with {start!r}",
        expected=_some(found),
    )


def _some(ids: list[str]) -> str:
    more = len(ids) - 5
    listed = ", ".join(one[:12] for one in ids[:5])
    return "one of " + listed + (f" and {more} more" if more > 0 else "")
