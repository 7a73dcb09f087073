"""McNemar's test, of what both models answered."""

import math

import numpy as np
import pytest

from serbench.comparison.reading import comparisons
from serbench.comparison.words import mcnemar

NET, SVM = [18, 17, 19, 16, 18, 17], [15, 16, 15, 16, 14, 15]
FULL = 2 * sum(np.subtract(NET, SVM))  # that net alone gets right


def compared(store):
    (found,) = comparisons(store, ["net", "svm"])
    return found.pairs[0]


def test_a_seed_without_all_its_folds_is_passed_over(add, store):
    add("net", NET, seeds=(0, 1), gains=(0, 0), lost={(0, "s2")})
    add("svm", SVM, seeds=(0, 1), gains=(0, 0))
    pair = compared(store)
    assert (pair.discordant.seed, pair.discordant.first_alone) == (1, FULL)
    assert mcnemar(pair).startswith("McNemar's exact test in seed 1, as if utterances were")


def test_a_fold_that_failed_has_no_answers(add, store, with_canaries):
    with_canaries(add("net", NET, failed={"s2"}))
    add("svm", SVM)
    pair = compared(store)
    assert "net: 1 failed trial is scored as chance" in " ".join(
        f"{side.name}: {remark}" for side in pair.sides for remark in side.remarks
    )
    assert math.isnan(pair.discordant.p)
    assert mcnemar(pair) == (
        "McNemar's exact test: none, as in no seed are both models' answers to all utterances "
        "known."
    )


def test_another_seed_stands_in_for_one_that_failed_in_part(add, store, with_canaries):
    trials = add("net", NET, seeds=(0,), failed={"s2"})
    add("net", NET, seeds=(1,), gains=(0, 0))
    add("svm", SVM, seeds=(0, 1), gains=(0, 0))
    with_canaries(trials)
    pair = compared(store)
    assert pair.duel.seeds == 2
    assert (pair.discordant.seed, pair.discordant.first_alone) == (1, FULL)


@pytest.mark.parametrize("first", ["net", "svm"])
def test_a_model_without_chance_answers_for_every_seed(add, store, first):
    add("net", NET, seeds=(0,), deterministic=True)
    add("svm", SVM, seeds=(3, 4), gains=dict.fromkeys((3, 4), 0))
    (found,) = comparisons(store, sorted(["net", "svm"], key=lambda name: name != first))
    told = found.pairs[0].discordant
    assert (told.seed, told.first_alone + told.second_alone) == (3, FULL)
