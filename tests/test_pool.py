"""Several corpora at once, under one task."""

from typing import ClassVar

import pytest

from serbench.cohort import Cohort
from serbench.corpus import Corpus, CorpusCard, Release, Utterance
from serbench.errors import ProtocolError
from serbench.labels import INTERSECTION, OWN, Classes, LabelSpace
from serbench.pool import Pool, fitting_space, listing_of
from serbench.protocols import Split
from serbench.scanned import Scan


def corpus_of(corpus, native):
    class Toy(Corpus):
        card = CorpusCard(
            name=corpus, title=corpus, language="-", licence="-", how_to_get="-",
            citation="@misc{toy,}", releases=(Release(corpus, {}, {}),),
        )  # fmt: skip
        labels: ClassVar = native

        def entries(self, root):
            raise NotImplementedError

    return Toy()


def scanned(corpus, native, speakers=("01", "02")):
    utterances = tuple(
        Utterance(
            id=f"{corpus}/{i}", audio=f"/{corpus}/{i}.wav", file=f"{i}.wav",
            speaker=speakers[i % 2], native=label, corpus=corpus, emotion=emotion, rate=16000,
            channels=1, duration=1.0, samples=f"{corpus}{i}", sentence=str(i % 2),
        )
        for i, (label, emotion) in enumerate([*native.items()] * 2)
    )  # fmt: skip
    return corpus_of(corpus, native), Scan(corpus, None, corpus, utterances, (), corpus * 8)


NORTH = scanned("north", {"A": "anger", "N": "neutral", "C": "calm"})
SOUTH = scanned("south", {"a": "anger", "n": "neutral", "b": "boredom"})
FIVE = LabelSpace("five", "", Classes(("anger", "calm", "neutral")))


def test_what_corpora_share_is_their_intersection():
    pool = Pool.of([SOUTH, NORTH], INTERSECTION)
    assert pool.names == ("north", "south")
    assert pool.task == Classes(("anger", "neutral"))
    assert pool.counts() == {"anger": 4, "neutral": 4}
    assert pool.title == "north+south"
    assert set(pool.fingerprints) == {"north", "south"}
    assert [row.corpus for row in pool.table()] == ["north"] * 4 + ["south"] * 4
    assert sum(not row.label for row in pool.table(whole=True)) == 4
    assert pool.labels()["task"] == {"kind": "classes", "names": ["anger", "neutral"]}


def test_one_corpus_keeps_its_own():
    pool = Pool.of([NORTH], OWN)
    assert pool.task == Cohort(*NORTH, OWN).task
    assert pool.labels() == OWN.record()


def test_a_class_that_a_corpus_lacks_is_named():
    with pytest.raises(ProtocolError, match="no label of south stands for calm, which"):
        Pool.of([NORTH, SOUTH], FIVE)
    assert fitting_space([FIVE, INTERSECTION], [NORTH[0], SOUTH[0]]) is INTERSECTION
    assert fitting_space([FIVE, INTERSECTION], [NORTH[0]]) is FIVE


def test_one_shared_emotion_is_too_few():
    other = scanned("east", {"a": "anger", "d": "disgust"})
    with pytest.raises(ProtocolError, match="share anger"):
        Pool.of([NORTH, other], INTERSECTION)


def test_corpora_that_mean_different_things_are_not_pooled():
    with pytest.raises(ProtocolError, match="do not stand under one task"):
        Pool.of([NORTH, SOUTH], OWN)


def test_a_listing_tells_speakers_of_one_name_apart():
    pool = Pool.of([NORTH, SOUTH], INTERSECTION)
    ids = [row.id for row in pool.table()]
    listing = listing_of(pool, (Split("1", tuple(ids[:4]), {"south": tuple(ids[4:])}),), "toy")
    assert listing.classes == ("anger", "neutral")
    assert {item.who for item in listing.items} == {
        (corpus, speaker) for corpus in ("north", "south") for speaker in ("01", "02")
    }
    first = listing.items[0]
    assert (first.label, first.sentence, first.file, first.duration) == ("anger", "0", "0.wav", 1.0)
