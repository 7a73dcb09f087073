"""What canaries reach on real corpora, in points of UA.

Reference figures were computed apart from serbench, on the utterances, texts and durations that
EmoBox lists (commit 08280f2), by the rule of :mod:`serbench.canaries.lookup`. Where serbench does
otherwise on purpose, the test says by how much.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from serbench.canaries.canary import Lookup
from serbench.canaries.flock import as_predictions
from serbench.canaries.predict import AUDITED, predict
from serbench.canaries.significance import verdict
from serbench.registry import load
from serbench.scores import class_scores
from serbench.testing.forge import forge_corpus


def reach(listing, name, canary=None):
    """UA in points."""
    flock = predict(listing, {name: canary or AUDITED[name]})
    return 100 * verdict(flock, name).ua


def lasting(listing):
    """Durations in 20 bins that are cut over the whole corpus, the test set with it."""
    seconds = np.array([item.duration for item in listing.items])
    edges = np.quantile(seconds, np.arange(1, 20) / 20)
    bins = np.searchsorted(edges, seconds, side="right").tolist()
    by_id = dict(zip((item.id for item in listing.items), bins, strict=True))
    return Lookup("how long it lasts", lambda item: by_id[item.id])


def test_emodb_text(released, random_folds, left_out):
    """Reference 17.8. The sentences are not spread evenly over the emotions."""
    assert reach(left_out(released("emodb")), "text") == pytest.approx(17.82, abs=0.01)
    assert reach(random_folds(released("emodb")), "text") == pytest.approx(12.58, abs=0.01)


def test_emodb_duration(released, random_folds, left_out):
    """Reference 23.6, with bins over the whole corpus; serbench cuts them on the training set."""
    listing = left_out(released("emodb"))
    assert reach(listing, "whole", lasting(listing)) == pytest.approx(23.64, abs=0.01)
    assert reach(listing, "duration") == pytest.approx(25.13, abs=0.01)
    assert reach(random_folds(listing), "duration") == pytest.approx(25.54, abs=0.01)


def test_emodb_speaker_and_text(released, random_folds):
    """Reference 3.3, far below chance: few sentences are spoken twice by one in one emotion."""
    found = [reach(random_folds(released("emodb"), seed=s), "speaker-text") for s in range(10)]
    assert np.mean(found) == pytest.approx(3.28, abs=0.01)
    assert max(found) < 4
    flock = predict(random_folds(released("emodb")), AUDITED)
    assert verdict(flock, "speaker-text").misleads
    assert verdict(flock, "duration").tells
    assert abs(verdict(flock, "text").z) < 3
    assert verdict(flock, "majority").ua == pytest.approx(1 / 7)


def test_ravdess_duration(released, random_folds, left_out):
    """Reference 18.6, with bins over the whole corpus and ties in alphabetical order."""
    listing = left_out(released("ravdess"))
    sorted_ = dataclasses.replace(listing, classes=tuple(sorted(listing.classes)))
    assert reach(sorted_, "whole", lasting(listing)) == pytest.approx(18.62, abs=0.01)
    assert reach(listing, "duration") == pytest.approx(18.75, abs=0.01)
    assert reach(random_folds(listing), "duration") == pytest.approx(19.27, abs=0.01)


def test_ravdess_intensity(released, left_out):
    """Reference 18.8: neutral is never strong, so the digit tells it from half of all others."""
    intensity = Lookup("intensity", lambda item: item.file.split("-")[3])
    assert reach(left_out(released("ravdess")), "digit", intensity) == pytest.approx(18.75)


@pytest.mark.parametrize(("corpus", "classes"), [("casia", 6), ("emovo", 7), ("ravdess", 8)])
def test_corpora_whose_texts_are_all_spoken_in_every_emotion(
    corpus, classes, released, left_out, random_folds
):
    """Exactly chance with whole speakers apart; under random folds far below it."""
    assert reach(left_out(released(corpus)), "text") == pytest.approx(100 / classes, abs=1e-9)
    assert verdict(predict(random_folds(released(corpus))), "text").misleads


def of_iemocap(listing, random_folds, left_out):
    """UA in points of its look-ups, and the WA of one, under three divisions."""
    dialogue = predict(random_folds(listing), {"dialogue": AUDITED["dialogue"]})
    trials = {(0, fold): p for (fold, _), p in as_predictions(dialogue, "dialogue").items()}
    scores = class_scores(trials)
    return {
        "dialogue, random": 100 * scores.ua.estimate,
        "dialogue, random, WA": 100 * scores.wa.estimate,
        "scenario, session out": reach(left_out(listing, "session"), "scenario"),
        "scenario, speaker out": reach(left_out(listing), "scenario"),
        "dialogue, speaker out": reach(left_out(listing), "dialogue"),
        "speaker, random": reach(random_folds(listing), "speaker"),
    }


def of_improvised(listing, random_folds):
    """The dialogue under five random folds, each turn once: UA and WA in points."""
    once = tuple(item for item in listing.items if "#" not in item.id)
    flock = predict(random_folds(dataclasses.replace(listing, items=once), k=5))
    confusion = flock.confusion("dialogue")
    wa = 100 * np.trace(confusion) / confusion.sum()
    return len(once), 100 * verdict(flock, "dialogue").ua, wa


@pytest.mark.corpus("IEMOCAP")
def test_iemocap(licensed_corpus, annotated, random_folds, left_out):
    """References 73.4 (WA 71.4), 70.6, 70.7, 54.8 and 34.0: above published models of speech."""
    listing = annotated("iemocap", licensed_corpus("IEMOCAP"), "iemocap4")
    assert len(listing.items) == 5531
    found = list(of_iemocap(listing, random_folds, left_out).values())
    assert found == pytest.approx([73.4, 71.4, 70.6, 70.7, 54.8, 34.0], abs=0.3)


@pytest.mark.corpus("IEMOCAP")
def test_iemocap_improvised(licensed_corpus, annotated, random_folds):
    """References 81.1 (WA 76.5), excited turns standing for happiness, each turn once."""
    listing = annotated("iemocap", licensed_corpus("IEMOCAP"), "sdcaff4")
    turns, ua, wa = of_improvised(listing, random_folds)
    assert turns == 2659
    assert (ua, wa) == pytest.approx((81.1, 76.5), abs=0.5)


@pytest.fixture(scope="module")
def forged_iemocap(tmp_path_factory):
    root = tmp_path_factory.mktemp("forged") / "iemocap"
    corpus = load("corpora", "iemocap")()
    forge_corpus(corpus, root, seconds=(0.1, 0.12), rate=8000, per_cell=6, silent=True)
    return root


def test_a_forged_iemocap_has_all_that_is_looked_up(
    forged_iemocap, annotated, random_folds, left_out
):
    """What the licensed corpus is asked, of annotations alike in form and forged in content."""
    listing = annotated("iemocap", forged_iemocap, "iemocap4", forged=True)
    assert len(left_out(listing, "session").splits) == 5
    found = of_iemocap(listing, random_folds, left_out)
    assert np.isfinite(list(found.values())).all()
    improvised = annotated("iemocap", forged_iemocap, "sdcaff4", forged=True)
    turns, ua, wa = of_improvised(improvised, random_folds)
    assert turns > 0
    assert np.isfinite([ua, wa]).all()
