"""Leaderboards. One board answers one question; numbers of two questions never share a table.

A board is a set of corpora (by the fingerprints of their releases), a label space, a protocol and
its folds. A row is a model with its settings. What is told apart decides which scores stand on it:
those of classes, or those of a sentiment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from serbench.background import background, stands
from serbench.board import Board, ranked
from serbench.canaryrows import canary_rows, keep_canaries, known_canaries
from serbench.canonical import canonical
from serbench.gathered import rows_of
from serbench.held import Found
from serbench.protocols import RANKED, SELECTIONS, Selection
from serbench.question import question
from serbench.rows import Row, place, row_of
from serbench.scorecache import ScoreCache
from serbench.scoring import Scorer
from serbench.store import Store


def boards(
    store: Store,
    *,
    corpora: Collection[str] = (),
    protocols: Collection[str] = (),
    models: Collection[str] = (),
    labels: Collection[str] = (),
    accesses: Collection[str] = (),
    rows: Collection[Mapping[str, Any]] = (),
    selections: Collection[Selection] = RANKED,
    canaries: bool = True,
    cache: ScoreCache | None = None,
    reference: str = "",
) -> list[Board]:
    """All boards of a results folder, by corpora and protocol; rows from the best down.

    That is from the highest UA of classes, or the highest ACC7 of a sentiment. Rows that are not
    ranked stand below.

    Parameters
    ----------
    corpora, protocols, models, labels, accesses
        Show only these; empty: all. A model's rank is among all that are on the board, shown or
        not.
    selections
        Show the epochs that these rules choose. "best-on-test" and "best-on-test-per-metric" read
        the stages of the trainings that "last" scores. Rows of the rules that are ranked are ranked
        among one another, shown or not.
    canaries
        With a row for each canary that was at work.
    rows
        Show only the boards that these rows, of plans or trials, stand on; empty: all.
    cache
        Take scores from here where it has those of the same predictions, and keep others there.
    reference
        The model that the others are held against, on boards that it is ranked on; "": the leader.
    """
    scorer = Scorer(store, cache)
    rules = [rule for rule in SELECTIONS if rule in {*selections, *RANKED}]
    groups: dict[str, list[Board]] = defaultdict(list)
    badges: dict[str, tuple[str, ...] | None] = {}
    everything = not (corpora or protocols or models or labels or accesses or rows)
    if everything:
        scorer.go_ahead()  # while the plans are read
    every = [
        (question(plans[0].row), plans)
        for plans in rows_of(
            store, corpora=corpora, protocols=protocols, labels=labels, accesses=accesses
        )
    ]
    asked = {question(row) for row in rows}
    with_one = {key for key, plans in every if plans[0].row["model"]["name"] in models}
    every = [
        (key, plans)
        for key, plans in every
        if (key in asked or not asked) and (key in with_one or not models)
    ]
    if not everything:
        scorer.go_ahead(plans for _, plans in every)
    for key, plans in every:
        found, scored = scorer.rows(plans, rules)
        shown = tuple(map(row_of, scored))
        if key not in groups:
            badges[key], beside = _beside(store, found, canaries, cache)
            shown += beside
        groups[key].append(board_of(found, *shown, badges=badges[key]))
    made = (merged(group) for group in groups.values())
    ordered = sorted(made, key=lambda board: board.place)
    cut = (_shown(ranked(board, reference, cache), models, selections) for board in ordered)
    return [board for board in cut if not all(row.canary for row in board.rows)]


def _shown(board: Board, models: Collection[str], selections: Collection[Selection]) -> Board:
    """A board with its canaries, and the rows of these models and rules; of all models if none."""
    rows = (
        row
        for row in board.rows
        if row.canary or (row.selection in selections and (not models or row.model in models))
    )
    return replace(board, rows=tuple(rows))


def _beside(
    store: Store, found: Found, canaries: bool, cache: ScoreCache | None
) -> tuple[tuple[str, ...] | None, tuple[Row, ...]]:
    """The badges of a row's board and its canaries, from the cache where it knows them."""
    stood = stands(store, found.row) if canaries and cache is not None else None
    if stood is not None and cache is not None:
        known = known_canaries(stood, found, cache)
        if known is not None:
            return known
    beside = background(store, found.row)
    badges = None if beside is None else beside.verdict.badges
    rows = canary_rows(beside, found) if canaries else ()
    if stood is not None and cache is not None and stood == stands(store, found.row):
        keep_canaries(stood, found, badges, rows, cache)
    return badges, rows


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
        rows=tuple(sorted((row for board in group for row in board.rows), key=place)),
    )


def _any(known: set[bool | None]) -> bool | None:
    return True if True in known else None if None in known else False


def board_of(held: Found, *rows: Row, badges: tuple[str, ...] | None = None) -> Board:
    """The board that a row stands on, with these rows alone."""
    row, notes = held.row, held.notes
    return Board(
        corpora=tuple(row["protocol"]["corpora"]),
        fingerprints=row["corpora"],
        labels=row["labels"]["name"],
        task=held.task,
        label_field=row["labels"].get("label_field", ""),
        protocol=row["protocol"]["name"],
        target_access=row["protocol"].get("target_access", "none"),
        split=row["split"],
        speaker_independent=notes.get("speaker_independent"),
        partial=bool(notes["findings"]) if "findings" in notes else None,
        altered=bool(notes["altered"]) if "altered" in notes else None,
        repeated=_repeated(row["labels"]),
        badges=badges,
        rows=rows,
        rule=row["protocol"],
    )


def _repeated(labels: Mapping[str, Any]) -> dict[str, int]:
    """Of a label space that differs between corpora: in any of them."""
    return {
        name: times
        for record in (labels, *labels.get("on", {}).values())
        for name, times in record.get("repeat", {}).items()
    }
