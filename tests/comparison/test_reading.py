"""Comparisons from stored predictions: what is told, in what words, and what is refused."""

import math

import numpy as np
import pytest

from serbench.comparison.reading import comparisons
from serbench.comparison.words import paragraph
from serbench.errors import UsageError
from serbench.stats.family import holm
from serbench.stats.paired import corrected, sign_flip, uncorrected, wilcoxon

NET, SVM, PRIOR = [18, 17, 19, 16, 18, 17], [15, 16, 15, 16, 14, 15], [10, 11, 9, 10, 10, 11]


@pytest.fixture
def pair(add, store):
    add("net", NET)
    add("svm", SVM)
    (found,) = comparisons(store, ["net", "svm"])
    (pair,) = found.pairs
    return pair


def test_every_test_has_its_own_number(pair):
    differences = np.subtract(NET, SVM) / 20
    assert pair.duel.tested.p == pytest.approx(corrected(differences, 6).p)
    told = {one.test: one for one in pair.others}
    assert told["uncorrected"].p == pytest.approx(uncorrected(differences).p)
    assert told["sign-flip"].p == sign_flip(differences).p
    assert told["wilcoxon"].p == wilcoxon(differences).p
    assert told["jackknife"] == pair.duel.difference
    assert pair.p_holm == pair.duel.tested.p
    assert (pair.effect.wins, pair.effect.ties, pair.effect.losses) == (5, 1, 0)
    assert pair.belief.first + pair.belief.equivalent + pair.belief.second == pytest.approx(1)
    assert pair.belief.first > 0.9


def test_utterances_that_one_alone_gets_right(pair):
    """Each model gets the first ones right, so that the better one's hold the other's."""
    told = pair.discordant
    assert (told.first_alone, told.second_alone) == (2 * sum(np.subtract(NET, SVM)), 0)
    assert told.p == pytest.approx(2 * 0.5 ** (told.first_alone))


def test_accuracy_stands_beside(pair):
    assert pair.wa.estimate == pytest.approx(np.subtract(NET, SVM).mean() / 20)
    assert pair.wa.low < pair.wa.estimate < pair.wa.high


def test_the_paragraph(add, store, pair):
    (found,) = comparisons(store, ["net", "svm"])
    told = paragraph(found.pairs[0], found)
    assert told.startswith(
        "net scores 11.7 points higher than svm on toy under loso: UA 87.5 against 75.8, 95% CI of "
        "the difference [+"
    )
    assert "over 6 folds, mean difference +11.7 [" in told
    assert "], gives p = 0.0" in told
    assert "significant at 5%; it would have found" in told
    assert "Of 6 speakers net has the higher score on 5, svm on 0, 1 equal" in told


def test_with_four_speakers_no_exact_test_is_reported(add, store):
    add("net", NET[:4])
    add("svm", SVM[:4])
    (found,) = comparisons(store, ["net", "svm"])
    (pair,) = found.pairs
    silent = [one for one in pair.others if "too_few" in one.flags]
    assert {one.test for one in silent} == {"sign-flip", "wilcoxon"}
    assert all(math.isnan(one.p) for one in silent)
    assert not math.isnan(pair.duel.tested.p)
    assert "smallest p of an exact test is 0.125: none is reported" in paragraph(pair, found)


def test_three_models_are_three_pairs_or_two_against_one(add, store):
    for name, rights in (("net", NET), ("svm", SVM), ("prior", PRIOR)):
        add(name, rights)
    (every,) = comparisons(store, ["net", "svm", "prior"])
    assert [(one.first, one.second) for one in every.pairs] == [
        ("net", "svm"), ("net", "prior"), ("svm", "prior"),
    ]  # fmt: skip
    assert [one.p_holm for one in every.pairs] == holm([p.duel.tested.p for p in every.pairs])
    (against,) = comparisons(store, ["net", "svm", "prior"], reference="svm")
    assert [(one.first, one.second) for one in against.pairs] == [("net", "svm"), ("prior", "svm")]
    assert against.pairs[1].duel.difference.estimate < 0
    assert "after Holm over 2 comparisons" in paragraph(against.pairs[0], against)


