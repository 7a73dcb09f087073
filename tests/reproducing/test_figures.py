"""The registered figures, and what a results folder holds of each panel."""

from __future__ import annotations

import json

import numpy as np
import pytest

from serbench import metrics
from serbench.attending import chosen
from serbench.literature import literature
from serbench.reproducing import again
from serbench.reproducing.figure import Panel, PaperFigure, printed
from serbench.reproducing.measured import Sought
from serbench.reproducing.picture import ends, picture
from serbench.reproducing.shelf import find, names

FIGURES = [name for name in names() if isinstance(find(name), PaperFigure)]
SETTINGS = {"epochs": 100}


@pytest.mark.parametrize("name", FIGURES)
def test_a_panel_asks_for_the_training_that_its_numbers_are_of(name):
    figure = find(name)
    assert figure.name == name
    assert figure.title
    assert len({panel.title for panel in figure.panels}) == len(figure.panels)
    for panel in figure.panels:
        numbers = printed(figure, panel, literature())
        assert bool(numbers) == bool(panel.numbers)
        for one in numbers:
            assert Sought.of(one).question == panel.sought.question
            assert one.settings == panel.settings


def test_a_released_matrix_gives_what_the_paper_prints():
    figure = find("sdcaff-confusion")
    (panel,) = (panel for panel in figure.panels if panel.counts)
    counts = np.array(panel.counts)
    assert counts.sum() == 2948
    found = {"wa": metrics.wa(counts), "ua": metrics.ua(counts)}
    recalls = metrics.recalls(counts)
    found |= {f"recall_{name}": r for name, r in zip(panel.classes, recalls, strict=True)}
    pooled = [one for one in printed(figure, panel, literature()) if one.aggregation == "pooled"]
    assert len(pooled) == 6
    for one in pooled:
        assert 100 * found[one.metric] == pytest.approx(one.number, abs=0.006), one.metric


def test_another_corpus_in_place_of_the_papers_has_nothing_printed():
    figure = find("sdcaff-confusion").on(["emodb"]).of(["sdcaff"])
    (panel,) = figure.panels
    assert (panel.corpus, panel.labels, panel.numbers, panel.counts) == ("emodb", "own", (), ())
    assert panel.instead == ("on emodb where the paper has iemocap, label space sdcaff4",)
    six = find("timnet-fig2")
    assert [panel.corpus for panel in six.on(["savee", "emodb"]).panels] == ["savee", "emodb"]
    assert not six.on(["savee"]).panels[0].instead
    assert six.on([]) is six


def test_a_measured_matrix_stands_beside_the_recalls_of_the_text(add, store):
    add("dblmm", lambda trial: 14, settings=SETTINGS)
    found = picture(find("dblmm-fig3"), store, {})
    (shown,) = found.panels
    assert (shown.state, shown.deviations, found.drawable) == ("measured", (), (shown,))
    assert shown.counts is not None
    assert shown.counts.sum() == 6 * 21
    assert metrics.recalls(shown.counts) == pytest.approx([2 / 3] * 7)
    anger = shown.cells[0]
    assert anger.published.metric == "recall_anger"
    assert anger.difference == pytest.approx(100 * 2 / 3 - 95.32)
    rows = found.records()
    assert len({tuple(row) for row in rows}) == 1
    assert sum(row["ours"] for row in rows if row["quantity"] == "utterances") == 6 * 21
    told = json.loads(json.dumps(found.record(), default=float))
    assert told["panels"][0]["counts"] == shown.counts.tolist()


def test_other_settings_and_another_corpus_are_told(add, store):
    add("dblmm", lambda trial: 9, settings={"epochs": 5}, variant={"epochs": 5}, corpus="ravdess")
    figure = find("dblmm-fig3")
    assert picture(figure, store, {}).drawable == ()
    (shown,) = picture(figure.on(["ravdess"]), store, {}).panels
    assert shown.state == "deviates"
    assert shown.deviations == (
        "on ravdess where the paper has emodb", "epochs=5 where the paper has 100",
    )  # fmt: skip
    assert "with its settings: serbench run --model dblmm" in shown.notes[0]
    assert "--corpus ravdess" in shown.notes[0]


