"""The SDK's labels as a CSV of one row per segment, coarser than in the CSD that it was made from.

Columns: a row number without a name, ``file`` (the video), ``index`` (the row of the segment in its
video's part of the CSD), ``start`` and ``end`` (seconds), ``label2a``, ``label2b``, ``label6`` (the
strongest of happy, sad, anger, surprise, disgust, fear), ``label7`` (the sentiment, a whole number)
and ``split`` (0 train, 1 valid, 2 test, 3 none). The file was made by a script of the S3PRL toolkit
(downstream/mosei/utility/convert_label.py), and goes by the SDK's name for the labels.

``label6`` is the position of the largest of six intensities, the first of equals. Where all six are
0, that is position 0: **a segment without any emotion stands here as happy**, and nothing in this
file tells the two apart.

``label7`` is the sentiment rounded away from zero: 1/3 is 1 here, and -4/3 is -2. Only what is
exactly 0 is 0.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from pathlib import Path

from serbench.annotations import read_text
from serbench.corpus import Finding
from serbench.errors import CorpusError
from serbench_corpora.mosei.headings import split_heading
from serbench_corpora.mosei.segments import (
    FOLDS,
    LATEST,
    SDK_EMOTIONS,
    STRONGEST,
    Labels,
    Segment,
    counted,
    measured,
    positions,
)

COLUMNS = ("file", "index", "start", "end", "label6", "label7", "split")
SPLITS: tuple[str | None, ...] = (*FOLDS, None)

_NATIVE = {str(code): native for code, native in enumerate(SDK_EMOTIONS)}
# One mapping for all segments of a value: 23,259 are read in a moment that way.
_ATTRIBUTES = {str(value): {"sentiment": float(value)} for value in range(-3, 4)}
_FOLDS = {str(code): fold for code, fold in enumerate(SPLITS)}


def read_sdk_csv(path: Path) -> Labels:
    """Every row of the file that is as it should be; the others become findings.

    Raises
    ------
    CorpusError
        If it cannot be read, or lacks a column.
    """
    text = read_text(path)
    columns, delimiter = split_heading(text.split("\n", 1)[0])
    at = positions(path, columns, COLUMNS)
    try:
        return Labels(path, "csv", *_regular(text, delimiter, len(columns), at))
    except (KeyError, ValueError):
        pass  # some row is not as usual: which one, and whether it can be read, is told by rows
    segments: list[Segment] = []
    findings: list[Finding] = []
    folds: dict[str, str | None] = {}
    rows = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        next(rows, None)
        for cells in rows:
            if not any(cell.strip() for cell in cells):
                continue
            try:
                if len(cells) != len(columns):
                    raise ValueError(f"{len(cells)} cells, expected {len(columns)} as in line 1")
                segment, fold = _segment([cells[place].strip() for place in at])
                if folds.setdefault(segment.video, fold) != fold:
                    raise ValueError(f"{segment.video} is of another split than in lines before")
            except ValueError as error:
                said = f"{path}, line {rows.line_num}: {error}"
                findings.append(Finding("annotation", said))
            else:
                segments.append(segment)
    except csv.Error as error:
        raise CorpusError(
            f"{path}, line {rows.line_num}: {error}", expected="a table of comma-separated cells"
        ) from error
    return Labels(path, "csv", segments, findings, folds)


def _regular(
    text: str, delimiter: str, width: int, at: Sequence[int]
) -> tuple[list[Segment], tuple[()], dict[str, str | None]]:
    """A table all of whose rows are written as in the real file, a column at a time.

    Raises
    ------
    KeyError, ValueError
        If one is not, or a video is of two splits.
    """
    lines = text.rstrip("\n").split("\n")
    if '"' in text or {line.count(delimiter) for line in lines} != {width - 1}:
        raise ValueError
    cells = delimiter.join(lines[1:]).split(delimiter)
    videos, indices, starts, ends, label6, label7, splits = (cells[place::width] for place in at)
    first, last = [*map(float, starts)], [*map(float, ends)]
    extremes = min(first), min(last), -max(first), -max(last)
    if not math.isfinite(sum(first) + sum(last)) or min(extremes) < -LATEST:
        raise ValueError
    digits = "".join(indices)
    if not (all(videos) and all(indices) and digits.isdecimal() and digits.isascii()):
        raise ValueError
    split_of = {*zip(videos, splits, strict=True)}
    folds = {video: _FOLDS[split] for video, split in split_of}
    if len(folds) != len(split_of):
        raise ValueError
    natives, attributes = map(_NATIVE.__getitem__, label6), map(_ATTRIBUTES.__getitem__, label7)
    return [*map(Segment, videos, indices, natives, attributes, first, last)], (), folds


def _segment(cells: Sequence[str]) -> tuple[Segment, str | None]:
    """One row, perhaps as a spreadsheet writes it (1.0 for 1, decimal commas).

    Raises
    ------
    ValueError
        Saying what is wrong with it.
    """
    video, index, start, end, label6, label7, split = cells
    if not video:
        raise ValueError("no name of a video in the column file")
    code, of = counted(label6, "label6"), counted(split, "split")
    if code >= len(SDK_EMOTIONS):
        raise ValueError(f"label6 is {label6!r}, expected 0 to {len(SDK_EMOTIONS) - 1}")
    if of >= len(SPLITS):
        raise ValueError(f"split is {split!r}, expected 0 to {len(SPLITS) - 1}")
    sentiment = measured(label7, "label7", -STRONGEST, STRONGEST)
    segment = Segment(
        video,
        str(counted(index, "index")),
        SDK_EMOTIONS[code],
        {"sentiment": sentiment},
        measured(start, "start", -LATEST, LATEST),
        measured(end, "end", -LATEST, LATEST),
    )
    return segment, SPLITS[of]
