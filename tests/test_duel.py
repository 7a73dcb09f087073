"""Two rows of one board against each other: by folds, by speakers, by corpora."""

import math

import numpy as np
import pytest

from serbench import metrics
from serbench.cells import cell_scores
from serbench.duel import duel
from serbench.errors import StoreError
from serbench.intervals import jackknife
from serbench.predictions import Predictions
from serbench.scores import class_scores
from serbench.stats.paired import corrected

CLASSES = ("low", "high")


def said(right, speaker, prefix="", classes=(0, 1)):
    """Twenty utterances of one speaker, of which the first ``right`` of each class are right."""
    truth = np.repeat(np.array(classes), 10)
    at = np.tile(np.arange(10), len(classes))
    told = np.where(at < np.tile(right, 10 * len(classes)), truth, 1 - truth)
    ids = tuple(f"{prefix}{speaker}-{i}" for i in range(len(truth)))
    return Predictions(CLASSES, ids, (speaker,) * len(truth), truth, np.eye(2)[told])


def loso(rights, seeds=(0,)):
    return class_scores(
        {
            (seed, f"s{at}"): said(right + (seed if right < 9 else 0), f"s{at}")
            for seed in seeds
            for at, right in enumerate(rights)
        }
    )


def test_one_speaker_a_fold_is_tested_by_the_corrected_test():
    first, second = loso([9, 8, 7, 9, 8]), loso([7, 8, 5, 6, 7])
    found = duel(first, second)
    expected = corrected(np.array([2, 0, 2, 3, 1]) / 10, 5)
    assert found.tested.test == "corrected"
    assert (found.tested.p, found.tested.n) == (pytest.approx(expected.p), 5)
    assert found.difference.test == "jackknife"
    assert found.difference.estimate == pytest.approx(0.16)
    assert found.silent == ""
    turned = duel(second, first)
    assert turned.tested.p == pytest.approx(found.tested.p)
    assert turned.difference.low == pytest.approx(-found.difference.high)


def test_the_interval_is_the_jackknife_of_the_difference():
    first, second = loso([9, 8, 7, 9, 8]), loso([7, 8, 5, 6, 7])
    counts = np.stack([_counts([9, 8, 7, 9, 8]), _counts([7, 8, 5, 6, 7])], axis=1)
    oracle = jackknife(counts, lambda pair: metrics.ua(pair[0]) - metrics.ua(pair[1]))
    found = duel(first, second).difference
    assert (found.low, found.high, found.df) == pytest.approx((oracle.low, oracle.high, oracle.df))


def _counts(rights):
    return np.array([[[right, 10 - right], [10 - right, right]] for right in rights])


def test_one_fold_is_tested_over_its_speakers():
    everyone = [said(right, f"s{at}") for at, right in enumerate([9, 8, 7, 6])]
    others = [said(right, f"s{at}") for at, right in enumerate([7, 7, 7, 5])]
    found = duel(*(class_scores({(0, ""): _one(all_)}) for all_ in (everyone, others)))
    assert found.tested == found.difference
    assert (found.tested.test, found.tested.n) == ("jackknife", 4)
    assert 0 < found.tested.p < 1


def _one(parts):
    return Predictions(
        CLASSES,
        tuple(name for part in parts for name in part.ids),
        tuple(name for part in parts for name in part.speakers),
        np.concatenate([part.truth for part in parts]),
        np.concatenate([part.probabilities for part in parts]),
    )


def test_two_speakers_allow_no_test():
    first, second = loso([9, 8]), loso([7, 7])
    found = duel(first, second)
    assert math.isnan(found.tested.p)
    assert found.silent == "fewer than 3 speakers allow no test"
    assert not math.isnan(found.difference.low)


def test_a_seed_more_on_one_side_is_compared_on_what_both_have():
    first, second = loso([7, 6, 5], seeds=(0, 1, 2)), loso([5, 5, 4], seeds=(1, 2, 3))
    found = duel(first, second)
    assert (found.seeds, found.tested.test) == (2, "corrected two-way")
    assert found.fewer
    assert not duel(first, first).fewer


def test_one_answer_stands_for_all_seeds_only_where_there_is_no_chance_in_it():
    many, single = loso([7, 6, 5], seeds=(0, 1, 2)), loso([5, 5, 4], seeds=(0,))
    once = duel(many, single)
    assert (once.seeds, once.fewer, once.tested.test) == (1, True, "corrected")
    steady = duel(many, single, (False, True))
    assert (steady.seeds, steady.fewer, steady.tested.test) == (3, False, "corrected two-way")
    assert steady.difference.estimate == pytest.approx(many.ua.estimate - single.ua.estimate)
    assert duel(single, many, (True, False)).seeds == 3
    assert duel(many, single, (True, False)).seeds == 1  # the steady one has three of its own


def test_models_that_share_no_seed_have_no_difference_and_stop_nothing():
    found = duel(loso([7, 6, 5], seeds=(0, 1)), loso([5, 5, 4], seeds=(2, 3)))
    assert found.silent == "the models share no seed"
    assert math.isnan(found.difference.estimate)


def test_a_class_of_one_speaker_is_drawn():
    def scores(rights):
        alone = said(rights[0], "s0")
        rest = {(0, f"s{at}"): said(right, f"s{at}", classes=(0,)) for at, right in
                enumerate(rights[1:], 1)}  # fmt: skip
        return class_scores({(0, "s0"): alone, **rest})

    found = duel(scores([9, 8, 7, 9]), scores([7, 8, 5, 6]))
    assert "class_single_speaker" in found.difference.flags
    assert found.difference.test == "bootstrap"
    assert found.difference.low < found.difference.estimate < found.difference.high


def across(shift, corpora="abcde", seeds=(0, 1)):
    hard = {(s, t): 4 + (ord(s) + 2 * ord(t)) % 3 for s in corpora for t in corpora if s != t}
    return cell_scores(
        {
            (seed, f"{source}>{target}", target): _one(
                [said(min(right + shift(source, target), 10), f"{target}{n}") for n in range(3)]
            )
            for (source, target), right in hard.items()
            for seed in seeds
        }
    )


def test_pairs_are_tested_over_corpora():
    found = duel(across(lambda s, t: 2 + (t == "a")), across(lambda s, t: 0))
    assert found.tested == found.difference
    assert (found.tested.test, found.tested.n) == ("leave-one-corpus-out", 5)
    assert found.difference.estimate == pytest.approx(0.2 + 0.1 * 4 / 20)
    assert 0 < found.tested.p < 0.05


def test_three_corpora_are_not_tested():
    found = duel(across(lambda s, t: 2, "abc"), across(lambda s, t: 0, "abc"))
    assert "fewer than 4 corpora" in found.silent


def test_other_utterances_are_refused():
    with pytest.raises(StoreError, match="different utterances"):
        duel(loso([9, 8, 7]), loso([9, 8, 7, 6]))
    with pytest.raises(StoreError, match="pairs"):
        duel(loso([9, 8, 7]), across(lambda s, t: 0))
    with pytest.raises(StoreError, match="different pairs"):
        duel(across(lambda s, t: 0, "abcd"), across(lambda s, t: 0, "abcde"))
