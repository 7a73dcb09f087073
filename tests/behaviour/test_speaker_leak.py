"""A speaker who is on both sides of a fold must show, in the score and to the audit."""

from __future__ import annotations

import numpy as np
import pytest

from serbench.audit import Case, Declared, audit
from serbench.protocols import KFOLD, LOSO


def _scores(world, protocol, seeds):
    return np.array([drawn.ua(protocol, drawn.y[None])[0] for drawn in map(world, seeds)])


def test_random_folds_score_higher_than_folds_of_speakers(world):
    seeds = range(8)
    loso, random = _scores(world, LOSO, seeds), _scores(world, KFOLD, seeds)
    assert 0.40 < loso.mean() < 0.55  # well above chance: what is leaked is not all there is
    assert (random > loso).all()
    assert 0.04 < (random - loso).mean() < 0.20


@pytest.mark.parametrize("declared", [None, True])
def test_the_audit_says_so(world, declared):
    drawn = world(0)
    leaky = audit(Case(drawn.listing(KFOLD), Declared(speaker_independent=declared)))
    (found,) = [one for one in leaky.findings if one.rule == "L01"]
    assert found.severity == "error"
    assert found.count == 10
    assert len(found.folds) == 10
    clean = audit(Case(drawn.listing(LOSO), Declared(speaker_independent=declared)))
    assert "L01" in clean.checked
    assert not [one for one in clean.findings if one.rule == "L01"]


def test_without_speaker_effects_the_folds_agree(world):
    """The difference is the speakers', not the folds': shuffled speakers take it away."""
    import dataclasses

    gaps = []
    for seed in range(8):
        drawn = world(seed)
        order = np.random.default_rng(seed).permutation(len(drawn.y))
        mixed = dataclasses.replace(drawn, x=drawn.x[order], y=drawn.y[order])
        gaps.append(mixed.ua(KFOLD, mixed.y[None])[0] - mixed.ua(LOSO, mixed.y[None])[0])
    assert abs(np.mean(gaps)) < 0.02
