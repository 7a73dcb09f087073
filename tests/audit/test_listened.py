"""Sounds of a listing, searched for copies."""

import dataclasses

import numpy as np
import pytest
import soundfile

from serbench.audit import Case
from serbench.audit.listened import families, with_files, with_sounds
from serbench.registry import load
from serbench.scan import scan
from serbench.testing.voices import speak
from serbench.twins.search import Twins

RATE = 16000


@pytest.fixture
def spoken(toy, tmp_path):
    """Six utterances with sounds; the first of s0 and of s1 are what the test puts there."""

    def make(first, second):
        listing = toy(speakers=2, takes=1)
        items = []
        for n, item in enumerate(listing.items):
            sound = speak(item.speaker, item.label, n, seed=0, seconds=1.4, rate=RATE)
            sound = {"toy/s0/anger0": first, "toy/s1/anger0": second}.get(item.id, sound)
            path = tmp_path / f"{n}.wav"
            soundfile.write(path, sound, RATE, "PCM_16")
            items.append(dataclasses.replace(item, path=path))
        return dataclasses.replace(listing, items=tuple(items))

    return make


def test_a_copy_across_folds(spoken, found, tmp_path):
    voice = speak("ann", "anger", 1, seed=0, seconds=1.4, rate=RATE)
    rng = np.random.default_rng(0)
    noisy = voice + rng.normal(0, 10 ** (-25 / 20) * voice.std(), len(voice)).astype(np.float32)
    case = with_sounds(Case(spoken(voice, noisy)), tmp_path / "cache", workers=1)
    (one,) = found("L06", case)
    assert one.examples == ("toy/s0/anger0 = toy/s1/anger0",)
    assert found("L05", case) == []
    assert case.reasons == {}


def test_sounds_that_differ_are_no_copies(spoken, found, tmp_path):
    voices = [speak(name, "anger", 1, seed=0, seconds=1.4, rate=RATE) for name in ("ann", "bob")]
    case = with_sounds(Case(spoken(*voices)), tmp_path / "cache", workers=1)
    assert case.alike == ()
    assert found("L05", case) == found("L06", case) == []


def test_sounds_that_are_not_at_hand_are_told(toy, spoken, tmp_path):
    silent = with_sounds(Case(toy()), tmp_path / "cache")
    assert silent.alike is None
    assert silent.reasons == {"sounds": "96 of 96 are not at hand"}
    voices = [speak(name, "anger", 1, seed=0, seconds=1.4, rate=RATE) for name in ("ann", "bob")]
    listing = spoken(*voices)
    some = dataclasses.replace(
        listing, items=(dataclasses.replace(listing.items[0], path=None), *listing.items[1:])
    )
    case = with_sounds(Case(some), tmp_path / "cache", workers=1)
    assert case.alike == ()
    assert case.reasons == {"sounds": "1 of 6 are not at hand"}


def test_pairs_become_families():
    pairs = [
        Twins("a", "b", "near", 0.99, 0.0), Twins("c", "d", "near", 0.96, 0.0),
        Twins("b", "e", "near", 0.97, 0.0), Twins("a", "z", "exact", 1.0, 0.0),
    ]  # fmt: skip
    alike = {(one.kind, one.ids): one.similarity for one in families(pairs)}
    assert alike == {
        ("near", ("a", "b", "e")): 0.97,
        ("near", ("c", "d")): 0.96,
        ("exact", ("a", "z")): 1.0,
    }


def test_somebodys_names_are_found_in_a_corpus_at_hand(toy, forged_savee):
    corpus = load("corpora", "savee")()
    utterances = scan(corpus, forged_savee, allow_partial=True).utterances
    first = utterances[0]
    listing = toy(speakers=1, takes=1)
    named = dataclasses.replace(
        listing.items[0], id="somebodys-name", corpus="savee", file=first.file, speaker=""
    )
    known = with_files(dataclasses.replace(listing, items=(named, *listing.items[1:])), utterances)
    assert known.items[0].speaker == first.speaker
    assert known.items[0].path == first.audio
    assert known.items[0].samples == first.samples
    assert known.items[0].label == named.label  # as its author says
    assert known.items[1:] == listing.items[1:]
