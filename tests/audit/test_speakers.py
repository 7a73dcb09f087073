"""L01 and L02: speakers on both sides, and speakers that are none."""

import dataclasses
from collections import Counter

import pytest

from serbench.audit import Case, Declared
from serbench.audit.gather import splits_case
from serbench.corpus import Entry
from serbench.listing import Item, Listing
from serbench.protocols import Split
from serbench.registry import load
from serbench.testing.forge import forge_corpus


def test_folds_of_speakers_share_none(toy, found):
    assert found("L01", toy()) == []
    assert found("L02", toy()) == []


def test_a_shared_speaker_is_an_error_in_the_folds_that_share_him(toy, found):
    listing = toy()
    moved = "toy/s1/anger0"
    first = dataclasses.replace(listing.splits[1], train=(*listing.splits[1].train, moved))
    tests = {"toy": tuple(name for name in first.tests["toy"] if name != moved)}
    first = dataclasses.replace(first, tests=tests)
    (one,) = found("L01", dataclasses.replace(listing, splits=(listing.splits[0], first)))
    assert (one.severity, one.count, one.examples) == ("error", 1, ("s1",))
    assert (one.folds, one.counts) == (("s1",), (1,))
    assert "1 of 2 speakers" in one.message
    assert "in 1 of 2 folds" in one.message


def test_sharing_that_is_declared_is_no_error(toy, dealt, found):
    listing = dealt(toy())
    assert [one.severity for one in found("L01", listing)] == ["error"]
    for claimed, severity in ((True, "error"), (None, "error"), (False, "info")):
        (one,) = found("L01", Case(listing, Declared(speaker_independent=claimed)))
        assert one.severity == severity
        assert one.count == 4
        assert one.counts == (4, 4, 4, 4)


def test_speakers_of_one_name_in_two_corpora_are_two(toy, found):
    here, there = toy(), toy(corpus="other")
    split = Split(
        "toy",
        tuple(item.id for item in here.items),
        {"other": tuple(item.id for item in there.items)},
    )
    assert found("L01", Listing("pair", (*here.items, *there.items), (split,))) == []


def test_a_speaker_of_two_genders_is_none(toy, change, found):
    even = change(toy(), gender=lambda item: "female" if item.id[-1] in "02468" else "male")
    (one,) = found("L02", even)
    assert (one.severity, one.count) == ("error", 4)
    right = change(toy(), gender=lambda item: "female" if item.speaker in {"s0", "s1"} else "male")
    assert found("L02", right) == []


def test_a_number_of_utterances_is_no_speaker(toy, change, found):
    (one,) = found("L02", change(toy(), speaker=lambda item: item.id))
    assert (one.severity, one.count) == ("error", 96)


def test_utterances_without_a_speaker_are_told(toy, change, found):
    some = change(toy(), speaker=lambda item: "" if item.label == "anger" else item.speaker)
    (one,) = found("L02", some)
    assert (one.severity, one.count) == ("warning", 32)
    assert "of 96" in one.message


def test_the_number_of_speakers_is_held_against_the_card(toy, found):
    for number, severities in ((4, []), (3, ["error"]), (10, ["warning"])):
        case = Case(toy(), Declared(speakers={"toy": number}))
        assert [one.severity for one in found("L02", case)] == severities


def test_one_of_many_who_wanders_between_sessions(toy, change, found):
    steady = change(toy(speakers=12), session=lambda item: item.speaker)
    assert found("L02", steady) == []
    slip = change(steady, session=lambda item: "s0" if item.id == "toy/s5/anger3" else item.session)
    (one,) = found("L02", slip)
    assert (one.severity, one.examples) == ("warning", ("s5",))
    # Where people come back as a matter of course, nothing is said.
    often = change(steady, session=lambda item: item.id[-1])
    assert found("L02", often) == []


@pytest.fixture(scope="module")
def iemocap(tmp_path_factory):
    """A forged IEMOCAP: who talks is the last letter of a turn's name, before its number."""
    corpus = load("corpora", "iemocap")()
    root = tmp_path_factory.mktemp("forged") / "iemocap"
    forge_corpus(corpus, root, seconds=(0.1, 0.12), rate=8000, per_cell=1, silent=True)
    entries = [entry for entry in corpus.entries(root) if isinstance(entry, Entry)]
    return [
        Item(
            id=entry.id, label=entry.native, corpus="iemocap", file=entry.file,
            speaker=entry.speaker, gender=entry.gender, session=entry.session,
            dialogue=entry.dialogue,
        )
        for entry in entries
    ]  # fmt: skip


def by_speaker(items):
    """Leave one speaker out, by whatever the field says."""
    splits = tuple(
        Split(
            who,
            tuple(item.id for item in items if item.speaker != who),
            {"iemocap": tuple(item.id for item in items if item.speaker == who)},
        )
        for who in sorted({item.speaker for item in items})
    )
    return Listing("iemocap", tuple(items), splits)


def test_iemocaps_talkers_are_ten_persons(iemocap, found):
    case = splits_case(by_speaker(iemocap))
    assert case.declared.speakers == {"iemocap": 10}
    assert found("L02", case) == []
    assert found("L01", case) == []


def test_iemocaps_recording_tag_is_no_speaker(iemocap, found):
    """The letter after the session is the actor who wears the markers; both talk."""
    tagged = [dataclasses.replace(item, speaker=item.id[:6]) for item in iemocap]
    listing = by_speaker(tagged)
    counts = Counter(item.speaker for item in tagged)
    # Of a forged corpus some dialogues have one turn only: those of both genders are looked for.
    both = [
        who for who in counts
        if len({item.gender for item in tagged if item.speaker == who}) == 2
    ]  # fmt: skip
    assert both
    errors = [one for one in found("L02", splits_case(listing)) if one.severity == "error"]
    assert any(one.count == len(both) and "two genders" in one.message for one in errors)


def test_the_tag_is_seen_without_genders_too(found):
    """Each dialogue of two has one "speaker": nobody talks to himself."""
    turns = [
        Item(id=f"Ses0{n}F_impro0{d}_{who}00{t}", label="neu", corpus="x", speaker=f"Ses0{n}F",
             session=f"0{n}", dialogue=f"Ses0{n}F_impro0{d}")
        for n in (1, 2) for d in (1, 2, 3) for who in "FM" for t in (0, 1)
    ]  # fmt: skip
    (one,) = found("L02", Listing("x", tuple(turns), ()))
    assert (one.severity, one.count) == ("warning", 6)
    right = [dataclasses.replace(turn, speaker=turn.id[:5] + turn.id[-4]) for turn in turns]
    assert found("L02", Listing("x", tuple(right), ())) == []
