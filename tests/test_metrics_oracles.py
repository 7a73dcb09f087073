"""Scores against other libraries, second implementations and what must not move them."""

import math

import audmetric
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    confusion_matrix,
    f1_score,
    recall_score,
)

from serbench.metrics import (
    chance_adjusted_ua,
    confusion,
    f1_scores,
    macro_f1,
    recalls,
    ua,
    ua_fold,
    wa,
    wa_fold,
    weighted_f1,
)

close = pytest.approx
SCORES = [wa, ua, macro_f1, weighted_f1, chance_adjusted_ua]


class TestOracles:
    @pytest.fixture(params=range(40))
    def case(self, request):
        """True and predicted labels; every other case lacks classes on either side."""
        rng = np.random.default_rng(request.param)
        classes = int(rng.integers(2, 9))
        n = int(rng.integers(1, 120))
        heard = rng.permutation(classes)[: max(1, classes - request.param % 2 * 2)]
        said = rng.permutation(classes)[: max(1, classes - request.param % 2)]
        truth = rng.choice(heard, n)
        predicted = np.where(rng.random(n) < 0.5, truth, rng.choice(said, n))
        return truth, predicted, classes

    def test_sklearn(self, case):
        y, p, classes = case
        labels = np.arange(classes)
        matrix = confusion(y, p, classes)
        assert matrix.dtype == np.int64
        np.testing.assert_array_equal(matrix, confusion_matrix(y, p, labels=labels))
        per_class = recall_score(y, p, labels=labels, average=None, zero_division=np.nan)
        np.testing.assert_allclose(recalls(matrix), per_class)
        f1 = f1_score(y, p, labels=labels, average=None, zero_division=np.nan)
        np.testing.assert_allclose(f1_scores(matrix), f1)
        assert wa(matrix) == close(accuracy_score(y, p))
        assert wa(matrix) == close(recall_score(y, p, average="weighted", zero_division=0))
        weighted = f1_score(y, p, labels=labels, average="weighted", zero_division=0)
        assert weighted_f1(matrix) == close(weighted)
        if set(y) == set(labels):
            macro = f1_score(y, p, labels=labels, average="macro", zero_division=0)
            assert ua(matrix) == close(balanced_accuracy_score(y, p))
            assert chance_adjusted_ua(matrix) == close(balanced_accuracy_score(y, p, adjusted=True))
            assert macro_f1(matrix) == close(macro)
        else:
            assert math.isnan(ua(matrix))
            assert math.isnan(macro_f1(matrix))

    def test_audmetric(self, case):
        y, p, classes = case
        labels = list(range(classes))
        matrix = confusion(y, p, classes)
        assert matrix.tolist() == audmetric.confusion_matrix(y, p, labels=labels)
        assert wa(matrix) == close(audmetric.accuracy(y, p, labels=labels))
        if set(y) == set(labels):
            uar = audmetric.unweighted_average_recall(y, p, labels=labels)
            fscore = audmetric.unweighted_average_fscore(y, p, labels=labels)
            assert ua(matrix) == close(uar)
            assert macro_f1(matrix) == close(fscore)

    def test_counting_by_hand(self, case):
        y, p, classes = case
        pairs = list(zip(y.tolist(), p.tolist(), strict=True))
        matrix = confusion(y, p, classes)
        assert wa(matrix) == close(sum(a == b for a, b in pairs) / len(pairs))
        by_class = [[b == c for a, b in pairs if a == c] for c in range(classes)]
        known = [sum(hits) / len(hits) for hits in by_class if hits]
        value, missing = ua_fold(matrix[np.newaxis])
        assert value == close(sum(known) / len(known))
        assert missing == classes - len(known)

    def test_folds(self, case):
        y, p, classes = case
        fold_of = np.arange(len(y)) % 3
        folds = np.stack([confusion(y[fold_of == f], p[fold_of == f], classes) for f in range(3)])
        np.testing.assert_array_equal(folds.sum(axis=0), confusion(y, p, classes))
        present = [f for f in range(3) if (fold_of == f).any()]
        by_fold = [
            recall_score(
                y[fold_of == f],
                p[fold_of == f],
                labels=range(classes),
                average="macro",
                zero_division=np.nan,
            )
            for f in present
        ]
        assert ua_fold(folds)[0] == close(np.mean(by_fold))
        accuracies = [accuracy_score(y[fold_of == f], p[fold_of == f]) for f in present]
        assert wa_fold(folds) == close(np.mean(accuracies))


@st.composite
def labelled(draw):
    """True labels, predicted labels and the number of classes."""
    classes = draw(st.integers(2, 6))
    n = draw(st.integers(1, 40))
    label = st.integers(0, classes - 1)
    y = draw(hnp.arrays(np.int64, n, elements=label))
    return y, draw(hnp.arrays(np.int64, n, elements=label)), classes


class TestInvariances:
    @given(labelled(), st.randoms(use_true_random=False))
    def test_the_order_of_the_utterances_does_not_matter(self, case, random):
        y, p, classes = case
        order = random.sample(range(len(y)), len(y))
        assert confusion(y[order], p[order], classes).tolist() == confusion(y, p, classes).tolist()

    @given(labelled(), st.randoms(use_true_random=False))
    def test_the_names_of_the_classes_do_not_matter(self, case, random):
        y, p, classes = case
        name = np.array(random.sample(range(classes), classes))
        before, after = confusion(y, p, classes), confusion(name[y], name[p], classes)
        for score in SCORES:
            assert score(after) == close(score(before), nan_ok=True)
        assert ua_fold(after[np.newaxis]) == close(ua_fold(before[np.newaxis]))

    @given(labelled(), st.integers(2, 5))
    def test_every_utterance_twice_scores_the_same(self, case, times):
        y, p, classes = case
        once = confusion(y, p, classes)
        twice = confusion(np.tile(y, times), np.tile(p, times), classes)
        for score in SCORES:
            assert score(twice) == close(score(once), nan_ok=True)

    @given(labelled(), st.integers(2, 5))
    def test_one_class_more_often_does_not_move_ua(self, case, times):
        y, p, classes = case
        repeats = np.where(y == 0, times, 1)
        once = confusion(y, p, classes)
        more = confusion(y.repeat(repeats), p.repeat(repeats), classes)
        assert ua(more) == close(ua(once), nan_ok=True)

    @given(st.lists(labelled(), min_size=1, max_size=4), st.randoms(use_true_random=False))
    def test_the_order_of_the_folds_does_not_matter(self, cases, random):
        folds = np.stack([confusion(y, p, 6) for y, p, _ in cases])
        other = folds[random.sample(range(len(folds)), len(folds))]
        assert ua_fold(other) == close(ua_fold(folds))
        assert wa_fold(other) == close(wa_fold(folds))

    @given(labelled())
    def test_bounds(self, case):
        matrix = confusion(*case)
        for score in (wa, ua, macro_f1, weighted_f1):
            assert math.isnan(score(matrix)) or 0 <= score(matrix) <= 1 + 1e-12
