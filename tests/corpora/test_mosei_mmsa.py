"""MMSA's table and pickle: sentiment alone, named by clip."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from serbench.errors import CorpusError
from serbench_corpora.mosei.mmsa_csv import read_mmsa_csv
from serbench_corpora.mosei.mmsa_pickle import read_mmsa_pickle
from serbench_corpora.mosei.segments import Segment

HEADING = "video_id,clip_id,text,label,annotation,mode,label_T,label_A,label_V"
ROWS = (
    '-3g5yACwYnA,10,"well, ""that"" is\none line",1.0,Positive,train,,,',
    "-3g5yACwYnA,2,no,-0.6666667,Negative,train,,,",
    "_0efYOjQYRc,3,,0.0,Neutral,test,,,",
    "-571d8cVauQ,0,so so,0,Neutral,valid,,,",
)


def written(path: Path, *rows: str, heading: str = HEADING) -> Path:
    path.write_text("\n".join([heading, *rows, ""]), encoding="utf-8")
    return path


def test_the_table(tmp_path: Path) -> None:
    labels = read_mmsa_csv(written(tmp_path / "label.csv", *ROWS))
    assert not labels.findings
    assert list(labels.segments) == [
        Segment(
            "-3g5yACwYnA",
            "clip10",
            "Positive",
            {"sentiment": 1.0},
            text='well, "that" is\none line',
        ),
        Segment("-3g5yACwYnA", "clip2", "Negative", {"sentiment": -0.6666667}, text="no"),
        Segment("_0efYOjQYRc", "clip3", "Neutral", {"sentiment": 0.0}),
        Segment("-571d8cVauQ", "clip0", "Neutral", {"sentiment": 0.0}, text="so so"),
    ]
    assert labels.folds == {"-3g5yACwYnA": "train", "_0efYOjQYRc": "test", "-571d8cVauQ": "valid"}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("_0efYOjQYRc,82_7645,a,1,Positive,test,,,", "the clip is '82_7645'"),
        ("_0efYOjQYRc,1,a,3.5,Positive,test,,,", "the sentiment is '3.5'"),
        ("_0efYOjQYRc,1,a,1,Positive,tests,,,", "mode is 'tests'"),
        ("_0efYOjQYRc,1,a,1,Positive,train,,,", "_0efYOjQYRc is of another mode than in"),
        (",1,a,1,Positive,test,,,", "no name of a video"),
    ],
)
def test_a_row_that_cannot_be_used_is_said(tmp_path: Path, row: str, said: str) -> None:
    labels = read_mmsa_csv(written(tmp_path / "label.csv", ROWS[2], row))
    (finding,) = labels.findings
    assert finding.grave
    assert f"label.csv, line 3: {said}" in finding.message
    assert len(labels.segments) == 1


def test_a_missing_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="has no column mode"):
        read_mmsa_csv(written(tmp_path / "label.csv", *ROWS, heading=HEADING.replace("mode", "m")))


def split(*ids: str, **columns: Any) -> dict[str, Any]:
    """The columns of a split as MMSA's files have them, with small features."""
    count = len(ids)
    return {
        "raw_text": np.array([f"text of {name}" for name in ids]),
        "audio": np.zeros((count, 50, 74)),
        "vision": np.zeros((count, 50, 35), dtype="f4"),
        "id": list(ids),
        "text_bert": np.zeros((count, 3, 50), dtype="i8"),
        "audio_lengths": [50] * count,
        "annotations": ["Positive"] * count,
        "classification_labels": np.full(count, 2.0),
        "regression_labels": np.full(count, 2 / 3),
        **columns,
    }


def splits() -> dict[str, Any]:
    return {
        "train": split("-3g5yACwYnA$_$10", "-3g5yACwYnA$_$2"),
        "valid": split("-571d8cVauQ$_$0", annotations=np.array(["Neutral"], dtype=object)),
        "test": split("_0efYOjQYRc$_$3", regression_labels=np.array([-1], dtype=">f4")),
    }


@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_the_pickle(tmp_path: Path, protocol: int) -> None:
    path = tmp_path / "unaligned_50.pkl"
    content = splits()
    if protocol == 5:  # NumPy's own way under protocol 5 is refused: test_mosei_safe_pickle
        content = {
            fold: {name: _listed(column) for name, column in columns.items()}
            for fold, columns in content.items()
        }
    path.write_bytes(pickle.dumps(content, protocol))
    labels = read_mmsa_pickle(path)
    assert not labels.findings
    assert [(s.video, s.number, s.native) for s in labels.segments] == [
        ("-3g5yACwYnA", "clip10", "Positive"),
        ("-3g5yACwYnA", "clip2", "Positive"),
        ("-571d8cVauQ", "clip0", "Neutral"),
        ("_0efYOjQYRc", "clip3", "Positive"),
    ]
    assert [s.attributes["sentiment"] for s in labels.segments] == [2 / 3, 2 / 3, 2 / 3, -1.0]
    assert labels.segments[0].text == "text of -3g5yACwYnA$_$10"
    assert labels.folds == {"-3g5yACwYnA": "train", "_0efYOjQYRc": "test", "-571d8cVauQ": "valid"}


def _listed(column: Any) -> Any:
    return column.tolist() if isinstance(column, np.ndarray) else column


@pytest.mark.parametrize(
    ("damaged", "said"),
    [
        ([1, 2], "no dict of train, valid and test"),
        ({"a": 1}, "no dict of train, valid and test"),
        ({"train": {"id": ["a$_$1"]}}, "has no column raw_text"),
        ({"train": split("a$_$1", regression_labels=[1.0, 2.0])}, "2 values in regression_labels"),
        ({"train": split("a$_$1", annotations="Positive")}, "has no column annotations"),
        (
            {"train": split("a$_$1", annotations=np.zeros(1, dtype="M8[s]"))},
            "annotations is an array of the type 'M8'",
        ),
    ],
)
def test_another_object_is_refused(tmp_path: Path, damaged: object, said: str) -> None:
    path = tmp_path / "aligned_50.pkl"
    path.write_bytes(pickle.dumps(damaged, 4))
    with pytest.raises(CorpusError, match=said):
        read_mmsa_pickle(path)


def test_what_is_odd_in_a_pickle_is_said(tmp_path: Path) -> None:
    path = tmp_path / "aligned_50.pkl"
    odd = splits()
    del odd["valid"]
    odd["test"] = split("_0efYOjQYRc", "-3g5yACwYnA$_$1", "_0efYOjQYRc$_$x", "_0efYOjQYRc$_$3")
    path.write_bytes(pickle.dumps(odd, 4))
    labels = read_mmsa_pickle(path)
    said = [finding.message.partition(f"{path}")[2] for finding in labels.findings]
    assert said == [
        " has no split valid",
        ", split test, row 0: the id is '_0efYOjQYRc', expected video$_$clip",
        ", split test, row 1: -3g5yACwYnA is in the split train as well",
        ", split test, row 2: the clip is 'x', expected a number from 0 to 1e+09",
    ]
    assert len(labels.segments) == 3
