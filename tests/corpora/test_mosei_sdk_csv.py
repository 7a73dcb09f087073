"""The SDK's labels as a CSV: what is read from it, and every way in which it may be damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from serbench.errors import CorpusError
from serbench_corpora.mosei.sdk_csv import read_sdk_csv
from serbench_corpora.mosei.segments import Labels, Segment

HEADING = ",file,index,start,end,label2a,label2b,label6,label7,split"
ROWS = (
    "0,zv0Jl4TIQDc,0,56.852,60.845,1,1,0,1,0",
    "1,zv0Jl4TIQDc,1,29.764,35.633,1,1,1,3,0",
    "2,_0efYOjQYRc,0,20.215,30.424,0,-1,2,-3,2",
    "3,-571d8cVauQ,0,0.0,4.992,1,0,3,0,1",
    "4,-9YyBTjo1zo,0,-0.457596371882,1.77959183673,0,-1,4,-1,3",
    "5,-9YyBTjo1zo,1,0.81950113379,5.96009070295,0,-1,5,-2,3",
)


def written(path: Path, *rows: str, heading: str = HEADING, between: str = "\n") -> Path:
    path.write_text(between.join([heading, *rows, ""]), encoding="utf-8", newline="")
    return path


def read(tmp_path: Path, *rows: str, heading: str = HEADING) -> Labels:
    return read_sdk_csv(written(tmp_path / "labels.csv", *rows, heading=heading))


def test_rows(tmp_path: Path) -> None:
    labels = read(tmp_path, *ROWS)
    assert not labels.findings
    assert labels.segments[0] == Segment(
        "zv0Jl4TIQDc", "0", "happy", {"sentiment": 1.0}, 56.852, 60.845
    )
    natives = [segment.native for segment in labels.segments]
    assert natives == ["happy", "sad", "anger", "surprise", "disgust", "fear"]
    assert [s.attributes["sentiment"] for s in labels.segments] == [1, 3, -3, 0, -1, -2]
    assert labels.segments[4].start == -0.457596371882
    assert labels.folds == {
        "zv0Jl4TIQDc": "train",
        "_0efYOjQYRc": "test",
        "-571d8cVauQ": "valid",
        "-9YyBTjo1zo": None,
    }


@pytest.mark.parametrize("between", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_marks(tmp_path: Path, between: str, mark: str) -> None:
    path = written(tmp_path / "labels.csv", *ROWS, heading=mark + HEADING, between=between)
    assert read_sdk_csv(path).segments == read(tmp_path, *ROWS).segments


def test_as_spreadsheets_write_it(tmp_path: Path) -> None:
    """Semicolons and decimal commas; quotes; whole numbers with a fraction; no row numbers."""
    heading = "file;index;start;end;label6;label7;split"
    row = '"zv0Jl4TIQDc";0.0;56,852;60,845; 0.0 ;1.0;0.0'
    labels = read(tmp_path, row, "", " ; ; ; ; ; ; ", heading=heading)
    assert not labels.findings
    assert labels.segments == read(tmp_path, ROWS[0]).segments
    assert labels.folds == {"zv0Jl4TIQDc": "train"}


def test_columns_may_stand_in_another_order(tmp_path: Path) -> None:
    heading = "split,label7,label6,end,start,index,file"
    labels = read(tmp_path, "0,1,0,60.845,56.852,0,zv0Jl4TIQDc", heading=heading)
    assert labels.segments == read(tmp_path, ROWS[0]).segments


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("9,zv0Jl4TIQDc,2,42.1,49.2,1,1,6,3,0", "label6 is '6', expected 0 to 5"),
        ("9,zv0Jl4TIQDc,2,42.1,49.2,1,1,-1,3,0", "label6 is '-1'"),
        ("9,zv0Jl4TIQDc,2,42.1,49.2,1,1,0.5,3,0", "label6 is '0.5', expected a whole number"),
        ("9,zv0Jl4TIQDc,2,42.1,49.2,1,1,0,4,0", "label7 is '4', expected a number from -3 to 3"),
        ("9,zv0Jl4TIQDc,2,42.1,49.2,1,1,0,nan,0", "label7 is 'nan'"),
        ("9,zv0Jl4TIQDc,2,42.1,49.2,1,1,0,3,4", "split is '4', expected 0 to 3"),
        ("9,zv0Jl4TIQDc,2,42.1,49.2,1,1,0,3,2", "of another split than in lines before"),
        ("9,zv0Jl4TIQDc,two,42.1,49.2,1,1,0,3,0", "index is 'two'"),
        ("9,zv0Jl4TIQDc,-2,42.1,49.2,1,1,0,3,0", "index is '-2'"),
        ("9,zv0Jl4TIQDc,2,nan,49.2,1,1,0,3,0", "start is 'nan'"),
        ("9,zv0Jl4TIQDc,2,42.1,inf,1,1,0,3,0", "end is 'inf'"),
        ("9,zv0Jl4TIQDc,2,42.1,1e300,1,1,0,3,0", "end is '1e300'"),
        ("9,zv0Jl4TIQDc,2,,49.2,1,1,0,3,0", "start is ''"),
        ("9,,2,42.1,49.2,1,1,0,3,0", "no name of a video"),
        ("9,zv0Jl4TIQDc,2,42.1,49.2,1,1,0,3", "9 cells, expected 10"),
        ("9,zv0Jl4TIQDc,2,42.1,49.2,1,1,0,3,0,0", "11 cells, expected 10"),
    ],
)
def test_a_row_that_cannot_be_used_is_said_and_the_others_are_read(
    tmp_path: Path, row: str, said: str
) -> None:
    labels = read(tmp_path, *ROWS[:2], row, *ROWS[2:])
    assert [finding.kind for finding in labels.findings] == ["annotation"]
    (finding,) = labels.findings
    assert finding.grave
    assert "labels.csv, line 4: " in finding.message
    assert said in finding.message
    assert labels.segments == read(tmp_path, *ROWS).segments


@pytest.mark.parametrize("column", ["file", "start", "label6", "split"])
def test_a_missing_column_is_refused(tmp_path: Path, column: str) -> None:
    with pytest.raises(CorpusError, match=rf"has no column {column}"):
        read(tmp_path, *ROWS, heading=HEADING.replace(column, "other"))


def test_a_column_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="has the column file more than once"):
        read(tmp_path, *ROWS, heading=HEADING.replace("label2a", "file"))


def test_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_bytes(HEADING.encode() + b"\n0,\0\n")
    with pytest.raises(CorpusError, match="is not text"):
        read_sdk_csv(tmp_path / "labels.csv")


def test_a_heading_alone_has_no_segment(tmp_path: Path) -> None:
    labels = read(tmp_path)
    assert not labels.segments
    assert not labels.findings
