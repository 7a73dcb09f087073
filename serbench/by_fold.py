"""Scores fold by fold and seed by seed, to be held against a paper's own folds.

They are looked at and never ranked: a fold of one speaker says something of that speaker, and the
mean over folds is no estimate of what other speakers would give.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from serbench import metrics, sentiment
from serbench.board import Board
from serbench.boards import board_of, merged
from serbench.canonical import digest
from serbench.gathered import Held, hold, rows_of
from serbench.predictions import Predictions
from serbench.question import question
from serbench.ratings import Ratings
from serbench.scores import Field, known
from serbench.store import Store


@dataclass(frozen=True)
class FoldScore:
    """One fold of one training.

    ``scores`` of classes are ``ua``, the mean recall over the classes that the fold holds, as
    papers take it, ``wa``, the accuracy, and ``n_missing``, how many classes the fold lacks. Of a
    sentiment they are those of :data:`serbench.sentiment.SCORES`. All as shares of 1, the mean
    absolute error on its scale; None: undefined.
    """

    seed: int
    fold: str
    test: str  # the corpus that is tested
    n_utterances: int
    scores: Mapping[str, Field]


@dataclass(frozen=True)
class FoldRow:
    """The finished folds of one row of a board, by seed and then by name, 2 before 10.

    ``key`` is the SHA-256 of all that the row's trials have in common: no two rows share it, even
    where their models are named alike.
    """

    key: str
    model: str
    version: str
    variant: str
    settings: Mapping[str, Any]
    n_folds: int
    trials_done: int
    trials_planned: int
    trials_failed: int
    trials_damaged: int
    folds: tuple[FoldScore, ...]

    def records(self) -> list[dict[str, Any]]:
        """The folds as flat JSON objects, each with what the row is."""
        own = {
            "row": self.key,
            "model": self.model,
            "version": self.version,
            "variant": self.variant,
            "settings": self.settings,
            "n_folds": self.n_folds,
            "trials_done": self.trials_done,
            "trials_planned": self.trials_planned,
            "trials_failed": self.trials_failed,
            "trials_damaged": self.trials_damaged,
        }
        return [
            own
            | {"seed": one.seed, "fold": one.fold, "test": one.test}
            | {"n_utterances": one.n_utterances, **one.scores}
            for one in self.folds
        ]


@dataclass(frozen=True)
class FoldBoard:
    """A board, itself without rows, and the folds of its rows by the models' names."""

    board: Board
    rows: tuple[FoldRow, ...]

    def records(self) -> list[dict[str, Any]]:
        """All folds as flat JSON objects, each with the fields of its board and of its row."""
        shared = self.board.record()
        return [shared | record for row in self.rows for record in row.records()]


def by_fold(
    store: Store,
    *,
    corpora: Collection[str] = (),
    protocols: Collection[str] = (),
    models: Collection[str] = (),
    labels: Collection[str] = (),
    accesses: Collection[str] = (),
) -> list[FoldBoard]:
    """Every finished fold of a results folder, in the order of its boards.

    Parameters
    ----------
    corpora, protocols, models, labels, accesses
        Show only these; empty: all.

    Raises
    ------
    StoreError
        If a row is of a task that has no scores.
    """
    groups: dict[str, list[tuple[Board, FoldRow]]] = defaultdict(list)
    asked: dict[str, Collection[str]] = {
        "corpora": corpora, "protocols": protocols, "models": models, "labels": labels,
        "accesses": accesses,
    }  # fmt: skip
    for plans in rows_of(store, **asked):
        held = hold(store, plans)
        groups[question(held.row)].append((board_of(held), _row(held)))
    found = [
        FoldBoard(
            merged([board for board, _ in group]),
            tuple(sorted((row for _, row in group), key=_place)),
        )
        for group in groups.values()
    ]
    return sorted(found, key=lambda one: one.board.place)


def _row(held: Held) -> FoldRow:
    told = [
        FoldScore(seed, fold, test, len(said.ids), of_classes(said))
        for (seed, fold, test), said in held.told.items()
    ]
    rated = [
        FoldScore(seed, fold, test, len(said.ids), of_sentiment(said))
        for (seed, fold, test), said in held.rated.items()
    ]
    model = held.row["model"]
    return FoldRow(
        key=digest(held.row),
        model=model["name"],
        version=model["version"],
        variant=held.variant,
        settings=model["settings"],
        n_folds=held.row["folds"],
        trials_done=held.trials_done,
        trials_planned=held.trials_planned,
        trials_failed=held.trials_failed,
        trials_damaged=held.trials_damaged,
        folds=tuple(sorted(told + rated, key=lambda one: (one.seed, natural(one.fold), one.test))),
    )


def of_classes(said: Predictions) -> dict[str, Field]:
    """UA over the classes that a test set holds, WA, and how many classes it lacks."""
    decided = metrics.decide(said.probabilities)
    counts = metrics.confusion(said.truth, decided, len(said.classes))
    ua, missing = metrics.ua_fold(counts[None])
    return {"ua": known(ua), "wa": known(metrics.wa(counts)), "n_missing": missing}


def of_sentiment(said: Ratings) -> dict[str, Field]:
    """All scores of a test set of a sentiment; None: undefined."""
    if not said.ids:
        return dict.fromkeys(sentiment.SCORES)
    found = vars(sentiment.sentiment_scores(said.truth, said.values))
    return {name: known(found[name]) for name in sentiment.SCORES}


def _place(row: FoldRow) -> tuple[str, ...]:
    return (row.model, row.variant, row.version, row.key)


def natural(name: str) -> list[str | int]:
    """Text and numbers in turn, so that fold 10 comes after fold 9."""
    return [int(part) if i % 2 else part for i, part in enumerate(re.split("([0-9]+)", name))]
