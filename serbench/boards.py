"""Leaderboards. One board answers one question; numbers of two questions never share a table.

A board is a set of corpora (by the fingerprints of their releases), a label space, a protocol and
its folds. A row is a model with its settings. What is told apart decides which scores stand on it:
those of classes, or those of a sentiment.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from serbench.canonical import canonical
from serbench.gathered import Gathered, Held, gather, rows_of
from serbench.labels import Classes, Scale
from serbench.scores import ClassScores, ScaleScores, Scores, known
from serbench.store import Store


@dataclass(frozen=True)
class Row:
    """A model's place on a board.

    ``scores`` is None unless a seed has all its folds (:mod:`serbench.gathered`).
    """

    model: str
    version: str
    variant: str  # the settings that differ from the defaults: "epochs=15 hidden=64"
    settings: Mapping[str, Any]
    scores: Scores | None
    n_folds: int
    n_seeds: int  # complete ones, which the scores are of
    trials_done: int
    trials_planned: int
    trials_failed: int
    trials_damaged: int

    @property
    def complete(self) -> bool:
        """Whether there are scores; the headline may be undefined even so (see ``flags``)."""
        return self.scores is not None

    @property
    def ua(self) -> float | None:
        """UA as a share of 1; None on a scale, and where a class has no test utterance."""
        return known(self.scores.ua.estimate) if isinstance(self.scores, ClassScores) else None

    @property
    def wa(self) -> float | None:
        """WA, the accuracy, as a share of 1; None on a scale."""
        return known(self.scores.wa.estimate) if isinstance(self.scores, ClassScores) else None

    @property
    def n_utterances(self) -> int | None:
        return self.scores.utterances if self.scores else None

    @property
    def n_speakers(self) -> int | None:
        return self.scores.speakers if self.scores else None

    @property
    def flags(self) -> tuple[str, ...]:
        """What a reader must know of the intervals (:mod:`serbench.intervals`)."""
        return self.scores.flags if self.scores else ()

    def record(self, task: Classes | Scale) -> dict[str, Any]:
        """The row as a flat JSON object. A scale's has the scores of classes too, all null."""
        names = ClassScores.FIELDS + (ScaleScores.FIELDS if isinstance(task, Scale) else ())
        return {
            "model": self.model,
            "version": self.version,
            "variant": self.variant,
            "settings": self.settings,
            **dict.fromkeys(names),
            **(self.scores.record() if self.scores else {}),
            "n_utterances": self.n_utterances,
            "n_speakers": self.n_speakers,
            "n_folds": self.n_folds,
            "n_seeds": self.n_seeds,
            "trials_done": self.trials_done,
            "trials_planned": self.trials_planned,
            "trials_failed": self.trials_failed,
            "trials_damaged": self.trials_damaged,
            "flags": list(self.flags),
        }


@dataclass(frozen=True)
class Board:
    """All models that answered one question."""

    corpora: tuple[str, ...]
    fingerprints: Mapping[str, str]
    labels: str
    task: Classes | Scale
    label_field: str  # of a scale: what it measures, such as "sentiment"
    protocol: str
    selection: str
    split: str
    speaker_independent: bool | None
    partial: bool | None  # the corpus was not complete, and that was allowed; None: not known
    altered: bool | None  # some of its sounds are not its release's; None: not known
    repeated: Mapping[str, int]  # classes whose utterances the label space counts several times
    rows: tuple[Row, ...]

    @property
    def chance(self) -> float | None:
        """The expected UA of any predictor that does not look at the label; None on a scale."""
        return 1 / len(self.task.names) if isinstance(self.task, Classes) else None

    @property
    def place(self) -> tuple[Any, ...]:
        """What boards are sorted by."""
        return (self.corpora, self.protocol, self.labels, self.split, *self.fingerprints.values())

    def record(self) -> dict[str, Any]:
        """The board's own fields, without its rows."""
        return {
            "corpora": list(self.corpora),
            "protocol": self.protocol,
            "labels": self.labels,
            "selection": self.selection,
            "speaker_independent": self.speaker_independent,
            "partial": self.partial,
            "altered": self.altered,
            "fingerprints": dict(self.fingerprints),
            "split": self.split,
            "chance": self.chance,
        }

    def records(self) -> list[dict[str, Any]]:
        """The rows as flat JSON objects, each with the board's own fields."""
        shared = self.record()
        return [{**shared, **row.record(self.task)} for row in self.rows]


