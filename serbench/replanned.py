"""From planned trials back to the boards that they fill: corpora and folds as they are here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serbench.access import TargetAccess
from serbench.adapters import adapter, located
from serbench.canonical import canonical
from serbench.corpus import Corpus
from serbench.drawn import drawn_splits
from serbench.errors import CorpusError, ModelError, ProtocolError
from serbench.folders import find_corpus
from serbench.given import protocol_of
from serbench.jobs import Job
from serbench.pool import Pool
from serbench.preparing import Asked, read_corpus
from serbench.protocols import split_digest
from serbench.registry import load
from serbench.scanned import Scan
from serbench.watcher import Watcher


@dataclass(frozen=True)
class _Board:
    """What a job says of its board. Jobs of one board say the same."""

    protocol: str
    access: TargetAccess
    labels: str
    corpora: tuple[str, ...]

    @classmethod
    def of(cls, job: Job) -> _Board:
        trial = job.trial
        return cls(
            protocol=job.protocol or str(trial.protocol["name"]),
            access=trial.protocol["target_access"],
            labels=str(trial.labels["name"]),
            corpora=tuple(trial.protocol["corpora"]),
        )


def roots_here(jobs: Sequence[Job], named: Mapping[str, Path]) -> dict[str, Path]:
    """Where the corpora of planned jobs are on this machine.

    A folder that is named for this command comes first, then what this machine knows of the corpus
    (``$SERBENCH_CORPORA``, ``serbench corpora add``), then where it was when it was planned.

    Raises
    ------
    CorpusError
        If none of them is there.
    """
    planned = {name: root for job in jobs for name, root in job.roots.items()}
    found = {}
    for name, root in sorted(planned.items()):
        here = find_corpus(name, named)
        if here is None and not root.exists():
            raise CorpusError(
                f"{root}, where the corpus {name} was when this was planned, does not exist here, "
                "and no other folder of it is known",
                expected=f"--corpus-root {name}=DIR, or `serbench corpora add {name} DIR`",
            )
        found[name] = root if here is None else located(name, named)[1]
    return found


def check_models(jobs: Sequence[Job]) -> None:
    """Refuse a model that is not here, or is not the one that was planned.

    Raises
    ------
    SerbenchError
        If it is not installed, its file does not exist, or its version or settings are others.
    """
    seen = set()
    for job in jobs:
        key = canonical([job.choice.spec, job.trial.model])
        if key in seen:
            continue
        seen.add(key)
        if canonical(job.choice.identity()) != canonical(job.trial.model):
            raise ModelError(
                f"the model {job.choice.spec!r} here is not the one that was planned: its version, "
                "its file or what its settings name differs",
                expected=f"{job.trial.model['name']} of version {job.trial.model['version']}",
                advice="install what the plan was made with, or make it again by `serbench plan`",
            )


def boards_of(jobs: Sequence[Job], watcher: Watcher) -> list[Asked]:
    """The boards of these jobs, once each, from the corpora as they are here.

    Raises
    ------
    CorpusError
        If a corpus cannot be read.
    ProtocolError
        If a corpus, or the folds, are not those that were planned.
    """
    asked = {_Board.of(job): job for job in reversed(jobs)}
    scans: dict[str, tuple[Corpus, Scan]] = {}
    for job in jobs:
        for name, root in job.roots.items():
            if name not in scans:
                corpus = adapter(name, root)
                found = read_corpus(corpus, root, job.cache, job.allow_partial, watcher)
                scans[name] = corpus, found
    return [_board(one, job, scans) for one, job in reversed(asked.items())]


def _board(one: _Board, job: Job, scans: Mapping[str, tuple[Corpus, Scan]]) -> Asked:
    row: Mapping[str, Any] = job.trial.row
    for name, fingerprint in job.trial.corpora.items():
        corpus, found = scans[name]
        if found.fingerprint != fingerprint:
            raise ProtocolError(
                f"{corpus.card.name} in {found.root} is not the release that was planned",
                expected=f"fingerprint {fingerprint[:12]}, found {found.fingerprint[:12]}",
                advice=f"name the folder of the same release: --corpus-root {name}=DIR",
            )
    pool = Pool.of([scans[name] for name in one.corpora], load("labels", one.labels))
    protocol = protocol_of(one.protocol).under(one.access)
    drawn = drawn_splits(protocol, pool.table(whole=protocol.whole), job.cache)
    splits = pool.with_copies(drawn)
    if split_digest(splits) != job.trial.split:
        raise ProtocolError(
            f"the folds that {protocol.name} draws here of {pool.title} are not those that were "
            "planned",
            expected=f"digest {job.trial.split[:12]}, found {split_digest(splits)[:12]}",
            advice="check that this machine has the same serbench, scikit-learn and splits",
        )
    return Asked(row, pool, protocol, splits)
