"""The map of an utterance's attention."""

from __future__ import annotations

import numpy as np
import pytest

from serbench.attending import Attended
from serbench.figures.attention import described, draw


@pytest.fixture
def found():
    weights = np.zeros((3, 6), dtype=np.float32)
    weights[0, :2], weights[1, 2:4], weights[2, 4:] = (0.75, 0.25), (0.5, 0.5), (0.9996, 0.0004)
    return Attended("t", "x", "x/1", "so it is", "anger", "sadness", weights, None, 9)


def test_only_what_is_listened_to_is_drawn(found):
    spec = draw(found, ("frame", "token")).to_dict()
    cells = (spec.get("data") or spec["layer"][0]["data"])["values"]
    assert [(cell["row"], cell["column"]) for cell in cells] == [
        (0, 0), (0, 1), (1, 2), (1, 3), (2, 4),
    ]  # fmt: skip
    assert max(cell["strength"] for cell in cells) == 1
    encoding = spec["layer"][0]["encoding"]
    assert encoding["x"]["scale"]["domain"] == [0, 6]
    assert (encoding["x"]["title"], encoding["y"]["title"]) == ("frame", "token")


def test_it_is_told_in_words(found):
    told = described(found)
    assert '3 tokens over 6 frames in x/1, "so it is": anger, told sadness' in told
    assert "frames 0 to 4" in told
