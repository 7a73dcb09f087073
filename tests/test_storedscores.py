"""Scores of every kind as JSON and back: equal to the last bit."""

import json
import math

import numpy as np
import pytest

from serbench.canonical import canonical
from serbench.cells import cell_scores
from serbench.errors import StoreError
from serbench.intervals import Interval
from serbench.predictions import Predictions
from serbench.ratings import Ratings
from serbench.scores import ScaleScores, class_scores, scale_scores
from serbench.storedscores import from_record, to_record

CLASSES = ("low", "high", "never")


def said(rng, speakers="aabbcc"):
    names = tuple(f"u{i}" for i in range(6))
    truth = np.array([0, 1, 0, 1, 0, 1])
    probabilities = rng.dirichlet(np.ones(3), 6).astype(np.float32)
    return Predictions(CLASSES, names, tuple(speakers), truth, probabilities)


def every_kind():
    rng = np.random.default_rng(0)
    values = rng.normal(size=6)
    ratings = Ratings(said(rng).ids, said(rng).speakers, np.round(values), values.astype("f4"))
    across = {(s, f"{a}-to", b): said(rng) for s in (0, 1) for a in "xy" for b in "zw"}
    yield class_scores({(seed, ""): said(rng) for seed in (0, 1)})
    yield class_scores({(0, ""): said(rng, "aaaaaa")})
    yield scale_scores({(0, ""): ratings})
    yield cell_scores(across)
    own = scale_scores({(0, ""): ratings}).evidence
    endless = {"mae": Interval(1.0, -math.inf, math.inf, 1.0, math.nan, "none")}
    yield ScaleScores(endless, 1, 1, own)


@pytest.mark.parametrize("scores", every_kind(), ids=lambda one: type(one).__name__)
def test_scores_come_back_to_the_last_bit(scores):
    record = json.loads(canonical(to_record(scores)))
    back = from_record(record)
    assert type(back) is type(scores)
    assert repr(back) == repr(scores)  # NaN included, and a float's repr is all of it


@pytest.mark.parametrize("record", [{}, {"kind": "classes"}, {"kind": "scale", "intervals": [1]}])
def test_what_is_no_score_is_refused(record):
    with pytest.raises(StoreError):
        from_record(record)
