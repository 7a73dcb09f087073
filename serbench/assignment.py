"""One trial as a worker has it before it: the model untrained, what it is given, who watches."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from serbench import predictions, provenance, ratings
from serbench.behaviour.observer import Observer
from serbench.behaviour.watch import allowed
from serbench.canonical import canonical
from serbench.choice import code_digest
from serbench.data import LabelledUtterances, Utterances
from serbench.errors import SerbenchError
from serbench.features.recipe import AnyRecipe
from serbench.ground import Ground
from serbench.jobs import Advanced, Job, Listener
from serbench.labels import Scale
from serbench.model import Model, build, declared_recipes
from serbench.pool import Pool
from serbench.predictions import VALIDATION, Predictions, stages_to_parquet
from serbench.protocols import Split
from serbench.ratings import Ratings
from serbench.rebuilding import ground_of, split_of
from serbench.session import Session, Stage
from serbench.sources import Judged, groups_of, test_set, training_set
from serbench.store import Store
from serbench.validation import HeldOut


@dataclass(frozen=True)
class Assignment:
    """A job, ready to be trained.

    Attributes
    ----------
    rows, sets
        Test set to the places of its utterances in the pool, as they are stored, and to what the
        model is given of them.
    started
        Seconds since 1970.
    """

    job: Job
    here: Ground
    recipes: tuple[AnyRecipe, ...]
    observer: Observer
    model: Model
    train: LabelledUtterances
    rows: Mapping[str, NDArray[np.int64]]
    sets: Mapping[str, Judged]
    started: float

    @classmethod
    def of(cls, job: Job) -> Assignment:
        """Rebuild the split, make the model, deal out what it is given.

        Raises
        ------
        SerbenchError
            If the corpora, the split or the model is not what the trial names.
        """
        started, trial = time.time(), job.trial
        here = ground_of(job)
        split, held = split_of(trial, here)
        factory, pool = job.choice.factory(), here.pool
        if canonical(job.choice.identity()) != canonical(trial.model):  # a tuple may be a list here
            raise SerbenchError(
                f"the model {job.choice.spec!r} here is not the trial's: version or settings "
                "differ",
                advice="run the command again, so that it is planned anew",
            )
        recipes = declared_recipes(build(factory, job.choice.settings))
        observer = _observer(here, recipes, split, held, unlabelled=trial.target is not None)
        with observer.building():
            model = build(factory, job.choice.settings)
        asked = dict(split.tests)
        if held.validation:
            asked[VALIDATION] = held.validation
        rows = {name: pool.positions(sorted(ids)) for name, ids in asked.items()}
        grouped = here.protocol.target_access == "speaker-norm"
        return cls(
            job=job,
            here=here,
            recipes=recipes,
            observer=observer,
            model=model,
            train=training_set(pool, here.shelf, pool.positions(held.train), model),
            rows=rows,
            sets={
                name: test_set(pool, here.shelf, at, model, grouped=grouped)
                for name, at in rows.items()
            },
            started=started,
        )

    @property
    def target(self) -> Utterances | None:
        """The sounds of the test side that training may hear; None: none."""
        if self.job.trial.target is None:
            return None
        return next(iter(self.sets.values())).test

    def watched(self) -> AbstractContextManager[None]:
        """The model is trained within."""
        return self.observer.training(self.model)

    def session(self, listen: Listener) -> Session:
        """What the harness lends the training, if it runs it itself."""
        job = self.job
        trial = job.trial.id

        def tell(done: int, total: int, note: str) -> None:
            listen(Advanced(trial, done, total, note))

        return Session(
            device=job.device,
            precision=job.precision,
            probes={name: judged.test for name, judged in self.sets.items()}
            if job.keep == "all"
            else {},
            keep=job.keep,
            checkpoint=Store(job.results).checkpoint(trial),
            checkpoint_seconds=job.checkpoint_seconds,
            code=code_digest(job.choice.factory()),
            progress=tell,
            compile=job.compile,
            apart=allowed,
            target=self.target,
        )

    def hand_in(
        self,
        stages: Sequence[Stage],
        device: str,
        *,
        stacked: int = 1,
        seconds: float | None = None,
    ) -> None:
        """Ask the trained model about the test sets, and store what it says.

        Parameters
        ----------
        stages
            Of each epoch; none of a model that trains itself.
        device
            Where it was trained, for people.
        stacked
            How many trainings were computed at once.
        seconds
            This one's share of what they took; None: it took all since it was begun.
        """
        asked = time.monotonic()
        job, pool = self.job, self.here.pool
        grouped = self.here.protocol.target_access == "speaker-norm"
        files: dict[str, bytes] = {}
        for name, judged in self.sets.items():
            who = groups_of(judged.utterances)
            groups = who if grouped else None
            said = self.observer.answers(self.model, judged.test, groups=groups, speakers=who)
            files[f"predictions-{name}.parquet"] = _file(pool, self.rows[name], said[judged.places])
            if stages:
                files[f"stages-{name}.parquet"] = stages_to_parquet(stages, name, judged.places)
        Store(job.results).save(
            job.trial,
            files,
            provenance.collect(
                started=self.started,
                device=device,
                precision=job.precision,
                keep=job.keep if stages else None,
                threads=job.threads,
                code=code_digest(job.choice.factory()),
                model=self.model,
                task=pool.task,
                extractors=self.here.shelf.extractors(self.recipes),
                stacked=stacked,
                seconds=None if seconds is None else seconds + time.monotonic() - asked,
            )
            | dict(self.here.origin)
            | {"notes": dict(job.notes), "behaviour": self.observer.behaviour().record()},
        )


def _observer(
    here: Ground,
    recipes: tuple[AnyRecipe, ...],
    split: Split,
    held: HeldOut,
    *,
    unlabelled: bool,
) -> Observer:
    """Who watches the training; ``unlabelled``: it may open the test side's files."""
    trained = here.pool.at([*held.train, *held.validation])
    tested = [utterance for ids in split.tests.values() for utterance in here.pool.at(ids)]
    kept_from, heard = here.shelf.watched(trained, tested, recipes)
    return Observer(None if unlabelled else kept_from, heard)


def _file(pool: Pool, rows: NDArray[np.int64], said: NDArray[np.float32]) -> bytes:
    """What a model said of these utterances, beside what is right, as it is stored."""
    utterances = [pool.utterances[int(row)] for row in rows]
    ids = tuple(utterance.id for utterance in utterances)
    speakers = tuple(utterance.speaker for utterance in utterances)
    truth = pool.y[rows]
    if isinstance(pool.task, Scale):
        return ratings.to_parquet(Ratings(ids, speakers, truth, said[:, 0]))
    return predictions.to_parquet(Predictions(pool.classes(), ids, speakers, truth, said))
