"""Which epoch is scored: rules, ties, precision, and what choosing by the test set flatters by."""

import numpy as np
import pytest

from serbench import metrics, sentiment
from serbench.errors import StoreError
from serbench.predictions import Predictions
from serbench.ratings import Ratings
from serbench.selection import NoStages, at_epoch, choose, chosen, curve
from serbench.session import Stage

CLASSES = ("anger", "neutral", "sadness")


def probabilities(decided, sure=0.8):
    """Rows whose highest probability is that of the decided class."""
    rows = np.full((len(decided), len(CLASSES)), (1 - sure) / (len(CLASSES) - 1))
    rows[np.arange(len(decided)), decided] = sure
    return rows


def training(truth, *epochs):
    """Stages of what was decided after each epoch, and the predictions after the last."""
    stages = [
        Stage(i, 1 / i, 1 - 1 / i, {"toy": probabilities(decided).astype(np.float16)})
        for i, decided in enumerate(epochs, 1)
    ]
    ids = tuple(f"toy/{i}" for i in range(len(truth)))
    last = probabilities(epochs[-1]).astype(np.float32)
    said = Predictions(CLASSES, ids, ("ann",) * len(truth), np.array(truth), last)
    return stages, said


TRUTH = [0, 0, 0, 0, 1, 1, 2]
STAGES, SAID = training(
    TRUTH,
    [1, 1, 1, 1, 1, 1, 1],  # WA 2/7, UA 1/3
    [0, 0, 0, 1, 1, 0, 0],  # WA 4/7, UA (3/4 + 1/2) / 3
    [0, 0, 0, 0, 0, 0, 0],  # WA 4/7 again
    [0, 1, 1, 1, 1, 0, 2],  # WA 3/7, UA (1/4 + 1/2 + 1) / 3: the best
    [2, 2, 2, 2, 2, 2, 2],  # WA 1/7
)


def test_a_curve_has_the_scores_of_every_epoch():
    found = curve(STAGES, "toy", SAID)
    assert found.epochs.tolist() == [1, 2, 3, 4, 5]
    assert found.loss == pytest.approx([1, 1 / 2, 1 / 3, 1 / 4, 1 / 5])
    assert found.accuracy == pytest.approx([0, 1 / 2, 2 / 3, 3 / 4, 4 / 5])
    assert found.wa == pytest.approx(np.array([2, 4, 4, 3, 1]) / 7)
    assert found.ua == pytest.approx([1 / 3, 1.25 / 3, 1 / 3, 1.75 / 3, 1 / 3])
    for i, stage in enumerate(STAGES):
        decided = metrics.decide(stage.probabilities["toy"])
        assert (found.counts[i] == metrics.confusion(TRUTH, decided, 3)).all()
    right = [-np.log(0.8), -np.log(0.1)]  # of a hit and of a miss
    assert found.distance == pytest.approx([2 * right[0] + 5 * right[1], *[
        hits * right[0] + (7 - hits) * right[1] for hits in (4, 4, 3, 1)
    ]], rel=1e-3)  # fmt: skip
    assert found.size == 7


def test_rules():
    found = curve(STAGES, "toy", SAID)
    assert chosen(found, "last") == 5
    assert chosen(found, "best-on-test") == 2  # the highest WA, the earliest of two
    assert chosen(found, "val") == 4  # the highest UA
    assert chosen(found, "best-on-test-per-metric", "wa") == 2
    assert chosen(found, "best-on-test-per-metric", "ua") == 4


def test_what_a_rule_scores_is_what_was_said_then():
    best = choose("best-on-test", STAGES, "toy", SAID)
    assert best.epochs == {"ua": 2, "wa": 2}
    assert best.said["ua"] is best.said["wa"]
    assert best.said["wa"].probabilities.dtype == np.float32
    assert (best.said["wa"].probabilities == STAGES[1].probabilities["toy"]).all()
    assert best.said["wa"].ids == SAID.ids
    each = choose("best-on-test-per-metric", STAGES, "toy", SAID)
    assert each.epochs == {"ua": 4, "wa": 2}
    assert (each.said["ua"].probabilities == STAGES[3].probabilities["toy"]).all()
    assert choose("last", STAGES, "toy", SAID).said["ua"] is SAID


def test_val_goes_by_who_was_held_out():
    held, held_said = training([0, 1, 2], [0, 1, 2], [0, 1, 2], [0, 0, 0], [1, 1, 1], [2, 2, 2])
    found = choose("val", STAGES, "toy", SAID, curve(held, "toy", held_said))
    assert set(found.epochs.values()) == {1}  # perfect there twice: the earlier, whatever the test
    assert (found.said["ua"].probabilities == STAGES[0].probabilities["toy"]).all()
    with pytest.raises(NoStages, match="nobody was held out"):
        choose("val", STAGES, "toy", SAID)


def test_the_last_epoch_is_the_float32_predictions():
    """In float16 the two are one number, and the tie would go to the other class."""
    close = np.array([[0.3333, 0.33333, 0.33337]], dtype=np.float32)
    assert metrics.decide(close.astype(np.float16))[0] != metrics.decide(close)[0]
    said = Predictions(CLASSES, ("toy/0",), ("ann",), np.array([2]), close)
    stages = [
        Stage(1, 1.0, 0.0, {"toy": np.array([[0.8, 0.1, 0.1]], np.float16)}),
        Stage(2, 1.0, 0.0, {"toy": close.astype(np.float16)}),
    ]
    assert curve(stages, "toy", said).wa.tolist() == [0.0, 1.0]
    assert at_epoch(stages, "toy", said, 2) is said
    assert choose("best-on-test", stages, "toy", said).said["wa"] is said


