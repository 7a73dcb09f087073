"""Somebody's folds of EMO-DB, held against what EMO-DB says itself."""

from __future__ import annotations

import csv

import pytest

from serbench.audit import audit
from serbench.audit.gather import splits_case
from serbench.interchange.reading import read
from serbench.interchange.recognising import release

LABELS = {"W": "anger", "L": "boredom", "E": "disgust", "A": "fear", "F": "happiness",
          "T": "sadness", "N": "neutral"}  # fmt: skip


@pytest.fixture(scope="module")
def files():
    return sorted(release("emodb", ["03a01Fa.wav"]))


@pytest.fixture
def told(files, tmp_path):
    """What an audit finds, beside look-ups, in one row a file as ``row`` makes it."""

    def of(row):
        path = tmp_path / "mine.csv"
        with path.open("w", newline="") as stream:
            table = csv.DictWriter(stream, ["fold", "corpus", "file", "speaker", "emotion"])
            table.writeheader()
            table.writerows(made for name in files if (made := row(name)))
        verdict = audit(splits_case(read(path)))
        return {(one.rule, one.severity): one for one in verdict.found("warning")}

    return of


def plain(name, **other):
    return {
        "fold": name[:2], "corpus": "EMO-DB", "file": name, "speaker": name[:2],
        "emotion": LABELS[name[5]], **other,
    }  # fmt: skip


def test_a_release_is_known_by_its_file_names(files):
    assert len(files) == 535
    assert release("emodb", ["mine.wav"]) == {}
    assert release("nothing", ["03a01Fa.wav"]) == {}


def test_faithful_folds(told):
    assert told(plain) == {}


def test_a_speaker_under_several_names(told):
    found = told(lambda name: plain(name, speaker=name[:3]))
    one = found["L02", "error"]
    assert one.count > 0
    assert told(lambda name: plain(name, speaker=f"speaker {name[:2]}")) == {}


def test_utterances_that_are_labelled_anew(told):
    found = told(lambda name: plain(name, emotion="neutral" if name == "03a01Fa.wav" else
                                    LABELS[name[5]]))  # fmt: skip
    one = found["L15", "error"]
    assert (one.count, one.examples) == (1, ("03a01Fa.wav: neutral, where F is happiness",))


def test_hard_utterances_that_are_left_out(told):
    found = told(lambda name: plain(name) if name[2] != "b" or name[5] != "W" else None)
    one = found["L14", "warning"]
    assert "of 535 utterances that the corpus has of these labels" in one.message


def test_a_class_that_is_left_out_whole(told):
    assert told(lambda name: plain(name) if name[5] != "L" else None) == {}


def test_a_speaker_who_is_called_otherwise_in_each_fold(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(
        "fold,side,id,speaker,emotion\n"
        "1,train,a,s1,x\n1,test,b,s2,x\n2,train,b,s3,x\n2,test,a,s4,x\n"
    )
    found = [one for one in audit(splits_case(read(path))).findings if one.rule == "L02"]
    assert [(one.severity, one.count, one.examples) for one in found] == [("error", 2, ("a", "b"))]
    assert found[0].message.endswith("another line, and the first is taken")
