"""MMSA's feature files ``aligned_50.pkl`` and ``unaligned_50.pkl``: the labels among the features.

The object is a dict of ``train``, ``valid`` and ``test``, each a dict of columns. Read are ``id``
(``video$_$clip``), ``raw_text``, ``regression_labels`` (the sentiment) and ``annotations``, and
nothing in the file is run (:mod:`serbench_corpora.mosei.safe_pickle`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from serbench.corpus import Finding
from serbench.errors import CorpusError
from serbench_corpora.mosei.mmsa_csv import mmsa_segment
from serbench_corpora.mosei.pickled_arrays import Array
from serbench_corpora.mosei.safe_pickle import read_pickle
from serbench_corpora.mosei.segments import FOLDS, Labels, Segment

BETWEEN = "$_$"  # a video and a clip
COLUMNS = ("id", "raw_text", "regression_labels", "annotations")


def read_mmsa_pickle(path: Path) -> Labels:
    """Every clip of the file, as from MMSA's table.

    Raises
    ------
    CorpusError
        If it asks for anything to be run, is damaged, or is no such file.
    """
    splits = read_pickle(path)
    if not isinstance(splits, dict) or not any(isinstance(splits.get(f), dict) for f in FOLDS):
        raise CorpusError(
            f"{path} holds no dict of train, valid and test",
            expected="MMSA's aligned_50.pkl or unaligned_50.pkl",
        )
    segments: list[Segment] = []
    findings: list[Finding] = []
    folds: dict[str, str | None] = {}
    for fold in FOLDS:
        if not isinstance(splits.get(fold), dict):
            findings.append(Finding("annotation", f"{path} has no split {fold}"))
            continue
        rows = zip(*(_column(path, fold, splits[fold], name) for name in COLUMNS), strict=True)
        for row, (name, text, label, annotation) in enumerate(rows):
            try:
                video, between, clip = str(name).rpartition(BETWEEN)
                if not between:
                    raise ValueError(f"the id is {name!r}, expected video{BETWEEN}clip")
                cells = (video, clip, str(text).strip(), str(label), str(annotation), fold)
                segment, _ = mmsa_segment(*cells)
                if folds.setdefault(video, fold) != fold:
                    raise ValueError(f"{video} is in the split {folds[video]} as well")
            except ValueError as error:
                said = f"{path}, split {fold}, row {row}: {error}"
                findings.append(Finding("annotation", said))
                continue
            segments.append(segment)
    return Labels(path, "mmsa", segments, findings, folds)


def _column(path: Path, fold: str, columns: dict[Any, Any], name: str) -> list[Any]:
    where = f"{path}, split {fold}"
    values = columns.get(name)
    if isinstance(values, Array):
        try:
            values = values.values()
        except (OSError, ValueError) as error:
            raise CorpusError(f"{where}: {name} is {error}") from error
    if not isinstance(values, list):
        raise CorpusError(f"{where} has no column {name}", expected=f"each of {', '.join(COLUMNS)}")
    ids = columns.get("id")
    rows = ids.shape[0] if isinstance(ids, Array) and ids.shape else len(ids or ())
    if len(values) != rows:
        raise CorpusError(f"{where}: {len(values)} values in {name}", expected=f"{rows}, as in id")
    return values
