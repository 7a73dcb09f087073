"""All canaries of a listing."""

from __future__ import annotations

import dataclasses
import time
from collections import Counter

import numpy as np
import pytest

from serbench.canaries.predict import AUDITED, CANARIES, predict
from serbench.errors import ProtocolError
from serbench.listing import Item, Listing
from serbench.protocols import Split


def test_the_rows_of_a_board():
    assert list(CANARIES) == [
        *("majority", "uniform", "speaker", "text", "dialogue", "scenario", "duration", "file")
    ]
    assert set(AUDITED) - set(CANARIES) == {"speaker-text", "samples", "path"}
    assert all(canary.looks_at for canary in AUDITED.values())


def test_each_says_what_its_key_tells(small):
    items = {
        "1": {"label": "a", "speaker": "x", "text": "Yes.", "duration": 1.0},
        "2": {"label": "b", "speaker": "y", "text": "No.", "duration": 2.0},
        "3": {"label": "b", "speaker": "z", "text": "No!", "duration": 3.0},
        "4": {"label": "b", "speaker": "x", "text": "yes", "duration": 1.0},
        "5": {"label": "a", "speaker": "w", "text": "no", "duration": 3.0},
    }
    flock = predict(small(items, train="1 2 3", test="5 4"))
    said = flock.decisions["1", "x"]
    assert said.ids == ("4", "5")
    assert said.speakers == ("x", "w")
    assert said.truth.tolist() == [1, 0]
    by = {name: said.by[name].tolist() for name in flock.names if name != "uniform"}
    assert by == {"majority": [1, 1], "speaker": [0, 1], "text": [0, 1], "duration": [0, 1]}


def test_what_nobody_knows_is_absent_and_not_zero(small):
    items = {"1": {"label": "a"}, "2": {"label": "b"}}
    assert predict(small(items, train="1", test="2")).names == ("majority", "uniform")


def test_the_test_labels_change_nothing(released, random_folds):
    listing = random_folds(released("emodb"))
    held = {one for split in listing.splits[:1] for ids in split.tests.values() for one in ids}
    other = dataclasses.replace(
        listing,
        items=tuple(
            dataclasses.replace(item, label="anger") if item.id in held else item
            for item in listing.items
        ),
        splits=listing.splits[:1],
    )
    first, second = predict(listing, AUDITED), predict(other, AUDITED)
    place = ("01", "all")
    for name in first.names:
        np.testing.assert_array_equal(
            first.decisions[place].by[name], second.decisions[place].by[name], err_msg=name
        )


def test_uniform_is_even_and_the_same_every_time():
    items = tuple(Item(id=f"x/{i:04d}", label="abcd"[i % 4]) for i in range(4000))
    ids = tuple(item.id for item in items)
    splits = (Split("1", ids[:10], {"x": ids}), Split("2", ids[10:], {"x": ids}))
    flock = predict(Listing("even", items, splits))
    first, second = (flock.decisions[fold, "x"].by["uniform"] for fold in "12")
    np.testing.assert_array_equal(first, second)
    assert np.bincount(first, minlength=4).min() > 900  # 1000 expected, SD 27
    assert first[:8].tolist() == [0, 1, 0, 3, 2, 3, 3, 2]  # on every machine


def test_several_corpora():
    """A speaker's name, or a sentence's number, means nothing in another corpus; words do."""
    items = (
        Item(id="x/1", corpus="x", label="a", speaker="1", sentence="1", duration=1.0, rate=8000),
        Item(id="x/2", corpus="x", label="b", speaker="2", text="So?", duration=2.0, rate=16000),
        Item(id="x/3", corpus="x", label="b", speaker="2", text="so", duration=2.0, rate=16000),
        Item(id="y/1", corpus="y", label="b", speaker="1", sentence="1", duration=2.5, rate=8000),
        Item(id="z/1", corpus="z", label="a", speaker="1", text="SO", duration=0.5, rate=44100),
    )
    split = Split("x", ("x/1", "x/2", "x/3"), {"y": ("y/1",), "z": ("z/1",)})
    flock = predict(Listing("x to y and z", items, (split,), ("a", "b")))
    assert list(flock.decisions) == [("x", "y"), ("x", "z")]
    to_y, to_z = flock.decisions.values()
    names = ("majority", "speaker", "text", "duration", "file")
    assert [to_y.by[name].item() for name in names] == [1, 1, 1, 1, 0]
    assert [to_z.by[name].item() for name in names] == [1, 1, 1, 0, 1]