def boards(
    store: Store,
    *,
    corpora: Collection[str] = (),
    protocols: Collection[str] = (),
    models: Collection[str] = (),
    rows: Collection[Mapping[str, Any]] = (),
) -> list[Board]:
    """All boards of a results folder, by corpora and protocol; rows from the best down.

    That is from the highest UA of classes, or the highest ACC7 of a sentiment.

    Parameters
    ----------
    corpora, protocols, models
        Show only these; empty: all.
    rows
        Show only the boards that these rows, of plans or trials, stand on; empty: all.
    """
    asked = {question(row) for row in rows}
    groups: dict[str, list[Board]] = defaultdict(list)
    for plans in rows_of(store, corpora=corpora, protocols=protocols, models=models):
        key = question(plans[0].row)
        if not asked or key in asked:
            gathered = gather(store, plans)
            groups[key].append(board_of(gathered.held, _row(gathered)))
    return sorted(map(merged, groups.values()), key=lambda board: board.place)


def question(row: Mapping[str, Any]) -> str:
    """What a row answers, whichever model it is of: the key of its board."""
    return canonical({k: v for k, v in row.items() if k not in {"model", "recipes"}})


def of_rows(board: Board, rows: Collection[Mapping[str, Any]]) -> Board:
    """A board with the models of these rows alone."""
    asked = {canonical(row["model"]) for row in rows}
    kept = tuple(
        row
        for row in board.rows
        if canonical({"name": row.model, "version": row.version, "settings": row.settings}) in asked
    )
    return replace(board, rows=kept)


def merged(group: Sequence[Board]) -> Board:
    """One board of several of one question. What any of them knows, all of them are told."""
    shared = {board.speaker_independent for board in group}
    return replace(
        group[0],
        partial=_any({board.partial for board in group}),
        altered=_any({board.altered for board in group}),
        speaker_independent=False if False in shared else None if None in shared else True,
        rows=tuple(sorted((row for board in group for row in board.rows), key=_place)),
    )


def _any(known: set[bool | None]) -> bool | None:
    return True if True in known else None if None in known else False


def board_of(held: Held, *rows: Row) -> Board:
    """The board that a row stands on, with these rows alone."""
    row, notes = held.row, held.notes
    return Board(
        corpora=tuple(row["protocol"]["corpora"]),
        fingerprints=row["corpora"],
        labels=row["labels"]["name"],
        task=held.task,
        label_field=row["labels"].get("label_field", ""),
        protocol=row["protocol"]["name"],
        selection="last",
        split=row["split"],
        speaker_independent=notes.get("speaker_independent"),
        partial=bool(notes["findings"]) if "findings" in notes else None,
        altered=bool(notes["altered"]) if "altered" in notes else None,
        repeated=row["labels"].get("repeat", {}),
        rows=rows,
    )


def _row(gathered: Gathered) -> Row:
    held = gathered.held
    model = held.row["model"]
    return Row(
        model=model["name"],
        version=model["version"],
        variant=held.variant,
        settings=model["settings"],
        scores=gathered.scores,
        n_folds=held.row["folds"],
        n_seeds=gathered.n_seeds,
        trials_done=held.trials_done,
        trials_planned=held.trials_planned,
        trials_failed=held.trials_failed,
        trials_damaged=held.trials_damaged,
    )


def _place(row: Row) -> tuple[bool, bool, float, str, str]:
    """Best first, rows with an undefined headline last, those without any score at the very end."""
    best = row.scores.headline.estimate if row.scores else math.nan
    undefined = math.isnan(best)
    return (row.scores is None, undefined, 0.0 if undefined else -best, row.model, row.variant)
