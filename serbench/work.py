"""One job: rebuild the split, fit, predict, store.

A worker trusts nobody. It scans the corpus for itself, rebuilds the folds, and refuses to run if
their digest is not the trial's: another release, another label map or another splitter would
otherwise answer another question under the same name.
"""

from __future__ import annotations

import functools
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serbench import predictions, provenance, ratings
from serbench.adapters import adapter
from serbench.choice import code_digest
from serbench.cohort import Cohort
from serbench.data import LabelledUtterances, Utterances
from serbench.errors import ProtocolError, SerbenchError, StoreError
from serbench.features.cache import FeatureCache
from serbench.jobs import Advanced, Ended, Job, Listener, Started, Unheard
from serbench.labels import Scale
from serbench.model import Model, answer, build
from serbench.plan import judged
from serbench.predictions import Predictions, stages_to_parquet
from serbench.protocols import Split, split_digest
from serbench.ratings import Ratings
from serbench.registry import load
from serbench.scan import scan
from serbench.session import Session, Stage
from serbench.sources import test_set, training_set
from serbench.store import Store
from serbench.trial import Trial


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
        If the corpus, the split or the model is not what the trial names.
    """
    trial, store = job.trial, Store(job.results)
    started = time.time()
    cohort, splits = _folds(job.root, job.cache, job.allow_partial, _key(trial))
    split = _split(trial, cohort, splits)
    factory = job.choice.factory()
    if job.choice.identity() != dict(trial.model):
        raise SerbenchError(
            f"the model {job.choice.spec!r} here is not the trial's: version or settings differ",
            advice="run the command again, so that it is planned anew",
        )
    model = build(factory, job.choice.settings)
    cache = FeatureCache(job.cache)
    train = training_set(cohort, cache, cohort.positions(split.train), model)
    tests = {
        name: test_set(cohort, cache, cohort.positions(ids), model)
        for name, ids in split.tests.items()
    }
    stages, device = _fit(
        job, model, train, {name: test for name, (test, _) in tests.items()}, listen
    )
    files: dict[str, bytes] = {}
    for name, (test, rows) in tests.items():
        said = answer(model, test)
        files[f"predictions-{name}.parquet"] = _file(cohort, rows, said)
        if stages:
            files[f"stages-{name}.parquet"] = stages_to_parquet(stages, name, np.argsort(rows))
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
            task=cohort.task,
        )
        | {"notes": dict(job.notes)},
    )


def _fit(
    job: Job,
    model: Model,
    train: LabelledUtterances,
    tests: dict[str, Utterances],
    listen: Listener,
) -> tuple[list[Stage], str]:
    """Train, by the harness's own loop where the model leaves it to the harness."""
    if job.threads is not None and "torch" in sys.modules:
        from serbench.nets.device import limit_threads

        limit_threads(job.threads)
    nets = sys.modules.get("serbench.nets.net")
    if nets is None or not isinstance(model, nets.Net) or type(model).fit is not nets.Net.fit:
        model.fit(train, seed=job.trial.seed)
        return [], "cpu"
    from serbench.nets.device import describe, resolve
    from serbench.nets.training import train as train_net

    session = Session(
        device=job.device,
        precision=job.precision,
        probes=tests if job.keep == "all" else {},
        keep=job.keep,
        checkpoint=Store(job.results).checkpoint(job.trial.id),
        code=code_digest(job.choice.factory()),
        progress=lambda done, total, note: listen(Advanced(job.trial.id, done, total, note)),
    )
    stages = train_net(model, train, seed=job.trial.seed, session=session)
    return stages, describe(resolve(job.device))


def _file(cohort: Cohort, rows: NDArray[np.int64], said: NDArray[np.float32]) -> bytes:
    """What a model said of these utterances, beside what is right, as it is stored."""
    utterances = [cohort.utterances[int(row)] for row in rows]
    ids = tuple(utterance.id for utterance in utterances)
    speakers = tuple(utterance.speaker for utterance in utterances)
    truth = cohort.y[rows]
    if isinstance(cohort.task, Scale):
        return ratings.to_parquet(Ratings(ids, speakers, truth, said[:, 0]))
    return predictions.to_parquet(Predictions(cohort.classes(), ids, speakers, truth, said))


def _key(trial: Trial) -> tuple[str, str, str, str]:
    (corpus,) = trial.protocol["corpora"]
    names = str(corpus), str(trial.protocol["name"]), str(trial.labels["name"])
    return *names, str(trial.corpora[corpus])


@functools.lru_cache(maxsize=8)
def _folds(
    root: Path, cache: Path, allow_partial: bool, key: tuple[str, str, str, str]
) -> tuple[Cohort, tuple[Split, ...]]:
    """The corpus and its folds, read once for all trials of this process."""
    corpus_name, protocol_name, labels_name, _ = key
    corpus = adapter(corpus_name, root)
    found = scan(corpus, root, allow_partial=allow_partial, cache=cache)
    cohort = Cohort(corpus, found, load("labels", labels_name))
    protocol = load("protocols", protocol_name)
    return cohort, cohort.with_copies(protocol.splits(cohort.corpus, cohort.table()))


def _split(trial: Trial, cohort: Cohort, splits: Sequence[Split]) -> Split:
    found: dict[str, Any] = {
        "corpus": {cohort.corpus: cohort.scan.fingerprint},
        "task": cohort.task.record(),
        "folds": split_digest(splits),
    }
    split = next((split for split in splits if split.fold == trial.fold), None)
    if split is not None:
        found["labels"] = [judged(cohort, split.train), judged(cohort, split.tests[cohort.corpus])]
    planned = {
        "corpus": dict(trial.corpora),
        "task": trial.task,
        "folds": trial.split,
        "labels": [trial.train, trial.tests[cohort.corpus]],
    }
    for what, value in planned.items():
        if found.get(what) != value:
            raise ProtocolError(
                f"the {what} rebuilt here are not those of the trial ({what} differ)",
                expected=f"{what}: {value}",
                advice="check that this machine has the same corpus release and serbench version",
            )
    if split is None:
        raise ProtocolError(f"there is no fold {trial.fold!r}")
    return split
