"""A row of two folds and two seeds, made by hand: whatever is wrong with it, a test has done."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from serbench.canonical import digest
from serbench.labels import Classes
from serbench.planned import Plan
from serbench.predictions import Predictions, stages_to_parquet, to_parquet
from serbench.protocols import Split, split_digest
from serbench.session import Stage
from serbench.store import Store
from serbench.trial import Trial

CLASSES = Classes(("high", "low"))
NOTES = {"variant": {}, "findings": [], "deterministic": False, "seeds": 2}
FOLDS = {"1": ("toy/a", "toy/b", "toy/c"), "2": ("toy/d", "toy/e", "toy/f")}
TRUTH = [0, 1, 1]


class Toy:
    """Writes the row into a results folder, altered as a test asks for."""

    def __init__(self, root):
        self.store = Store(root)

    def said(self, fold, seed, **other):
        rng = np.random.default_rng([seed, int(fold)])
        rows = rng.dirichlet([1, 1], len(TRUTH)).astype(np.float32)
        values = {
            "classes": CLASSES.names, "ids": FOLDS[fold], "speakers": (f"s{fold}",) * 3,
            "truth": np.array(TRUTH), "probabilities": rows,
        }  # fmt: skip
        return Predictions(**{**values, **other})

    def trial(self, fold, seed, **other):
        asked = {f: [[i, CLASSES.names[t]] for i, t in zip(ids, TRUTH, strict=True)]
                 for f, ids in FOLDS.items()}  # fmt: skip
        rest = [pair for f, pairs in asked.items() if f != fold for pair in pairs]
        splits = [Split(f, tuple(i for g in FOLDS if g != f for i in FOLDS[g]), {"toy": ids})
                  for f, ids in FOLDS.items()]  # fmt: skip
        values = {
            "protocol": {"name": "toy-folds", "corpora": ["toy"], "target_access": "none"},
            "labels": {"name": "own"}, "task": CLASSES.record(), "corpora": {"toy": "f" * 64},
            "split": split_digest(splits), "folds": 2, "fold": fold,
            "train": {"digest": digest(rest), "size": 3},
            "tests": {"toy": {"digest": digest(asked[fold]), "size": 3}},
            "validation": None, "target": None,
            "model": {"name": "m", "version": "1", "settings": {}}, "recipes": (), "seed": seed,
        }  # fmt: skip
        return Trial(**{**values, **other})

    def save(self, trial, said, *, notes=NOTES, stages=None, **provenance):
        files = {"predictions-toy.parquet": to_parquet(said)}
        if stages is not None:
            kept = [Stage(at, 1.0, 0.5, {"toy": one}) for at, one in enumerate(stages)]
            files["stages-toy.parquet"] = stages_to_parquet(kept, "toy", np.arange(len(said.ids)))
        self.store.save(trial, files, {"notes": notes, "code": "c" * 64, **provenance})
        return trial.id

    def row(self, seeds=(0, 1), folds=("1", "2")):
        ids = [
            self.save(self.trial(fold, seed), self.said(fold, seed))
            for seed in seeds
            for fold in folds
        ]
        return self.plan(*ids)

    def plan(self, *ids, notes=NOTES):
        return Plan(self.store.trial(ids[0]).row, notes, tuple(sorted(ids)))

    def with_more(self, plan, *ids):
        return dataclasses.replace(plan, trials=tuple(sorted({*plan.trials, *ids})))


@pytest.fixture
def toy(tmp_path):
    return Toy(tmp_path / "results")
