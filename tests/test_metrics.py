"""Scores against published numbers, missing classes, chance, and labels that are none."""

import doctest
import math
import warnings

import audmetric
import numpy as np
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, recall_score

from serbench import metrics
from serbench.errors import ModelError
from serbench.metrics import (
    chance_adjusted_ua,
    confusion,
    decide,
    f1_scores,
    macro_f1,
    recalls,
    tie_share,
    ua,
    ua_fold,
    wa,
    wa_fold,
    weighted_f1,
)

close = pytest.approx
RTOL = 1e-6
SCORES = [wa, ua, macro_f1, weighted_f1, chance_adjusted_ua]

# Three classes, four speakers.
HITS = np.array([[9, 6, 8], [7, 5, 9], [10, 8, 7], [6, 4, 5]])
SUPPORT = np.array([[10, 8, 10], [10, 8, 12], [12, 10, 8], [10, 6, 9]])


def from_hits(hits, support):
    """Matrices [..., C, C] of given recalls; every miss goes to the next class."""
    eye = np.eye(hits.shape[-1], dtype=np.int64)
    misses = (support - hits)[..., np.newaxis] * np.roll(eye, 1, axis=1)
    return hits[..., np.newaxis] * eye + misses


def test_the_examples_in_the_documentation_hold():
    failed, attempted = doctest.testmod(metrics)
    assert attempted >= 12
    assert failed == 0


class TestGoldenNumbers:
    speakers = from_hits(HITS, SUPPORT)
    pooled = speakers.sum(axis=0)

    def test_pooled(self):
        expected = [0.7619047619, 0.71875, 0.7435897436]
        np.testing.assert_allclose(recalls(self.pooled), expected, rtol=RTOL)
        assert ua(self.pooled) == close(0.7414148352, rel=RTOL)
        assert wa(self.pooled) == close(0.7433628319, rel=RTOL)

    def test_accuracy_divided_by_the_number_of_classes_is_not_what_wa_means(self):
        assert wa(self.pooled) / 3 == close(0.2477876106, rel=RTOL)

    def test_averaged_over_speakers(self):
        value, missing = ua_fold(self.speakers)
        assert (value, missing) == (close(0.7379629630, rel=RTOL), 0)
        assert wa_fold(self.speakers) == close(0.7386904762, rel=RTOL)

    def test_each_speaker(self):
        each = [ua(speaker) for speaker in self.speakers]
        expected = [0.8166667, 0.6916667, 0.8361111, 0.6074074]
        np.testing.assert_allclose(each, expected, atol=5e-8)
        assert np.std(each, ddof=1) == close(0.1080361546, rel=RTOL)

    def test_pooled_and_averaged_differ_on_small_folds(self):
        folds = np.array([[[8, 2], [1, 1]], [[3, 3], [2, 30]]])
        assert ua_fold(folds) == (close(0.684375, rel=RTOL), 0)
        assert ua(folds.sum(axis=0)) == close(0.799632, abs=5e-7)
        assert wa_fold(folds) == close(0.809211, abs=5e-7)
        assert wa(folds.sum(axis=0)) == close(0.84, rel=RTOL)

    def test_sentiment_cut_into_classes(self):
        y = np.array([-2, -1, -1 / 3, 0, 0, 1 / 3, 2 / 3, 1, 5 / 3, 7 / 3, 8 / 3, 3])
        p = np.array([-1.4, 0.2, -0.6, 0.3, -0.2, 0, 0.4, 1.5, 2.5, -0.1, 3.4, 2.2])

        def seven(x):
            return np.rint(x.clip(-3, 3)).astype(int) + 3

        assert wa(confusion(seven(y), seven(p), 7)) == close(5 / 12, rel=RTOL)
        without_zero = confusion((y > 0)[y != 0].astype(int), (p > 0)[y != 0].astype(int), 2)
        assert wa(without_zero) == close(0.7, rel=RTOL)
        assert weighted_f1(without_zero) == close(0.7098901, abs=5e-8)
        assert weighted_f1(without_zero.T) == close(0.6901099, abs=5e-8)
        assert macro_f1(without_zero) == close(0.6703297, abs=5e-8)
        assert f1_scores(without_zero)[1] == close(0.7692308, abs=5e-8)
        with_zero = confusion((y >= 0).astype(int), (p >= 0).astype(int), 2)
        assert wa(with_zero) == close(0.75, rel=RTOL)
        assert weighted_f1(with_zero) == close(0.7605042, abs=5e-8)


