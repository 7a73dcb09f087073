"""Why a row is not ranked, in words."""

from __future__ import annotations

from collections.abc import Mapping

from serbench.board import Board
from serbench.protocols import RANKED
from serbench.rows import Row

UNFINISHED = "unfinished"  # more seeds were asked for than are finished; no flag of a row
REASONS = frozenset({"few_seeds", "no_stages"})  # flags that keep a row from being ranked


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


def remarked(row: Row) -> list[str]:
    """The flags of a row that its numbers are marked with; the others are told as reasons."""
    told = {*REASONS, *(row.broken or ()), *(() if row.canary else ("undefined",))}
    found = [flag for flag in row.flags if flag not in told]
    if row.complete and row.trials_done < row.trials_planned:
        found.append(UNFINISHED)
    return found


def remarks(row: Row, flags: Mapping[str, str]) -> list[str]:
    """What a reader must know of a row's numbers."""
    return [flags.get(flag, flag) for flag in remarked(row)]
