"""One job: rebuild the split, fit, predict, store.

A worker trusts nobody. It scans each corpus for itself, rebuilds the folds, and refuses to run if
their digest is not the trial's: another release, another label map or another splitter would
otherwise answer another question under the same name.
"""

from __future__ import annotations

import functools
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serbench import ownloop, predictions, provenance, ratings
from serbench.access import TargetAccess
from serbench.adapters import adapter
from serbench.behaviour.observer import Observer, files_of
from serbench.choice import code_digest
from serbench.data import LabelledUtterances, Utterances
from serbench.errors import ProtocolError, SerbenchError, StoreError
from serbench.features.cache import FeatureCache
from serbench.features.recipe import AnyRecipe
from serbench.given import protocol_of
from serbench.jobs import Advanced, Ended, Job, Listener, Started, Unheard
from serbench.labels import Scale
from serbench.model import Model, build, declared_recipes
from serbench.plan import dealt, held_out_of
from serbench.pool import Pool
from serbench.predictions import VALIDATION, Predictions, stages_to_parquet
from serbench.protocols import Protocol, Split, split_digest
from serbench.ratings import Ratings
from serbench.registry import load
from serbench.scan import scan
from serbench.session import Session, Stage
from serbench.sources import groups_of, test_set, training_set
from serbench.store import Store
from serbench.trial import Trial
from serbench.validation import HeldOut


def attempt(job: Job, listen: Listener) -> Ended:
    """Run a job to its end. A failure is stored with its reason and told, never raised."""
    store = Store(job.results)
    trial = job.trial
    listen(Started(trial.id))
    start = time.monotonic()
    failure: str | None = None
    log = ""
    fatal = False
    try:
        work(job, listen)
    except Unheard:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001  a guest's model may raise anything
        known = isinstance(error, SerbenchError)
        failure = str(error) if known else f"{type(error).__name__}: {error}"
        log = traceback.format_exc()
        fatal = isinstance(error, StoreError)
    if failure is not None:
        try:
            store.fail(trial, failure, log)
        except StoreError:
            fatal = True
    ended = Ended(trial.id, time.monotonic() - start, failure, fatal)
    listen(ended)
    return ended


def work(job: Job, listen: Listener) -> None:
    """Train one trial and store what it predicts.

    Raises
    ------
    SerbenchError
        If the corpora, the split or the model is not what the trial names.
    """
    trial, store = job.trial, Store(job.results)
    started = time.time()
    pool, protocol, splits = _folds(_Question.of(job))
    split, held = _split(trial, pool, protocol, splits)
    factory = job.choice.factory()
    if job.choice.identity() != dict(trial.model):
        raise SerbenchError(
            f"the model {job.choice.spec!r} here is not the trial's: version or settings differ",
            advice="run the command again, so that it is planned anew",
        )
    cache = FeatureCache(job.cache)
    recipes = declared_recipes(build(factory, job.choice.settings))
    observer = _observer(pool, cache, recipes, split, held, unlabelled=trial.target is not None)
    with observer.building():
        model = build(factory, job.choice.settings)
    train = training_set(pool, cache, pool.positions(held.train), model)
    asked = dict(split.tests)
    if held.validation:
        asked[VALIDATION] = held.validation
    rows = {name: pool.positions(sorted(ids)) for name, ids in asked.items()}  # as they are stored
    grouped = protocol.target_access == "speaker-norm"
    sets = {name: test_set(pool, cache, at, model, grouped=grouped) for name, at in rows.items()}
    probes = {name: judged.test for name, judged in sets.items()}
    target = next(iter(probes.values())) if trial.target is not None else None
    with observer.training(model):
        stages, device = _fit(job, model, train, probes, target, listen)
    files: dict[str, bytes] = {}
    for name, judged in sets.items():
        who = groups_of(judged.utterances)
        said = observer.answers(model, judged.test, groups=who if grouped else None, speakers=who)
        files[f"predictions-{name}.parquet"] = _file(pool, rows[name], said[judged.places])
        if stages:
            files[f"stages-{name}.parquet"] = stages_to_parquet(stages, name, judged.places)
    store.save(
        trial,
        files,
        provenance.collect(
            started=started,
            device=device,
            precision=job.precision,
            keep=job.keep if stages else None,
            threads=job.threads,
            code=code_digest(factory),
            model=model,
            task=pool.task,
        )
        | {"notes": dict(job.notes), "behaviour": observer.behaviour().record()},
    )