def test_a_set_without_a_class_has_the_ua_of_the_others():
    stages, said = training([0, 0, 1], [0, 0, 0], [0, 1, 1])
    assert curve(stages, "toy", said).ua == pytest.approx([0.5, 0.75])
    assert chosen(curve(stages, "toy", said), "val") == 2


def test_a_training_that_kept_no_epochs_has_its_last_alone():
    bare = [Stage(1, 1.0, 0.5), Stage(2, 0.5, 0.6)]
    assert choose("last", bare, "toy", SAID).epochs == {"ua": 2, "wa": 2}
    assert choose("last", [], "toy", SAID).said["wa"] is SAID
    for stages in ([], bare, [STAGES[0], Stage(2, 0.5, 0.6)], [Stage(1, 1.0, 0.5), *STAGES[1:]]):
        with pytest.raises(NoStages, match=r"was not kept[\s\S]*--stages all"):
            choose("best-on-test", stages, "toy", SAID)
    with pytest.raises(NoStages):
        at_epoch(STAGES, "toy", SAID, 6)


def test_stages_of_another_test_set_are_refused():
    short = [Stage(1, 1.0, 0.5, {"toy": np.ones((3, 3), np.float16)}), *STAGES[1:]]
    with pytest.raises(StoreError, match="of 3 utterances"):
        curve(short, "toy", SAID)


def test_a_scale_is_chosen_by_its_error():
    truth = np.array([-3.0, 0.0, 1.0, 3.0])
    answers = [
        [0.0, 0.0, 0.0, 0.0],  # MAE 1.75, ACC7 1/4
        [-3.4, 0.3, 0.6, 2.6],  # MAE 0.375, ACC7 1
        [-3.3, 0.2, 1.51, 2.9],  # MAE 0.278, ACC7 3/4: the smallest error
        [-1.0, 1.0, 2.0, 1.0],
    ]
    stages = [
        Stage(i, 1.0, 0.0, {"toy": np.array(row, np.float16)[:, None]})
        for i, row in enumerate(answers, 1)
    ]
    said = Ratings(("a", "b", "c", "d"), ("ann",) * 4, truth, np.array(answers[-1], np.float32))
    found = curve(stages, "toy", said)
    for i, row in enumerate(answers):
        expected = sentiment.sentiment_scores(truth, np.array(row, np.float16).astype(float))
        for name in sentiment.SCORES:
            value, other = found.score(name)[i], getattr(expected, name)
            assert value == pytest.approx(other, nan_ok=True)
    assert found.distance / 4 == pytest.approx(found.score("mae"), rel=1e-6)
    assert chosen(found, "val") == chosen(found, "best-on-test") == 3
    each = choose("best-on-test-per-metric", stages, "toy", said)
    assert (each.epochs["mae"], each.epochs["acc7"]) == (3, 2)
    assert each.said["mae"].values == pytest.approx(answers[2], abs=2e-3)
    assert each.said["mae"].values.dtype == np.float32


def test_a_score_that_is_nowhere_defined_chooses_nothing():
    stages = [Stage(i, 1.0, 0.0, {"toy": np.zeros((2, 1), np.float16)}) for i in (1, 2)]
    said = Ratings(("a", "b"), ("ann",) * 2, np.array([1.0, 2.0]), np.zeros(2, np.float32))
    assert chosen(curve(stages, "toy", said), "best-on-test-per-metric", "correlation") == 2


def noise(tests, epochs, folds, rng, skill=0.6):
    """Mean gap, over folds, of the best and of the last epoch's accuracy to what is true of all.

    A constant model: at every epoch each utterance is right with the same chance, independently.
    """
    best, last = [], []
    truth = np.tile([0, 1, 2], tests // 3)
    for _ in range(folds):
        answers = [
            np.where(rng.random(tests) < skill, truth, (truth + 1) % 3) for _ in range(epochs)
        ]
        stages, said = training(truth, *answers)
        for rule, gaps in (("best-on-test", best), ("last", last)):
            now = choose(rule, stages, "toy", said).said["wa"]
            hits = metrics.decide(now.probabilities) == now.truth
            gaps.append(hits.mean() - skill)
    return np.mean(best), np.mean(last), np.std(last, ddof=1) / np.sqrt(folds)


def test_best_on_test_flatters_a_model_that_learns_nothing():
    rng = np.random.default_rng(8)
    gaps = [noise(tests, 60, 40, rng) for tests in (30, 120, 480)]
    for best, last, error in gaps:
        assert best > 0.01
        assert abs(last) < 4 * error
    small, middle, large = (best for best, _, _ in gaps)
    assert small > 1.6 * middle > 1.6**2 * large  # as one over the root of the test set's size
    # The mean of the largest of 60 standard normal numbers is 2.32; a binomial's are coarser.
    assert large == pytest.approx(2.32 * np.sqrt(0.6 * 0.4 / 480), rel=0.12)


def test_choosing_by_others_flatters_nobody():
    """`val` on the same noise: the held-out set's best epoch is like any other on the test set."""
    rng = np.random.default_rng(9)
    truth = np.tile([0, 1, 2], 20)
    gaps = []
    for _ in range(60):
        deal = [np.where(rng.random(60) < 0.6, truth, (truth + 1) % 3) for _ in range(40)]
        held = [np.where(rng.random(60) < 0.6, truth, (truth + 1) % 3) for _ in range(40)]
        stages, said = training(truth, *deal)
        now = choose("val", stages, "toy", said, curve(*_named(training(truth, *held))))
        hits = metrics.decide(now.said["ua"].probabilities) == truth
        gaps.append(hits.mean() - 0.6)
    assert abs(np.mean(gaps)) < 4 * np.std(gaps, ddof=1) / np.sqrt(60)


def _named(pair):
    stages, said = pair
    return stages, "toy", said
