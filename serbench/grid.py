"""Every model on every corpus of one question: who stands where, and what is missing.

The corpora are boards of their own, under one protocol, label space and rule of selection. A cell
that was not run stays empty; a training that failed is scored as chance, since to fail is a result.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from serbench.board import Board
from serbench.labels import Classes
from serbench.protocols import RANKED, Selection
from serbench.rank import Rank
from serbench.rows import Row

State = Literal["measured", "failed", "undefined", "not run"]


@dataclass(frozen=True)
class Cell:
    """One model on one corpus.

    Parameters
    ----------
    ua
        As a share of 1, a training that failed scored as chance; NaN where there is none.
    state
        "failed" if at least one of its trainings did.
    why
        Why it keeps the model from being ranked; "" if it does not.
    """

    corpus: str
    ua: float
    state: State
    why: str = ""


@dataclass(frozen=True)
class Entry:
    """A model over the corpora.

    Parameters
    ----------
    cells
        One a corpus, in the order of the table.
    rank
        Its standing among the models that are ranked; None: it is not. ``delta`` has no interval.
    mean_rank, borda
        Over the corpora, of those that are ranked; NaN of others.
    shared
        The cells that its difference to the reference is the mean over.
    delta
        In shares of 1, on those cells; NaN of the reference, and where there is none.
    """

    model: str
    version: str
    variant: str
    canary: bool
    cells: tuple[Cell, ...]
    rank: Rank | None = None
    mean_rank: float = math.nan
    borda: float = math.nan
    shared: int = 0
    delta: float = math.nan

    @property
    def done(self) -> int:
        """How many cells have a score."""
        return sum(not math.isnan(cell.ua) for cell in self.cells)

    @property
    def whole(self) -> bool:
        return self.done == len(self.cells)

    @property
    def mean(self) -> float:
        """UA over all corpora, as a share of 1; NaN unless all are there."""
        return float(np.mean([cell.ua for cell in self.cells])) if self.whole else math.nan

    @property
    def why(self) -> tuple[str, ...]:
        """What keeps it from being ranked, each reason once."""
        return tuple(dict.fromkeys(cell.why for cell in self.cells if cell.why))

    @property
    def failed(self) -> tuple[str, ...]:
        """The corpora on which trainings of it failed."""
        return tuple(cell.corpus for cell in self.cells if cell.state == "failed")

    @property
    def name(self) -> str:
        return f"{self.model} {self.variant}".strip()


@dataclass(frozen=True)
class Grid:
    """All models over the corpora of one question.

    Parameters
    ----------
    boards
        One a corpus, by its name.
    left_out
        In words: corpora where UA is undefined, boards beside the one that was taken.
    """

    selection: Selection
    boards: tuple[Board, ...]
    entries: tuple[Entry, ...]
    left_out: tuple[str, ...]


def grids(boards: Iterable[Board]) -> Iterator[Grid]:
    """One for each protocol, access, label space and rule of selection, of two corpora or more.

    Boards of several corpora, or of a sentiment, are passed over. Under "own" labels the corpora
    may tell different classes apart.
    """
    groups: dict[tuple[str, str, str], list[Board]] = defaultdict(list)
    for board in boards:
        if len(board.corpora) == 1 and isinstance(board.task, Classes):
            groups[board.protocol, board.target_access, board.labels].append(board)
    for key in sorted(groups):
        rules = {row.selection for board in groups[key] for row in board.rows if not row.canary}
        for rule in sorted(rules, key=lambda rule: (rule not in RANKED, rule)):
            chosen, left_out = _one_a_corpus(groups[key], rule)
            if len(chosen) > 1:
                entries = tuple(_entries(chosen, rule))
                yield Grid(rule, tuple(chosen), entries, tuple(left_out))


def _one_a_corpus(group: Sequence[Board], rule: Selection) -> tuple[list[Board], list[str]]:
    """A board for each corpus: a whole release before a partial one, then the one of most models.

    And what is left out, in words.
    """
    by_corpus: dict[str, list[Board]] = defaultdict(list)
    left_out = []
    for board in group:
        mine = [row for row in board.rows if not row.canary and row.selection == rule]
        if not mine:
            continue
        (corpus,) = board.corpora
        if all(row.scores is not None and row.ua is None for row in mine):
            left_out.append(f"{corpus}: a class has no test utterance, UA is undefined")
            continue
        by_corpus[corpus].append(board)

    def first(board: Board) -> tuple[Any, ...]:
        there = sum(not row.canary and row.selection == rule for row in board.rows)
        odd = bool(board.partial) or bool(board.altered)
        return (odd, -there, *board.fingerprints.values(), board.split)

    chosen = []
    for corpus, same in sorted(by_corpus.items()):
        best, *rest = sorted(same, key=first)
        chosen.append(best)
        left_out += [
            f"{corpus}: another release or other folds ({board.fingerprints[corpus][:8]}, "
            f"{board.split[:8]})"
            for board in rest
        ]
    return chosen, left_out


def _entries(boards: Sequence[Board], rule: Selection) -> list[Entry]:
    """Every model that is on any of the boards, with a cell for each."""
    found: dict[tuple[str, str, str, bool], dict[str, Cell]] = defaultdict(dict)
    for board in boards:
        (corpus,) = board.corpora
        rows = [row for row in board.rows if row.canary or row.selection == rule]
        alike = Counter((row.model, row.version, row.variant) for row in rows)
        for row in rows:
            key = (row.model, row.version, row.variant, row.canary)
            cell = _cell(corpus, row, board)
            if alike[key[:3]] > 1:  # which of them is meant, nobody can say
                cell = Cell(corpus, math.nan, "undefined", f"two rows of one name on {corpus}")
            found[key][corpus] = cell
    return [
        Entry(
            *key,
            cells=tuple(
                cells.get(name, Cell(name, math.nan, "not run"))
                for name in (board.corpora[0] for board in boards)
            ),
        )
        for key, cells in found.items()
    ]


def _cell(corpus: str, row: Row, board: Board) -> Cell:
    if row.scores is None:
        if row.trials_failed and row.trials_failed == row.trials_planned:
            return Cell(corpus, board.chance or math.nan, "failed")
        return Cell(corpus, math.nan, "not run")
    if row.ua is None:
        return Cell(corpus, math.nan, "undefined", f"UA is undefined on {corpus}")
    why = ""
    if not row.canary and not row.ranked:
        why = (
            f"broke {', '.join(sorted(row.broken))} on {corpus}"
            if row.broken
            else f"fewer seeds than the protocol asks for on {corpus}"
            if row.few_seeds
            else "its epochs were chosen on the test set"
        )
    return Cell(corpus, row.ua, "failed" if row.chance else "measured", why)
