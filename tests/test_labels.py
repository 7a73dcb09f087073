"""Label spaces: what is merged, who is left out, and that both are said."""

import pytest

from serbench.corpus import Entry
from serbench.labels import Classes, LabelSpace, Scale, Tags
from serbench.registry import load, registered

NATIVE = {"a": "anger", "h": "happiness", "e": "excitement", "x": None}


class Said:
    """As much of an utterance as a label space looks at."""

    def __init__(self, emotion="", intended=None, attributes=None, style=None):
        self.emotion, self.intended, self.style = emotion, intended, style
        self.attributes = attributes or {}


def answer(space, **of):
    return space.answer(Said(**of), NATIVE)


def test_merging_and_leaving_out():
    space = LabelSpace("s", "", Classes(("anger", "happiness")), merge={"excitement": "happiness"})
    assert answer(space, emotion="excitement") == "happiness"
    assert answer(space, emotion="anger") == "anger"
    assert answer(space, emotion="sadness") is None
    assert answer(space, emotion="") is None


def test_none_in_merge_leaves_out_even_what_is_a_class():
    space = LabelSpace("s", "", Classes(("anger", "happiness")), merge={"happiness": None})
    assert answer(space, emotion="happiness") is None


def test_where_lets_in_only_what_it_names():
    space = LabelSpace("s", "", Classes(("anger", "happiness")), where={"style": ("improvised",)})
    assert answer(space, emotion="anger", style="improvised") == "anger"
    assert answer(space, emotion="anger", style="scripted") is None
    assert answer(space, emotion="anger") is None


def test_intended_labels_are_mapped_like_perceived_ones():
    space = LabelSpace(
        "s", "", Classes(("anger", "happiness")),
        merge={"excitement": "happiness"}, label_field="intended",
    )  # fmt: skip
    assert answer(space, emotion="anger", intended="e") == "happiness"
    assert answer(space, emotion="anger", intended=None) is None
    assert answer(space, emotion="anger", intended="x") is None


def test_a_scale_reads_its_attribute():
    space = LabelSpace("s", "", Scale(-3, 3), label_field="sentiment")
    assert answer(space, attributes={"sentiment": -1.5}) == -1.5
    assert answer(space, emotion="anger") is None


def test_tags_are_attributes_above_zero_and_all_must_be_known():
    space = LabelSpace("s", "", Tags(("anger", "fear")))
    assert answer(space, attributes={"anger": 0.33, "fear": 0.0}) == (True, False)
    assert answer(space, attributes={"anger": 1.0}) is None


def test_own_keeps_the_order_of_the_labels_as_written():
    own = load("labels", "own")
    assert own.resolve(NATIVE) == Classes(("anger", "excitement", "happiness"))


def test_counts_without_the_corpus():
    space = LabelSpace(
        "s", "", Classes(("anger", "happiness")),
        merge={"excitement": "happiness"}, repeat={"anger": 2},
    )  # fmt: skip
    card = {"a": 3, "h": 1, "e": 5, "x": 9}
    assert space.counts("toy", NATIVE, card) == {"anger": 6, "happiness": 6}
    improvised = LabelSpace("s", "", Classes(("anger",)), where={"style": ("improvised",)})
    assert improvised.counts("toy", NATIVE, card) is None


def test_the_record_holds_all_that_decides():
    plain = LabelSpace("s", "", Classes(("anger", "happiness")))
    records = [
        space.record()
        for space in (
            plain,
            LabelSpace("s", "", Classes(("happiness", "anger"))),
            LabelSpace("s", "", plain.task, merge={"excitement": "happiness"}),
            LabelSpace("s", "", plain.task, where={"style": ("improvised",)}),
            LabelSpace("s", "", plain.task, label_field="intended"),
            LabelSpace("s", "", plain.task, repeat={"anger": 2}),
        )
    ]
    assert all(one != other for i, one in enumerate(records) for other in records[:i])


@pytest.mark.parametrize("name", sorted(registered("labels")))
def test_a_registered_space_says_what_it_does(name):
    space = load("labels", name)
    assert space.name == name
    assert space.title
    assert space.note
    for one in (space, *space.variants.values()):
        assert one.name == name
        if isinstance(one.task, Classes):
            classes = set(one.task.names)
            assert {merged for merged in one.merge.values() if merged} <= classes
            assert set(one.repeat) <= classes
            assert all(set(counts) == classes for counts in one.expected.values())
        fields = Entry.__slots__
        assert set(one.where) <= set(fields)


@pytest.mark.parametrize(
    ("name", "corpus", "total"),
    [
        ("iemocap4", "iemocap", 5531),
        ("iemocap4-improvised", "iemocap", 2943),
        ("sdcaff4", "iemocap", 2948),
        ("msp4", "msp-improv", 7798),
        ("shared5", "casia", 1000),
        ("shared5", "emodb", 408),
        ("shared5", "emovo", 420),
        ("shared5", "ravdess", 864),
        ("shared5", "savee", 360),
    ],
)
def test_published_totals(name, corpus, total):
    assert sum(load("labels", name).expected[corpus].values()) == total


@pytest.mark.parametrize("corpus", ["casia", "emodb", "emovo", "ravdess", "savee"])
def test_shared5_agrees_with_the_cards(corpus):
    space, adapter = load("labels", "shared5"), load("corpora", corpus)
    free = LabelSpace("free", "", space.task, merge=space.merge)
    counted = free.counts(corpus, adapter.labels, adapter.card.standard.counts)
    assert counted == dict(space.expected[corpus])


def test_iemocap4_agrees_with_the_card():
    space, adapter = load("labels", "iemocap4"), load("corpora", "iemocap")
    free = LabelSpace("free", "", space.task, merge=space.merge)
    counted = free.counts("iemocap", adapter.labels, adapter.card.standard.counts)
    assert counted == dict(space.expected["iemocap"])


def test_a_variant_goes_by_the_name_of_its_space():
    """A worker asks for a label space by the name in its trial."""
    there = LabelSpace("two, as they stand there", "", Classes(("anger", "fear")))
    space = LabelSpace("two", "", Classes(("anger", "fear")), variants={"toy": there})
    assert space.on("toy").record() == {**there.record(), "name": "two"}
    assert space.on("other") is space
