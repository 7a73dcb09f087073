"""A row of a board, as far as it is known: found, read, scored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from serbench.canonical import canonical
from serbench.errors import StoreError
from serbench.labels import Classes, Scale, task_of
from serbench.predictions import Predictions
from serbench.protocols import Selection
from serbench.ratings import Ratings
from serbench.sentiment import SCALE
from serbench.staged import Scores
from serbench.trained import Trained

J = TypeVar("J")  # what a file of predictions is read as
Judged = dict[tuple[int, str, str], J]  # by seed, fold and test set


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a results folder holds of a row, before any prediction is read.

    ``notes`` are of its plans. ``trials`` are the ids of those that are whole, by seed and fold.
    ``broken`` counts the trials in which the model was seen to break a rule
    (:mod:`serbench.behaviour`), by the rule; None: none was watched. ``failed`` are trials that
    were tried and gave nothing, by seed and fold, as far as that is known. ``trained`` is what it
    took to train the whole ones.
    """

    row: Mapping[str, Any]
    notes: Mapping[str, Any]
    task: Classes | Scale
    trials: Mapping[tuple[int, str], str]
    trials_planned: int
    trials_failed: int
    trials_damaged: int
    broken: Mapping[str, int] | None
    failed: Mapping[tuple[int, str], str] = field(default_factory=dict)
    trained: Trained = field(default_factory=Trained)

    @property
    def trials_done(self) -> int:
        return len(self.trials)

    @property
    def selection(self) -> Selection:
        """The rule that the trials were made for: "val" held speakers out, "last" none."""
        return "val" if self.row.get("selection") == "val" else "last"

    @property
    def across(self) -> bool:
        """Whether several corpora are trained and tested on at once."""
        return len(self.row["protocol"]["corpora"]) > 1

    @property
    def variant(self) -> str:
        """The settings that differ from the model's defaults: "epochs=15 hidden=64"."""
        noted = self.notes.get("variant", {})
        return " ".join(f"{name}={_plain(value)}" for name, value in sorted(noted.items()))


@dataclass(frozen=True, kw_only=True)
class Held(Found):
    """What a results folder holds of a row, before anything is scored.

    What was said of each fold's test sets lies in ``told`` where classes are told apart, and in
    ``rated`` on a scale; the other one is empty.
    """

    told: Judged[Predictions]
    rated: Judged[Ratings]

    @property
    def said(self) -> Judged[Predictions] | Judged[Ratings]:
        """What was said after the last epoch, whatever the task."""
        return self.rated if isinstance(self.task, Scale) else self.told


@dataclass(frozen=True)
class Gathered:
    """A row of a board with its scores.

    ``scores`` is None unless a seed has all its folds; ``n_seeds`` counts these alone. ``chance``
    is the number of failed trials among them, which are scored as chance. ``partial`` is the UA of
    each fold, or of each pair of corpora, that there is of a row without scores.
    """

    held: Found
    selection: Selection
    scores: Scores | None
    n_seeds: int
    stages_missing: bool = False  # the rule asks for stages that were not kept
    chance: int = 0
    partial: Mapping[str, float] = field(default_factory=dict)
    said: str = ""  # digest of all that the scores come from; "": some of it was damaged


def row_task(row: Mapping[str, Any]) -> Classes | Scale:
    """What a row's models tell.

    Raises
    ------
    StoreError
        If it has no scores.
    """
    try:
        task = task_of(row["task"])
    except (KeyError, TypeError) as error:
        raise StoreError(f"a row of the task {row['task']!r}, which nobody can read") from error
    if isinstance(task, Classes) or task == SCALE:
        return task
    raise StoreError(
        f"a row of the task {task.record()}, which has no scores",
        expected=f"classes, or a scale from {SCALE.low:g} to {SCALE.high:g}",
        advice="use the serbench that wrote it",
    )


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else canonical(value)
