"""The parts of a headline score, against the score itself and its jackknife."""

import numpy as np
import pytest

from serbench import metrics
from serbench.errors import StoreError
from serbench.evidence import Evidence, NoSharedSeed, paired
from serbench.intervals import pseudo_values, speaker_draws
from serbench.predictions import Predictions
from serbench.scores import class_scores

CLASSES = ("low", "high", "never")


def evidence(seeds=(0, 1), speakers="aabbccdd", seed=0):
    """Two folds of four speakers, three classes, and the counts of their confusions."""
    rng = np.random.default_rng(seed)
    trials = {}
    for training in seeds:
        for fold in ("one", "two"):
            names = tuple(f"{fold}-{i}" for i in range(24))
            truth = np.tile([0, 1, 2], 8)
            who = tuple(np.repeat(list(speakers[:4] if fold == "one" else speakers[4:]), 6))
            guess = rng.dirichlet(np.ones(3), 24)
            trials[training, fold] = Predictions(CLASSES, names, who, truth, guess)
    return class_scores(trials), trials


def test_pooled_scores_and_pseudo_values_are_those_of_the_confusions():
    scores, trials = evidence()
    own = scores.evidence
    counts = np.zeros((2, 4, 3, 3), np.int64)
    for (seed, _), said in trials.items():
        decided = metrics.decide(said.probabilities)
        for who, right, told in zip(said.speakers, said.truth, decided, strict=True):
            counts[seed, own.speakers.index(who), right, told] += 1
    assert own.by_seed == pytest.approx([metrics.ua(one.sum(axis=0)) for one in counts])
    assert own.by_seed.mean() == pytest.approx(scores.ua.estimate)
    assert own.pseudo_values == pytest.approx(pseudo_values(counts, metrics.ua))
    alone = [[metrics.ua(speaker) for speaker in seed] for seed in counts]
    assert own.by_speaker == pytest.approx(np.mean(alone, axis=0))
    assert own.by_fold.mean() == pytest.approx(scores.ua_fold)


def test_drawing_each_speaker_once_is_the_score_itself():
    own = evidence()[0].evidence
    draws = speaker_draws(4)
    scores = own.drawn(draws)
    (once,) = np.flatnonzero((draws == 1).all(axis=1))[:1]
    assert scores[once] == pytest.approx(own.by_seed.mean())
    assert len(scores) == len(draws)


def test_a_class_that_one_speaker_speaks_alone_has_no_pseudo_value():
    own = evidence()[0].evidence
    support = own.support.copy()
    support[1:, 2] = 0
    hits = np.minimum(own.hits, support)
    lone = Evidence(own.seeds, own.speakers, own.folds, hits, support, own.by_fold)
    assert np.isnan(lone.pseudo_values[0]).all()
    assert np.isfinite(lone.pseudo_values[1:]).all()
    assert np.isfinite(lone.by_speaker).all()


def test_seeds_are_paired_by_their_number():
    first, second = evidence((0, 1, 2))[0].evidence, evidence((1, 2, 3), seed=1)[0].evidence
    one, other = paired(first, second)
    assert one.seeds == other.seeds == (1, 2)
    assert one.by_seed == pytest.approx(first.by_seed[1:])
    assert other.by_fold == pytest.approx(second.by_fold[:2])


def test_a_single_seed_stands_beside_each_where_it_has_no_chance_in_it():
    first, second = evidence((0, 1))[0].evidence, evidence((0,), seed=1)[0].evidence
    one, other = paired(first, second, (False, True))
    assert (one.pseudo_values - other.pseudo_values).shape == (4, 2)
    one, other = paired(first, second)
    assert (one.seeds, other.seeds) == ((0,), (0,))


def test_rows_that_share_nothing_are_refused():
    with pytest.raises(NoSharedSeed, match="share no seed"):
        paired(evidence((0, 1))[0].evidence, evidence((2, 3))[0].evidence)
    with pytest.raises(StoreError, match="different utterances"):
        paired(evidence()[0].evidence, evidence(speakers="aabbccee")[0].evidence)
