"""A ladder, measured: the scores of each step, and what the step above it gives more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serbench import metrics
from serbench.inflation.steps import Step
from serbench.intervals import Interval, Metric, jackknife_over_seeds
from serbench.scores import ends

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Rung:
    """One step of a ladder.

    Parameters
    ----------
    ua, wa
        Scores as shares of 1: the mean over seeds, and over sources where there are several. None
        where there is none.
    inflation
        UA of the nearest measured step above, minus UA here; None at the top.
    missing
        Why there are no scores; "" where there are.
    speaker_independent
        Whether no test speaker was trained on; None where that is not known.
    same_folds_as
        The key of the measured step above if both have the same test folds: what they differ by is
        then the training's. "" if they have others.
    broken
        In how many of its trials the model was seen to break each rule (:mod:`serbench.behaviour`);
        None: nobody watched any.
    counts
        What they are computed from, int64 [seeds, speakers, sources, classes, classes].
    """

    step: Step
    ua: Interval | None = None
    wa: Interval | None = None
    inflation: Interval | None = None
    missing: str = ""
    speaker_independent: bool | None = None
    same_folds_as: str = ""
    broken: Mapping[str, int] | None = None
    counts: Counts | None = None

    @property
    def ranked(self) -> bool:
        """Whether a leaderboard would rank its number."""
        return self.step.ranked and not self.broken

    @property
    def flags(self) -> tuple[str, ...]:
        """What a reader must know: of the interval, of broken rules."""
        return (*(self.ua.flags if self.ua else ()), *(self.broken or ()))

    def record(self) -> dict[str, Any]:
        """A flat JSON object: shares of 1, None where there is nothing."""
        return {
            "step": self.step.key,
            "protocol": self.step.protocol,
            "selection": self.step.selection,
            "title": self.step.title,
            "ranked": self.ranked,
            "speaker_independent": self.speaker_independent,
            **_ends("ua", self.ua),
            **_ends("wa", self.wa),
            **_ends("inflation", self.inflation, -1.0),
            "same_folds_as": self.same_folds_as or None,
            "broken": None if self.broken is None else dict(self.broken),
            "flags": list(self.flags),
            "missing": self.missing or None,
        }


@dataclass(frozen=True)
class Ladder:
    """One model on one corpus, step by step.

    Parameters
    ----------
    sources
        The corpora that the last step was trained on, one at a time; none: there is no such step.
    seeds
        Those that every measured step has.
    unpaired
        Seeds that some step has beside them, and no score is of.
    total
        UA of the first measured step minus UA of the last; None with fewer than two.
    """

    model: str
    version: str
    variant: str
    corpus: str
    sources: tuple[str, ...]
    labels: str
    classes: tuple[str, ...]
    target_access: str
    partial: bool | None
    altered: bool | None
    utterances: int
    speakers: int
    seeds: tuple[int, ...]
    unpaired: tuple[int, ...]
    rungs: tuple[Rung, ...]
    total: Interval | None

    @property
    def name(self) -> str:
        """The model with what was set of it."""
        return f"{self.model} {self.variant}".strip()

    @property
    def chance(self) -> float:
        """The expected UA of any predictor that does not look at the label."""
        return 1 / len(self.classes)

    @property
    def measured(self) -> tuple[Rung, ...]:
        """The rungs that have scores, from the top."""
        return tuple(rung for rung in self.rungs if rung.ua is not None)

    @property
    def broken(self) -> dict[str, int] | None:
        """In how many trials of all steps each rule was broken; None: nobody watched any."""
        rows = {rung.step.protocol: rung.broken for rung in self.rungs}  # a row is of two steps
        watched = [found for found in rows.values() if found is not None]
        total: Counter[str] = Counter()
        for found in watched:
            total.update(found)
        return dict(sorted(total.items())) if watched else None

    def record(self) -> dict[str, Any]:
        """Everything but the counts, as a JSON object."""
        between = [rung.step.key for rung in (self.measured[0], self.measured[-1])]
        return {
            "model": self.model,
            "version": self.version,
            "variant": self.variant,
            "corpus": self.corpus,
            "sources": list(self.sources),
            "labels": self.labels,
            "classes": list(self.classes),
            "chance": self.chance,
            "target_access": self.target_access,
            "partial": self.partial,
            "altered": self.altered,
            "broken": self.broken,
            "n_utterances": self.utterances,
            "n_speakers": self.speakers,
            "seeds": list(self.seeds),
            "seeds_unpaired": list(self.unpaired),
            "steps": [rung.record() for rung in self.rungs],
            "total": {"between": between, **_ends("inflation", self.total, -1.0)}
            if self.total
            else None,
        }


def over_sources(metric: Metric) -> Metric:
    """The mean over sources, each scored by itself: counts [sources, classes, classes]."""
    return lambda sides: float(np.mean([metric(side) for side in sides]))


mean_ua = over_sources(metrics.ua)
mean_wa = over_sources(metrics.wa)


def difference(one: Counts, other: Counts) -> Interval:
    """UA of one side minus that of another, with its 95% interval by speakers.

    Parameters
    ----------
    one, other
        Counts [seeds, speakers, sources, classes, classes] of the same seeds, speakers and
        utterances; one of them may have a single seed, which is held against each of the other's.
    """
    seeds = max(len(one), len(other))
    both = np.concatenate([_repeated(side, seeds) for side in (one, other)], axis=2)
    cut = one.shape[2]
    return jackknife_over_seeds(both, lambda sides: mean_ua(sides[:cut]) - mean_ua(sides[cut:]))


def _repeated(counts: Counts, seeds: int) -> Counts:
    return np.repeat(counts, seeds, axis=0) if len(counts) == 1 else counts


def _ends(name: str, interval: Interval | None, least: float = 0.0) -> dict[str, Any]:
    if interval is None:
        return dict.fromkeys((name, f"{name}_low", f"{name}_high"))
    return dict(ends(name, interval, least, 1.0))
