"""Labels that say nothing must score as chance does, whatever the folds."""

from __future__ import annotations

import numpy as np
import pytest

from serbench.protocols import KFOLD, LOSO

CHANCE, TIMES = 0.25, 60


def _permuted(world, times, seed, *, within_speakers):
    rng = np.random.default_rng(seed)
    y = np.tile(world.y, (times, 1))
    groups = world.speakers if within_speakers else np.zeros_like(world.speakers)
    for group in np.unique(groups):
        at = np.flatnonzero(groups == group)
        y[:, at] = rng.permuted(y[:, at], axis=1)
    return y


@pytest.mark.parametrize("protocol", [LOSO, KFOLD], ids=["loso", "kfold"])
@pytest.mark.parametrize("within_speakers", [True, False])
def test_permuted_labels_score_as_chance_does(world, protocol, within_speakers):
    drawn = world(0)
    labels = _permuted(drawn, TIMES, 1, within_speakers=within_speakers)
    scores = drawn.ua(protocol, labels)
    sd = scores.std(ddof=1)
    # Below chance, cross-validation has a bias of its own: the class of what is held out is rarer
    # in training. Never exactly chance, and never above it by more than the mean scatters.
    assert scores.mean() <= CHANCE + 3 * sd / np.sqrt(TIMES)
    assert scores.mean() >= CHANCE - 0.03
    seen = drawn.ua(protocol, drawn.y[None])[0]
    assert (1 + (scores >= seen).sum()) / (TIMES + 1) == pytest.approx(1 / (TIMES + 1))


def test_permuting_within_speakers_keeps_each_ones_counts(world):
    drawn = world(0)
    for y in _permuted(drawn, 5, 0, within_speakers=True):
        for who in np.unique(drawn.speakers):
            assert np.bincount(y[drawn.speakers == who]).tolist() == [30, 30, 30, 30]
        assert (y != drawn.y).any()


def test_the_learner_is_linear_discriminant_analysis(world, learner):
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    drawn = world(3)
    train, test = drawn.folds(LOSO)[0]
    theirs = LinearDiscriminantAnalysis(solver="lsqr").fit(drawn.x[train], drawn.y[train])
    ours = learner(drawn.x[train], drawn.y[None, train], drawn.x[test])[0]
    assert (ours == theirs.predict(drawn.x[test])).all()
