"""A model's place on a board: its scores, and all that is to be known of how they came about."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from serbench.audit.pretraining import plain
from serbench.cells import CellScores
from serbench.held import Gathered
from serbench.labels import Classes, Scale
from serbench.protocols import RANKED, Selection
from serbench.rank import FIELDS as RANK_FIELDS
from serbench.rank import Rank
from serbench.scores import ClassScores, ScaleScores, known
from serbench.staged import Scores
from serbench.trained import Trained

TRUST = "recomputed"  # of what is scored here, from what was said of every utterance


@dataclass(frozen=True)
class Row:
    """A model's place on a board.

    ``scores`` is None unless a seed has all its folds (:mod:`serbench.gathered`).
    """

    model: str
    version: str
    variant: str  # the settings that differ from the defaults: "epochs=15 hidden=64"
    settings: Mapping[str, Any]
    selection: Selection  # the rule that chose the epoch
    canary: bool  # nobody trained it: the ceiling of what is known beside the sound
    scores: Scores | None
    broken: Mapping[str, int] | None  # rules that it broke, to trials; None: nobody watched it
    stages_missing: bool  # the rule chooses among epochs that were not kept
    n_folds: int
    n_seeds: int  # complete ones, which the scores are of
    trials_done: int
    trials_planned: int
    trials_failed: int
    trials_damaged: int
    seeds_wanted: int = 1  # by the protocol, of a model with any chance in it
    deterministic: bool = False  # every seed would give the same answer
    heard: tuple[str, ...] | None = ()  # corpora that it declares as pre-training; None: unknown
    chance: int = 0  # failed trials that are scored as chance
    partial: Mapping[str, float] = field(default_factory=dict)  # UA of what there is, if no scores
    trained: Trained = field(default_factory=Trained)  # what its trials took
    behind: float | None = None  # of a row without scores: on the same, less the reference
    said: str = field(default="", repr=False, compare=False)  # digest of its predictions, if known
    rank: Rank | None = None  # on its board; None: it is not ranked, or its headline is undefined

    @property
    def ranked(self) -> bool:
        """Whether it may be held against other models.

        An epoch chosen by the test set may not, nor a model that was seen to break a rule, nor one
        of fewer seeds than the protocol asks for.
        """
        allowed = self.selection in RANKED and not self.canary and not self.broken
        return allowed and not self.few_seeds

    @property
    def few_seeds(self) -> bool:
        """Whether it has scores, but of fewer seeds than the protocol asks for."""
        enough = self.deterministic or self.n_seeds >= self.seeds_wanted
        return self.complete and not self.canary and not enough

    def badges(self, corpora: Collection[str]) -> tuple[str, ...]:
        """What a reader must know of its training, on a board of these corpora."""
        found = [] if self.heard else ["pre-training unknown"] if self.heard is None else []
        if self.heard:
            heard = set(map(plain, self.heard))
            tested = [corpus for corpus in corpora if plain(corpus) in heard]
            found = [f"pre-trained on {', '.join(tested)}" if tested else "pre-trained elsewhere"]
        if self.complete and self.n_seeds == 1 and not (self.deterministic or self.canary):
            found.append("one seed")
        return tuple(found)

    @property
    def competes(self) -> bool:
        """Whether it is ranked by a score that is defined."""
        return self.ranked and self.scores is not None and not self._undefined

    @property
    def _undefined(self) -> bool:
        return self.scores is None or math.isnan(self.scores.headline.estimate)

    @property
    def complete(self) -> bool:
        """Whether there are scores; the headline may be undefined even so (see ``flags``)."""
        return self.scores is not None

    @property
    def ua(self) -> float | None:
        """UA as a share of 1; None on a scale, and where a class has no test utterance."""
        return self._of_classes("ua")

    @property
    def wa(self) -> float | None:
        """WA, the accuracy, as a share of 1; None on a scale."""
        return self._of_classes("wa")

    def _of_classes(self, name: str) -> float | None:
        told = isinstance(self.scores, ClassScores | CellScores)
        return known(getattr(self.scores, name).estimate) if told else None

    @property
    def n_utterances(self) -> int | None:
        return self.scores.utterances if self.scores else None

    @property
    def n_speakers(self) -> int | None:
        return self.scores.speakers if self.scores else None

    @property
    def flags(self) -> tuple[str, ...]:
        """What a reader must know: of intervals (:mod:`serbench.intervals`), of broken rules."""
        if self.stages_missing:
            return ("no_stages",)
        few = ("few_seeds",) * self.few_seeds + ("failed_as_chance",) * bool(self.chance)
        return (*(self.scores.flags if self.scores else ()), *(self.broken or ()), *few)

    def record(
        self, task: Classes | Scale, across: bool, corpora: Collection[str] = ()
    ) -> dict[str, Any]:
        """The row as a flat JSON object. A scale's has the scores of classes too, all null."""
        names: tuple[str, ...] = CellScores.FIELDS if across else ClassScores.FIELDS
        names += ScaleScores.FIELDS if isinstance(task, Scale) else ()
        return {
            "model": self.model,
            "version": self.version,
            "variant": self.variant,
            "settings": self.settings,
            "selection": self.selection,
            "ranked": self.competes,
            "canary": self.canary,
            "trust": TRUST,
            "broken": None if self.broken is None else dict(self.broken),
            **dict.fromkeys(RANK_FIELDS),
            **(self.rank.record() if self.rank else {}),
            **dict.fromkeys(names),
            **(self.scores.record() if self.scores else {}),
            **worst(self.scores),
            "n_utterances": self.n_utterances,
            "n_speakers": self.n_speakers,
            "n_folds": self.n_folds,
            "n_seeds": self.n_seeds,
            "seeds_wanted": self.seeds_wanted,
            "deterministic": self.deterministic,
            "trials_done": self.trials_done,
            "trials_planned": self.trials_planned,
            "trials_failed": self.trials_failed,
            "trials_damaged": self.trials_damaged,
            "scored_as_chance": self.chance,
            "parameters": self.trained.parameters,
            "train_seconds": self.trained.each,
            "train_seconds_sum": self.trained.seconds,
            "devices": list(self.trained.devices),
            "stacked": self.trained.stacked if self.trained.trials else None,
            "partial_cells": len(self.partial) or None,
            "partial_delta": self.behind,
            "row_badges": list(self.badges(corpora)),
            "flags": list(self.flags),
        }


