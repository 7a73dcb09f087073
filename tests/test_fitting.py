"""What does not fit is explained, with the nearest protocol that does."""

import itertools

import pytest

from serbench.across import EachToOthers
from serbench.errors import ProtocolError
from serbench.fitting import advise, check_classes, check_learnable, explained, fits
from serbench.protocols import KFOLD, LOSO, Protocol
from serbench.splitters import Row
from serbench.standard import FIXED, HOLDOUT, KFOLD_SPEAKER, LOSESO
from serbench_baselines.sdcaff_folds import SDCAFF_5FOLD

CLASSES = ("anger", "neutral", "sadness")
CROSS = Protocol("cross-corpus", "each to the others", EachToOthers(), True)
KNOWN = {
    protocol.name: protocol
    for protocol in (KFOLD, LOSO, KFOLD_SPEAKER, LOSESO, HOLDOUT, FIXED, SDCAFF_5FOLD, CROSS)
}


def table(speakers=4, labels=CLASSES, takes=4, corpus="toy", session="", fold=""):
    return [
        Row(f"{corpus}/{s}/{label}{take}", "", f"s{s}", session, label, corpus, fold)
        for s, label, take in itertools.product(range(speakers), labels, range(takes))
    ]


def advised(protocol, rows, classes=()):
    error = fits(protocol, rows, classes)
    assert isinstance(error, ProtocolError)
    return str(error), advise(protocol, rows, KNOWN, classes)


@pytest.mark.parametrize("name", ["kfold", "loso", "holdout"])
def test_what_fits_is_not_complained_of(name):
    assert fits(KNOWN[name], table(), CLASSES) is None


def test_loso_on_a_corpus_of_hundreds_of_speakers():
    rows = table(speakers=250, takes=1)
    error, advice = advised(LOSO, rows)
    assert "does not fit toy: 250 speakers" in error
    assert advice == f"use --protocol kfold-speaker ({KFOLD_SPEAKER.title}), which fits"


def test_loseso_without_sessions():
    error, advice = advised(LOSESO, table())
    assert "48 of 48 utterances are of no session" in error
    assert advice.startswith("use --protocol loso (leave one speaker out)")


def test_ten_folds_of_four_speakers():
    error, advice = advised(KFOLD_SPEAKER, table())
    assert "4 speakers" in error
    assert advice.startswith("use --protocol loso ")


def test_one_speaker_alone():
    for protocol in (LOSO, KFOLD_SPEAKER):
        error, advice = advised(protocol, table(speakers=1, takes=12))
        assert "1 speaker (s0)" in error
        assert advice.startswith("use --protocol kfold ")


def test_an_official_split_that_is_none():
    error, advice = advised(FIXED, table(speakers=10))
    assert "no official split" in error
    assert advice.startswith("use --protocol kfold-speaker ")


def test_an_official_split_is_found_where_there_is_one():
    rows = table(speakers=2, takes=2, fold="train") + [
        Row(f"toy/t{i}", "", "t", "", label, "toy", "test") for i, label in enumerate(CLASSES)
    ]
    rows = [row for row in rows if row.speaker != "s1" or row.label != "anger"]
    lonely = Protocol("lonely", "", KFOLD.splitter, False, alternatives=("nowhere", "fixed"))
    assert fits(lonely, rows) is not None
    assert advise(lonely, rows, KNOWN).startswith("use --protocol fixed ")


def test_a_class_that_the_corpus_lacks():
    error, advice = advised(LOSO, table(), (*CLASSES, "contempt"))
    assert "toy has no utterance of contempt" in error
    assert "--labels" in error
    assert advice == ""  # no protocol mends that


def test_a_partial_corpus_may_lack_a_class_altogether():
    """What nobody speaks is not lost between the folds: a board says that UA is undefined."""
    rows = table()
    with pytest.raises(ProtocolError, match="no utterance of contempt"):
        check_classes(LOSO.splits(rows), rows, (*CLASSES, "contempt"))
    check_learnable(LOSO.splits(rows), rows)


def test_an_error_is_given_its_advice():
    rows = table(speakers=250, takes=1)
    error = explained(fits(LOSO, rows), LOSO, rows, KNOWN)
    assert error.found.startswith("the protocol 'loso' does not fit toy: 250 speakers")
    assert error.advice.startswith("use --protocol kfold-speaker ")
    lacking = explained(fits(LOSO, table(), ("x",)), LOSO, table(), KNOWN, ("x",))
    assert "--labels" in lacking.advice  # no protocol mends that


def test_a_class_that_one_of_several_corpora_lacks():
    rows = table(corpus="one") + table(corpus="two", labels=CLASSES[:2])
    error, _ = advised(CROSS, rows, CLASSES)
    assert "two has no utterance of sadness" in error
    assert fits(CROSS, table(corpus="one") + table(corpus="two"), CLASSES) is None


def test_a_fold_whose_training_side_lacks_a_class():
    rows = table() + [Row(f"toy/d{i}", "", "s2", "", "disgust", "toy") for i in range(12)]
    error, advice = advised(LOSO, rows)
    assert "in the fold 's2' no training utterance is of the class 'disgust'" in error
    assert "they are all of the speaker toy/s2" in error
    assert advice.startswith("use --protocol kfold ")  # where speakers are shared


def test_a_session_with_all_speakers_of_a_class():
    rows = [
        Row(f"toy/{s}{label}", "", f"s{s}", str(s // 2), label, "toy")
        for s in range(6)
        for label in (*CLASSES, *(("fear",) if s < 2 else ()))
    ]
    error, advice = advised(LOSESO, rows)
    assert "'fear': they are of 2 speakers (toy/s0, toy/s1)" in error
    assert advice.startswith("use --protocol loso ")


def test_a_test_side_without_a_class_is_no_fault():
    rows = [row for row in table() if (row.speaker, row.label) != ("s0", "anger")]
    assert fits(LOSO, rows, CLASSES) is None


def test_nothing_fits_two_utterances():
    rows = table(speakers=1, labels=("anger", "sadness"), takes=1)
    assert advised(LOSO, rows)[1] == ""


def test_several_corpora_are_for_protocols_that_go_across():
    rows = table(corpus="one") + table(corpus="two")
    error, advice = advised(LOSO, rows)
    assert "one corpus at a time" in error
    assert advice.startswith("use --protocol cross-corpus ")
    assert advised(CROSS, table())[0].startswith("the protocol 'cross-corpus' does not fit toy")


def test_protocols_are_shown_what_they_draw_from():
    """The five folds draw from all files; others never see what the label space leaves out."""
    rows = table() + [Row(f"toy/x{i}", "", "x", "", "", "toy") for i in range(20)]
    assert fits(SDCAFF_5FOLD, rows, CLASSES) is None
    assert fits(LOSO, rows, CLASSES) is None
    assert len(LOSO.splits([row for row in rows if row.label])) == 4


def test_a_scale_has_no_class_to_lack():
    rows = [*table(), Row("toy/rare", "", "s2", "", "-3", "toy")]
    assert fits(LOSO, rows) is not None
    assert fits(LOSO, rows, None) is None


def test_like_goes_before_unlike():
    """Among protocols that nobody names as alternatives, those that keep speakers apart."""
    bare = Protocol("bare", "", LOSESO.splitter, True)
    assert advise(bare, table(takes=12), KNOWN).startswith("use --protocol loso ")


def test_copies_are_of_their_originals_class():
    rows = table()
    (split, *_) = LOSO.splits(rows)
    with_copies = type(split)(
        split.fold, (*split.train, *(f"{name}#2" for name in split.train)), split.tests
    )
    check_classes([with_copies], rows, CLASSES)
