"""The literature's label spaces on full-size annotations: as many as the papers count.

The annotations are forged with the real sums; no sound is needed to count them.
"""

import dataclasses
from collections import Counter

import pytest

from serbench.cohort import Cohort
from serbench.corpus import Entry, Utterance
from serbench.errors import ProtocolError
from serbench.labels import OWN
from serbench.registry import load
from serbench.scanned import Scan
from serbench.testing.forgery import Written, forgery_of


def told(name, root):
    """A whole corpus of annotations, its sounds made up."""
    corpus = load("corpora", name)()
    forgery = forgery_of(corpus)
    written = [Written(one, 1.0) for one in forgery.utterances(corpus.card.standard, None)]
    forgery.annotate(root, corpus.card.standard, written)
    utterances = []
    for entry in corpus.entries(root):
        if isinstance(entry, Entry):
            fields = {f.name: getattr(entry, f.name) for f in dataclasses.fields(entry)}
            emotion = corpus.labels[entry.native]
            utterances.append(
                Utterance(
                    **fields | {"id": f"{name}/{entry.id}"},
                    corpus=name,
                    emotion=emotion or "",
                    rate=16000,
                    channels=1,
                    duration=1.0,
                    samples=entry.id,
                )
            )
    utterances.sort(key=lambda u: u.id)
    return corpus, Scan(name, root, corpus.card.standard.name, tuple(utterances), (), "f" * 64)


@pytest.fixture(scope="module")
def iemocap(tmp_path_factory):
    return told("iemocap", tmp_path_factory.mktemp("annotations") / "iemocap")


@pytest.fixture(scope="module")
def msp(tmp_path_factory):
    root = tmp_path_factory.mktemp("annotations") / "msp"
    root.mkdir()
    return told("msp-improv", root)


def test_iemocap4_by_session(iemocap):
    cohort = Cohort(*iemocap, load("labels", "iemocap4"))
    assert len(cohort.utterances) == 5531
    cells = Counter((row.session, row.label) for row in cohort.table())
    table = {
        session: tuple(
            cells[session, name] for name in ("neutral", "happiness", "anger", "sadness")
        )
        for session in ("01", "02", "03", "04", "05")
    }
    assert table == {
        "01": (384, 278, 229, 194),
        "02": (362, 327, 137, 197),
        "03": (320, 286, 240, 305),
        "04": (258, 303, 327, 143),
        "05": (384, 442, 170, 245),
    }
    assert sum(cohort.left_out.values()) == 10039 - 5531
    assert cohort.left_out["frustration"] == 1849
    assert cohort.left_out[""] == 2507  # no agreement


def test_iemocap4_improvised(iemocap):
    cohort = Cohort(*iemocap, load("labels", "iemocap4-improvised"))
    counts = {"anger": 289, "happiness": 947, "neutral": 1099, "sadness": 608}
    assert cohort.counts() == counts


def test_sdcaff4_counts_anger_twice_and_takes_excitement_alone_for_happiness(iemocap):
    cohort = Cohort(*iemocap, load("labels", "sdcaff4"))
    assert cohort.counts() == {"neutral": 1099, "sadness": 608, "anger": 578, "happiness": 663}
    assert len(cohort.utterances) == 2948
    assert len(cohort.table()) == 2659
    assert {u.native for u in cohort.utterances} == {"neu", "sad", "ang", "exc"}


def test_sdcaff4_on_msp_improv_is_what_was_to_be_played(msp):
    cohort = Cohort(*msp, load("labels", "sdcaff4"))
    assert len(cohort.utterances) == 4381
    letter = {"A": "anger", "H": "happiness", "N": "neutral", "S": "sadness"}
    for utterance, answer in zip(cohort.utterances, cohort.answers, strict=True):
        assert answer == letter[utterance.scenario[-1]]
    assert any(
        letter.get(u.native) != a for u, a in zip(cohort.utterances, cohort.answers, strict=True)
    )


def test_msp4(msp):
    cohort = Cohort(*msp, load("labels", "msp4"))
    counts = {"anger": 792, "happiness": 2644, "neutral": 3477, "sadness": 885}
    assert cohort.counts() == counts


def test_own_leaves_out_what_is_no_emotion(iemocap, msp):
    assert len(Cohort(*iemocap, OWN).utterances) == 10039 - 2507
    assert len(Cohort(*msp, OWN).utterances) == 8438 - 555


def test_sentiment_of_a_corpus_that_has_none(iemocap):
    with pytest.raises(ProtocolError, match="attributes here: arousal, dominance, valence"):
        Cohort(*iemocap, load("labels", "mosei-sentiment"))
