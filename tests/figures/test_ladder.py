"""The figure of a ladder: what stands in it, on which scale, and in which words."""

import json
import re

import numpy as np
import pytest

from serbench.figures.ladder import described, draw
from serbench.figures.saving import save
from serbench.inflation.ladder import Ladder, Rung, difference, mean_ua
from serbench.inflation.steps import STEPS
from serbench.intervals import jackknife_over_seeds


def counts(right):
    """Confusion matrices [1, 4 speakers, 1, 2, 2]; of ten of each class so many are told right."""
    made = np.zeros((1, 4, 1, 2, 2), np.int64)
    for speaker, hits in enumerate(right):
        made[0, speaker, 0] = [[hits, 10 - hits], [10 - hits, hits]]
    return made


HITS = {
    "kfold/best-on-test": (10, 10, 9, 9), "kfold/last": (8, 8, 8, 8), "loso/last": (6, 7, 6, 7),
    "cross-corpus/last": (5, 6, 7, 8),
}  # fmt: skip


def ladder(hits=HITS, model="net", every=None, **changes):
    """``every`` is what stands on each of the measured rungs."""
    every = every or {}
    rungs, above = [], None
    for step in STEPS:
        if step.key not in hits:
            rungs.append(Rung(step, missing="it does not fit"))
            continue
        here = counts(hits[step.key])
        by = None if above is None else difference(above, here)
        ua = jackknife_over_seeds(here, mean_ua)
        rungs.append(Rung(step, ua=ua, wa=ua, inflation=by, counts=here, **every))
        above = here
    facts = {
        "model": model, "version": "1", "variant": "hidden=4", "corpus": "toy",
        "sources": ("other",), "labels": "shared5", "classes": ("low", "high"),
        "target_access": "none", "partial": False, "altered": False, "utterances": 80,
        "speakers": 4, "seeds": (0,), "unpaired": (), "rungs": tuple(rungs), "total": None,
    }  # fmt: skip
    return Ladder(**{**facts, **changes})


def values(figure, name):
    """Every value of a field in the data of a figure, in its order, each layer's once."""
    found = []

    def look(node):
        if isinstance(node, dict):
            for row in node.get("data", {}).get("values", []):
                if name in row and row not in found:
                    found.append(row)
            for one in node.values():
                look(one)
        elif isinstance(node, list):
            for one in node:
                look(one)

    look(figure.to_dict())
    return [row[name] for row in found]


def test_measured_steps_stand_from_top_to_bottom():
    figure = draw([ladder()])
    assert values(figure, "label") == [
        "random folds,\nbest epoch", "random folds,\nlast epoch", "one speaker\nout",
        "another\ncorpus",
    ]  # fmt: skip
    shown = [value for value in values(figure, "ua") if value != 50.0]
    assert shown == pytest.approx([95.0, 80.0, 65.0, 65.0])
    assert 50.0 in values(figure, "ua")  # chance, of two classes
    assert values(figure, "ranked") == ["not ranked", "ranked", "ranked", "ranked"]


def test_differences_stand_between_their_steps_pale_where_not_shown():
    figure = draw([ladder()])
    assert values(figure, "by") == ["+15.0", "+15.0", "+0.0"]
    between = [0.5, 1.5, 2.5]
    assert values(figure, "place")[-3:] == between
    first, second, third = values(figure, "ink")
    assert first == second != third
    assert values(figure, "interval")[2].startswith("[\N{MINUS SIGN}")


def test_a_model_that_broke_a_rule_is_hollow_and_says_so():
    figure = draw([ladder(every={"broken": {"L22": 4}}), ladder(every={"broken": {}})])
    cheat, clean = figure.to_dict()["vconcat"]
    assert cheat["title"]["subtitle"][1:] == ["BROKE L22: UNRANKED"]
    assert clean["title"]["subtitle"][1:] == []
    assert values(draw([ladder(every={"broken": {"L22": 4}})]), "ranked") == ["not ranked"] * 4
    assert len(set(values(draw([ladder(every={"broken": {"L22": 4}})]), "ink"))) == 1
    assert "net hidden=4 broke L22 (in 12 trials)" in described(
        [ladder(every={"broken": {"L22": 4}})]
    )


def test_the_same_folds_are_no_difference():
    figure = draw(
        [
            ladder(
                {"kfold-speaker/last": (8, 8, 8, 8), "loso/last": (6, 7, 6, 7)},
                every={"same_folds_as": "kfold-speaker/last"},
            )
        ]
    )
    assert (values(figure, "by"), values(figure, "interval")) == (["the same"], ["folds"])


def test_a_full_score_stands_clear_of_the_differences(tmp_path):
    full = dict.fromkeys(("kfold/last", "loso/last"), (10, 10, 10, 10))
    save(draw([ladder(full)]), tmp_path / "full.svg", "full")
    drawn = (tmp_path / "full.svg").read_text()

    def places(text):
        """Where it is drawn across the panel, in pixels."""
        found = re.findall(rf'translate\(([-\d.]+),[-\d.]+\)"[^>]*>{re.escape(text)}<', drawn)
        return [float(place) for place in found]

    half = 17  # pixels of "100.0" at the size that it is set in, from its middle
    assert max(places("100.0")) + half < min(places("[0.0, 0.0]"))


def test_panels_share_a_scale_that_holds_all_ends():
    low = ladder({"kfold/last": (10, 10, 10, 10), "loso/last": (1, 2, 1, 2)}, model="other")
    text = json.dumps(draw([ladder(), low]).to_dict())
    spans = {tuple(json.loads(found)) for found in re.findall(r'"domain": (\[[-\d., ]+\])', text)}
    assert {span for span in spans if span[1] > 50} == {(0.0, 100.0)}


def test_words_for_who_cannot_see_it():
    told = described([ladder()])
    assert told.startswith("net hidden=4 on toy: random folds, best epoch 95.0, ")
    assert "random folds flatter net hidden=4 on toy by 15.0 points" in told


def test_a_step_without_an_interval_or_a_score_is_drawn_all_the_same(tmp_path):
    one = ladder({"loso/last": (5, 7, 6, 8)})
    save(draw([one]), tmp_path / "one.svg", described([one]))
    none = np.zeros((1, 4, 1, 2, 2), np.int64)
    none[:, :, :, 0, 0] = 3  # nobody speaks the second class: UA is undefined
    rungs = [
        Rung(step, ua=jackknife_over_seeds(none, mean_ua), inflation=difference(none, none))
        for step in STEPS[1:3]
    ]
    undefined = ladder(rungs=tuple(rungs))
    save(draw([undefined]), tmp_path / "none.svg", described([undefined]))
    assert "undefined" in (tmp_path / "none.svg").read_text()


@pytest.mark.parametrize("kind", ["svg", "png", "pdf"])
def test_it_is_saved(tmp_path, kind):
    made = ladder()
    save(draw([made]), tmp_path / f"ladder.{kind}", described([made]))
    assert (tmp_path / f"ladder.{kind}").stat().st_size > 2000