def row_of(gathered: Gathered) -> Row:
    """The row of a model."""
    held = gathered.held
    model = held.row["model"]
    return Row(
        model=model["name"],
        version=model["version"],
        variant=held.variant,
        settings=model["settings"],
        selection=gathered.selection,
        canary=False,
        scores=gathered.scores,
        broken=held.broken,
        stages_missing=gathered.stages_missing,
        n_folds=held.row["folds"],
        n_seeds=gathered.n_seeds,
        trials_done=held.trials_done,
        trials_planned=held.trials_planned,
        trials_failed=held.trials_failed,
        trials_damaged=held.trials_damaged,
        seeds_wanted=held.notes.get("seeds", 1),
        deterministic=held.notes.get("deterministic", False),
        heard=_heard(held.notes),
        chance=gathered.chance,
        partial=gathered.partial,
        trained=held.trained,
        said=gathered.said,
    )


def _heard(notes: Mapping[str, Any]) -> tuple[str, ...] | None:
    """What a model declares that it, or its encoder, was trained on before."""
    declared = notes.get("pretraining", ())
    return None if declared is None else tuple(declared)


def worst(scores: Scores | None) -> dict[str, Any]:
    """Where a model that tells classes apart fails, and how far its seeds lie apart, as JSON.

    ``recalls`` are of each class, pooled over folds and seeds, null without a test utterance;
    ``worst_class`` has the lowest; ``worst_speaker_ua`` is the
    lowest UA of a speaker over the classes spoken, the mean over seeds; ``ua_seed_sd`` the standard
    deviation over seeds (ddof=1).
    """
    found: dict[str, Any] = dict.fromkeys(
        ("recalls", "worst_class", "worst_class_recall", "worst_speaker_ua", "ua_seed_sd")
    )
    if not isinstance(scores, ClassScores | CellScores):
        return found
    support = scores.confusion.sum(axis=1)
    hits = scores.confusion.diagonal()
    found["recalls"] = {
        name: float(hit / there) if there else None
        for name, hit, there in zip(scores.classes, hits, support, strict=True)
    }
    if support.all():
        recall = hits / support
        lowest = int(recall.argmin())
        found["worst_class"] = scores.classes[lowest]
        found["worst_class_recall"] = float(recall[lowest])
    if isinstance(scores, CellScores):
        found["ua_seed_sd"] = known(scores.ua_sd)
        return found
    own = scores.evidence
    found["worst_speaker_ua"] = float(own.by_speaker.min())
    if len(own.seeds) > 1:
        found["ua_seed_sd"] = known(float(own.by_seed.std(ddof=1)))
    return found


def place(row: Row) -> tuple[int, bool, bool, float, str, str, str]:
    """What rows are sorted by: what is ranked, then what is not, then canaries, each best first.

    Rows with an undefined headline come after those, and rows without any score last.
    """
    group = 2 if row.canary else 0 if row.ranked else 1
    best = row.scores.headline.estimate if row.scores else math.nan
    undefined = math.isnan(best)
    score = 0.0 if undefined else -best
    named = row.model, row.variant, row.selection
    return (group, row.scores is None, undefined, score, *named)
