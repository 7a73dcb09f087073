"""L05 and L06: one recording under two names."""

import dataclasses

import pytest

from serbench.audit import Case
from serbench.audit.evidence import Alike

FIRST, SECOND, FAR = "toy/s0/anger0", "toy/s0/anger1", "toy/s1/anger0"


def test_an_utterance_on_both_sides(toy, found):
    listing = toy()
    first = listing.splits[0]
    both = dataclasses.replace(first, train=(*first.train, FIRST))
    (one,) = found("L05", dataclasses.replace(listing, splits=(both, *listing.splits[1:])))
    assert (one.severity, one.count, one.examples, one.folds) == ("error", 1, (FIRST,), ("s0",))


def test_two_ids_of_one_file(toy, change, found):
    listing = change(toy(), file=lambda item: "same.wav" if item.id in (FIRST, FAR) else item.file)
    (one,) = found("L05", listing)
    assert (one.severity, one.count, one.folds) == ("error", 1, ("s0", "s1"))


def test_equal_samples_are_an_error_across_sides_and_a_warning_within(toy, change, found):
    unique = change(toy(), samples=lambda item: item.id)
    assert found("L05", unique) == []
    across = change(unique, samples=lambda i: "same" if i.id in (FIRST, FAR) else i.samples)
    (one,) = found("L05", across)
    assert (one.severity, one.examples) == ("error", (f"{FIRST} = {FAR}",))
    within = change(unique, samples=lambda i: "same" if i.id in (FIRST, SECOND) else i.samples)
    (one,) = found("L05", within)
    assert (one.severity, one.count) == ("warning", 1)


def test_one_sound_under_two_labels_is_an_error_on_any_side(toy, change, found):
    ids = (FIRST, "toy/s0/neutral0")
    listing = change(toy(), samples=lambda i: "same" if i.id in ids else i.id)
    (one,) = found("L05", listing)
    assert one.severity == "error"
    assert one.examples == ("toy/s0/anger0 (anger) = toy/s0/neutral0 (neutral)",)


def test_copies_that_a_label_space_makes_are_no_twins(toy, change, found):
    listing = change(toy(), samples=lambda item: item.id)
    copy = dataclasses.replace(listing.items[0], id=f"{FIRST}#2", file="")
    splits = tuple(
        dataclasses.replace(split, train=(*split.train, copy.id))
        if FIRST in split.train
        else dataclasses.replace(split, tests={"toy": (*split.tests["toy"], copy.id)})
        for split in listing.splits
    )
    repeated = dataclasses.replace(listing, items=(*listing.items, copy), splits=splits)
    assert found("L05", repeated) == []
    assert found("L08", repeated) == []


@pytest.mark.parametrize(
    ("kind", "rule", "severity"),
    [("exact", "L05", "error"), ("normalised", "L05", "error"), ("near", "L06", "warning")],
)
def test_what_a_search_of_sounds_finds(toy, found, kind, rule, severity):
    case = Case(toy(), alike=(Alike((FIRST, FAR), kind, 0.97),))
    (one,) = found(rule, case)
    assert (one.severity, one.count, one.folds) == (severity, 1, ("s0", "s1"))
    other = {"L05": "L06", "L06": "L05"}[rule]
    assert found(other, case) == []


def test_what_checksums_told_is_not_told_again(toy, change, found):
    listing = change(toy(), samples=lambda i: "same" if i.id in (FIRST, FAR) else i.id)
    assert len(found("L05", Case(listing, alike=(Alike((FIRST, FAR), "exact"),)))) == 1


def test_a_line_that_stands_twice_in_a_training_side(toy, found):
    listing = toy()
    first, *others = listing.splits
    for spoilt in (
        dataclasses.replace(first, train=(*first.train, first.train[0])),
        dataclasses.replace(first, train=first.train[2:], validation=first.train[:1] * 2),
    ):
        (one,) = found("L05", dataclasses.replace(listing, splits=(spoilt, *others)))
        assert (one.severity, one.count, one.folds) == ("warning", 1, (first.fold,))
        assert one.examples == (first.train[0],)
        assert "several times" in one.message
    assert found("L05", listing) == []