def test_a_released_matrix_follows_the_order_of_our_classes(add, store):
    figure = find("dblmm-fig3")
    own = figure.panels[0]
    classes = ("sadness", "anger", "boredom", "disgust", "fear", "happiness", "neutral")
    counts = np.arange(49).reshape(7, 7)
    panel = Panel(
        own.method, own.model, own.settings, own.protocol, own.corpus,
        classes=classes, counts=counts.tolist(),
    )  # fmt: skip
    made = PaperFigure("mine", "DBL-MM", "", "mine", "me", "confusion", (panel,))
    add("dblmm", lambda trial: 9, settings=SETTINGS)
    (shown,) = picture(made, store, {}).panels
    assert shown.classes[:2] == ("anger", "boredom")
    assert shown.released is not None
    assert shown.released[0].tolist() == [8, 9, 10, 11, 12, 13, 7]
    (bare,) = picture(made, None, {}).panels
    assert bare.released is not None
    assert bare.released.tolist() == counts.tolist()


def test_curves_need_epochs(add, store):
    folds = tuple(f"{n:02}" for n in range(1, 11))
    more = {"settings": {"epochs": 500}, "protocol": "last-epoch", "folds": folds}
    figure = find("timnet-fig2").on(["emodb"])
    add("timnet", lambda trial: 7, **more)
    found = picture(figure, store, {})
    assert found.drawable == ()
    assert "its epochs were not kept" in found.panels[0].notes


def test_curves_end_in_the_scores_of_the_table(add, store):
    folds = tuple(f"{n:02}" for n in range(1, 11))
    add(
        "timnet", lambda trial: 7, best=lambda trial: 14, settings={"epochs": 500},
        protocol="last-epoch", folds=folds,
    )  # fmt: skip
    (shown,) = picture(find("timnet-fig2").on(["emodb"]), store, {}).drawable
    assert shown.course is not None
    end = dict(ends(shown.course))
    assert (end["epochs"], end["training_loss"], end["training_accuracy"]) == (2, 1.0, 50.0)
    assert end["test_wa"] == pytest.approx(100 / 3)
    by_rule = {(cell.published.selection, cell.published.metric): cell for cell in shown.cells}
    last, best = by_rule["last", "wa"], by_rule["best-on-test", "wa"]
    assert last.ours is not None
    assert best.ours is not None
    assert (last.ours.number, best.ours.number) == pytest.approx((1 / 3, 2 / 3))


def test_a_digest_gives_way_to_the_place_that_has_it(monkeypatch):
    class Choice:
        def __init__(self):
            self.settings = {"epochs": 5, "encoder": "/here/wavlm"}

        @classmethod
        def of(cls, model, own):
            assert own == {"encoder": "/here/wavlm"}
            return cls()

        def identity(self):
            return {"settings": {"epochs": 5, "encoder": "wavlm:12ab"}}

    monkeypatch.setattr(again, "ModelChoice", Choice)
    asked = [("", "encoder", "/here/wavlm"), ("other", "epochs", "7")]
    stored = {"epochs": 2, "encoder": "wavlm:12ab"}
    assert again.stored_settings("swrr", stored, asked) == {"epochs": 2, "encoder": "/here/wavlm"}
    other = {"epochs": 2, "encoder": "wavlm:99ff"}
    assert again.stored_settings("swrr", other, asked) == other


def test_the_utterance_is_the_first_that_was_told_right():
    ids = ["c", "b", "a", "d"]
    assert chosen(ids, np.array([True, True, False, True])) == 1
    assert chosen(ids, np.zeros(4, dtype=bool)) == 2
