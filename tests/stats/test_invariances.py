"""What must not move a test: the order of two models, every utterance twice, a further model."""

import numpy as np
import pytest

from serbench.intervals import jackknife
from serbench.metrics import ua
from serbench.stats.family import holm
from serbench.stats.omnibus import friedman, nemenyi
from serbench.stats.paired import corrected, sign_flip, uncorrected, wilcoxon
from serbench.stats.pairwise import pairwise

DIFFERENCES = np.random.default_rng(0).normal(0.02, 0.05, 10)
CORPORA = np.random.default_rng(1).normal([0.6, 0.65, 0.62], 0.05, (8, 3))


def lead(pair):
    return ua(pair[0]) - ua(pair[1])


@pytest.fixture(scope="module")
def pairs():
    """Confusion matrices [10 speakers, 2 models, 4, 4] of models that differ by chance alone."""
    rng = np.random.default_rng(2)
    return np.stack(
        [rng.multinomial(9, np.full(4, 0.1) + 0.6 * np.eye(4)[c], (10, 2)) for c in range(4)],
        axis=2,
    )


@pytest.mark.parametrize(
    "test",
    [uncorrected, sign_flip, wilcoxon, lambda d: corrected(d, 10)],
    ids=lambda test: test.__name__,
)
def test_exchanging_the_models_changes_only_the_sign(test):
    there, back = test(DIFFERENCES), test(-DIFFERENCES)
    assert there.estimate == -back.estimate
    assert there.p == pytest.approx(back.p, rel=1e-12)
    assert abs(there.statistic) == abs(back.statistic)


def test_every_utterance_twice_leaves_the_difference_and_its_interval(pairs):
    once, twice = jackknife(pairs, lead), jackknife(2 * pairs, lead)
    assert (twice.estimate, twice.low, twice.high) == pytest.approx(
        (once.estimate, once.low, once.high), rel=1e-12
    )


def test_and_makes_one_over_utterances_narrower_by_the_root_of_two(pairs):
    """Which is why there is none of these."""

    def width(counts):
        pool = counts.sum(axis=0)
        recalls = np.diagonal(pool, axis1=1, axis2=2) / pool.sum(axis=2)
        return np.sqrt((recalls * (1 - recalls) / pool.sum(axis=2)).sum())

    assert width(pairs) / width(2 * pairs) == pytest.approx(np.sqrt(2))


def test_a_further_model_changes_no_p_of_two_others_but_by_the_family():
    few, more = pairwise(CORPORA[:, :2]), pairwise(CORPORA)
    assert more.p[0, 1] == few.p[0, 1]
    family = [more.p[0, 1], more.p[0, 2], more.p[1, 2]]
    assert more.adjusted[0, 1] == holm(family)[0]


def test_a_further_model_does_change_nemenyis():
    """Two models that never change places, and a third that comes between them, or does not."""
    better, worse = np.full(8, 0.7), np.full(8, 0.6)
    beside = np.full(8, 0.5)
    between = np.where(np.arange(8) % 2, 0.65, 0.75)
    apart, near = (
        np.stack([better, worse, beside, third], axis=1) for third in (between, np.full(8, 0.4))
    )
    assert nemenyi(apart).p[0, 1] < nemenyi(near).p[0, 1] - 0.1
    assert pairwise(apart).p[0, 1] == pairwise(near).p[0, 1]


def test_neither_the_order_of_corpora_nor_of_models_matters():
    order, names = [3, 1, 7, 0, 2, 6, 5, 4], [2, 0, 1]
    found, turned = friedman(CORPORA), friedman(CORPORA[order][:, names])
    assert turned.f == pytest.approx(found.f, rel=1e-12)
    assert turned.mean_ranks == pytest.approx(found.mean_ranks[names])
    there, back = pairwise(CORPORA), pairwise(CORPORA[order][:, names])
    assert np.array_equal(back.adjusted, there.adjusted[np.ix_(names, names)], equal_nan=True)
