"""The figure of curves: its numbers, its formats, and the command that draws it."""

import json
import re

import numpy as np
import pytest
from typer.testing import CliRunner

from serbench.cli import plot
from serbench.curves import Course, Mark
from serbench.errors import UsageError
from serbench.figures.curves import FITS, NOTE, described, draw
from serbench.figures.room import fitted, measured, points
from serbench.figures.saving import save


def course(**fields):
    return Course(**{
        "corpora": ("emodb",), "protocol": "last-epoch", "labels": "own", "model": "timnet",
        "variant": "epochs=3", "selection": "last", "folds": 10, "seeds": 2,
        "epochs": np.array([1, 2, 3]), "loss": np.array([2.0, 1.0, 0.5]),
        "accuracy": np.array([0.3, 0.6, 0.9]), "test_loss": np.array([1.9, 1.2, 1.4]),
        "scores": {"ua": np.array([0.2, np.nan, 0.5]), "wa": np.array([0.25, 0.7, 0.6])},
        "marks": (
            Mark("last", (3, 3, 3, 3), {"ua": 0.5, "wa": 0.6}),
            Mark("best-on-test", (1, 2, 2, 3), {"ua": 0.55, "wa": 0.72}),
        ),
        **fields,
    })  # fmt: skip


@pytest.fixture(scope="module")
def spec():
    """One course, drawn, as Vega-Lite."""
    return draw([course()]).to_dict()


@pytest.fixture(scope="module")
def two():
    """The chart of two courses."""
    return draw([course(), course(model="dblmm")])


def records(spec):
    """Every record that is drawn."""
    found = []

    def walk(part):
        if isinstance(part, dict):
            found.extend(part.get("values", []) if isinstance(part.get("values"), list) else [])
            for value in part.values():
                walk(value)
        elif isinstance(part, list):
            for value in part:
                walk(value)

    walk(spec)
    return [record for record in found if isinstance(record, dict)]


def test_numbers_that_are_drawn(spec):
    drawn = records(spec)
    lines = [record for record in drawn if "rule" not in record]
    assert len(lines) == 3 * 2 + 3 * 3  # losses, then training accuracy, UA and WA
    assert {"epoch": 2, "series": "test", "value": 1.2} in lines
    assert {"epoch": 3, "series": "training", "value": 0.9} in lines
    assert {"epoch": 3, "series": "test WA", "value": 0.6} in lines
    assert {"epoch": 2, "series": "test UA", "value": None} in lines  # undefined: a gap
    best = {"rule": "best-on-test", "series": "test WA", "value": 0.72, "epoch": 2.0}
    assert best | {"from": 1.75, "to": 2.25} in drawn


def test_words_for_who_cannot_see_it(spec):
    text = described([course(), course(corpora=("a", "b"), labels="shared5", variant="")])
    assert text == (
        "timnet epochs=3 on emodb under last-epoch: last UA 50.0 WA 60.0, best-on-test UA 55.0 "
        "WA 72.0; timnet on a+b under last-epoch, shared5: last UA 50.0 WA 60.0, best-on-test "
        "UA 55.0 WA 72.0"
    )
    assert spec["description"] == described([course()])


def test_a_mark_of_other_trainings_says_so():
    val = Mark("val", (2, 2), {"ua": 0.35, "wa": 0.42}, apart=True)
    own = Mark("val", (2, 2), {"ua": 0.35, "wa": 0.42})
    for mark, name in ((val, "val (other trainings)"), (own, "val")):
        one = course(marks=(mark,))
        spec = draw([one]).to_dict()
        assert {record["rule"] for record in records(spec) if "rule" in record} == {name}
        assert f'"domain": ["{name}"]' in json.dumps(spec)  # of the legend
        assert described([one]).endswith(f"{name} UA 35.0 WA 42.0")


@pytest.mark.parametrize(
    ("last", "ticks"),
    [(1, [1]), (3, [1, 2, 3]), (15, [2, 4, 6, 8, 10, 12, 14]), (60, [10, 20, 30, 40, 50, 60])],
)
def test_epochs_are_whole_numbers(tmp_path, last, ticks):
    line = np.linspace(0.2, 0.8, last)
    scores = {"ua": line}
    marks = (Mark("best-on-test", (1, last), {"ua": 0.5}),)
    one = course(
        epochs=np.arange(1, last + 1), loss=line, accuracy=line, test_loss=line, scores=scores,
        marks=marks, folds=1, seeds=1,
    )  # fmt: skip
    text = json.dumps(draw([one]).to_dict())
    axes = re.findall(r'"title": "epoch", "values": (\[[^]]*\])', text)
    assert [json.loads(found) for found in axes] == [ticks] * 4  # two lines, bars and points
    assert '"1 fold, 1 seed; ' in text


def test_only_what_is_drawn_stands_in_the_legend(spec):
    scale = course(
        scores={"acc7": np.array([0.1, 0.2, 0.3]), "mae": np.array([1.9, 1.2, 1.4])},
        marks=(Mark("last", (3,), {"acc7": 0.3, "mae": 1.4}),),
    )
    sentiment = str(draw([scale]).to_dict())
    assert "test ACC7" in sentiment
    assert "test UA" not in sentiment
    assert "test ACC7" not in str(spec)


@pytest.mark.parametrize("ending", ["svg", "png", "pdf"])
def test_files(two, tmp_path, ending):
    figure = tmp_path / f"curves.{ending}"
    save(two, figure, "curves")
    head = {"svg": b"<svg", "png": b"\x89PNG", "pdf": b"%PDF"}[ending]
    assert figure.read_bytes().startswith(head)
    if ending == "svg":
        again = tmp_path / "again.svg"
        save(draw([course(), course(model="dblmm")]), again, "curves")
        assert again.read_bytes() == figure.read_bytes()


def test_command_refuses_what_it_cannot_draw(tmp_path):
    run = CliRunner().invoke
    for arguments, said in (
        (["-o", "curves.gif"], "ends in .svg"),
        (["-o", "c.svg", "--results", str(tmp_path / "none")], "does not exist"),
        (["-o", "c.svg", "--results", str(tmp_path), "--model", "svm"], "no finished row of svm"),
    ):
        error = run(plot.app, ["curves", *arguments]).exception
        assert isinstance(error, UsageError)
        assert said in str(error)


def test_no_mark_covers_another(spec):
    rules = [record["rule"] for record in records(spec) if "rule" in record]
    assert rules[:4] == ["best-on-test"] * 2 + ["last"] * 2  # the smallest lies on top
    (sizes,) = {
        tuple(layer["encoding"]["size"]["scale"]["range"])
        for row in spec["vconcat"]
        for panel in row["hconcat"]
        for layer in panel.get("layer", [])
        if "size" in layer.get("encoding", {})
    }
    assert sizes[0] < sizes[1]


def test_the_caption_explains_bars():
    assert "a bar through it spans the middle half" in NOTE


@pytest.mark.slow
def test_curves_fit_a_column(two):
    chart, scale = fitted(
        lambda room: draw([course(), course(model="dblmm")], room), FITS, points("column")
    )
    assert measured(chart) * scale <= 252
