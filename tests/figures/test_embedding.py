"""The plane of test utterances: laid out the same each time, and told in words."""

from dataclasses import replace

import numpy as np
import pytest

from serbench.errors import UsageError
from serbench.figures.embedding import COLOURS, FORMS, data, described, draw
from serbench.plane import Plane

CLASSES = ("anger", "neutral", "sadness")


def made(speakers=3):
    truth = np.arange(18) % 3
    angle = np.arange(18) * 0.7
    return Plane(
        trial="ab" * 32, title="net loso toy 1", test="toy", classes=CLASSES,
        truth=tuple(truth.tolist()), said=tuple(((truth + (np.arange(18) < 3)) % 3).tolist()),
        speakers=tuple(f"s{i % speakers}" for i in range(18)),
        ids=tuple(f"toy/{i}" for i in range(18)),
        points=tuple(
            zip((9 * truth + np.cos(angle)).tolist(), np.sin(angle).tolist(), strict=True)
        ),
        dims=5, perplexity=17 / 3, silhouette=0.8, same=None,
    )  # fmt: skip


@pytest.fixture(scope="module")
def plane():
    return made()


def test_it_says_how_it_was_made(plane):
    told = described(plane)
    for word in ("perplexity 5.67", "random state 0", "18 test utterances", "5 dimensions",
                 "15 of them told right", "silhouette by class 0.80"):  # fmt: skip
        assert word in told


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
        draw(made(speakers=9), "speaker")


def test_numbers_are_of_every_utterance(plane):
    rows = data(plane)
    assert [row["id"] for row in rows] == list(plane.ids)
    assert (rows[0]["truth"], rows[0]["said"]) == ("anger", "neutral")


def test_one_class_has_no_silhouette():
    alone = replace(made(), truth=(0,) * 18, silhouette=None)
    assert "silhouette" not in described(alone)
    assert "6 of them told right" in described(alone)


def test_more_classes_than_colours_stay_apart():
    pairs = {
        (COLOURS[i % len(COLOURS)], FORMS[(i + i // len(FORMS)) % len(FORMS)]) for i in range(24)
    }
    assert len(pairs) == 24
