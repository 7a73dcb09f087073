"""Taking results home: each trial is examined first, and nothing that is here is ever replaced.

A trial arrives by being written aside and renamed, as if it had been run here, so a merge that is
killed has lost nothing, and is run again.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from serbench.errors import SerbenchError, UsageError
from serbench.merging.arriving import arriving
from serbench.merging.examined import Examined, examine
from serbench.store import Store
from serbench.writing import cannot_write, sync_folder, write_aside, write_through

CHECKPOINT = b"serbench checkpoint"  # what a checkpoint's first line begins with
DIGEST = 32  # bytes of a SHA-256

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Conflict:
    """A trial that is here with other answers."""

    trial: str
    title: str
    difference: float | None  # the largest of two probabilities; None: others were asked
    aside: str  # where the one that arrived is kept


@dataclass(frozen=True)
class Refusal:
    """What was not taken, and why."""

    what: str
    reason: str


@dataclass
class Merged:
    """What came of a merge.

    Attributes
    ----------
    taken, equal
        Trials that are new here, and those that were here with the same answers.
    conflicts
        Those that were here with other answers: these stay, and what arrived is kept aside.
    refused
        What is not whole.
    unplanned
        Trials of no plan that is known here.
    checkpoints, failures
        Trials that go on from where they were, and those whose reason of failure is new here.
    """

    taken: list[str] = field(default_factory=list)
    equal: list[str] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    unplanned: list[str] = field(default_factory=list)
    checkpoints: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether everything that arrived is here now."""
        return not (self.conflicts or self.refused or self.unplanned)

    def record(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


def merge(
    home: Path, paths: Sequence[Path], *, every: bool = False, progress: Progress | None = None
) -> Merged:
    """Take results into a results folder.

    Parameters
    ----------
    home
        The results folder.
    paths
        Results folders, bundles that were worked on, archives, or folders of archives.
    every
        Take trials too that belong to no plan known at home.
    progress
        Told (paths done, paths).

    Raises
    ------
    UsageError
        If a path holds no results, or is the results folder itself.
    StoreError
        If the results folder cannot be written.
    """
    store = Store(home)
    known = None if every else {name for plan in store.plans() for name in plan.trials}
    merged = Merged()

    def refuse(what: str, reason: str) -> None:
        merged.refused.append(Refusal(what, reason))

    for path in paths:
        if path.resolve() == home.resolve():
            raise UsageError(f"{path} is the results folder itself", expected="others' results")
    for done, path in enumerate(paths, 1):
        for folder in arriving(path, refuse):
            _take(Store(folder), store, known, merged)
        if progress is not None:
            progress(done, len(paths))
    return merged


def _take(source: Store, home: Store, known: set[str] | None, merged: Merged) -> None:
    for name in source.ids():
        try:
            found = examine(source, name)
        except (SerbenchError, ValueError, KeyError, TypeError) as error:
            reason = error.found if isinstance(error, SerbenchError) else str(error)
            merged.refused.append(Refusal(f"trial {name}", reason))
            continue
        if known is not None and name not in known:
            merged.unplanned.append(name)
        else:
            _settle(found, home, merged)
    for name, path in _checkpoints(source):
        if known is None or name in known:
            _take_checkpoint(name, path, home, merged)
    for name in sorted(source.failed_ids()):
        if known is None or name in known:
            _take_failure(name, source, home, merged)


def _settle(found: Examined, home: Store, merged: Merged) -> None:
    name = found.trial.id
    if not (home.has(name) and home.whole(name)):
        home.save(found.trial, found.files, found.provenance)
        merged.taken.append(name)
        return
    here = examine(home, name)
    if all(answers.equal(here.answers[test]) for test, answers in found.answers.items()):
        merged.equal.append(name)
        return
    aside = _keep_aside(found, home)
    merged.conflicts.append(Conflict(name, found.trial.title, _apart(found, here), str(aside)))


def _apart(found: Examined, here: Examined) -> float | None:
    """The largest difference of two answers."""
    most = 0.0
    for test, answers in found.answers.items():
        other = here.answers[test]
        if not answers.asked_alike(other):
            return None
        most = max(most, float(np.abs(answers.said - other.said).max(initial=0.0)))
    return most


def _keep_aside(found: Examined, home: Store) -> Path:
    """Keep a result where nothing reads it; the same one only once, however often it arrives."""
    contents = {
        **found.files,
        "trial.json": found.trial.json().encode(),
        "provenance.json": json.dumps(dict(found.provenance), indent=1, sort_keys=True).encode(),
    }
    said = [contents[name] for name in sorted(contents) if name.startswith("predictions-")]
    mark = hashlib.sha256(b"".join(said)).hexdigest()[:8]
    target = home.root / "superseded" / f"{found.trial.id}.{mark}"
    if target.exists():
        return target
    aside = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        aside.mkdir(parents=True)
        for name, content in contents.items():
            write_through(aside / name, content)
        aside.rename(target)
        sync_folder(target.parent)
    except OSError as error:
        shutil.rmtree(aside, ignore_errors=True)
        raise cannot_write(target, error) from error
    return target


def _checkpoints(source: Store) -> Iterator[tuple[str, Path]]:
    for path in sorted(source.root.glob("unfinished/*/checkpoint.pt")):
        yield path.parent.name, path


def _take_checkpoint(name: str, path: Path, home: Store, merged: Merged) -> None:
    """A training goes on from the checkpoint that is further."""
    content = path.read_bytes()
    if not _is_checkpoint(content):
        merged.refused.append(Refusal(f"checkpoint {name}", "it is torn, or no checkpoint"))
        return
    here = home.checkpoint(name)
    if home.has(name) or (here.is_file() and _later(here, path)):
        return
    write_aside(here, content)
    shutil.copystat(path, here)
    merged.checkpoints.append(name)


def _later(here: Path, there: Path) -> bool:
    """Whether the one that is here is as far as the other, or further.

    One grows with every epoch that is kept. Where none is kept but the last, they are of one size,
    and the one that was written later is further.
    """
    if here.read_bytes() == there.read_bytes():
        return True
    ours, theirs = here.stat(), there.stat()
    return (ours.st_size, ours.st_mtime) > (theirs.st_size, theirs.st_mtime)


def _is_checkpoint(content: bytes) -> bool:
    """Whether it is what :mod:`serbench.nets.checkpoints` wrote, which is not read here."""
    line, _, rest = content.partition(b"\n")
    whole = hashlib.sha256(rest[DIGEST:]).digest() == rest[:DIGEST]
    return line.startswith(CHECKPOINT) and whole


def _take_failure(name: str, source: Store, home: Store, merged: Merged) -> None:
    found = source.failure(name)
    if found is None or home.has(name) or home.failure(name) == found:
        return
    content = json.dumps(asdict(found), indent=1).encode()
    write_aside(home.root / "failed" / f"{name}.json", content)
    merged.failures.append(name)
