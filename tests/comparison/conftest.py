"""Results of make-believe models, of which it is known how many utterances each gets right."""

import hashlib
from collections.abc import Callable

import numpy as np
import pytest

from serbench.audit.verdict import Verdict
from serbench.background import CANARIES, VERDICT, VERSION
from serbench.canaries.flock import Decisions, Flock
from serbench.canaries.stored import to_parquet as flock_to_parquet
from serbench.canonical import canonical, digest
from serbench.labels import Classes
from serbench.predictions import Predictions, to_parquet
from serbench.question import question_digest
from serbench.store import Plan, Store
from serbench.trial import Trial
from serbench.writing import write_aside

CLASSES = Classes(("low", "high"))
EACH = 20  # utterances of a class that every speaker speaks


def predictions(right, fold, speakers=(), each=EACH):
    """Of one fold: its speaker, or several who speak in turn."""
    truth = np.repeat([0, 1], each)
    told = np.where(np.tile(np.arange(each), 2) < right, truth, 1 - truth)
    ids = tuple(f"toy/{fold}/{at:02}" for at in range(2 * each))
    who = tuple(np.resize(speakers or (fold,), 2 * each).tolist())
    return Predictions(CLASSES.names, ids, who, truth, np.eye(2, dtype=np.float32)[told])


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path)


@pytest.fixture
def add(store) -> Callable[..., None]:
    """Save a model under LOSO: for each speaker, how many of each class it gets right.

    With a seed s it gets ``gains[s]`` more right, or s if they are not given. ``lost`` are folds
    without a trial, or (seed, fold); ``failed`` are folds whose trial failed. ``large`` has the
    number of utterances of a class in folds that are larger than others; ``wanted`` is how many
    seeds the protocol asks for.
    """

    def saved(
        model, rights, *, seeds=(0,), variant=None, release="f", protocol="loso", lost=(),
        version="1", gains=None, speakers=(), failed=(), large=None, wanted=1,
        **noted,
    ):  # fmt: skip
        settings = dict(variant or {})
        planned = [
            Trial(
                protocol={"name": protocol, "corpora": ["toy"]}, labels={"name": "own"},
                task=CLASSES.record(), corpora={"toy": release * 64}, split="s", folds=len(rights),
                fold=f"s{at}", train={"digest": "b", "size": 6},
                tests={"toy": {"digest": "c", "size": 6}}, validation=None, target=None,
                model={"name": model, "version": version, "settings": settings}, recipes=(),
                seed=seed,
            )
            for seed in seeds
            for at in range(len(rights))
        ]  # fmt: skip
        notes = {"variant": settings, "speaker_independent": True, "findings": [], "altered": []}
        notes |= {"seeds": wanted, **noted}
        store.plan(Plan(planned[0].row, notes, tuple(one.id for one in planned)))
        for one in planned:
            if one.fold in failed:
                store.fail(one, "its loss is no number", "")
            elif one.fold not in lost and (one.seed, one.fold) not in lost:
                each = (large or {}).get(one.fold, EACH)
                gain = one.seed if gains is None else gains[one.seed]
                right = min(rights[int(one.fold[1:])] + gain, each)
                content = to_parquet(predictions(right, one.fold, speakers, each))
                store.save(one, {"predictions-toy.parquet": content}, {"notes": notes})

        return planned

    return saved


@pytest.fixture
def with_canaries(store) -> Callable[..., None]:
    """Keep what a board's folds should have told, as a run does: failed trials need it."""

    def saved(trials):
        told = [predictions(0, one.fold) for one in trials]
        decisions = {
            (one.fold, "toy"): Decisions(
                each.ids, each.speakers, each.truth, {"uniform": each.truth}
            )
            for one, each in zip(trials, told, strict=True)
        }
        content = flock_to_parquet(Flock(CLASSES.names, decisions))
        record = {
            "version": VERSION, "verdict": Verdict("folds", (), (), (), ()).record(),
            CANARIES: hashlib.sha256(content).hexdigest(),
        }  # fmt: skip
        folder = store.root / "boards" / question_digest(trials[0].row)
        write_aside(folder / CANARIES, content)
        write_aside(folder / VERDICT, canonical({**record, "digest": digest(record)}).encode())

    return saved
