"""Transcripts: lines of clips, matched by time or by number."""

from __future__ import annotations

from pathlib import Path

import pytest

from serbench_corpora.mosei.transcripts import Line, Transcripts, read_transcripts

# Clips and times of a real video (bagustris' question, Strong-AI-Lab/emotion 6); other words.
VIDEO = "_0efYOjQYRc"
LINES = (
    "_0efYOjQYRc___0___0.0___8.025___so it begins",
    "_0efYOjQYRc___3___20.215___30.424___four ____ and a ___ blank",
    "_0efYOjQYRc___4___30.342___34.565___and it ends",
)


def written(root: Path, *lines: str, path: str = f"{VIDEO}.txt", between: str = "\n") -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(between.join([*lines, ""]), encoding="utf-8", newline="")
    return file


def read(*paths: Path, videos: tuple[str, ...] = (VIDEO,)) -> Transcripts:
    transcripts, findings = read_transcripts(paths, videos)
    assert not findings
    return transcripts


@pytest.mark.parametrize("between", ["\n", "\r\n", "\n\n"])
def test_lines(tmp_path: Path, between: str) -> None:
    transcripts = read(written(tmp_path, *LINES, between=between))
    assert transcripts.lines[VIDEO] == [
        Line(0, 0.0, 8.025, "so it begins"),
        Line(3, 20.215, 30.424, "four ____ and a ___ blank"),
        Line(4, 30.342, 34.565, "and it ends"),
    ]


def test_a_segment_is_found_by_its_times_to_the_millisecond(tmp_path: Path) -> None:
    transcripts = read(written(tmp_path, *LINES))
    assert transcripts.at(VIDEO, 20.215, 30.424) == "four ____ and a ___ blank"
    assert transcripts.at(VIDEO, 20.2155, 30.4235) == "four ____ and a ___ blank"
    assert transcripts.at(VIDEO, 20.217, 30.424) is None
    assert transcripts.at(VIDEO, 20.215, 30.426) is None
    assert transcripts.at("zv0Jl4TIQDc", 20.215, 30.424) is None


def test_a_segment_is_found_by_its_clip(tmp_path: Path) -> None:
    transcripts = read(written(tmp_path, *LINES))
    assert transcripts.clip(VIDEO, 3) == Line(3, 20.215, 30.424, "four ____ and a ___ blank")
    assert transcripts.clip(VIDEO, 1) is None
    assert transcripts.clip("zv0Jl4TIQDc", 3) is None


@pytest.mark.parametrize("video", ["abcdefghij_", "abcdefghi__", "_a___b__c__"])
def test_names_with_underscores(tmp_path: Path, video: str) -> None:
    file = written(tmp_path, f"{video}___7___1.5___2.5____a", path=f"{video}.txt")
    assert read(file, videos=(video,)).lines == {video: [Line(7, 1.5, 2.5, "_a")]}


def test_the_case_of_a_name(tmp_path: Path) -> None:
    file = written(tmp_path, "_0EFYOJQYRC___3___1___2___a", path="_0EFYOJQYRC.TXT")
    assert read(file).lines == {VIDEO: [Line(3, 1.0, 2.0, "a")]}


def test_segmented_transcripts_before_others(tmp_path: Path) -> None:
    whole = written(tmp_path, f"{VIDEO}___0___0___60___all", path=f"A/Full/{VIDEO}.txt")
    parts = written(tmp_path, *LINES, path=f"B/Segmented/Combined/{VIDEO}.txt")
    assert len(read(whole, parts).lines[VIDEO]) == 3
    parts.write_text("nothing of this form\n", encoding="utf-8")
    assert read(whole, parts).lines[VIDEO] == [Line(0, 0.0, 60.0, "all")]


def test_other_texts_are_passed_over(tmp_path: Path) -> None:
    other = written(tmp_path, *LINES, path="README.txt")
    plain = written(tmp_path, "It begins, and", "it ends.")
    assert read(other, plain).lines == {}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("and it goes on", "expected video___clip___start___end..."),
        ("_0efYOjQYRc___x___0.0___8.025___a", "the clip is 'x'"),
        ("_0efYOjQYRc___1___nan___8.025___a", "the start is 'nan'"),
        ("_0efYOjQYRc___1___0.0______a", "the end is ''"),
    ],
)
def test_a_line_that_cannot_be_used_is_said(tmp_path: Path, line: str, said: str) -> None:
    file = written(tmp_path, LINES[0], line, LINES[1])
    transcripts, (remark,) = read_transcripts([file], [VIDEO])
    assert len(transcripts.lines[VIDEO]) == 2
    assert (remark.kind, remark.grave) == ("annotation", False)
    assert f"1 lines of transcripts cannot be used: {file}, line 2 ({said}" in remark.message
