"""The plane of test utterances: laid out the same each time, kept whole or not shown."""

import json

import numpy as np
import pytest

from serbench.errors import UsageError
from serbench.plane import Plane, keep, kept, laid_out
from serbench.representing import Represented
from serbench.store import Store

CLASSES = ("anger", "neutral", "sadness")
TRIAL = "ab" * 32


def made(count=18, speakers=3, **changes):
    truth = np.arange(count) % 3
    said = np.where(np.arange(count) < 3, (truth + 1) % 3, truth)
    vectors = np.random.default_rng(0).normal(size=(count, 5)) + 9 * np.eye(5)[truth]
    facts = {
        "trial": TRIAL, "title": "net loso toy 1", "test": "toy",
        "vectors": vectors.astype(np.float32), "classes": CLASSES, "truth": truth, "said": said,
        "speakers": tuple(f"s{i % speakers}" for i in range(count)),
        "ids": tuple(f"toy/{i}" for i in range(count)), "same": None,
    }  # fmt: skip
    return Represented(**{**facts, **changes})


@pytest.fixture(scope="module")
def plane():
    return laid_out(made())


def test_it_is_the_same_each_time(plane):
    assert laid_out(made()) == plane
    assert plane.perplexity == pytest.approx(17 / 3)
    assert plane.silhouette > 0.7  # classes nine standard deviations apart


def test_neighbours_in_the_plane_are_of_one_class(plane):
    points = np.array(plane.points)
    away = np.linalg.norm(points[:, None] - points[None], axis=-1)
    np.fill_diagonal(away, np.inf)
    truth = np.array(plane.truth)
    assert (truth[away.argmin(axis=1)] == truth).mean() > 0.9


def test_of_a_single_class_nothing_lies_apart():
    assert laid_out(made(truth=np.zeros(18, int))).silhouette is None


def test_too_few_and_a_perplexity_that_cannot_be():
    with pytest.raises(UsageError, match="6 test utterances"):
        laid_out(made(6))
    with pytest.raises(UsageError, match="--perplexity 18"):
        laid_out(made(), 18)


def test_what_is_kept_comes_back(plane, tmp_path):
    store = Store(tmp_path)
    keep(store, plane)
    assert list(kept(store, [TRIAL, "cd" * 32])) == [plane]
    assert list(kept(store, ["cd" * 32])) == []
    assert list(kept(Store(tmp_path / "none"), [TRIAL])) == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda record: record | {"said": record["truth"]},  # all right, and the digest of before
        lambda record: record | {"format": 2},
        lambda record: [record],
        lambda record: record | {"trial": "cd" * 32},
    ],
)
def test_what_was_altered_is_not_shown(plane, tmp_path, spoil):
    path = keep(Store(tmp_path), plane)
    path.write_text(json.dumps(spoil(json.loads(path.read_text()))))
    assert list(kept(Store(tmp_path), [TRIAL])) == []


def test_what_is_torn_is_not_shown_and_drawn_again_it_is(plane, tmp_path):
    store = Store(tmp_path)
    path = keep(store, plane)
    path.write_bytes(path.read_bytes()[:-20])
    assert list(kept(store, [TRIAL])) == []
    path.write_text("[" * 200_000)
    assert list(kept(store, [TRIAL])) == []
    keep(store, plane)
    assert list(kept(store, [TRIAL])) == [plane]


@pytest.mark.parametrize(
    "wrong",
    [{"truth": (0,)}, {"said": (7,) * 18}, {"points": ((np.nan, 0.0),) * 18}],
    ids=["too few", "no such class", "nowhere"],
)
def test_a_plane_holds_together(plane, wrong):
    from dataclasses import replace

    with pytest.raises(ValueError, match="plane"):
        replace(plane, **wrong)
    assert isinstance(plane, Plane)
