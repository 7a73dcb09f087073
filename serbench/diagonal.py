"""What a model that crossed corpora scores within each of them: the diagonal of its table."""

from __future__ import annotations

from collections.abc import Iterable

from serbench.board import Board
from serbench.cells import CellScores
from serbench.rows import Row
from serbench.scores import ClassScores

WITHIN = "loso"  # the protocol whose speakers are new too, as those of another corpus are


def diagonal(boards: Iterable[Board], board: Board, row: Row) -> dict[str, ClassScores]:
    """The scores of the same model within single corpora, one speaker out, by corpus.

    The same are its name, version and settings, the rule that chose the epoch, the label space and
    the classes that it came to, and the corpus's release. What is not exactly so is left out.

    Parameters
    ----------
    boards
        Where to look: of any protocol.
    board, row
        Of pairs of corpora.
    """
    assert isinstance(row.scores, CellScores)
    found: dict[str, ClassScores] = {}
    for other in boards:
        corpus = other.corpora[0]
        alike = (
            other.protocol == WITHIN
            and len(other.corpora) == 1
            and other.fingerprints[corpus] == board.fingerprints.get(corpus)
            and (other.labels, other.task) == (board.labels, board.task)
            and other.target_access == board.target_access
        )
        for one in other.rows if alike else ():
            same = (one.model, one.version, one.variant, one.selection) == (
                row.model, row.version, row.variant, row.selection,
            )  # fmt: skip
            if same and isinstance(one.scores, ClassScores):
                found[corpus] = one.scores
    return found