def test_classes_keep_their_order_and_their_number(small):
    items = {"1": {"label": "b"}, "2": {"label": "b"}}
    flock = predict(small(items, train="1", test="2", classes=("c", "b", "a")))
    assert flock.classes == ("c", "b", "a")
    assert flock.decisions["1", "x"].by["majority"].item() == 1


def test_what_cannot_be_judged_is_passed_over(small):
    items = {
        "1": {"label": "a"},
        "2": {"label": "b"},
        "3": {"label": ""},
        "4": {"label": "odd"},
    }
    flock = predict(small(items, train="1 3 4 gone", test="2 2 3 4 gone"))
    assert flock.decisions["1", "x"].ids == ("2",)


def test_a_fold_that_trains_on_nothing(small):
    with pytest.raises(ProtocolError, match="trains on nothing"):
        predict(small({"1": {"label": "a"}}, train="gone", test="1"))


def test_one_class_and_no_other(small):
    items = {str(i): {"label": "a", "file": f"{i}{i % 2}.wav", "samples": "s"} for i in range(4)}
    flock = predict(small(items, train="0 1", test="2 3", classes=()), AUDITED)
    assert flock.names == ("majority", "uniform", "samples", "path")
    assert all(not said.any() for said in flock.decisions["1", "x"].by.values())


def test_a_duration_that_training_does_not_know(small):
    items = {"1": {"label": "b"}, "2": {"label": "a", "duration": 2.0}}
    flock = predict(small(items, train="1", test="2"))
    assert flock.decisions["1", "x"].by["duration"].item() == 1


def test_a_scale(small):
    items = {
        "1": {"speaker": "x", "duration": 1.0},
        "2": {"speaker": "x", "duration": 1.0},
        "3": {"speaker": "y", "duration": 9.0},
        "4": {"speaker": "x", "duration": 8.9},
        "5": {"speaker": "w"},
        "6": {"speaker": "x"},
    }
    values = {"1": 1.0, "2": 2.0, "3": -3.0, "4": 2.5, "5": 0.0}
    listing = small(items, train="1 2 3", test="4 5 6", classes=())
    flock = predict(listing, AUDITED, values)
    said = flock.decisions["1", "x"]
    assert flock.classes == ()
    assert said.ids == ("4", "5")  # the sixth has no value
    assert said.truth.tolist() == [2.5, 0.0]
    assert said.by["majority"] == pytest.approx([0.0, 0.0])
    assert said.by["speaker"] == pytest.approx([1.5, 0.0])
    assert said.by["duration"] == pytest.approx([-3.0, 0.0])
    assert np.all((said.by["uniform"] >= -3.0) & (said.by["uniform"] <= 2.0))


def test_as_many_as_cmu_mosei_has_in_two_seconds():
    rng = np.random.default_rng(0)
    words = rng.integers(0, 3000, (23_000, 18)).astype(str)
    items = tuple(
        Item(
            id=f"v{i // 7:04d}[{i % 7}]",
            label=str(i % 6),
            speaker=f"s{i // 23}",
            dialogue=f"v{i // 7}",
            scenario=f"t{i % 250}",
            text=" ".join(words[i]),
            duration=float(i % 997),
            rate=16000,
        )
        for i in range(23_000)
    )
    ids = np.array([item.id for item in items])
    fold = rng.integers(0, 10, 23_000)
    splits = tuple(
        Split(str(k), tuple(ids[fold != k].tolist()), {"x": tuple(ids[fold == k].tolist())})
        for k in range(10)
    )
    start = time.process_time()
    flock = predict(Listing("many", items, splits))
    assert time.process_time() - start < 2.0
    assert flock.names == tuple(CANARIES)
    assert Counter(len(d.ids) for d in flock.decisions.values()).total() == 10
