"""Wilcoxon over corpora with Holm's adjustment, against Demsar's table 6 and scipy."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from serbench.stats.pairwise import pairwise

UPPER = np.triu_indices(4, 1)


def test_demsars_table(demsar):
    found = pairwise(demsar)
    assert found.p[0, 1] == pytest.approx(0.010757, abs=5e-7)
    assert found.adjusted[0, 1] == pytest.approx(0.064543, abs=5e-7)
    assert found.reason == ""


def test_every_pair_is_scipys_and_the_family_is_all_of_them():
    scores = np.random.default_rng(0).normal([0.5, 0.55, 0.6, 0.8], 0.1, (8, 4))
    found = pairwise(scores)
    oracle = [
        stats.wilcoxon(scores[:, i] - scores[:, j]).pvalue for i, j in zip(*UPPER, strict=True)
    ]
    assert found.p[UPPER] == pytest.approx(oracle, rel=1e-12)
    assert found.adjusted[UPPER] == pytest.approx(multipletests(oracle, method="holm")[1])
    for matrix in (found.p, found.adjusted):
        assert np.array_equal(matrix, matrix.T, equal_nan=True)
        assert np.isnan(np.diag(matrix)).all()


@pytest.mark.parametrize(
    ("corpora", "reason"),
    [
        (5, "5 corpora: Wilcoxon cannot reach 0.05"),
        (1, "1 corpus: Wilcoxon cannot reach 0.05"),
    ],
)
def test_too_few_corpora_are_not_tested_and_the_reason_is_given(corpora, reason):
    found = pairwise(np.random.default_rng(0).random((corpora, 3)))
    assert found.reason == reason
    assert np.isnan(found.p).all()
    assert np.isnan(found.adjusted).all()


def test_six_corpora_of_one_mind_reach_it():
    found = pairwise(np.add.outer(np.arange(6) ** 2 / 100, [0.3, 0.1]) * [1.1, 1])
    assert found.adjusted[0, 1] == pytest.approx(2 / 64)


def test_equal_models_and_one_alone():
    assert pairwise(np.full((6, 2), 0.5)).p[0, 1] == 1
    alone = pairwise(np.full((6, 1), 0.5))
    assert (alone.p.shape, alone.reason) == ((1, 1), "")


@pytest.mark.parametrize(
    "scores", [np.zeros((0, 3)), np.zeros((6, 0)), np.zeros(6), np.full((6, 2), np.nan)]
)
def test_what_is_no_whole_table_is_refused(scores):
    with pytest.raises(ValueError, match="scores of shape"):
        pairwise(scores)
