"""The standard folds of the CMU Multimodal SDK: which videos train, validate and test.

The SDK lists 2,249, 300 and 678 videos. Of the last, two have no labelled segment, and 68 labelled
videos are in no list.
"""

from __future__ import annotations

import functools
import json
import lzma
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from serbench.annotations import read_text
from serbench.corpus import Finding
from serbench.errors import CorpusError
from serbench_corpora.mosei.segments import FOLDS, Labels

TABLE = Path(__file__).parent / "videos.csv.xz"  # made by corpora/make_mosei_videos.py
_MOST_NAMED = 5  # videos that a message spells out


class Video(NamedTuple):
    """What the table knows of a video."""

    fold: str | None
    segments: int  # labelled, in the SDK's CSV


@functools.cache
def known_videos() -> Mapping[str, Video]:
    """Every labelled or listed video, in the order of their ids."""
    with lzma.open(TABLE, "rt", encoding="ascii") as file:
        rows = file.read().split("\n")[1:-1]
    cells = (row.split(",") for row in rows)
    return {video: Video(fold or None, int(segments)) for video, fold, segments in cells}


def folds_of(labels: Labels, lists: Path | None) -> tuple[dict[str, str | None], list[Finding]]:
    """The fold of each video, and where two sources contradict each other.

    Parameters
    ----------
    labels
        A label file; its own word on a video goes before all others.
    lists
        standard_folds.json, where there is one; it goes before the table that is packed in here.

    Raises
    ------
    CorpusError
        If ``lists`` cannot be read.
    """
    folds = {video: known.fold for video, known in known_videos().items()}
    findings: list[Finding] = []
    source = "the SDK's standard folds"
    if lists is not None:
        listed = {**dict.fromkeys(folds), **_read(lists)}
        findings += _contradictions(lists, listed, source, folds)
        folds |= listed
        source = str(lists)
    findings += _contradictions(labels.path, labels.folds, source, folds)
    return folds | dict(labels.folds), findings


def _read(path: Path) -> dict[str, str | None]:
    text = read_text(path)
    try:
        content = json.loads(text)
        lists = {fold: [str(video) for video in content[fold]] for fold in FOLDS}
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise CorpusError(
            f"{path} is not a list of videos per fold: {error!r}",
            expected='{"train": [...], "valid": [...], "test": [...]}',
            advice="take it away; the same folds are packed in here",
        ) from error
    folds: dict[str, str | None] = {}
    for fold, videos in lists.items():
        for video in videos:
            if folds.setdefault(video, fold) != fold:
                raise CorpusError(
                    f"{path} has {video} in {folds[video]} and in {fold}",
                    expected="each video in one fold",
                    advice="take it away; the same folds are packed in here",
                )
    return folds


def _contradictions(
    path: Path, here: Mapping[str, str | None], source: str, there: Mapping[str, str | None]
) -> list[Finding]:
    other = [
        f"{video} ({fold or 'none'}, there {there[video] or 'none'})"
        for video, fold in here.items()
        if video in there and there[video] != fold
    ]
    if not other:
        return []
    named = ", ".join(other[:_MOST_NAMED]) + (", ..." if len(other) > _MOST_NAMED else "")
    said = f"{path}: {len(other)} videos are in another fold than in {source}: {named}"
    return [Finding("annotation", said)]
