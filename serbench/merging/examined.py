"""A finished trial that was made elsewhere, read whole and held to everything that it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serbench import predictions, ratings
from serbench.canonical import digest
from serbench.errors import StoreError
from serbench.labels import Classes, Scale, Task, task_of
from serbench.predictions import VALIDATION
from serbench.store import Store
from serbench.trial import Trial


@dataclass(frozen=True)
class Answers:
    """Who was asked in one test set, what is right, and what was said: float32 [utterances, k]."""

    ids: tuple[str, ...]
    truth: tuple[Any, ...]
    said: NDArray[np.float32]

    def equal(self, other: Answers) -> bool:
        """To the last bit, whatever wrote the files."""
        return self.asked_alike(other) and np.array_equal(self.said, other.said)

    def asked(self, task: Task) -> list[tuple[str, Any]]:
        """Utterances with what is right for each, as a trial's digests are of."""
        names = task.names if isinstance(task, Classes) else None
        right = self.truth if names is None else [names[place] for place in self.truth]
        return list(zip(self.ids, right, strict=True))

    def asked_alike(self, other: Answers) -> bool:
        return (self.ids, self.truth) == (other.ids, other.truth)


@dataclass(frozen=True)
class Examined:
    """A trial and its files, each of them what the record says."""

    trial: Trial
    files: Mapping[str, bytes]  # without trial.json and record.json
    provenance: Mapping[str, Any]
    answers: Mapping[str, Answers]  # by test set


def examine(store: Store, trial_id: str) -> Examined:
    """Read a trial.

    Raises
    ------
    StoreError
        If its record is not of its id, a file is missing, torn or altered, or a test set's answers
        are not of the utterances and the classes that the trial names.
    """
    trial = store.trial(trial_id)
    record = store.record(trial_id)
    odd = [name for name in record["files"] if "/" in name or name.startswith(".")]
    if odd:
        raise StoreError(f"its record names {odd[0]!r}", expected="names of files in its folder")
    files = {name: store.read(trial_id, name) for name in record["files"]}
    if "trial.json" not in files:
        raise StoreError("its record does not vouch for trial.json")
    expected = dict(trial.tests)
    if trial.validation is not None:
        expected[VALIDATION] = trial.validation
    answers, task = {}, task_of(trial.task)
    for test, asked in expected.items():
        name = f"predictions-{test}.parquet"
        if name not in files:
            raise StoreError(f"{name} is missing")
        answers[test] = answers_in(files[name], name, task)
        if len(answers[test].ids) != asked["size"]:
            raise StoreError(
                f"{name} answers for {len(answers[test].ids)} utterances",
                expected=f"{asked['size']}",
            )
        if digest(answers[test].asked(task)) != asked["digest"]:
            raise StoreError(
                f"{name} answers for other utterances than its trial names, or takes another class "
                "of one for the right one",
                expected=f"utterances and classes of the digest {asked['digest'][:12]}",
            )
    del files["trial.json"]
    return Examined(trial, files, record["provenance"], answers)


def answers_in(content: bytes, name: str, task: Task) -> Answers:
    """What a file of predictions says.

    Raises
    ------
    StoreError
        If it is none, or of other classes than the task's.
    """
    if isinstance(task, Scale):
        rated = ratings.from_parquet(content, name)
        return Answers(rated.ids, tuple(rated.truth.tolist()), rated.values[:, None])
    told = predictions.from_parquet(content, name)
    if isinstance(task, Classes) and told.classes != task.names:
        raise StoreError(
            f"{name} is of the classes {', '.join(told.classes)}", expected=", ".join(task.names)
        )
    return Answers(told.ids, tuple(told.truth.tolist()), told.probabilities)