def _observer(
    pool: Pool,
    cache: FeatureCache,
    recipes: tuple[AnyRecipe, ...],
    split: Split,
    held: HeldOut,
    *,
    unlabelled: bool,
) -> Observer:
    """Who watches the training; ``unlabelled``: it may open the test side's files."""
    heard = files_of(pool.at([*held.train, *held.validation]), cache, recipes)
    if unlabelled:
        return Observer(None, heard)
    tested = [utterance for ids in split.tests.values() for utterance in pool.at(ids)]
    return Observer(files_of(tested, cache, recipes), heard)


def _fit(
    job: Job,
    model: Model,
    train: LabelledUtterances,
    probes: dict[str, Utterances],
    target: Utterances | None,
    listen: Listener,
) -> tuple[list[Stage], str]:
    """Train, by the harness's own loop where the model leaves it to the harness."""
    if job.threads is not None and "torch" in sys.modules:
        from serbench.nets.device import limit_threads

        limit_threads(job.threads)
    if not ownloop.is_ours(model, adapted=target is not None):
        if target is None:
            model.fit(train, seed=job.trial.seed)
        else:
            model.fit_adapted(train, target, seed=job.trial.seed)  # type: ignore[attr-defined]
        return [], "cpu"
    from serbench.nets.device import describe, resolve
    from serbench.nets.training import train as train_net

    session = Session(
        device=job.device,
        precision=job.precision,
        probes=probes if job.keep == "all" else {},
        keep=job.keep,
        checkpoint=Store(job.results).checkpoint(job.trial.id),
        code=code_digest(job.choice.factory()),
        progress=lambda done, total, note: listen(Advanced(job.trial.id, done, total, note)),
        target=target,
    )
    net: Any = model
    stages = train_net(net, train, seed=job.trial.seed, session=session)
    return stages, describe(resolve(job.device))


def _file(pool: Pool, rows: NDArray[np.int64], said: NDArray[np.float32]) -> bytes:
    """What a model said of these utterances, beside what is right, as it is stored."""
    utterances = [pool.utterances[int(row)] for row in rows]
    ids = tuple(utterance.id for utterance in utterances)
    speakers = tuple(utterance.speaker for utterance in utterances)
    truth = pool.y[rows]
    if isinstance(pool.task, Scale):
        return ratings.to_parquet(Ratings(ids, speakers, truth, said[:, 0]))
    return predictions.to_parquet(Predictions(pool.classes(), ids, speakers, truth, said))


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

    @classmethod
    def of(cls, job: Job) -> _Question:
        trial = job.trial
        return cls(
            roots=tuple((name, job.roots[name]) for name in trial.protocol["corpora"]),
            cache=job.cache,
            allow_partial=job.allow_partial,
            protocol=job.protocol or str(trial.protocol["name"]),
            access=trial.protocol["target_access"],
            labels=str(trial.labels["name"]),
            fingerprints=tuple(sorted(trial.corpora.items())),
            split=trial.split,
        )


@functools.lru_cache(maxsize=8)
def _folds(question: _Question) -> tuple[Pool, Protocol, tuple[Split, ...]]:
    """The corpora and their folds, read once for all trials of this process."""
    scanned = []
    for name, root in question.roots:
        corpus = adapter(name, root)
        found = scan(corpus, root, allow_partial=question.allow_partial, cache=question.cache)
        scanned.append((corpus, found))
    pool = Pool.of(scanned, load("labels", question.labels))
    protocol = protocol_of(question.protocol).under(question.access)
    splits = protocol.splits(pool.table(whole=protocol.whole))
    return pool, protocol, pool.with_copies(splits)


def _split(
    trial: Trial, pool: Pool, protocol: Protocol, splits: Sequence[Split]
) -> tuple[Split, HeldOut]:
    """The trial's fold, if all that is rebuilt here is what was planned."""
    split = next((split for split in splits if split.fold == trial.fold), None)
    if split is None:
        raise ProtocolError(f"there is no fold {trial.fold!r}")
    held = held_out_of(pool, protocol, split, "last" if trial.validation is None else "val")
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
