"""The sentences of a comparison."""

import pytest

from serbench.comparison.numbers import counted
from serbench.comparison.reading import comparisons
from serbench.comparison.words import legend, paragraph

NET, SVM = [18, 17, 19, 16, 18, 17], [15, 16, 15, 16, 14, 15]
RIGHT = [14, 12, 13, 15, 11, 12]


@pytest.fixture
def told(store):
    def words(*names):
        (found,) = comparisons(store, names or ["net", "svm"])
        return paragraph(found.pairs[0], found)

    return words


def test_one_of_a_thing_is_no_plural():
    assert [counted(1, noun) for noun in ("speakers", "corpora", "pairs of corpora")] == [
        "1 speaker", "1 corpus", "1 pair of corpora",
    ]  # fmt: skip
    assert counted(2, "corpora") == "2 corpora"


def test_which_seeds(add, told):
    add("net", RIGHT, seeds=range(5), gains=(0, 0, 0, 5, 5))
    add("svm", [each + 1 for each in RIGHT[:5]] + RIGHT[5:], seeds=range(3), gains=(0, 0, 0))
    words = told()
    assert "points lower than svm on toy under loso on the 3 seeds that both have: UA 64" in words
    assert "(6 speakers, 3 seeds). Over all its 5 seeds net scores 74.2." in words


def test_one_seed_of_a_model_with_chance(add, told):
    add("net", NET, wanted=5)
    add("svm", SVM, seeds=range(5), gains=(0, 1, 0, 1, 0), wanted=5)
    words = told()
    assert "on the seed that both have" in words
    assert (
        "net: one seed, whose chance the p does not hold; boards, which ask for 5, leave it "
        "unranked. Over all its 5 seeds svm scores"
    ) in words
    assert "svm: one seed" not in words


def test_a_model_without_chance_needs_no_word(add, told):
    add("net", NET, wanted=5, deterministic=True)
    add("svm", SVM, seeds=range(5), gains=(0, 1, 0, 1, 0), wanted=5)
    words = told()
    assert "(6 speakers, 5 seeds)" in words
    assert "one seed" not in words
    assert "that both have" not in words


def test_fewer_seeds_than_boards_ask_for(add, told):
    for name, rights in (("net", NET), ("svm", SVM)):
        add(name, rights, seeds=(0, 1), wanted=5)
    assert "net and svm: 2 seeds; boards, which ask for 5, leave it unranked." in told()


def test_a_test_that_points_the_other_way_is_no_order(add, told):
    add("net", [900, 11, 12, 10, 11, 12], large={"s0": 1200})
    add("svm", [870, 15, 16, 14, 15, 16], large={"s0": 1200})
    words = told()
    assert "net scores 0.8 points higher than svm" in words
    assert "over 6 folds points the other way: mean difference -16.2 [" in words
    assert "neither order is claimed" in words
    assert "significant" not in words
    assert (
        "By the mean over folds, net is better by more than a point with probability 0.0" in words
    )


def test_the_region_is_named_on_both_sides(add, told):
    add("net", NET)
    add("svm", SVM)
    words = told()
    assert "svm by more than a point with 0.0" in words
    assert "(Bayesian correlated t-test)." in words


def test_seeds_are_in_what_is_believed(add, told):
    add("net", NET, seeds=(0, 1))
    add("svm", SVM, seeds=(0, 1), gains=(0, 2))
    assert "(Bayesian correlated t-test with seeds)." in told()


def test_alike_in_every_fold(add, told):
    add("net", RIGHT)
    add("svm", [each - 2 for each in RIGHT])
    words = told()
    assert "no interval, as it is the same whoever is left out" in words
    assert (
        "All 6 folds differ by the same, which leaves the corrected t-test (Nadeau and Bengio) no "
        "spread to go by; an exact sign-flip test over them gives p = 0.031: significant at 5%."
    ) in words
    assert "Bayesian" not in words


def test_the_same_in_every_fold(add, told):
    add("net", RIGHT)
    add("svm", RIGHT)
    words = told()
    assert words.startswith("net and svm score the same on toy under loso")
    assert "In all 6 folds the two score the same." in words


def test_nearly_the_same_is_not_the_same(add, told):
    big = dict.fromkeys((f"s{at}" for at in range(6)), 1000)
    add("net", [700, 610, 655, 720, 590, 640], large=big)
    add("svm", [690, 620, 665, 710, 600, 629], large=big)
    words = told()
    assert words.startswith("net and svm score less than 0.05 points apart on toy under loso: UA ")
    assert "95% CI of the difference [-" in words


def test_the_same_speakers(add, told):
    for name, rights in (("net", NET), ("svm", SVM)):
        add(name, rights, speakers=("x",), speaker_independent=False)
    words = told()
    assert "no interval of other speakers, as these were trained on (1 speaker)" in words
    assert (
        "p is of other utterances of this same speaker, and says nothing of other speakers; tests "
        "over speakers (jackknife, sign-flip, Wilcoxon) are left out"
    ) in words
    assert "Of 1 speaker" not in words


def test_unknown_whether_the_folds_share_speakers(add, told):
    for name, rights in (("net", NET), ("svm", SVM)):
        add(name, rights, speaker_independent=None)
    assert "Whether the folds share speakers is not known." in told()


def test_the_detectable_difference_names_its_level(add, told):
    for name, rights in (("net", NET), ("svm", SVM), ("forest", RIGHT)):
        add(name, rights)
    assert "; at 5%/3, Holm's first step, it would have found" in told("net", "svm", "forest")
    assert "at 5%; it would have found" in told("net", "svm")


def test_seeds_that_differ(add, told):
    add("net", RIGHT, seeds=(0, 1))
    add("svm", RIGHT, seeds=(2, 3))
    assert told() == (
        "net and svm on toy under loso: nothing is compared. There is no test: the models share no "
        "seed."
    )


def test_intervals_are_not_the_test(add, store):
    add("net", NET)
    add("svm", SVM)
    (found,) = comparisons(store, ["net", "svm"])
    assert "it may leave 0 out where the test over folds does not" in " ".join(legend(found))
