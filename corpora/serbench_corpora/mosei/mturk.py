"""The raters' own answers, as Amazon Mechanical Turk exports them: a row per rater and clip.

``Input.VIDEO_ID`` and ``Input.CLIP`` name the clip, ``Answer.sentiment`` and an ``Answer.`` column
per emotion (``Answer.happiness``, ...) say what was heard. A column is known by its emotion's name
in either form (happy, happiness), in any case; a table in which one cannot be told is refused. One
of the real tables has a folder before the video (``mono/<video>``), and some rows lack an answer:
such a row is passed over, which is said. A clip's values are the means over its raters. When it
begins and ends is told by the transcripts, not here.

A clip's number is that of the transcripts and not the segment's row in the SDK's labels (rows are
the labelled clips sorted as text: 0, 1, 10, 11, 2). An utterance read from here is therefore called
``<video>/clip<number>``.
"""

from __future__ import annotations

import functools
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from serbench.annotations import read_table
from serbench.corpus import Finding
from serbench.errors import CorpusError
from serbench_corpora.mosei.segments import (
    EMOTIONS,
    SDK_EMOTIONS,
    STRONGEST,
    Labels,
    Segment,
    attributes_of,
    counted,
    measured,
    strongest,
)

VIDEO, CLIP = "input.video_id", "input.clip"  # in lower case, as names are compared
_SPELLINGS = (
    ("happy", "happiness"),
    ("sad", "sadness"),
    ("anger", "angry"),
    ("surprise", "surprised"),
    ("disgust", "disgusted"),
    ("fear", "fearful"),
)

Answers = tuple[float, list[float]]  # sentiment, and the six emotions


def is_mturk(columns: Sequence[str]) -> bool:
    """Whether a table with these columns holds raters' answers."""
    return {VIDEO, CLIP} <= {name.lower() for name in columns}


def read_mturk(paths: Sequence[Path]) -> Labels:
    """Every clip of all the tables, with the means of its raters and how many heard what most.

    Raises
    ------
    CorpusError
        If a table cannot be read, or one of its columns cannot be told.
    """
    answers: dict[tuple[str, int], list[Answers]] = defaultdict(list)
    findings: list[Finding] = []
    for path in paths:
        _read_into(answers, findings, path)
    segments = []
    for (video, clip), given in sorted(answers.items()):
        sentiment = sum(one for one, _ in given) / len(given)
        means = [
            sum(values) / len(given) for values in zip(*(six for _, six in given), strict=True)
        ]
        votes = Counter(strongest(six) for _, six in given)
        segments.append(
            Segment(
                video,
                f"clip{clip}",
                strongest(means),
                attributes_of(sentiment, means),
                votes={native: float(count) for native, count in votes.items()},
            )
        )
    return Labels(paths[0], "raters", segments, findings)


def _read_into(
    answers: dict[tuple[str, int], list[Answers]], findings: list[Finding], path: Path
) -> None:
    columns: list[str] = []
    incomplete: list[int] = []
    for line, cells in read_table(path, ()):
        columns = columns or _columns(path, list(cells))
        video, clip, sentiment, *six = (cells[name] for name in columns)
        video = video.rpartition("/")[2]
        if "" in (sentiment, *six):
            incomplete.append(line)
            continue
        try:
            if not video:
                raise ValueError("no name of a video")
            key = video, counted(clip, "the clip")
            heard = _answer(sentiment, "sentiment", -STRONGEST)
            felt = [_answer(value, name, 0) for value, name in zip(six, EMOTIONS, strict=True)]
        except ValueError as error:
            findings.append(Finding("annotation", f"{path}, line {line}: {error}"))
        else:
            answers[key].append((heard, felt))
    if incomplete:
        said = f"{path}: {len(incomplete)} rows lack an answer and are passed over, such as line "
        findings.append(Finding("annotation", f"{said}{incomplete[0]}", grave=False))


@functools.lru_cache(maxsize=256)  # raters choose among few numbers
def _answer(text: str, what: str, low: float) -> float:
    return measured(text, what, low, STRONGEST)


def _columns(path: Path, names: list[str]) -> list[str]:
    """Of video, clip, sentiment and the six emotions, how this table spells its column."""
    lower = {name.lower(): name for name in names}
    wanted: list[tuple[str, ...]] = [(VIDEO,), (CLIP,), ("answer.sentiment",)]
    wanted += [tuple(f"answer.{spelling}" for spelling in spellings) for spellings in _SPELLINGS]
    found = [[lower[name] for name in spellings if name in lower] for spellings in wanted]
    for names_found, spellings in zip(found, wanted, strict=True):
        if len(names_found) != 1 or len(lower) != len(names):
            raise CorpusError(
                f"{path} has {len(names_found) or 'no'} columns {' or '.join(spellings)}: its "
                f"columns are {', '.join(names)[:600]}",
                expected="Input.VIDEO_ID, Input.CLIP, Answer.sentiment and one Answer. column for "
                f"each of {', '.join(SDK_EMOTIONS)}",
                advice="take the raw labels (Raw/Labels) from their source again",
            )
    return [names_found[0] for names_found in found]
