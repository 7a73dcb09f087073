"""The marks of a board's rows: a sign of its own for each thing that is to be known of any.

Signs and not letters, which tests give to models, nor asterisks, which papers give to methods, nor
numbers, which stand for what is to be known of printed scores.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from serbench.board import Board
from serbench.rows import Row

SIGNS = "†‡§¶‖"
UNFINISHED = "unfinished"  # more seeds were asked for than are finished


@dataclass(frozen=True)
class Marks:
    """The signs of one board.

    Parameters
    ----------
    signs
        What is to be known (a flag of rows, or :data:`UNFINISHED`) to its sign, as first needed.
    """

    signs: Mapping[str, str]

    @classmethod
    def of(cls, board: Board) -> Marks:
        """Signs for everything that rows of a board have, from the top of its table."""
        from_the_top = sorted(board.rows, key=lambda row: not row.canary)
        every = dict.fromkeys(one for row in from_the_top for one in known_of(row))
        return cls({one: sign(at) for at, one in enumerate(every)})

    def beside(self, row: Row) -> str:
        """What stands beside a row's score."""
        return ",".join(self.signs[one] for one in known_of(row))


def known_of(row: Row) -> tuple[str, ...]:
    """All that is to be known of a row beside its numbers: its flags, each once, and its seeds."""
    unfinished = row.complete and row.trials_done < row.trials_planned
    return tuple(dict.fromkeys([*row.flags, *([UNFINISHED] if unfinished else [])]))


def sign(at: int) -> str:
    """The sign of this number, from 0: after the last one they are doubled."""
    times, which = divmod(at, len(SIGNS))
    return SIGNS[which] * (times + 1)
