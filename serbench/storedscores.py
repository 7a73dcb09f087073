"""Scores as JSON values and back, to the last bit."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from serbench.cells import Cell, CellScores
from serbench.errors import StoreError
from serbench.evidence import Evidence
from serbench.intervals import Interval
from serbench.scores import ClassScores, ScaleScores
from serbench.staged import Scores


def to_record(scores: Scores) -> dict[str, Any]:
    """Scores as JSON values: what is undefined is null."""
    if isinstance(scores, ClassScores):
        return {"kind": "classes", **_of_classes(scores)}
    if isinstance(scores, ScaleScores):
        intervals = [[name, _of_interval(one)] for name, one in scores.intervals.items()]
        counts = {"utterances": scores.utterances, "speakers": scores.speakers}
        own = _of_evidence(scores.evidence)
        return {"kind": "scale", "intervals": intervals, **counts, "evidence": own}
    cells = [
        {
            "source": cell.source,
            "target": cell.target,
            "scores": _of_classes(cell.scores),
            "ua_sd": _number(cell.ua_sd),
            "wa_sd": _number(cell.wa_sd),
        }
        for cell in scores.cells
    ]
    ends = {"ua": _of_interval(scores.ua), "wa": _of_interval(scores.wa)}
    spread = {"ua_sd": _number(scores.ua_sd), "wa_sd": _number(scores.wa_sd)}
    return {"kind": "cells", "cells": cells, **ends, **spread}


def from_record(record: Mapping[str, Any]) -> Scores:
    """Read what :func:`to_record` wrote.

    Raises
    ------
    StoreError
        If it is something else.
    """
    try:
        if record["kind"] == "classes":
            return _classes(record)
        if record["kind"] == "scale":
            intervals = {name: _interval(one) for name, one in record["intervals"]}
            own = _evidence(record["evidence"])
            return ScaleScores(intervals, record["utterances"], record["speakers"], own)
        cells = tuple(
            Cell(
                one["source"],
                one["target"],
                scores=_classes(one["scores"]),
                ua_sd=_float(one["ua_sd"]),
                wa_sd=_float(one["wa_sd"]),
            )
            for one in record["cells"]
        )
        return CellScores(
            cells,
            ua=_interval(record["ua"]),
            wa=_interval(record["wa"]),
            ua_sd=_float(record["ua_sd"]),
            wa_sd=_float(record["wa_sd"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StoreError(f"scores that are none: {error}") from error


def _of_classes(scores: ClassScores) -> dict[str, Any]:
    return {
        "ua": _of_interval(scores.ua),
        "wa": _of_interval(scores.wa),
        "macro_f1": _number(scores.macro_f1),
        "ua_fold": _number(scores.ua_fold),
        "wa_fold": _number(scores.wa_fold),
        "missing": scores.missing,
        "confusion": scores.confusion.tolist(),
        "classes": list(scores.classes),
        "utterances": scores.utterances,
        "speakers": scores.speakers,
        "tied": _number(scores.tied),
        "evidence": _of_evidence(scores.evidence),
    }


def _classes(record: Mapping[str, Any]) -> ClassScores:
    return ClassScores(
        ua=_interval(record["ua"]),
        wa=_interval(record["wa"]),
        macro_f1=_float(record["macro_f1"]),
        ua_fold=_float(record["ua_fold"]),
        wa_fold=_float(record["wa_fold"]),
        missing=record["missing"],
        confusion=np.array(record["confusion"]),
        classes=tuple(record["classes"]),
        utterances=record["utterances"],
        speakers=record["speakers"],
        tied=_float(record["tied"]),
        evidence=_evidence(record["evidence"]),
    )


def _of_evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "seeds": list(evidence.seeds),
        "speakers": list(evidence.speakers),
        "folds": list(evidence.folds),
        "hits": evidence.hits.tolist(),
        "support": evidence.support.tolist(),
        "by_fold": [[_number(score) for score in seed] for seed in evidence.by_fold.tolist()],
    }


def _evidence(record: Mapping[str, Any]) -> Evidence:
    return Evidence(
        seeds=tuple(record["seeds"]),
        speakers=tuple(record["speakers"]),
        folds=tuple(record["folds"]),
        hits=np.array(record["hits"]),
        support=np.array(record["support"], dtype=np.int64),
        by_fold=np.array(record["by_fold"], dtype=np.float64),  # None is NaN
    )


def _of_interval(interval: Interval) -> list[Any]:
    *numbers, method, flags = dataclasses.astuple(interval)
    return [*map(_number, numbers), method, list(flags)]


def _interval(values: list[Any]) -> Interval:
    *numbers, method, flags = values
    estimate, low, high, se, df = map(_float, numbers)
    return Interval(estimate, low, high, se, df, method, tuple(flags))


def _number(value: float) -> float | str | None:
    """JSON has neither NaN nor infinity; a float's shortest decimals are read back as itself."""
    if math.isnan(value):
        return None
    return float(value) if math.isfinite(value) else str(float(value))


def _float(value: float | str | None) -> float:
    return math.nan if value is None else float(value)
