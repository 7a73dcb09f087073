"""A corpus seen through a label space: who is in, who is counted twice, and who is left out."""

import dataclasses
from typing import ClassVar

import numpy as np
import pytest

from serbench.cohort import Cohort
from serbench.corpus import Corpus, CorpusCard, Finding, Release, Utterance
from serbench.errors import ProtocolError
from serbench.labels import Classes, LabelSpace, Scale, Tags
from serbench.protocols import Split
from serbench.scanned import Scan


class Toy(Corpus):
    card = CorpusCard(
        name="toy", title="Toy", language="-", licence="-", how_to_get="-", citation="@misc{toy,}",
        releases=(Release("Toy 1", {"a": 2, "h": 1, "s": 1}, {}), Release("Toy 2", {"a": 9}, {})),
    )  # fmt: skip
    labels: ClassVar = {"a": "anger", "h": "happiness", "s": "sadness"}

    def entries(self, root):
        raise NotImplementedError


def utterance(number, native, **more):
    fields = {"session": "1", "attributes": {"sentiment": 0.5, "anger": 1.0, "fear": 0.0}} | more
    return Utterance(
        id=f"toy/{number}", audio=None, file=f"{number}.wav", speaker="ann", native=native,
        corpus="toy", emotion=Toy.labels[native], rate=16000, channels=1, duration=1.0,
        samples=f"{number:064d}", **fields,
    )  # fmt: skip


UTTERANCES = tuple(utterance(i, native) for i, native in enumerate("aash"))
SCAN = Scan("toy", None, "Toy 1", UTTERANCES, (), "f" * 64)
TWO = Classes(("anger", "happiness"))


def test_who_is_in_and_who_is_left_out():
    cohort = Cohort(Toy(), SCAN, LabelSpace("two", "", TWO))
    assert [u.id for u in cohort.utterances] == ["toy/0", "toy/1", "toy/3"]
    assert cohort.y.tolist() == [0, 0, 1]
    assert cohort.left_out == {"sadness": 1}
    assert cohort.counts() == {"anger": 2, "happiness": 1}


def test_copies_count_and_stay_on_one_side():
    cohort = Cohort(Toy(), SCAN, LabelSpace("two", "", TWO, repeat={"anger": 3}))
    ids = [u.id for u in cohort.utterances]
    assert ids == sorted(ids)
    assert ids == ["toy/0", "toy/0#2", "toy/0#3", "toy/1", "toy/1#2", "toy/1#3", "toy/3"]
    assert cohort.counts() == {"anger": 6, "happiness": 1}
    assert [row.id for row in cohort.table()] == ["toy/0", "toy/1", "toy/3"]
    (split,) = cohort.with_copies([Split("1", ("toy/1",), {"toy": ("toy/0", "toy/3")})])
    assert split.train == ("toy/1", "toy/1#2", "toy/1#3")
    assert split.tests == {"toy": ("toy/0", "toy/0#2", "toy/0#3", "toy/3")}
    assert cohort.y[cohort.positions(split.train)].tolist() == [0, 0, 0]


def test_a_scale_and_tags():
    scale = Cohort(Toy(), SCAN, LabelSpace("s", "", Scale(-3, 3), label_field="sentiment"))
    assert scale.y.dtype == np.float64
    assert scale.y.tolist() == [0.5] * 4
    assert scale.counts() == {"0": 4}
    tags = Cohort(Toy(), SCAN, LabelSpace("t", "", Tags(("anger", "fear"))))
    assert tags.y.tolist() == [[True, False]] * 4
    assert tags.counts() == {"anger": 4, "fear": 0}
    with pytest.raises(ProtocolError, match="no classification"):
        tags.classes()


@pytest.mark.parametrize(
    ("space", "found"),
    [
        (
            LabelSpace("x", "", Classes(("fear", "calm"))),
            "emotions here: anger, happiness, sadness",
        ),
        (LabelSpace("x", "", TWO, where={"style": ("song",)}), "style here: None"),
        (
            LabelSpace("x", "", Scale(0, 1), label_field="arousal"),
            "attributes here: anger, fear, s",
        ),
        (LabelSpace("x", "", Tags(("joy",))), "attributes here: anger, fear, sentiment"),
    ],
)
def test_a_space_that_leaves_nobody_says_what_there_is(space, found):
    with pytest.raises(ProtocolError, match="leaves no utterance of toy") as error:
        Cohort(Toy(), SCAN, space)
    assert found in str(error.value)


def test_variants_stand_for_the_space_on_their_corpus():
    other = LabelSpace("two", "", TWO, merge={"sadness": "anger"})
    cohort = Cohort(Toy(), SCAN, LabelSpace("two", "", TWO, variants={"toy": other}))
    assert cohort.labels == other
    assert cohort.counts() == {"anger": 3, "happiness": 1}


def test_promised_counts_are_kept_by_a_whole_corpus_of_the_usual_release():
    space = LabelSpace("two", "", TWO, expected={"toy": {"anger": 2, "happiness": 2}})
    with pytest.raises(ProtocolError, match="'happiness': 1"):
        Cohort(Toy(), SCAN, space)
    Cohort(Toy(), dataclasses.replace(SCAN, findings=(Finding("count", "one is missing"),)), space)
    Cohort(Toy(), dataclasses.replace(SCAN, release="Toy 2"), space)


def test_ids_that_clash_with_copies_are_refused():
    clash = dataclasses.replace(UTTERANCES[2], id="toy/0#2")
    mixed = dataclasses.replace(SCAN, utterances=(*UTTERANCES, clash))
    with pytest.raises(ProtocolError, match="'toy/0#2' is an utterance of toy and"):
        Cohort(
            Toy(), mixed, LabelSpace("x", "", Classes(("anger", "sadness")), repeat={"anger": 2})
        )
