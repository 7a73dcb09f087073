"""What a worker rebuilds for itself: corpora or a bundle, the folds, the one that is its trial's.

A worker trusts nobody. It scans each corpus, draws the folds, and refuses to run if their digest is
not the trial's: another release, another label map or another splitter would otherwise answer
another question under the same name.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serbench.access import TargetAccess
from serbench.adapters import adapter
from serbench.bundle.ground import opened
from serbench.errors import ProtocolError
from serbench.features.cache import FeatureCache
from serbench.features.extraction import Extraction
from serbench.given import protocol_of
from serbench.ground import Corpora, Ground
from serbench.jobs import Job
from serbench.plan import dealt
from serbench.pool import Pool
from serbench.protocols import Split, split_digest
from serbench.question import question_digest
from serbench.registry import load
from serbench.scan import scan
from serbench.trial import Trial
from serbench.validation import HeldOut


def ground_of(job: Job) -> Ground:
    """The corpora of a job and their folds, read once for all trials of this process."""
    return _ground(_Question.of(job))


@dataclass(frozen=True)
class _Question:
    """What a pool and its folds depend on: one of them serves all trials of this process."""

    roots: tuple[tuple[str, Path], ...]
    cache: Path
    allow_partial: bool
    protocol: str
    access: TargetAccess
    labels: str
    fingerprints: tuple[tuple[str, str], ...]
    split: str  # or folds would be taken from a folder of splits as it was before
    extraction: Extraction
    bundle: tuple[Path, str] | None  # the part that takes the corpora's place, and what it is asked

    @classmethod
    def of(cls, job: Job) -> _Question:
        trial = job.trial
        return cls(
            roots=()
            if job.bundle is not None
            else tuple((name, job.roots[name]) for name in trial.protocol["corpora"]),
            cache=job.cache,
            allow_partial=job.allow_partial,
            protocol=job.protocol or str(trial.protocol["name"]),
            access=trial.protocol["target_access"],
            labels=str(trial.labels["name"]),
            fingerprints=tuple(sorted(trial.corpora.items())),
            split=trial.split,
            extraction=job.extraction,
            bundle=None if job.bundle is None else (job.bundle, question_digest(trial.row)),
        )


@functools.lru_cache(maxsize=8)
def _ground(question: _Question) -> Ground:
    """The corpora and their folds, read once for all trials of this process."""
    if question.bundle is not None:
        part, asked = question.bundle
        return opened(part).ground(asked)
    scanned = []
    for name, root in question.roots:
        corpus = adapter(name, root)
        found = scan(corpus, root, allow_partial=question.allow_partial, cache=question.cache)
        scanned.append((corpus, found))
    pool = Pool.of(scanned, load("labels", question.labels))
    protocol = protocol_of(question.protocol).under(question.access)
    splits = protocol.splits(pool.table(whole=protocol.whole))
    cache = FeatureCache(question.cache, extraction=question.extraction)
    return Ground(pool, protocol, pool.with_copies(splits), Corpora(cache))


def split_of(trial: Trial, here: Ground) -> tuple[Split, HeldOut]:
    """The trial's fold, if all that is rebuilt here is what was planned."""
    pool, protocol, splits = here.pool, here.protocol, here.splits
    split = next((split for split in splits if split.fold == trial.fold), None)
    if split is None:
        raise ProtocolError(f"there is no fold {trial.fold!r}")
    held = here.hold_out(split, chooses=trial.validation is not None)
    found: dict[str, Any] = {
        "corpora": pool.fingerprints,
        "task": pool.task.record(),
        "folds": split_digest(splits),
        **dealt(pool, protocol, split, held),
    }
    planned = {
        "corpora": dict(trial.corpora),
        "task": trial.task,
        "folds": trial.split,
        "train": trial.train,
        "tests": trial.tests,
        "validation": trial.validation,
        "target": trial.target,
    }
    for what, value in planned.items():
        if found[what] != value:
            raise ProtocolError(
                f"the {what} rebuilt here are not those of the trial ({what} differ)",
                expected=f"{what}: {value}",
                advice="check that this machine has the same corpus release and serbench version",
            )
    return split, held
