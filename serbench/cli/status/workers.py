"""Who is at work: a line for each process, for one that trains many trials at once too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from serbench.alive import Process
from serbench.claims import Seen


@dataclass(frozen=True)
class Worker:
    """A process and what it is, or was, at."""

    seen: tuple[Seen, ...]  # one or more

    @property
    def title(self) -> str:
        first = self.seen[0].claim
        more = len(self.seen) - 1
        return (first.title or first.trial[:12]) + (f" and {more} more" if more else "")

    @property
    def where(self) -> str:
        claim = self.seen[0].claim
        named = f"\n{claim.worker}" if claim.worker else ""
        return f"{claim.host} {claim.process.pid}{named}"

    @property
    def device(self) -> str:
        device = self.seen[0].claim.device
        return "" if device == "auto" else device

    @property
    def epochs(self) -> str:
        """As 120/500, of several 118-120/500; nothing where the model tells nothing."""
        done = [seen.claim.done for seen in self.seen if seen.claim.done is not None]
        totals = [seen.claim.total for seen in self.seen if seen.claim.total is not None]
        if not done or not totals:
            return ""
        least, most = min(done), max(done)
        return (f"{least}-{most}" if least < most else str(most)) + f"/{max(totals)}"

    @property
    def seconds(self) -> float:
        return max(seen.seconds for seen in self.seen)

    @property
    def heard(self) -> str:
        return f"{_roughly(min(seen.silence for seen in self.seen))} ago"

    @property
    def process(self) -> str:
        """Of one that was at work: what is known of it."""
        return "ended" if any(seen.state == "gone" for seen in self.seen) else "silent"

    def kept(self, resumable: frozenset[str]) -> str:
        """Whether there is a checkpoint to go on from."""
        count = sum(seen.claim.trial in resumable for seen in self.seen)
        if len(self.seen) > 1 and count:
            return f"{count} of {len(self.seen)}"
        return "yes" if count else "no"

    @property
    def note(self) -> str:
        return self.seen[0].claim.note


def workers(seen: Sequence[Seen]) -> list[Worker]:
    """The claims of each process together; machines in order, and the longest at work first."""
    by_process: dict[tuple[str, Process], list[Seen]] = defaultdict(list)
    for one in seen:
        by_process[one.claim.host, one.claim.process].append(one)
    found = [
        Worker(tuple(sorted(each, key=lambda one: one.claim.title))) for each in by_process.values()
    ]
    return sorted(found, key=lambda worker: (worker.seen[0].claim.host, -worker.seconds))


def _roughly(seconds: float) -> str:
    for unit, size in (("s", 1), ("min", 60), ("h", 3600)):
        if seconds < 120 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 86400:.0f} d"
