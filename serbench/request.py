"""What is to be run, and how: all that a command line says, and what of it cannot be meant."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from serbench.access import TargetAccess
from serbench.errors import StoreError, UsageError
from serbench.protocols import Protocol, Selection
from serbench.registry import load
from serbench.session import Keep, Precision


@dataclass(frozen=True)
class Means:
    """What trials are carried out with, whatever they are.

    ``reuse`` keeps finished trials of a model whose code has changed since; ``rerun`` sets them
    aside and runs them again. ``options`` are the executor's own
    (:mod:`serbench.executors.options`). ``stack`` is how many trainings are computed at once, at
    most; None: as many as fit a GPU, and one on a CPU, which gains nothing. ``features`` says by
    what they are computed (:mod:`serbench.features.extraction`).
    """

    results: Path
    cache: Path
    executor: str = "serial"
    workers: int | None = None
    devices: Sequence[str] = ("auto",)
    options: Mapping[str, str] = field(default_factory=dict)
    stack: int | None = None
    features: str = "reference"
    reuse: bool = False
    rerun: bool = False

    @property
    def elsewhere(self) -> bool:
        """Whether the work is done on other machines, whose devices are theirs to say."""
        return bool(getattr(load("executors", self.executor), "elsewhere", False))

    def check(self) -> None:
        """Refuse what cannot be meant, before anything is read."""
        if self.rerun and self.reuse:
            raise UsageError("--rerun with --reuse", expected="one of them")
        if self.workers is not None and self.workers < 1:
            raise UsageError(f"--workers {self.workers}", expected="1 or more")
        if self.stack is not None and self.stack < 1:
            raise UsageError(f"--stack {self.stack}", expected="1 or more; 1: nothing is stacked")
        if self.results.exists() and not self.results.is_dir():
            raise StoreError(f"{self.results} is not a folder", expected="the results folder")


@dataclass(frozen=True)
class Request:
    """What is to be run, and how.

    ``models`` are (name or ``path.py:Class``, chosen settings); what :class:`Means` has too is said
    there. ``compile`` is as of :class:`serbench.session.Session`. ``labels``, ``access``,
    ``selection`` and ``keep`` are the protocol's own where they are None, and so are the corpora of
    a protocol that has its usual ones where none is named.
    """

    models: Sequence[tuple[str, Mapping[str, Any]]]
    protocols: Sequence[str]
    corpora: Sequence[str]
    results: Path
    cache: Path
    labels: str | None = None
    access: TargetAccess | None = None
    selection: Selection | None = None
    seeds: int | None = None
    roots: Mapping[str, Path] = field(default_factory=dict)
    allow_partial: bool = False
    executor: str = "serial"
    workers: int | None = None
    devices: Sequence[str] = ("auto",)
    options: Mapping[str, str] = field(default_factory=dict)
    stack: int | None = None
    features: str = "reference"
    precision: Precision = "auto"
    compile: bool = False
    keep: Keep | None = None
    reuse: bool = False
    rerun: bool = False

    @property
    def means(self) -> Means:
        """What its trials are carried out with."""
        return Means(**{part.name: getattr(self, part.name) for part in fields(Means)})


def check(request: Request) -> None:
    """Refuse what cannot be meant, before anything is read."""
    request.means.check()
    if request.seeds is not None and request.seeds < 1:
        raise UsageError(f"--seeds {request.seeds}", expected="1 or more")


def corpora_of(request: Request, protocol: Protocol) -> list[tuple[str, ...]]:
    """The corpora that a protocol is run on: one by one, or all at once.

    Raises
    ------
    UsageError
        If no corpus is named and the protocol has no usual ones.
    """
    names = tuple(request.corpora) or protocol.corpora
    if not names:
        raise UsageError(
            f"no corpus to run {protocol.name} on",
            expected="--corpus NAME",
            advice="serbench corpora list",
        )
    once = dict.fromkeys(names)
    return [tuple(sorted(once))] if protocol.across else [(name,) for name in once]


def selection_of(request: Request, protocol: Protocol) -> Selection:
    """The rule that chooses the epoch: what was asked for, or the protocol's own.

    Raises
    ------
    UsageError
        If it chooses among epochs that are not to be kept.
    """
    rule = request.selection or protocol.selection
    if rule != "last" and request.keep == "last":
        raise UsageError(
            f"--selection {rule} with --stages last",
            expected="--stages all: an epoch is chosen among those that are kept",
        )
    return rule


def check_roots(request: Request, corpora: Collection[str]) -> None:
    """Refuse a folder that was given for a corpus that is not to be run."""
    for name in request.roots:
        if name not in corpora:
            raise UsageError(
                f"--corpus-root {name}=...: that corpus is not to be run",
                expected="one of " + ", ".join(sorted(corpora)),
            )


def check_devices(means: Means) -> str:
    """Refuse a device that is not there before a corpus is read; a remark, if there is one."""
    if means.elsewhere or all(device == "auto" for device in means.devices):
        return ""
    if "torch" not in sys.modules:
        return "none of these models is a net: the device has no use here"
    from serbench.nets.device import resolve

    for device in means.devices:
        resolve(device)
    return ""
