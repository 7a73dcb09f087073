"""Forest plot, confusion matrices and small curves: their numbers and their words."""

from types import SimpleNamespace

import numpy as np
import pytest

from serbench.curves import Course, Mark
from serbench.figures import confusion, epochs, forest
from serbench.intervals import Interval

NAN = float("nan")


def row(model, estimate, low, high, **other):
    headline = Interval(estimate, low, high, 0.1, 9, "jackknife")
    return SimpleNamespace(**{
        "model": model, "variant": "", "selection": "last", "canary": False, "ranked": True,
        "scores": SimpleNamespace(headline=headline), **other,
    })  # fmt: skip


@pytest.fixture(scope="module")
def board():
    return SimpleNamespace(chance=0.25, rows=(
        row("good", 0.8, 0.7, 1.05), row("fair", 0.5, NAN, NAN, variant="epochs=3"),
        row("flattered", 0.9, 0.8, 0.95, selection="best-on-test", ranked=False),
        row("none", NAN, NAN, NAN), row("canary: text", 0.3, 0.2, 0.4, canary=True, ranked=False),
        row("unfinished", 0, 0, 0, scores=None),
    ))  # fmt: skip


def test_a_forest_of_what_has_a_score(board):
    drawn = list(forest.records(board))
    assert [one["name"] for one in drawn] == [
        "good", "fair epochs=3", "flattered (best-on-test)", "text (canary)",
    ]  # fmt: skip
    assert (drawn[0]["low"], drawn[0]["high"]) == (70, 100)  # cut to what UA can reach
    assert drawn[1]["low"] is None
    assert drawn[2]["fill"] == "white"
    assert [one["kind"] for one in drawn] == ["ranked", "ranked", "not ranked", "canary"]
    assert "good 80.0  [70.0, 100.0]" in forest.described(board)
    spec = forest.draw(board).to_dict()
    assert spec["height"] == 4 * forest.LINE
    with pytest.raises(ValueError, match="no forest"):
        forest.draw(SimpleNamespace(chance=0.25, rows=board.rows[3:4]))


def test_shares_are_of_rows():
    one = confusion.Matrix("m", ("a", "b"), np.array([[3, 1], [0, 0]]))
    cells = list(confusion.records([one]))
    assert [cell["percent"] for cell in cells] == [75, 25, None, None]
    assert sum(cell["n"] for cell in cells) == 4
    assert confusion.described([one]) == (
        "m: recall of a 75%, b none; most often mistaken a for b, 25% of it"
    )
    perfect = confusion.Matrix("p", ("a", "b"), np.array([[2, 0], [0, 2]]))
    assert confusion.described([perfect]) == "p: recall of a 100%, b 100%"
    spec = confusion.draw([one, perfect]).to_dict()
    assert spec["facet"]["sort"] == ["m", "p"]
    strengths = [cell["strength"] for cell in spec["data"]["values"]]
    assert max(strengths) == confusion.STRONGEST
    with pytest.raises(ValueError, match="named apart"):
        confusion.draw([one, one])


def test_curves_and_where_rules_stop():
    course = Course(
        ("emodb",), "loso", "own", "timnet", "epochs=3", "last", 10, 1, np.array([1, 2, 3]),
        np.array([2.0, 1.0, 0.5]), np.array([0.3, 0.6, 0.9]), np.array([1.9, 1.2, 1.4]),
        {"ua": np.array([0.2, np.nan, 0.5])},
        (Mark("best-on-test", (1, 2, 2, 3), {"ua": 0.55, "wa": 0.72}),),
    )  # fmt: skip
    drawn = list(epochs.records([course]))
    assert [one["value"] for one in drawn if one["series"] == "test UA"] == [0.2, None, 0.5, 0.55]
    mark = next(one for one in drawn if one["rule"] and one["series"] == "test UA")
    assert (mark["epoch"], mark["value"]) == (2.0, 0.55)
    assert epochs.described([course]) == "timnet epochs=3: best-on-test UA 55.0 WA 72.0"
    assert epochs.draw([course]).to_dict()["columns"] == 1