def test_seeds_are_counted(add, store):
    add("net", NET, seeds=(0, 1))
    add("svm", SVM, seeds=(0, 1))
    (found,) = comparisons(store, ["net", "svm"])
    assert found.pairs[0].duel.seeds == 2
    assert found.pairs[0].duel.tested.test == "corrected two-way"
    assert "(6 speakers, 2 seeds)" in paragraph(found.pairs[0], found)


def test_what_lacks_folds_is_said_and_not_compared(add, store):
    add("net", NET)
    add("svm", SVM)
    add("half", PRIOR, lost={"s2"})
    (found,) = comparisons(store, ["net", "svm", "half"])
    assert len(found.pairs) == 1
    assert found.absent == (("half", "5 of 6 trials are finished"),)


def test_settings_choose_among_the_rows_of_a_model(add, store):
    add("net", NET)
    add("net", SVM, variant={"epochs": 3})
    add("svm", PRIOR)
    with pytest.raises(UsageError, match="2 rows") as told:
        comparisons(store, ["net", "svm"])
    assert told.value.expected == "one of net[], net[epochs=3]"
    (found,) = comparisons(store, ["net[]", "net[epochs=3]"])
    (pair,) = found.pairs
    assert (pair.first, pair.second) == ("net", "net[epochs=3]")
    assert pair.scores[1] == pytest.approx(np.mean(SVM) / 20)


def test_versions_choose_among_the_rows_of_a_model(add, store):
    add("net", NET)
    add("net", SVM, version="2")
    with pytest.raises(UsageError, match="2 rows") as told:
        comparisons(store, ["net", "net[]"])
    assert told.value.expected == "one of net[version=1], net[version=2]"
    (found,) = comparisons(store, ["net[version=1]", "net[version=2]"])
    (pair,) = found.pairs
    assert (pair.first, pair.second) == ("net[version=1]", "net[version=2]")
    assert pair.scores == pytest.approx((np.mean(NET) / 20, np.mean(SVM) / 20))


def test_a_row_with_further_settings_is_not_meant_where_one_has_none(add, store):
    add("net", NET, variant={"epochs": 3})
    add("net", SVM, variant={"epochs": 3, "width": 2})
    add("svm", PRIOR)
    (found,) = comparisons(store, ["net[epochs=3]", "svm"])
    assert found.pairs[0].scores[0] == pytest.approx(np.mean(NET) / 20)


def test_two_names_of_one_row_are_not_compared(add, store):
    add("net", NET)
    with pytest.raises(UsageError, match="no board has two"):
        comparisons(store, ["net", "net[]"])


def test_other_releases_share_no_board(add, store):
    add("net", NET, release="a")
    add("svm", SVM, release="b")
    with pytest.raises(UsageError, match="no board has two of net, svm") as told:
        comparisons(store, ["net", "svm"])
    assert "release aaaaaaaa" in told.value.expected
    assert "release bbbbbbbb" in told.value.expected


def test_each_board_is_a_comparison(add, store):
    for protocol in ("loso", "kfold"):
        add("net", NET, protocol=protocol)
        add("svm", SVM, protocol=protocol)
    assert [c.board.protocol for c in comparisons(store, ["net", "svm"])] == ["kfold", "loso"]
    (one,) = comparisons(store, ["net", "svm"], protocols=["loso"])
    assert one.board.protocol == "loso"


def test_unknown_names_are_refused(add, store):
    add("net", NET)
    with pytest.raises(UsageError, match="no results of the model 'nett'") as told:
        comparisons(store, ["net", "nett"])
    assert "did you mean net" in told.value.advice
    with pytest.raises(UsageError, match="net 2 times"):
        comparisons(store, ["net", "net"])
    with pytest.raises(UsageError, match="--reference svm"):
        comparisons(store, ["net", "prior"], reference="svm")
