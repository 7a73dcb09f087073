"""What crosses a process border: packs of jobs on the way out, events on the way back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from serbench.choice import ModelChoice
from serbench.features.extraction import REFERENCE, Extraction
from serbench.session import Keep, Precision
from serbench.trial import Trial


@dataclass(frozen=True)
class Job:
    """A trial, and where on this machine the things stand that it takes to run it."""

    trial: Trial
    choice: ModelChoice
    roots: Mapping[str, Path]  # corpus to its folder
    results: Path
    cache: Path
    allow_partial: bool = False
    device: str = "auto"
    precision: Precision = "auto"
    keep: Keep = "all"
    compile: bool = False  # a net's passes, where they can be
    extraction: Extraction = REFERENCE  # by what features are computed
    threads: int | None = None  # of one worker; None: as the libraries see fit
    notes: Mapping[str, Any] = field(default_factory=dict)  # as in the plan of its row
    protocol: str = ""  # as it was asked for: a name, or a place of splits; "": the trial's name
    bundle: Path | None = None  # the part of a bundle that takes the corpora's place
    checkpoint_seconds: float = 60.0  # between two checkpoints of a training


Pack: TypeAlias = tuple[Job, ...]  # what one worker does at once: one job, or several as a stack


@dataclass(frozen=True)
class Started:
    """A worker has taken a trial up."""

    trial: str


@dataclass(frozen=True)
class Advanced:
    """A training has got so far."""

    trial: str
    done: int
    total: int
    note: str


@dataclass(frozen=True)
class Ended:
    """A trial is over and on the disk, as a result or as a failure with its reason."""

    trial: str
    seconds: float
    failure: str | None = None
    fatal: bool = False  # the results folder cannot be written: nothing else will fare better


class Unheard(Exception):
    """Whoever listened has gone; a worker that finds this out ends."""


Event = Started | Advanced | Ended
Listener = Callable[[Event], None]


class Executor(Protocol):
    """Runs packs anywhere, in any order, any number of times: each job's result is on the disk.

    Parameters of a constructor: ``workers`` (None: as many as fit) and ``devices``, one or more
    names that are handed to workers in turn. An executor may have ``at_once() -> int``, which says
    how many packs it runs at the same time, so that there are as many; without it, one a device.
    """

    def preload(self) -> Sequence[str]:
        """Modules that its workers will import: there is one fork server a process to hold them."""

    def run(self, packs: Sequence[Pack], listen: Listener) -> None:
        """Run every pack, and tell of each of its jobs that it began, advanced and ended."""
