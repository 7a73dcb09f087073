"""Leaderboards. One board answers one question; numbers of two questions never share a table.

A board is a set of corpora (by the fingerprints of their releases), a label space, a protocol and
its folds. A row is a model with its settings. Scores are of whole seeds alone: a seed that lacks a
fold is shown as missing, never averaged away.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from serbench.canonical import canonical
from serbench.errors import StoreError
from serbench.predictions import from_parquet
from serbench.scores import Score, score
from serbench.store import Plan, Store
from serbench.trial import Trial


@dataclass(frozen=True)
class Row:
    """A model's place on a board.

    ``ua``, ``wa`` and their ends are shares of 1, cut to 0..1, and None unless a seed has all its
    folds. ``ua`` is also None where a class has no test utterance. ``flags`` says what a reader
    must know of the interval (:mod:`serbench.intervals`).
    """

    model: str
    version: str
    variant: str  # the settings that differ from the defaults: "epochs=15 hidden=64"
    settings: Mapping[str, Any]
    ua: float | None
    ua_low: float | None
    ua_high: float | None
    wa: float | None
    wa_low: float | None
    wa_high: float | None
    macro_f1: float | None
    ua_fold: float | None
    wa_fold: float | None
    n_missing: int | None
    n_utterances: int | None
    n_speakers: int | None
    n_folds: int
    n_seeds: int  # complete ones, which the scores are of
    trials_done: int
    trials_planned: int
    trials_failed: int
    trials_damaged: int
    flags: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether there are scores: of UA, unless it is undefined (see ``flags``)."""
        return self.wa is not None


