"""Who is held out to choose an epoch: whole speakers, every class, the same everywhere."""

import itertools

import pytest
from sklearn.model_selection import GroupShuffleSplit

from serbench.errors import ProtocolError
from serbench.protocols import LOSO, Split
from serbench.splitters import Row
from serbench.validation import held_out

CLASSES = ("anger", "neutral", "sadness")


def table(speakers, corpus="toy", labels=CLASSES, takes=2):
    return [
        Row(f"{corpus}/{s}/{label}{take}", "", s, "", label, corpus)
        for s, label, take in itertools.product(speakers, labels, range(takes))
    ]


def by_id(rows):
    return {row.id: row for row in rows}


def split_of(rows, **fields):
    return Split("1", tuple(row.id for row in rows), {"toy": ("toy/x",)}, **fields)


@pytest.mark.parametrize(("speakers", "held"), [(2, 1), (4, 1), (9, 2), (10, 2), (13, 3), (23, 5)])
def test_a_fifth_of_the_speakers_is_held_out_whole(speakers, held):
    rows = table([f"s{i}" for i in range(speakers)])
    found = held_out(split_of(rows), by_id(rows), CLASSES, 0)
    assert len(found.speakers) == held
    who = by_id(rows)
    inside = {who[name].speaker for name in found.validation}
    assert {f"toy/{one}" for one in inside} == set(found.speakers)
    assert not inside & {who[name].speaker for name in found.train}
    assert sorted((*found.train, *found.validation)) == sorted(who)
    order = [row.id for row in rows]
    for part in (found.train, found.validation):
        assert list(part) == sorted(part, key=order.index)


def test_draws_depend_on_the_seed_alone():
    rows = table([f"s{i}" for i in range(20)])
    draws = {held_out(split_of(rows), by_id(rows), CLASSES, seed).speakers for seed in range(8)}
    assert len(draws) > 4
    again = held_out(split_of(rows), by_id(rows), CLASSES, 3)
    assert again == held_out(split_of(rows), by_id(rows), CLASSES, 3)


@pytest.mark.parametrize("seed", range(20))
def test_every_class_is_spoken_on_both_sides_where_it_can_be(seed):
    """Disgust is spoken by two of ten: one of the two held out is one of them, and only one."""
    rows = table([f"s{i}" for i in range(10)]) + table(["s1", "s2"], labels=("disgust",))
    found = held_out(split_of(rows), by_id(rows), (*CLASSES, "disgust"), seed)
    assert len({"toy/s1", "toy/s2"} & set(found.speakers)) == 1


def test_a_class_of_one_speaker_stays_in_training_or_goes_with_them():
    rows = table([f"s{i}" for i in range(5)]) + table(["s1"], labels=("disgust",))
    found = held_out(split_of(rows), by_id(rows), (*CLASSES, "disgust"), 0)
    labels = by_id(rows)
    assert {labels[name].label for name in found.validation} >= set(CLASSES)
    assert {labels[name].label for name in found.train} >= set(CLASSES)


def test_of_draws_that_are_as_good_the_first_stands():
    rows = table([f"s{i}" for i in range(5)]) + table(["s1"], labels=("disgust",))
    groups = [int(row.speaker[1:]) for row in rows]
    splitter = GroupShuffleSplit(1, test_size=1, random_state=7)
    ((_, held),) = splitter.split(groups, groups=groups)
    found = held_out(split_of(rows), by_id(rows), (*CLASSES, "disgust"), 7)
    assert set(found.validation) == {rows[int(i)].id for i in held}


def test_speakers_of_two_corpora_with_one_name_are_two():
    rows = table(["01", "02", "03"], "savee") + table(["01", "02"], "emovo")
    found = held_out(split_of(rows), by_id(rows), CLASSES, 0)
    assert len(found.speakers) == 1
    corpus, speaker = found.speakers[0].split("/")
    assert {name.rsplit("/", 1)[0] for name in found.validation} == {f"{corpus}/{speaker}"}
    assert len(found.validation) == 6


def test_copies_go_with_their_original():
    rows = table(["a", "b", "c"])
    ids = tuple(n for row in rows for n in (row.id, *([f"{row.id}#2"] * (row.label == "anger"))))
    found = held_out(Split("1", ids, {"toy": ("toy/x",)}), by_id(rows), CLASSES, 0)
    for part in (found.train, found.validation):
        copies = {name for name in part if name.endswith("#2")}
        assert copies == {f"{name}#2" for name in part if "anger" in name and "#" not in name}
        assert copies


def test_an_official_validation_set_is_taken_as_it_is():
    rows, official = table(["a"]), table(["b", "c"])
    split = split_of(rows, validation=tuple(row.id for row in official))
    found = held_out(split, by_id(rows + official), CLASSES, 0)
    assert found.train == split.train  # of one speaker: nobody is taken from it
    assert found.validation == split.validation
    assert found.speakers == ("toy/b", "toy/c")


def test_one_speaker_cannot_be_held_out():
    rows = table(["ann"])
    with pytest.raises(ProtocolError, match=r"one speaker \(toy/ann\)[\s\S]*--selection last"):
        held_out(split_of(rows), by_id(rows), CLASSES, 0)


def test_classes_are_those_of_the_training_set_where_none_are_named():
    rows = table([f"s{i}" for i in range(10)])
    named = held_out(split_of(rows), by_id(rows), CLASSES, 5)
    assert held_out(split_of(rows), by_id(rows), (), 5) == named


def test_nobody_who_is_tested_is_held_out():
    rows = table([f"s{i}" for i in range(6)])
    for split in LOSO.splits(rows):
        found = held_out(split, by_id(rows), CLASSES, 0)
        assert not {*found.train, *found.validation} & set(split.tests["toy"])
        assert f"toy/{split.fold}" not in found.speakers
