"""Results of make-believe models, of which it is known how many utterances each gets right."""

from collections.abc import Callable

import numpy as np
import pytest

from serbench.labels import Classes
from serbench.predictions import Predictions, to_parquet
from serbench.store import Plan, Store
from serbench.trial import Trial

CLASSES = Classes(("low", "high"))
EACH = 20  # utterances of a class that every speaker speaks


def predictions(right, speaker):
    truth = np.repeat([0, 1], EACH)
    told = np.where(np.tile(np.arange(EACH), 2) < right, truth, 1 - truth)
    ids = tuple(f"toy/{speaker}/{at:02}" for at in range(2 * EACH))
    said = np.eye(2, dtype=np.float32)[told]
    return Predictions(CLASSES.names, ids, (speaker,) * len(ids), truth, said)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path)


@pytest.fixture
def add(store) -> Callable[..., None]:
    """Save a model under LOSO: for each speaker, how many of each class it gets right."""

    def saved(model, rights, *, seeds=(0,), variant=None, release="f", protocol="loso", lost=()):
        settings = dict(variant or {})
        planned = [
            Trial(
                protocol={"name": protocol, "corpora": ["toy"]}, labels={"name": "own"},
                task=CLASSES.record(), corpora={"toy": release * 64}, split="s", folds=len(rights),
                fold=f"s{at}", train={"digest": "b", "size": 6},
                tests={"toy": {"digest": "c", "size": 6}}, validation=None, target=None,
                model={"name": model, "version": "1", "settings": settings}, recipes=(), seed=seed,
            )
            for seed in seeds
            for at in range(len(rights))
        ]  # fmt: skip
        notes = {"variant": settings, "speaker_independent": True, "findings": [], "altered": []}
        store.plan(Plan(planned[0].row, notes, tuple(one.id for one in planned)))
        for one in planned:
            if one.fold not in lost:
                at = int(one.fold[1:])
                content = to_parquet(predictions(min(rights[at] + one.seed, EACH), one.fold))
                store.save(one, {"predictions-toy.parquet": content}, {"notes": notes})

    return saved