@dataclass(frozen=True)
class Board:
    """All models that answered one question."""

    corpora: tuple[str, ...]
    fingerprints: Mapping[str, str]
    labels: str
    classes: tuple[str, ...]
    protocol: str
    selection: str
    split: str
    speaker_independent: bool | None
    partial: bool | None  # the corpus was not complete, and that was allowed; None: not known
    altered: bool | None  # some of its sounds are not its release's; None: not known
    repeated: Mapping[str, int]  # classes whose utterances the label space counts several times
    rows: tuple[Row, ...]

    @property
    def chance(self) -> float:
        """The expected UA of any predictor that does not look at the label."""
        return 1 / len(self.classes)

    def records(self) -> list[dict[str, Any]]:
        """The rows as flat JSON objects, each with the board's own fields."""
        shared = {
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
        return [{**shared, **vars(row), "flags": list(row.flags)} for row in self.rows]


def boards(
    store: Store,
    *,
    corpora: Collection[str] = (),
    protocols: Collection[str] = (),
    models: Collection[str] = (),
    rows: Collection[Mapping[str, Any]] = (),
) -> list[Board]:
    """All boards of a results folder, by corpora and protocol; rows from the highest UA down.

    Parameters
    ----------
    corpora, protocols, models
        Show only these; empty: all.
    rows
        Show only the boards that these rows, of plans or trials, stand on; empty: all.
    """
    asked = {question(row) for row in rows}
    found: dict[str, list[Plan]] = defaultdict(list)
    for plan in _plans(store):
        names = set(plan.row["protocol"]["corpora"])
        if (
            (not corpora or names & set(corpora))
            and (not protocols or plan.row["protocol"]["name"] in protocols)
            and (not models or plan.row["model"]["name"] in models)
            and (not asked or question(plan.row) in asked)
        ):
            found[canonical(plan.row)].append(plan)
    groups: dict[str, list[Board]] = defaultdict(list)
    for plans in found.values():
        groups[question(plans[0].row)].append(_board(store, plans))
    return sorted(
        map(_merged, groups.values()),
        key=lambda board: (board.corpora, board.protocol, board.labels, board.split),
    )


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


def _merged(group: list[Board]) -> Board:
    """One board of several of one row each. What any of them knows, all of them are told."""
    shared = {board.speaker_independent for board in group}
    return replace(
        group[0],
        partial=_any({board.partial for board in group}),
        altered=_any({board.altered for board in group}),
        speaker_independent=False if False in shared else None if None in shared else True,
        rows=tuple(sorted((board.rows[0] for board in group), key=_place)),
    )


def _any(known: set[bool | None]) -> bool | None:
    return True if True in known else None if None in known else False


def _plans(store: Store) -> Iterable[Plan]:
    """Plans as stored, and one for finished trials that no plan names (brought from elsewhere)."""
    planned: set[str] = set()
    for plan in store.plans():
        planned.update(plan.trials)
        yield plan
    for trial_id in store.ids():
        if trial_id not in planned:
            try:
                notes = store.record(trial_id)["provenance"].get("notes", {})
                yield Plan(store.trial(trial_id).row, notes, (trial_id,))
            except StoreError:
                continue  # without its record nobody can say which board it was for


def _board(store: Store, plans: list[Plan]) -> Board:
    """A board of one row."""
    row = plans[0].row
    notes = next((plan.notes for plan in plans if plan.notes), {})
    ids = sorted({trial_id for plan in plans for trial_id in plan.trials})
    done: dict[str, Trial] = {}
    damaged = 0
    for trial_id in ids:
        if store.has(trial_id):
            try:
                trial = store.trial(trial_id)
            except StoreError:
                damaged += 1
                continue
            if canonical(trial.row) == canonical(row):
                done[trial_id] = trial
            else:  # a plan says whose trials they are, the trials themselves know
                damaged += 1
    trials = {}
    for trial_id, trial in done.items():
        for test in trial.tests:
            name = f"predictions-{test}.parquet"
            try:
                content = store.read(trial_id, name)
                trials[trial.seed, trial.fold] = from_parquet(content, name)
            except StoreError:
                damaged += 1
    folds = Counter(seed for seed, _ in trials)
    # Whole seeds alone: a mean over some folds of a seed would be a mean over some speakers.
    whole = {seed for seed, count in folds.items() if count == row["folds"]}
    scored = score({key: p for key, p in trials.items() if key[0] in whole}) if whole else None
    return Board(
        corpora=tuple(row["protocol"]["corpora"]),
        fingerprints=row["corpora"],
        labels=row["labels"]["name"],
        classes=tuple(row["task"]["names"]),
        protocol=row["protocol"]["name"],
        selection="last",
        split=row["split"],
        speaker_independent=notes.get("speaker_independent"),
        partial=bool(notes["findings"]) if "findings" in notes else None,
        altered=bool(notes["altered"]) if "altered" in notes else None,
        repeated=row["labels"].get("repeat", {}),
        rows=(
            _row(
                row,
                notes,
                scored,
                n_seeds=len(whole),
                trials_done=len(trials),
                trials_planned=max(len(ids), row["folds"] * len(folds)),
                trials_failed=sum(store.failure(trial_id) is not None for trial_id in ids),
                trials_damaged=damaged,
            ),
        ),
    )


def _row(
    row: Mapping[str, Any], notes: Mapping[str, Any], scored: Score | None, **counts: int
) -> Row:
    variant = notes.get("variant", {})
    low, high = scored.ua.clipped() if scored else (None, None)
    wa_low, wa_high = scored.wa.clipped() if scored else (None, None)
    return Row(
        model=row["model"]["name"],
        version=row["model"]["version"],
        variant=" ".join(f"{name}={_plain(value)}" for name, value in sorted(variant.items())),
        settings=row["model"]["settings"],
        ua=_known(scored.ua.estimate if scored else None),
        ua_low=_known(low),
        ua_high=_known(high),
        wa=_known(scored.wa.estimate if scored else None),
        wa_low=_known(wa_low),
        wa_high=_known(wa_high),
        macro_f1=_known(scored.macro_f1 if scored else None),
        ua_fold=_known(scored.ua_fold if scored else None),
        wa_fold=_known(scored.wa_fold if scored else None),
        n_missing=scored.missing if scored else None,
        n_utterances=scored.utterances if scored else None,
        n_speakers=scored.speakers if scored else None,
        n_folds=row["folds"],
        flags=scored.ua.flags if scored else (),
        **counts,
    )


def _place(row: Row) -> tuple[bool, float, str, str]:
    """Highest UA first, rows without one last, those without any score at the very end."""
    return (row.ua is None, -(row.ua or 0.0), row.model, row.variant)


def _known(value: float | None) -> float | None:
    """JSON has no NaN: a score or an end that does not exist is null."""
    return None if value is None or math.isnan(value) else float(value)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else canonical(value)
