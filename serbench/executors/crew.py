"""The workers of a cluster as a run sees them: who is there, who is fit, who has which GPU."""

from __future__ import annotations

import dataclasses
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from serbench.errors import UsageError
from serbench.executors.fitness import ClusterError, faults, remarks
from serbench.jobs import Pack

log = logging.getLogger("serbench.cluster")


@dataclass
class Worker:
    """A worker process of the cluster."""

    address: str
    name: str
    threads: int
    facts: Mapping[str, Any] | None = None  # None: it has not answered yet
    unfit: Sequence[str] = ()  # why it is given no work
    errand: int | None = None  # what it is at
    gpu: str = ""

    @property
    def free(self) -> bool:
        return self.facts is not None and not self.unfit and self.errand is None


@dataclass
class Crew:
    """Every worker of this moment, by address.

    Parameters
    ----------
    expected
        The facts of this machine, which a worker's are held against.
    device
        As it was asked for: "auto" and "cuda" give each worker the GPU it sees that fewest others
        of the crew have.
    most
        How many workers may be used at once; None: all.
    """

    expected: Mapping[str, Any]
    device: str = "auto"
    most: int | None = None
    workers: dict[str, Worker] = field(default_factory=dict)
    _told: set[str] = field(default_factory=set)

    def joined(self, here: Mapping[str, Mapping[str, Any]]) -> list[str]:
        """Addresses that are new among those that are here, as many as may be used."""
        used = sum(not worker.unfit for worker in self.workers.values())
        room = len(here) if self.most is None else self.most - used
        new = [address for address in here if address not in self.workers][: max(0, room)]
        for address in new:
            info = here[address]
            self.workers[address] = Worker(address, str(info["name"]), int(info["nthreads"]))
        return new

    def answered(self, address: str, facts: Mapping[str, Any]) -> None:
        """Take a worker into service, or say why not."""
        worker = self.workers.get(address)
        if worker is None:
            return
        worker.facts = facts
        reasons = faults(self.expected, facts)
        gpus = None if reasons else facts["gpus"]
        if gpus is not None and not gpus and self.device.startswith("cuda"):
            reasons = [f"it sees no GPU, and --device {self.device} was asked for"]
        if reasons:
            self.refuse(address, reasons)
            return
        if gpus:
            taken = Counter(other.gpu for other in self.workers.values())
            worker.gpu = min(gpus, key=lambda gpu: taken[gpu])  # the first of equals
        for remark in remarks(self.expected, facts):
            if remark not in self._told:
                self._told.add(remark)
                log.warning("the worker %s has %s", self._called(worker), remark)

    def refuse(self, address: str, reasons: Sequence[str]) -> None:
        """Give a worker no more work."""
        if worker := self.workers.get(address):
            worker.unfit = reasons
            worker.gpu = ""
            log.warning("%s", self._why(worker))

    def equip(self, pack: Pack, worker: Worker) -> Pack:
        """A pack with the device, the threads and the folders of the worker that will run it."""
        assert worker.facts is not None
        device = self.device
        if device in {"auto", "cuda"} and worker.gpu:
            device = f"cuda:{list(worker.facts['gpus']).index(worker.gpu)}"
        found = worker.facts["corpora"]
        return tuple(
            dataclasses.replace(
                job,
                device=device,
                threads=worker.threads,
                roots={name: Path(found.get(name, root)) for name, root in job.roots.items()},
            )
            for job in pack
        )

    def check(self) -> None:
        """Refuse to go on where no worker can be used, and none is still to answer.

        Raises
        ------
        ClusterError
            With the reasons of each.
        """
        every = list(self.workers.values())
        if every and all(worker.unfit for worker in every):
            raise ClusterError(
                "no worker can be used:\n" + "\n".join(self._why(worker) for worker in every),
                advice="what is finished is kept; the same command goes on from there",
            )

    @staticmethod
    def _called(worker: Worker) -> str:
        host = worker.facts.get("host", "") if worker.facts else ""
        return f"{worker.name} ({worker.address}{f' on {host}' if host else ''})"

    def _why(self, worker: Worker) -> str:
        return f"the worker {self._called(worker)} is not used: " + "; ".join(worker.unfit)


def one_device(executor: str, devices: Sequence[str]) -> str:
    """The device that every worker is told to use.

    Raises
    ------
    UsageError
        If several are named: which of them there are is for each worker's machine to say.
    """
    if len(devices) != 1:
        raise UsageError(
            f"--device {','.join(devices)} with --executor {executor}",
            expected="one: auto, cpu or cuda; each worker of a cluster has a GPU of its own",
            advice="start one worker a GPU, with CUDA_VISIBLE_DEVICES as the cluster sets it",
        )
    return devices[0]
