"""The raters' own answers: means over raters, and the oddities of the real tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from serbench.errors import CorpusError
from serbench_corpora.mosei.mturk import is_mturk, read_mturk

EMOTIONS = ("anger", "disgust", "fear", "happiness", "sadness", "surprise")
HEADING = "HITId,Input.VIDEO_ID,Input.CLIP," + ",".join(
    f"Answer.{name}" for name in (*EMOTIONS, "sentiment")
)
#            anger disgust fear happiness sadness surprise sentiment
RATERS = (
    "h1,_0efYOjQYRc,10,0,0,0,3,0,0,3",
    "h1,_0efYOjQYRc,10,0,0,0,1,0,2,1",
    "h1,_0efYOjQYRc,10,0,0,0,0,0,0,-1",
    "h2,zv0Jl4TIQDc,2,0,0,0,0,0,0,0",
)


def written(path: Path, *rows: str, heading: str = HEADING) -> Path:
    path.write_text("\n".join([heading, *rows, ""]), encoding="utf-8")
    return path


def test_a_clip_is_the_mean_of_its_raters(tmp_path: Path) -> None:
    labels = read_mturk([written(tmp_path / "a.csv", *RATERS)])
    assert not labels.findings
    happy, none = labels.segments
    assert (happy.video, happy.number, happy.native) == ("_0efYOjQYRc", "clip10", "happy")
    assert happy.attributes == pytest.approx(
        {
            "sentiment": 1.0,
            "happiness": 4 / 3,
            "sadness": 0,
            "anger": 0,
            "surprise": 2 / 3,
            "disgust": 0,
            "fear": 0,
        }
    )
    assert happy.votes == {"happy": 1.0, "surprise": 1.0, "none": 1.0}
    assert (happy.start, happy.end, happy.text) == (None, None, None)
    assert (none.number, none.native, none.votes) == ("clip2", "none", {"none": 1.0})


def test_raters_of_one_clip_in_two_tables(tmp_path: Path) -> None:
    first = written(tmp_path / "a.csv", RATERS[0])
    second = written(tmp_path / "b.csv", RATERS[1], RATERS[2])
    (clip,) = read_mturk([first, second]).segments
    assert (
        clip.attributes == read_mturk([written(tmp_path / "c.csv", *RATERS)]).segments[0].attributes
    )


def test_a_folder_before_the_video(tmp_path: Path) -> None:
    """As in pom_extra_sqa_mono_results.csv."""
    (clip,) = read_mturk([written(tmp_path / "a.csv", "h,mono/210238,0,0,0,0,1,0,0,1")]).segments
    assert clip.video == "210238"


@pytest.mark.parametrize(
    "heading",
    [
        HEADING.upper().replace("INPUT", "input"),
        HEADING.replace("happiness", "happy").replace("sadness", "Sad").replace("anger", "angry"),
    ],
)
def test_spellings_of_the_columns(tmp_path: Path, heading: str) -> None:
    spelled = read_mturk([written(tmp_path / "a.csv", *RATERS, heading=heading)])
    assert spelled.segments == read_mturk([written(tmp_path / "b.csv", *RATERS)]).segments


@pytest.mark.parametrize(
    ("heading", "said"),
    [
        (
            HEADING.replace("Answer.fear", "Answer.dread"),
            "no columns answer.fear or answer.fearful",
        ),
        (HEADING.replace("Answer.sentiment", "sentiment"), "no columns answer.sentiment"),
        (HEADING.replace("HITId", "Answer.happy"), "2 columns answer.happy or answer.happiness"),
    ],
)
def test_a_column_that_cannot_be_told_is_refused(tmp_path: Path, heading: str, said: str) -> None:
    with pytest.raises(CorpusError, match=said):
        read_mturk([written(tmp_path / "a.csv", *RATERS, heading=heading)])


def test_an_incomplete_answer_is_passed_over_and_said(tmp_path: Path) -> None:
    row = "h1,_0efYOjQYRc,10,0,0,0,,0,0,3"
    labels = read_mturk([written(tmp_path / "a.csv", *RATERS, row)])
    (remark,) = labels.findings
    assert (remark.kind, remark.grave) == ("annotation", False)
    assert "1 rows lack an answer and are passed over, such as line 6" in remark.message
    assert labels.segments == read_mturk([written(tmp_path / "b.csv", *RATERS)]).segments


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("h,_0efYOjQYRc,x,0,0,0,0,0,0,0", "the clip is 'x'"),
        ("h,_0efYOjQYRc,1,4,0,0,0,0,0,0", "anger is '4', expected a number from 0 to 3"),
        ("h,_0efYOjQYRc,1,0,0,0,0,0,0,-4", "sentiment is '-4'"),
        ("h,,1,0,0,0,0,0,0,0", "no name of a video"),
    ],
)
def test_a_row_that_cannot_be_used_is_said(tmp_path: Path, row: str, said: str) -> None:
    labels = read_mturk([written(tmp_path / "a.csv", RATERS[3], row)])
    (finding,) = labels.findings
    assert finding.grave
    assert f"a.csv, line 3: {said}" in finding.message
    assert [segment.video for segment in labels.segments] == ["zv0Jl4TIQDc"]


def test_what_is_a_table_of_answers() -> None:
    assert is_mturk(["WorkerId", "Input.VIDEO_ID", "Input.CLIP"])
    assert not is_mturk(["Input.VIDEO_ID", "clip"])
