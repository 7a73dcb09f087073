"""The table ``label.csv`` of MMSA's edition of the corpus: sentiment, and no emotions.

Columns: ``video_id``, ``clip_id``, ``text``, ``label`` (the sentiment), ``annotation`` (Positive,
Neutral or Negative), ``mode`` (the fold) and ``label_T``, ``label_A``, ``label_V``. When a clip
begins and ends is not said; its sound is a file of its own, ``Raw/<video>/<clip>.wav``, or is cut
out where the transcripts tell. MMSA's other corpora have tables of the same form.

An utterance read from here is called ``<video>/clip<clip_id>`` (:mod:`serbench_corpora.mosei.mturk`
says why).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from serbench.annotations import read_table
from serbench.corpus import Finding
from serbench_corpora.mosei.segments import FOLDS, STRONGEST, Labels, Segment, counted, measured

COLUMNS = ("video_id", "clip_id", "text", "label", "annotation", "mode")
MODES = {**{fold: fold for fold in FOLDS}, "dev": "valid"}
NATIVES = ("Positive", "Neutral", "Negative")


def is_mmsa(columns: Sequence[str]) -> bool:
    """Whether a table with these columns is MMSA's."""
    return set(COLUMNS) <= set(columns)


def read_mmsa_csv(path: Path) -> Labels:
    """Every row of the table that is as it should be; the others become findings.

    Raises
    ------
    CorpusError
        If it cannot be read, or lacks a column.
    """
    segments: list[Segment] = []
    findings: list[Finding] = []
    folds: dict[str, str | None] = {}
    for line, cells in read_table(path, COLUMNS):
        try:
            segment, fold = mmsa_segment(*(cells[name] for name in COLUMNS))
            if folds.setdefault(segment.video, fold) != fold:
                raise ValueError(f"{segment.video} is of another mode than in the lines before")
        except ValueError as error:
            findings.append(Finding("annotation", f"{path}, line {line}: {error}"))
            continue
        segments.append(segment)
    return Labels(path, "mmsa", segments, findings, folds)


def mmsa_segment(
    video: str, clip: str, text: str, label: str, annotation: str, mode: str
) -> tuple[Segment, str]:
    """One clip, and its fold.

    Raises
    ------
    ValueError
        Saying what is wrong with it.
    """
    if not video:
        raise ValueError("no name of a video")
    if mode not in MODES:
        raise ValueError(f"mode is {mode!r}, expected one of {', '.join(FOLDS)}")
    sentiment = measured(label, "the sentiment", -STRONGEST, STRONGEST)
    segment = Segment(
        video,
        f"clip{counted(clip, 'the clip')}",
        annotation,
        {"sentiment": sentiment},
        text=text or None,
    )
    return segment, MODES[mode]
