"""L15 and L16: classes that are learnt and tested, and labels that are none."""

import dataclasses

from serbench.audit import Case, Declared, audit
from serbench.listing import Item


def test_a_class_that_is_tested_and_never_trained_on(toy, change, found):
    listing = change(
        toy(), label=lambda item: "calm" if item.speaker == "s0" and item.label == "sadness"
        else item.label,
    )  # fmt: skip
    messages = {one.message: one for one in found("L15", listing) if one.severity == "error"}
    (one,) = messages.values()
    assert (one.examples, one.folds) == (("calm",), ("s0",))


def test_a_singleton_of_the_training_set(toy, found):
    """ASED ships one utterance labelled S, in training alone."""
    listing = toy()
    lone = Item(id="toy/lone", label="S", corpus="toy", speaker="s9", file="lone.wav")
    splits = tuple(
        dataclasses.replace(split, train=(*split.train, lone.id)) for split in listing.splits
    )
    spoilt = dataclasses.replace(listing, items=(*listing.items, lone), splits=splits)
    messages = [one.message for one in found("L15", spoilt) if one.severity == "error"]
    assert any("tested in no fold" in text for text in messages)
    assert any("a single utterance" in text for text in messages)


def test_a_class_with_too_few_utterances_for_the_folds(toy, found):
    assert found("L15", toy(takes=2)) == []  # 8 of each for 4 folds
    (one,) = found("L15", toy(takes=1))
    assert (one.severity, one.count) == ("warning", 3)
    assert "anger (4)" in one.examples


def test_labels_are_held_against_the_classes(toy, found):
    listing = dataclasses.replace(toy(), classes=("anger", "neutral", "sadness"))
    assert found("L15", listing) == []
    fewer = dataclasses.replace(listing, classes=("anger", "neutral"))
    assert [one.examples for one in found("L15", fewer)] == [("sadness",)]
    more = dataclasses.replace(listing, classes=("anger", "fear", "neutral", "sadness"))
    assert [one.examples for one in found("L15", more)] == [("fear",)]


MAP = {"anger": "Angry", "neutral": "Neutral", "sadness": "Sad"}


def test_a_whole_label_map_is_well(toy, found):
    assert found("L15", dataclasses.replace(toy(), label_map=MAP)) == []


def test_a_label_map_with_another_spelling(toy, found):
    spoilt = {"anger": "Angry", "Neutral": "Neutral", "sadness": "Sad"}
    lacking, idle = found("L15", dataclasses.replace(toy(), label_map=spoilt))
    assert (lacking.severity, lacking.count, lacking.examples) == ("error", 32, ("neutral",))
    assert "it has 'Neutral'" in lacking.message
    assert (idle.severity, idle.examples) == ("warning", ("Neutral",))


def test_a_letter_that_is_wrong_throughout(toy, change, found):
    listing = change(toy(), label=lambda i: "boredem" if i.label == "neutral" else i.label)
    stated = {"anger": "Angry", "boredem": "Boredom", "sadness": "Sad"}
    (one,) = found("L15", dataclasses.replace(listing, label_map=stated))
    assert (one.severity, one.examples) == ("warning", ("'boredem' for 'Boredom'",))


def test_what_a_map_merges_is_told(toy, found):
    (one,) = found("L15", dataclasses.replace(toy(), label_map={**MAP, "neutral": "Sad"}))
    assert (one.severity, one.examples) == ("info", ("neutral, sadness as Sad",))
    calm = {"anger": "Calm", "neutral": "Neutral", "sadness": "Sad"}
    (one,) = found("L15", dataclasses.replace(toy(), label_map=calm))
    assert one.examples == ("calm and neutral",)


def test_label_maps_that_differ(toy, found):
    same = Declared(label_digests={"board": "ab" * 32, "paper": "ab" * 32})
    assert found("L15", Case(toy(), same)) == []
    differ = Declared(label_digests={"board": "ab" * 32, "paper": "cd" * 32})
    (one,) = found("L15", Case(toy(), differ))
    assert (one.severity, one.examples) == ("error", ("board: abababab", "paper: cdcdcdcd"))


def test_a_fold_that_lacks_a_class(toy, change, found):
    """EMO-DB's speaker 08 has no disgust."""
    listing = change(
        toy(), label=lambda item: "neutral" if item.speaker == "s0" and item.label == "anger"
        else item.label,
    )  # fmt: skip
    (one,) = found("L16", listing)
    assert (one.severity, one.examples, one.folds) == ("info", ("anger",), ("s0",))
    assert "1 of 12 recalls" in one.message


def test_values_of_a_scale_are_no_classes(toy, change):
    scale = change(toy(), label=lambda item: f"{len(item.id) / 7:.3f}")
    verdict = audit(Case(scale))
    assert not {"L15", "L16"} & set(verdict.checked)
    numbered = audit(Case(change(toy(), label=lambda item: item.id[-1])))
    assert "L16" in numbered.checked  # ASVP-ESD numbers its classes
