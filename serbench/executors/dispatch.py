"""Packs on their way over the workers of a Dask scheduler, one at a time on each.

Dask knows the workers, carries the packs and the events, and says who has gone. Which worker has
which pack is decided here, because a pack takes a whole GPU, only a worker that answered the roll
call may have one, and whoever dies with a pack is counted against the trials of that pack alone.
"""

from __future__ import annotations

import queue
import time
import uuid
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from serbench.executors import errand
from serbench.executors.crew import Crew, Worker, log
from serbench.executors.fitness import ClusterError
from serbench.executors.processes import MOST_DEATHS
from serbench.jobs import Advanced, Ended, Event, Job, Listener, Pack, Started
from serbench.store import Store

ROLL_CALL = 2.0  # seconds, where nobody is known to have come or gone
WAITING = 30.0  # seconds without a worker, before it is said again
Tend = Callable[[int, Sequence[str]], Iterable[str]]


@dataclass
class _Errand:
    """A pack that one worker is at."""

    jobs: dict[str, Job]  # by trial, until each has ended
    worker: str
    future: Any
    progress: dict[str, int] = field(default_factory=dict)  # of each trial


class Dispatch:
    """One run of packs.

    Parameters
    ----------
    client
        Of a Dask scheduler; nothing else may use it.
    asked
        What a worker is asked for (:func:`serbench.executors.fitness.asking`).
    tend
        Called again and again to keep up the workers, with the number of packs that are not over
        and the names of workers with nothing left to do; it gives what went wrong since.
    """

    def __init__(
        self,
        client: Any,
        crew: Crew,
        asked: dict[str, Any],
        listen: Listener,
        tend: Tend = lambda left, spare: (),
    ) -> None:
        self.client, self.crew, self.asked, self.listen, self.tend = (
            client, crew, asked, listen, tend,
        )  # fmt: skip
        self.topic = f"serbench-{uuid.uuid4().hex}"
        self.inbox: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.waiting: deque[Pack] = deque()
        self.errands: dict[int, _Errand] = {}
        self.answers: dict[str, Any] = {}  # futures, by worker
        self.deaths: Counter[str] = Counter()
        self.furthest: Counter[str] = Counter()  # that a trial has ever got
        self.causes: dict[str, str] = {}  # what is known of a worker's end
        self._sent = 0
        self._next_roll_call = 0.0
        self._last_seen = time.monotonic()  # any worker

    def run(self, packs: Sequence[Pack]) -> None:
        """Run every pack; finished jobs are on the disk whatever happens to the rest.

        Raises
        ------
        ClusterError
            If the scheduler goes away, or no worker can be used.
        """
        self.waiting.extend(packs)
        topics = {
            self.topic: self._hear,
            "all": self._hear_of_workers,
            "worker-restart-memory": self._hear_of_memory,
        }
        for topic, hear in topics.items():
            self.client.subscribe_topic(topic, lambda event, hear=hear: self._later(hear, event[1]))
        try:
            while self.waiting or self.errands:
                self._call_roll()
                for worker in [one for one in self.crew.workers.values() if one.free]:
                    if self.waiting:
                        self._send(self.waiting.popleft(), worker)
                self._work_off()
        finally:
            given_up = [one.future for one in self.errands.values()] + list(self.answers.values())
            if self.client.status == "running":
                for topic in topics:
                    self.client.unsubscribe_topic(topic)
                self.client.cancel(given_up, force=True)

    def _later(self, act: Callable[..., None], *what: Any) -> None:
        """Called in Dask's thread: what is to be done in ours."""
        self.inbox.put(lambda: act(*what))

    def _work_off(self) -> None:
        try:
            self.inbox.get(timeout=max(0.0, self._next_roll_call - time.monotonic()))()
            while True:
                self.inbox.get_nowait()()
        except queue.Empty:
            return

    def _call_roll(self) -> None:
        """See who has come and who has gone, and ask the new ones what they are."""
        if self.client.status != "running":
            raise self._alone()
        if (now := time.monotonic()) < self._next_roll_call:
            return
        self._next_roll_call = now + ROLL_CALL
        spare = [one.name for one in self.crew.workers.values() if one.free and not self.waiting]
        complaints = list(self.tend(len(self.waiting) + len(self.errands), spare))
        here = self.client.scheduler_info(n_workers=-1)["workers"]
        for address in [one for one in self.crew.workers if one not in here]:
            self._lost(address)
        for address in self.crew.joined(here):
            key = f"{self.topic}-roll-call-{uuid.uuid4().hex}"
            self.answers[address] = self._submit(address, key, errand.answer, self.asked)
            self.answers[address].add_done_callback(
                lambda future, address=address: self._later(self._answer_over, address, future)
            )
        self.crew.check()
        if here:
            self._last_seen = now
        elif complaints:
            raise ClusterError("\n".join(complaints), advice="mend it and run the command again")
        elif now - self._last_seen > WAITING:
            self._last_seen = now
            log.warning("waiting for a worker to join %s", self.client.scheduler.address)
        for complaint in complaints:
            log.warning("%s", complaint)

    def _submit(self, address: str, key: str, act: Callable[..., None], *what: Any) -> Any:
        return self.client.submit(
            act, *what, self.topic, key=key, workers=[address], allow_other_workers=False
        )

    def _send(self, pack: Pack, worker: Worker) -> None:
        self._sent += 1
        number = worker.errand = self._sent
        key = f"{self.topic}-{number}"
        pack = self.crew.equip(pack, worker)
        future = self._submit(worker.address, key, errand.run, pack, number)
        self.errands[number] = _Errand({job.trial.id: job for job in pack}, worker.address, future)
        future.add_done_callback(lambda _: self._later(self._over, number))

    def _hear(self, message: dict[str, Any]) -> None:
        """A worker has said something of itself, or of a trial."""
        if message["kind"] == "Facts":
            self.crew.answered(message["worker"], message["facts"])
            self._next_roll_call = 0.0  # another may take the place of one that is unfit
            return
        event = _event(message)
        sent = self.errands.get(message["errand"])
        if sent is None or event.trial not in sent.jobs:
            return  # of a pack that was given up, or told already
        if isinstance(event, Ended):
            del sent.jobs[event.trial]
        elif isinstance(event, Advanced):
            sent.progress[event.trial] = event.done
        self.listen(event)

    def _hear_of_workers(self, message: dict[str, Any]) -> None:
        if message.get("action") in {"add-worker", "remove-worker"}:
            self._next_roll_call = 0.0
            if message["action"] == "remove-worker" and message["worker"] in self.crew.workers:
                self._lost(message["worker"])

    def _hear_of_memory(self, message: dict[str, Any]) -> None:
        self.causes[message["worker"]] = (
            f", at last stopped at {message['rss'] / 2**30:.1f} GiB by the memory limit of the "
            "Dask worker"
        )

    def _answer_over(self, address: str, answering: Any) -> None:
        """A worker that could not answer has no serbench, or none that knows the question."""
        if address not in self.answers or self.answers[address] is not answering:
            return
        del self.answers[address]
        worker = self.crew.workers.get(address)
        if answering.status == "error" and worker is not None and worker.facts is None:
            why = answering.exception()
            reason = (
                f"it cannot run serbench {self.crew.expected['serbench']}: {type(why).__name__}: "
                f"{why}. Start it from the same environment as this run"
            )
            self.crew.refuse(address, [reason])
            self._next_roll_call = 0.0

    def _over(self, number: int) -> None:
        """An errand has come back, by whatever way."""
        sent = self.errands.get(number)
        if sent is None:
            return
        status = sent.future.status
        if status in {"cancelled", "lost"} and self.client.status != "running":
            raise self._alone()
        why = sent.future.exception() if status == "error" else None
        if isinstance(why, errand.DeviceLost):
            self.crew.refuse(sent.worker, [f"its GPU answers no more: {why}"])
            self._next_roll_call = 0.0
        reason = f", at last by {type(why).__name__}: {why}" if why is not None else ""
        self._close(number, reason)

    def _lost(self, address: str) -> None:
        """A worker has died or left; what it had not finished is run again."""
        worker = self.crew.workers.pop(address)
        if answering := self.answers.pop(address, None):
            answering.cancel(force=True)
        if worker.errand in self.errands:
            assert worker.errand is not None
            self._close(worker.errand, self.causes.pop(address, f", at last {worker.name}"))

    def _close(self, number: int, how: str) -> None:
        """Take an errand off the list; what of it has not ended runs once more, up to three times.

        A training that got further than ever before begins to count anew: a job of an hour may
        end ten times under a training of ten. Of a pack that died twice each job runs alone:
        whichever kills its worker, the others finish.
        """
        sent = self.errands.pop(number)
        if (worker := self.crew.workers.get(sent.worker)) and worker.errand == number:
            worker.errand = None
        if sent.jobs:
            sent.future.cancel(force=True)
        sent.future.release()
        left = []
        for name, job in sent.jobs.items():
            if sent.progress.get(name, 0) > self.furthest[name]:
                self.furthest[name] = sent.progress[name]
                self.deaths[name] = 0
            self.deaths[name] += 1
            if self.deaths[name] < MOST_DEATHS or Store(job.results).whole(name):
                left.append(job)
                continue
            reason = f"its worker died {MOST_DEATHS} times{how}"
            Store(job.results).fail(job.trial, reason, "")
            self.listen(Ended(job.trial.id, 0.0, reason))
        if any(self.deaths[job.trial.id] > 1 for job in left):
            self.waiting.extendleft((job,) for job in left)
        elif left:
            self.waiting.appendleft(tuple(left))

    def _alone(self) -> ClusterError:
        return ClusterError(
            f"the scheduler {self.client.scheduler.address} has gone",
            expected="that it stays until the run is over",
            advice="what is finished is kept; start a scheduler and its workers again, and run "
            "the same command: it goes on from there",
        )


def _event(message: Mapping[str, Any]) -> Event:
    """An event as it was before it was told; Dask adds to a message who sent it."""
    kind = next(kind for kind in (Started, Advanced, Ended) if kind.__name__ == message["kind"])
    return kind(**{part.name: message[part.name] for part in fields(kind)})
