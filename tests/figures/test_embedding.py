"""The plane of test utterances: laid out the same each time, and told in words."""

import numpy as np
import pytest

from serbench.errors import UsageError
from serbench.figures.embedding import COLOURS, FORMS, data, described, draw, embedded
from serbench.representing import Represented

CLASSES = ("anger", "neutral", "sadness")


def made(count=18, speakers=3, **changes):
    truth = np.arange(count) % 3
    said = np.where(np.arange(count) < 3, (truth + 1) % 3, truth)
    vectors = np.random.default_rng(0).normal(size=(count, 5)) + 9 * np.eye(5)[truth]
    facts = {
        "title": "net loso toy 1", "test": "toy", "vectors": vectors.astype(np.float32),
        "classes": CLASSES, "truth": truth, "said": said,
        "speakers": tuple(f"s{i % speakers}" for i in range(count)),
        "ids": tuple(f"toy/{i}" for i in range(count)), "same": None,
    }  # fmt: skip
    return Represented(**{**facts, **changes})


@pytest.fixture(scope="module")
def plane():
    return embedded(made())


def test_it_is_the_same_each_time_and_says_how_it_was_made(plane):
    again = embedded(made())
    np.testing.assert_array_equal(plane.points, again.points)
    assert plane.perplexity == pytest.approx(17 / 3)
    assert plane.silhouette > 0.7  # classes nine standard deviations apart
    told = described(plane)
    for word in ("perplexity 5.67", "random state 0", "18 test utterances", "5 dimensions",
                 "15 of them told right"):  # fmt: skip
        assert word in told


def test_neighbours_in_the_plane_are_of_one_class(plane):
    away = np.linalg.norm(plane.points[:, None] - plane.points[None], axis=-1)
    np.fill_diagonal(away, np.inf)
    truth = plane.of.truth
    assert (truth[away.argmin(axis=1)] == truth).mean() > 0.9


def test_colour_form_and_hollow(plane, forged):
    chart = draw(plane)
    spec = chart.to_dict(validate=False)
    wrong, right = spec["layer"]
    assert (wrong["transform"], right["transform"]) == (
        [{"filter": "!datum.right"}], [{"filter": "datum.right"}],
    )  # fmt: skip
    assert wrong["encoding"]["stroke"]["scale"]["domain"] == list(CLASSES)
    assert wrong["encoding"]["shape"]["scale"]["range"] == list(FORMS[:3])
    assert sum(v["right"] for v in forged.values(chart)) == 15
    assert "sadness" in forged.svg(chart)
    assert min(forged.sizes(chart)) >= 10.67


def test_by_speaker_the_classes_are_named_in_the_plane(plane, forged):
    chart = draw(plane, "speaker")
    assert {v["text"] for v in forged.values(chart) if "text" in v} == set(CLASSES)
    with pytest.raises(UsageError, match="9 speakers"):
        draw(embedded(made(speakers=9)), "speaker")


def test_numbers_are_of_every_utterance(plane):
    rows = data(plane)
    assert [row["id"] for row in rows] == list(plane.of.ids)
    assert (rows[0]["truth"], rows[0]["said"]) == ("anger", "neutral")


def test_too_few_and_a_perplexity_that_cannot_be():
    with pytest.raises(UsageError, match="6 test utterances"):
        embedded(made(6))
    with pytest.raises(UsageError, match="--perplexity 18"):
        embedded(made(), 18)


def test_one_class_has_no_silhouette():
    alone = made(9, truth=np.zeros(9, np.int64))
    assert "silhouette" not in described(embedded(alone))


def test_more_classes_than_colours_stay_apart():
    pairs = {
        (COLOURS[i % len(COLOURS)], FORMS[(i + i // len(FORMS)) % len(FORMS)]) for i in range(24)
    }
    assert len(pairs) == 24