class TestMissingClass:
    """One fold without class 3. Whether the model ever predicts it must not move the score."""

    y = (0, 0, 0, 1, 1, 2, 2, 2)
    never = (0, 0, 1, 1, 1, 2, 2, 0)
    once = (0, 0, 3, 1, 1, 2, 2, 0)
    labels = (0, 1, 2, 3)

    @pytest.mark.parametrize("p", [never, once])
    def test_ours(self, p):
        fold = confusion(self.y, p, 4)
        assert math.isnan(ua(fold))
        assert math.isnan(chance_adjusted_ua(fold))
        assert math.isnan(macro_f1(fold))
        assert ua_fold(fold[np.newaxis]) == (close(0.777778, abs=5e-7), 1)
        assert wa(fold) == wa_fold(fold[np.newaxis]) == 0.75

    @pytest.mark.parametrize(
        ("name", "score", "if_never", "if_once"),
        [
            ("macro", lambda y, p: recall_score(y, p, average="macro"), 0.777778, 0.583333),
            (
                "macro, labels, zero",
                lambda y, p: recall_score(
                    y, p, labels=[0, 1, 2, 3], average="macro", zero_division=0
                ),
                0.583333,
                0.583333,
            ),
            (
                "macro, labels, nan",
                lambda y, p: recall_score(
                    y, p, labels=[0, 1, 2, 3], average="macro", zero_division=np.nan
                ),
                0.777778,
                0.777778,
            ),
            ("balanced accuracy", balanced_accuracy_score, 0.777778, 0.777778),
            ("audmetric", audmetric.unweighted_average_recall, 0.777778, 0.583333),
            (
                "audmetric, labels",
                lambda y, p: audmetric.unweighted_average_recall(y, p, labels=[0, 1, 2, 3]),
                0.583333,
                0.583333,
            ),
            (
                "audmetric, labels, nan",
                lambda y, p: audmetric.unweighted_average_recall(
                    y, p, labels=[0, 1, 2, 3], zero_division=np.nan
                ),
                np.nan,
                np.nan,
            ),
            ("accuracy", accuracy_score, 0.75, 0.75),
        ],
    )
    def test_what_other_calls_make_of_it(self, name, score, if_never, if_once):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = [score(list(self.y), list(p)) for p in (self.never, self.once)]
        assert found == close([if_never, if_once], abs=5e-7, nan_ok=True), name

    def test_empty_folds_count_as_missing_cells(self):
        folds = np.array([[[1, 1], [0, 2]], [[0, 0], [0, 0]]])
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert ua_fold(folds) == (0.75, 2)
            assert wa_fold(folds) == 0.75
            value, missing = ua_fold(folds[1:])
        assert math.isnan(value)
        assert missing == 2

    def test_an_empty_matrix_scores_nothing(self):
        empty = confusion([], [], 3)
        assert empty.tolist() == [[0] * 3] * 3
        assert all(math.isnan(score(empty)) for score in SCORES)

    def test_an_unheard_of_class_weighs_nothing_in_weighted_f1(self):
        assert weighted_f1(confusion([0, 1], [0, 1], 3)) == 1


class TestChance:
    support = np.array([127, 81, 46, 69, 71, 79, 62])
    truth = np.repeat(np.arange(7), support)

    def test_always_the_largest_class(self):
        matrix = confusion(self.truth, np.zeros_like(self.truth), 7)
        assert wa(matrix) == close(0.2373832, abs=5e-8)
        assert ua(matrix) == close(1 / 7, rel=RTOL)
        assert chance_adjusted_ua(matrix) == close(0, abs=1e-12)

    @pytest.mark.parametrize(("prior", "sd"), [(False, 0.0157545), (True, 0.01513)])
    def test_guessing(self, prior, sd):
        p = self.support / self.support.sum() if prior else np.full(7, 1 / 7)
        assert np.sqrt((p * (1 - p) / self.support).sum()) / 7 == close(sd, abs=5e-6)
        rng = np.random.default_rng(0)
        scores = [
            ua(confusion(self.truth, rng.choice(7, self.truth.size, p=p), 7)) for _ in range(2000)
        ]
        assert np.mean(scores) == close(1 / 7, abs=4 * sd / np.sqrt(2000))
        assert np.std(scores) == close(sd, rel=4 / np.sqrt(4000))

    def test_one_class_has_no_chance_to_beat(self):
        assert math.isnan(chance_adjusted_ua(np.array([[3]])))


class TestDecide:
    def test_ties_go_to_the_lowest_index(self):
        scores = [[0.2, 0.4, 0.4], [1 / 3, 1 / 3, 1 / 3], [0, 0.1, 0.9]]
        assert decide(scores).tolist() == [1, 0, 2]
        assert decide(scores).dtype == np.int64
        assert tie_share(scores) == close(2 / 3)

    def test_a_tie_below_the_top_is_none(self):
        assert tie_share([[0.6, 0.2, 0.2]]) == 0

    def test_no_rows(self):
        assert decide(np.zeros((0, 4))).tolist() == []
        assert tie_share(np.zeros((0, 4))) == 0

    @pytest.mark.parametrize("call", [decide, tie_share])
    def test_nan_is_refused(self, call):
        with pytest.raises(ModelError, match="2 of 3 rows"):
            call([[0.5, 0.5], [np.nan, 0.5], [np.inf, 0]])

    def test_shape(self):
        with pytest.raises(ValueError, match="shape"):
            decide([0.5, 0.5])


@pytest.mark.parametrize(
    ("truth", "predicted", "says"),
    [
        ([0, 1], [0], "2 true labels but 1"),
        ([0, 3], [0, 1], "truth must lie in 0..2, found 0..3"),
        ([0, 1], [-1, 1], "predicted must lie in 0..2"),
        ([0.0, 1.0], [0, 1], "truth must hold class indices"),
        ([[0, 1]], [[0, 1]], "one-dimensional"),
    ],
)
def test_labels_that_are_no_class_indices(truth, predicted, says):
    with pytest.raises(ValueError, match=says):
        confusion(truth, predicted, 3)
