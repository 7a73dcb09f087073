"""Cases of folds that somebody published, and of the harness's own."""

import dataclasses
import functools

import pytest

from serbench.audit import Case, audit
from serbench.audit.gather import protocol_case, splits_case, with_canaries
from serbench.interchange.reading import read
from serbench.pool import Pool
from serbench.registry import load
from serbench.scan import scan


@pytest.fixture(scope="module")
def savee(forged_savee):
    corpus = load("corpora", "savee")()
    return Pool.of(
        [(corpus, scan(corpus, forged_savee, allow_partial=True))], load("labels", "own")
    )


@pytest.fixture(scope="module")
def published(emobox):
    """``published("emodb")``: EmoBox's folds of a corpus, read once."""
    return functools.cache(lambda name: splits_case(read(emobox / name)))


def case_of(pool, name):
    protocol = load("protocols", name)
    return protocol_case(pool, protocol, protocol.splits(pool.table(whole=protocol.whole)))


def test_emoboxs_emodb(published, found):
    """Ten of ten speakers on both sides of each of five folds, and a label that the map lacks."""
    case = published("emodb")
    (one,) = found("L01", case)
    assert (one.severity, one.count, one.counts) == ("error", 10, (10,) * 5)
    assert "10 of 10 speakers" in one.message
    assert "in 5 of 5 folds" in one.message
    lacking, idle, misspelt = found("L15", case)
    assert (lacking.severity, lacking.count, lacking.examples) == ("error", 79, ("neutral",))
    assert (idle.severity, idle.examples) == ("warning", ("Neutral",))
    assert (misspelt.severity, misspelt.examples) == ("warning", ("'boredem' for 'Boredom'",))
    assert found("L02", case) == []
    assert found("L14", case) == []


def test_emoboxs_ravdess(published, found):
    case = published("ravdess")
    assert found("L01", case) == []
    verdict = audit(case)
    assert "speaker-independent" in verdict.badges
    assert verdict.found("error") == ()
    # Both takes of actor 07's second statement, happy, are one recording in the release itself.
    (one,) = found("L05", case)
    assert one.examples == ("ravdess-03-01-03-01-02-01-07 = ravdess-03-01-03-01-02-02-07",)


def test_ids_that_spell_the_label(published, found):
    case = with_canaries(published("emodb"))
    (one,) = found("L18", case)
    assert (one.severity, one.count) == ("warning", 535)
    assert "UA 100.0" in one.message
    hidden = dataclasses.replace(case, declared=dataclasses.replace(case.declared, opaque=True))
    assert [one.severity for one in found("L18", hidden)] == ["info"]


def test_durations_that_tell(published, found):
    (one,) = found("L19", with_canaries(published("emodb")))
    assert one.severity == "warning"
    assert "duration" in one.message


@pytest.mark.parametrize(
    ("name", "badge"),
    [("loso", "speaker-independent"), ("kfold", "speaker-dependent"),
     ("last-epoch", "speaker-dependent")],
)  # fmt: skip
def test_protocols_keep_what_they_claim(savee, name, badge, found):
    case = with_canaries(case_of(savee, name))
    verdict = audit(case)
    assert badge in verdict.badges
    assert verdict.found("error") == ()
    assert [one.severity for one in found("L01", case)] == (
        [] if badge == "speaker-independent" else ["info"]
    )
    assert verdict.name == f"{name} on savee"


def test_tim_nets_seeds_are_its_own(savee, found):
    (one,) = found("L13", case_of(savee, "last-epoch"))
    assert "casia 32" in one.message
    assert found("L13", case_of(savee, "loso")) == []


def test_a_release_with_other_speakers(savee, found):
    case = case_of(savee, "loso")
    assert case.declared.speakers == {"savee": 4}
    fewer = tuple(item for item in case.listing.items if item.speaker != "DC")
    listing = dataclasses.replace(case.listing, items=fewer, splits=case.listing.splits[1:])
    (one,) = found("L02", dataclasses.replace(case, listing=listing))
    assert (one.severity, one.count) == ("warning", 3)


def test_look_ups_want_classes(toy, change):
    scale = change(toy(), label=lambda item: f"{len(item.id) / 7:.3f}", duration=lambda item: 1.0)
    case = with_canaries(Case(scale))
    assert case.canaries is None
    why = "they are values of a scale, or tags"
    assert case.reasons == {"canaries": why, "labels": why}
    bare = with_canaries(Case(change(toy(), label=lambda item: "")))
    (one,) = (one for one in audit(bare).not_checked if one.rule == "L16")
    assert one.needs == "needs the labels, as classes (no utterance has one)"
    case = with_canaries(Case(change(toy(), duration=lambda item: 1.0)))
    assert {canary.name for canary in case.canaries or ()} >= {"majority", "speaker", "duration"}


def test_lists_without_labels_have_those_of_the_release(tmp_path, emobox):
    """Files of EMO-DB and who trains, and no word of emotions."""
    names = [item.file for item in read(emobox / "emodb").items]
    lines = [f"{name},{'test' if name.startswith('03') else 'train'}" for name in names]
    path = tmp_path / "bare.csv"
    path.write_text("\n".join(["file,split", *lines]) + "\n", encoding="utf-8")
    case = splits_case(read(path))
    labels = {item.file: item.label for item in case.listing.items}
    assert (labels["03a01Fa.wav"], labels["03a01Wa.wav"]) == ("happiness", "anger")
    assert any("no labels are told; 535 utterances" in note for note in case.listing.notes)
    assert "L16" in audit(case).checked
