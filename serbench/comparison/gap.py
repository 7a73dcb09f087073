"""The first sentences of a comparison: what lies between two scores, and how these came about."""

from __future__ import annotations

import math
from collections import defaultdict

from serbench.board import Board
from serbench.comparison.numbers import LEAST, bracket, counted, points
from serbench.comparison.pair import Pair
from serbench.intervals import FEW_SPEAKERS
from serbench.labels import Scale
from serbench.stats.ranks import TIE

BARE = {  # why a difference has no interval
    "same_speakers": "no interval of other speakers, as these were trained on",
    "no_spread": "no interval, as it is the same whoever is left out",
    "single": "no interval, as there is one speaker",
    "few_corpora": "no interval, as corpora are too few",
    "shared_training": "no interval, as the trainings share corpora",
}


def score(board: Board) -> str:
    """What the board sorts by."""
    if isinstance(board.task, Scale):
        return "ACC7"
    return "UA" if len(board.corpora) == 1 else "mean UA"


def gap(pair: Pair, board: Board) -> str:
    """What lies between the scores of two models, with its interval, in a sentence."""
    found = pair.duel.difference
    if math.isnan(found.estimate):
        return f"{pair.first} and {pair.second} on {board.heading}: nothing is compared."
    first, second = (f"{100 * one:.1f}" for one in pair.scores)
    size = abs(found.estimate)
    if size < TIE:
        side = f"{pair.first} and {pair.second} score the same"
    elif size < LEAST:
        side = f"{pair.first} and {pair.second} score less than 0.05 points apart"
    else:
        ahead = "higher" if found.estimate > 0 else "lower"
        side = f"{pair.first} scores {points(size)} {ahead} than {pair.second}"
    return (
        f"{side} on {board.heading}{_shared(pair)}: {score(board)} {first} against {second}, "
        f"{_interval(pair)} ({_units(pair)})."
    )


def remarks(pair: Pair) -> str:
    """What must be known of how the scores came about, and of the seeds that are left out."""
    whose: dict[str, list[str]] = defaultdict(list)
    for side in pair.sides:
        for remark in side.remarks:
            whose[remark].append(side.name)
    told = [f"{' and '.join(names)}: {remark}." for remark, names in whose.items()]
    for side in pair.sides:
        count = len(side.seeds)
        if pair.duel.seeds and not side.steady and count > pair.duel.seeds:
            assert side.scores is not None
            whole = f"{100 * side.scores.headline.estimate:.1f}"
            told.append(f"Over all its {count} seeds {side.name} scores {whole}.")
    return " ".join(told)


def _shared(pair: Pair) -> str:
    if not pair.duel.fewer:
        return ""
    seeds = "seed" if pair.duel.seeds == 1 else f"{pair.duel.seeds} seeds"
    return f" on the {seeds} that both have"


def _interval(pair: Pair) -> str:
    found = pair.duel.difference
    ends = bracket(found)
    if ends:
        return f"95% CI of the difference {ends}"
    return next((why for flag, why in BARE.items() if flag in found.flags), "no interval")


def _units(pair: Pair) -> str:
    seeds = f", {pair.duel.seeds} seeds" if pair.duel.seeds > 1 else ""
    if pair.targets:
        return f"{counted(pair.folds, 'pairs of corpora')}{seeds}; corpora are the unit"
    few = bracket(pair.duel.difference) and pair.speakers <= FEW_SPEAKERS
    says = "; an interval of so few says little" if few else ""
    return f"{counted(pair.speakers, 'speakers')}{seeds}{says}"
