"""From a question to trials: every fold and seed of one model under one protocol on one corpus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from serbench.canonical import digest
from serbench.choice import ModelChoice
from serbench.cohort import Cohort
from serbench.errors import UsageError
from serbench.features.recipe import record as recipe_record
from serbench.model import build, declared_recipes, is_deterministic
from serbench.protocols import Protocol, Split, split_digest
from serbench.trial import Trial


def plan(
    cohort: Cohort,
    protocol: Protocol,
    splits: Sequence[Split],
    choice: ModelChoice,
    seeds: int | None = None,
) -> tuple[Trial, ...]:
    """All trials of one row of a board, fold by fold, seed by seed.

    Parameters
    ----------
    splits
        The protocol's folds of the cohort.
    seeds
        Trainings of each fold, with seeds 0, 1, ...; None: as the protocol says. A model that
        declares itself deterministic is trained once.

    Raises
    ------
    SerbenchError
        If the protocol does not fit the corpus, or the model refuses its settings.
    """
    if seeds is not None and seeds < 1:
        raise UsageError(f"--seeds {seeds}", expected="1 or more")
    cohort.classes()  # what else can be told apart, nothing here scores yet
    model = build(choice.factory(), choice.settings)
    count = 1 if is_deterministic(model) else (protocol.seeds if seeds is None else seeds)
    common: dict[str, Any] = {
        "protocol": protocol.record([cohort.corpus]),
        "labels": cohort.labels.record(),
        "task": cohort.task.record(),
        "corpora": {cohort.corpus: cohort.scan.fingerprint},
        "split": split_digest(splits),
        "folds": len(splits),
        "validation": None,
        "target": None,
        "model": choice.identity(),
        "recipes": tuple(recipe_record(recipe) for recipe in declared_recipes(model)),
    }
    trials = []
    for split in splits:
        tests = {name: judged(cohort, ids) for name, ids in split.tests.items()}
        own: dict[str, Any] = {
            "fold": split.fold,
            "train": judged(cohort, split.train),
            "tests": tests,
        }
        trials += [Trial(**common, **own, seed=seed) for seed in range(count)]
    return tuple(trials)


def judged(cohort: Cohort, ids: Sequence[str]) -> dict[str, Any]:
    """Digest and number of utterances with their classes: a corrected label is another trial."""
    rows = cohort.positions(ids)
    pairs = [[name, cohort.answers[int(row)]] for name, row in zip(ids, rows, strict=True)]
    return {"digest": digest(pairs), "size": len(pairs)}
