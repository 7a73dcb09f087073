"""The standard folds, and what happens where two sources contradict each other."""

from __future__ import annotations

import json
import runpy
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from serbench.errors import CorpusError
from serbench_corpora.mosei.folds import TABLE, folds_of, known_videos
from serbench_corpora.mosei.segments import Labels

MAKER = Path(__file__).parents[2] / "corpora" / "make_mosei_videos.py"
LABELS = Labels(Path("labels.csd"), "csv", ())


def test_the_packed_table() -> None:
    videos = known_videos()
    assert list(videos) == sorted(videos)
    assert Counter(video.fold for video in videos.values()) == {
        "train": 2249,
        "valid": 300,
        "test": 678,
        None: 68,
    }
    segments = Counter[str | None]()
    for video in videos.values():
        segments[video.fold] += video.segments
    assert segments == {"train": 16327, "valid": 1871, "test": 4662, None: 399}
    unlabelled = {name for name, video in videos.items() if not video.segments}
    assert unlabelled == {"7l3BNtSE0xc", "dZFV0lyedX4"}
    assert len({name.lower() for name in videos}) == len(videos) == 3295


@pytest.mark.corpus("CMU-MOSEI-labels")
def test_the_packed_table_is_made_from_the_sdks_files(real_corpus: Callable[[str], Path]) -> None:
    folder = real_corpus("CMU-MOSEI-labels")
    made = runpy.run_path(str(MAKER))["table"](
        folder / "CMU_MOSEI_Labels.csv", folder / "standard_folds.json"
    )
    rows = [row.split(",") for row in made.splitlines()[1:]]
    assert {video: (fold or None, int(count)) for video, fold, count in rows} == known_videos()
    lists = json.loads((folder / "standard_folds.json").read_text(encoding="utf-8"))
    folds, findings = folds_of(LABELS, folder / "standard_folds.json")
    assert not findings
    assert folds == {
        **dict.fromkeys(known_videos()),
        **{video: fold for fold, videos in lists.items() for video in videos},
    }
    assert (
        TABLE.with_name("videos.LICENSE.txt").read_bytes() == (folder / "LICENSE.txt").read_bytes()
    )


def test_without_any_file_the_table_is_used() -> None:
    folds, findings = folds_of(LABELS, None)
    assert not findings
    assert [folds[v] for v in ("zv0Jl4TIQDc", "-571d8cVauQ", "_0efYOjQYRc", "-9YyBTjo1zo")] == [
        "train",
        "valid",
        "test",
        None,
    ]


def test_a_label_file_that_contradicts_the_table() -> None:
    said = {"zv0Jl4TIQDc": "test", "-571d8cVauQ": "valid", "-9YyBTjo1zo": "train", "new": "train"}
    folds, (finding,) = folds_of(Labels(Path("label.csv"), "csv", (), folds=said), None)
    assert finding.kind == "annotation"
    assert finding.grave
    assert finding.message == (
        "label.csv: 2 videos are in another fold than in the SDK's standard folds: "
        "zv0Jl4TIQDc (test, there train), -9YyBTjo1zo (train, there none)"
    )
    assert [folds[video] for video in said] == ["test", "valid", "train", "train"]


def lists(path: Path, **folds: list[str]) -> Path:
    path.write_text(json.dumps({"train": [], "valid": [], "test": [], **folds}))
    return path


def test_lists_that_contradict_the_table(tmp_path: Path) -> None:
    """They are used, since they stand in the folder; that they are others is said."""
    known = {
        fold: [video for video, known in known_videos().items() if known.fold == fold]
        for fold in ("train", "valid", "test")
    }
    path = lists(tmp_path / "standard_folds.json", **known)
    assert not folds_of(LABELS, path)[1]
    moved = known["train"].pop()
    known["test"].append(moved)
    folds, (finding,) = folds_of(LABELS, lists(path, **known))
    assert folds[moved] == "test"
    assert f"1 videos are in another fold than in the SDK's standard folds: {moved} (test, " in (
        finding.message
    )
    assert finding.grave
    csv = Labels(Path("labels.csv"), "csv", (), folds={moved: "train"})
    folds, findings = folds_of(csv, path)
    assert folds[moved] == "train"
    assert f"labels.csv: 1 videos are in another fold than in {path}" in findings[1].message


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"train": [], "valid": []}',
        '{"train": 1, "valid": [], "test": []}',
        "[" * 10**5,
    ],
)
def test_lists_that_are_none(tmp_path: Path, content: str) -> None:
    path = tmp_path / "standard_folds.json"
    path.write_text(content)
    with pytest.raises(CorpusError, match="is not a list of videos per fold"):
        folds_of(LABELS, path)


def test_a_video_in_two_lists(tmp_path: Path) -> None:
    path = lists(tmp_path / "standard_folds.json", train=["a"], test=["a"])
    with pytest.raises(CorpusError, match="has a in train and in test"):
        folds_of(LABELS, path)
