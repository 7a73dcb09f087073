"""Why a row is not ranked, in words."""

from __future__ import annotations

from collections.abc import Mapping

from serbench.board import Board
from serbench.protocols import RANKED
from serbench.rows import Row


def reason(row: Row, board: Board, flags: Mapping[str, str]) -> str:
    """Why a model stands below the line; "" of one that is ranked."""
    if row.canary:
        return ""
    if row.stages_missing:
        return flags.get("no_stages", "no epochs to choose from")
    if row.scores is None:
        return unfinished(row)
    if row.broken:
        return "; ".join(
            f"{flags.get(rule, f'broke {rule}')} (in {n} trial{'s' * (n != 1)})"
            for rule, n in row.broken.items()
        )
    if row.selection not in RANKED:
        return "its epoch was chosen on the test set, which flatters"
    if row.few_seeds:
        return f"{row.n_seeds} of {row.seeds_wanted} seeds that {board.protocol} asks for"
    if "undefined" in row.flags:
        return flags.get("undefined", "its score is undefined")
    return ""


def unfinished(row: Row) -> str:
    """How far a row's trials are."""
    state = f"{row.trials_done} of {row.trials_planned} trials finished"
    for count, what in ((row.trials_failed, "failed"), (row.trials_damaged, "damaged")):
        state += f", {count} {what}" if count else ""
    behind = ""
    if row.behind is not None:
        behind = f"; on the folds that it has {100 * row.behind:+.1f} points to the reference"
    return f"{state}: a seed lacks a fold, and no score is taken of a part{behind}"


def remarks(row: Row, flags: Mapping[str, str]) -> list[str]:
    """What a reader must know of a row's numbers."""
    found = [flags.get(flag, flag) for flag in row.flags if not (row.broken and flag in row.broken)]
    if row.complete and row.trials_done < row.trials_planned:
        found.append("more seeds were asked for than are finished: the finished ones are scored")
    return found
