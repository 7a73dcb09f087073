"""The SDK's computational sequence of labels: an HDF5 file, with the exact values.

``All Labels/data/<video>`` holds ``features`` [segments, 7], in the order sentiment, happy, sad,
anger, surprise, disgust, fear, and ``intervals`` [segments, 2] in seconds. Sentiment lies between
-3 and 3, an emotion between 0 (absent) and 3; a segment may have several emotions, or none.

Read are numbers that lie within the file itself: links to other files, data kept outside of it and
stored Python objects are refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from serbench.corpus import Finding
from serbench.errors import CorpusError, MissingExtra
from serbench_corpora.mosei.segments import (
    LATEST,
    Labels,
    Segment,
    attributes_of,
    strongest,
)

GROUP = "All Labels/data"
VALUES = 7  # sentiment and six emotions
MOST_SEGMENTS = 10_000  # of one video; the real ones have 98 at most


def read_csd(path: Path) -> Labels:
    """Every segment of the file, in the order of its rows.

    Raises
    ------
    MissingExtra
        If h5py is not installed.
    CorpusError
        If it is no such file, or keeps its data elsewhere.
    """
    try:
        import h5py
    except ImportError as error:
        raise MissingExtra("h5py", "hdf5", f"reading {path}") from error
    segments: list[Segment] = []
    findings: list[Finding] = []
    try:
        with h5py.File(path, "r") as file:
            for video, features, intervals in _videos(h5py, path, file):
                for row, (values, between) in enumerate(zip(features, intervals, strict=True)):
                    try:
                        segments.append(_segment(video, row, values, between))
                    except ValueError as error:
                        said = f"{path}, {video}, row {row}: {error}"
                        findings.append(Finding("annotation", said))
    except (OSError, RuntimeError) as error:  # h5py's own
        raise CorpusError(
            f"{path} cannot be read: {error}",
            expected="a computational sequence of the CMU Multimodal SDK (HDF5)",
            advice="copy the file again from its source",
        ) from error
    return Labels(path, "csd", segments, findings)


def _videos(
    h5py: Any, path: Path, file: Any
) -> Iterator[tuple[str, list[list[float]], list[list[float]]]]:
    """Each video with its values and intervals, by HDF5's own functions: h5py's take seconds."""
    _refuse_links(h5py, path, file)
    if GROUP not in file or not isinstance(file[GROUP], h5py.Group):
        raise CorpusError(
            f"{path} has no group {GROUP!r}, but {', '.join(list(file)[:5]) or 'nothing'}",
            expected=f"{GROUP!r}: the SDK's labels and no other sequence",
        )
    group = file[GROUP].id
    for name in group:
        video = name.decode(errors="replace")
        features = _numbers(h5py, path, group, name + b"/features", VALUES)
        intervals = _numbers(h5py, path, group, name + b"/intervals", 2)
        if len(features) != len(intervals):
            raise CorpusError(
                f"{path}: {video!r} has {len(features)} rows of features and {len(intervals)} of "
                "intervals",
                expected="as many of each",
            )
        yield video, features, intervals


def _refuse_links(h5py: Any, path: Path, file: Any) -> None:
    """HDF5 opens another file where a link says so; here none may."""
    links: list[str] = []

    def look(name: bytes, info: Any) -> None:
        if info.type != h5py.h5l.TYPE_HARD:
            links.append(name.decode(errors="replace"))

    file.id.links.visit(look, info=True)
    if links:
        raise CorpusError(
            f"{path} links to {', '.join(links[:5])} instead of holding it",
            expected="a file that holds all of its data",
        )


def _numbers(h5py: Any, path: Path, group: Any, name: bytes, columns: int) -> list[list[float]]:
    """A table of numbers, after a look at its shape and kind."""
    import numpy as np

    where = f"{path}: {name.decode(errors='replace')}"
    expected = f"up to {MOST_SEGMENTS} rows of {columns} numbers within the file"
    try:
        table = h5py.h5d.open(group, name)
    except (KeyError, ValueError, TypeError) as error:
        raise CorpusError(f"{where} is no table", expected=expected) from error
    shape = table.shape
    if len(shape) != 2 or shape[1] != columns or shape[0] > MOST_SEGMENTS:
        raise CorpusError(f"{where} is a table of shape {shape}", expected=expected)
    if table.get_type().get_class() not in (h5py.h5t.FLOAT, h5py.h5t.INTEGER):
        raise CorpusError(f"{where} is a table of something else than numbers", expected=expected)
    if table.get_offset() is None:  # not in one piece of this file: in several, or in another file
        stored = table.get_create_plist()
        if stored.get_layout() == h5py.h5d.VIRTUAL or stored.get_external_count():
            raise CorpusError(f"{where} is a table kept in another file", expected=expected)
    values = np.empty(
        shape, dtype=np.float64
    )  # which holds a float32 exactly: equal thirds stay so
    table.read(h5py.h5s.ALL, h5py.h5s.ALL, values, mtype=h5py.h5t.NATIVE_DOUBLE)
    rows: list[list[float]] = values.tolist()
    return rows


def _segment(video: str, row: int, values: list[float], between: list[float]) -> Segment:
    start, end = between
    if not (-LATEST < start < LATEST and -LATEST < end < LATEST):
        raise ValueError(f"lasts from {start:g} to {end:g} s, expected seconds into the video")
    attributes = attributes_of(values[0], values[1:])
    return Segment(video, str(row), strongest(values[1:]), attributes, start, end)
