"""What of a board is not as in the papers: folds, draw, release, and how much of it."""

from __future__ import annotations

import dataclasses

import pytest

from serbench.unlike import Ground, other_rule, papers_own_folds, unlike

LOSO = Ground(
    corpora=("emodb",), labels="own", protocol={"name": "loso"}, folds=10, speakers=10,
    utterances=535,
)  # fmt: skip
TIMNET = dataclasses.replace(
    LOSO,
    protocol={
        "name": "last-epoch",
        "splitter": {"kind": "class-ordered-folds", "k": 10},
        "split_seed": 46,
    },
)


def of(ground: Ground, **other: object) -> Ground:
    return dataclasses.replace(ground, **other)  # type: ignore[arg-type]


@pytest.mark.parametrize("ground", [LOSO, TIMNET])
def test_the_papers_own_ground(ground: Ground) -> None:
    assert (other_rule(ground), unlike(ground)) == ("", ())
    assert papers_own_folds(ground)


def test_other_folds_are_another_rule() -> None:
    three = of(TIMNET, folds=3)
    assert other_rule(three) == "3 folds where the paper has 10"
    assert unlike(three) == (other_rule(three),)
    drawn = {**TIMNET.protocol, "splitter": {"kind": "stratified-folds", "k": 10}}
    assert other_rule(of(TIMNET, protocol=drawn)) == (
        "folds by stratified-folds where the paper's are by class-ordered-folds"
    )


def test_another_draw_is_told() -> None:
    other = of(TIMNET, protocol={**TIMNET.protocol, "split_seed": 7})
    assert other_rule(other) == ""
    assert unlike(other) == ("another split seed: 7 where the paper has 46",)
    assert not papers_own_folds(other)
    told = of(LOSO, protocol={"name": "loso", "split_seed": 7})  # draws nothing
    assert papers_own_folds(told)


def test_another_release_and_a_part_of_one() -> None:
    assert unlike(of(LOSO, utterances=816)) == (
        "another release: 816 utterances where the usual one has 535",
    )
    part = of(LOSO, folds=4, speakers=4, utterances=200)
    data = "4 speakers and 200 utterances where the usual one has 10 and 535"
    assert unlike(part) == ("4 folds where the paper has 10", f"another release: {data}")
    assert unlike(of(part, partial=True))[1] == f"a partial corpus: {data}"
    assert unlike(of(LOSO, partial=True)) == ("a partial corpus",)
    assert unlike(of(LOSO, speakers=None, utterances=None)) == ()


def test_the_same_speakers_left_out_are_the_same_folds() -> None:
    assert papers_own_folds(of(LOSO, utterances=816))
    assert not papers_own_folds(of(LOSO, folds=9, speakers=9))
    assert not papers_own_folds(of(LOSO, partial=True))


def test_folds_that_are_not_known_to_be_the_papers() -> None:
    rule = {"name": "sdcaff-5fold", "split_seed": 987654}
    drawn = Ground(corpora=("iemocap",), labels="sdcaff4", protocol=rule, folds=5,
                   speakers=10, utterances=2948)  # fmt: skip
    assert unlike(drawn) == ()
    assert not papers_own_folds(drawn)  # the rule is, the order of the files is not
    assert not papers_own_folds(of(LOSO, protocol={"name": "a-guests"}))


def test_what_tests_a_part_is_not_counted() -> None:
    held = of(LOSO, protocol={"name": "holdout"}, folds=1, speakers=9, utterances=107)
    assert unlike(held) == ()
