"""Comparisons as scripts read them: JSON with all there is, CSV with a row a test."""

from __future__ import annotations

from typing import Any

from serbench.comparison.estimand import ESTIMANDS
from serbench.comparison.gap import score
from serbench.comparison.pair import Pair
from serbench.comparison.reading import Comparison
from serbench.comparison.words import paragraph
from serbench.scores import known
from serbench.stats.bayesian import ROPE
from serbench.stats.names import NAMES
from serbench.stats.paired import Outcome


def record(comparison: Comparison) -> dict[str, Any]:
    """One board's comparisons as a JSON object; differences are shares of 1."""
    board = comparison.board.record()
    for name in ("n_ranked", "test", "test_units", "no_test", "remarks", "reference"):
        board.pop(name, None)  # of the board's own ranking, which this is not
    return {
        **board,
        "score": score(comparison.board),
        "reference": comparison.reference or None,
        "not_compared": dict(comparison.absent),
        "pairs": [_pair(pair, comparison) for pair in comparison.pairs],
    }


def flat(comparison: Comparison) -> list[dict[str, Any]]:
    """A row for each test of each pair."""
    shared = {
        "corpora": "+".join(comparison.board.corpora),
        "protocol": comparison.board.protocol,
        "labels": comparison.board.labels,
        "target_access": comparison.board.target_access,
    }
    rows = []
    for pair in comparison.pairs:
        named = {**shared, "first": pair.first, "second": pair.second}
        told = _pair(pair, comparison)
        for one in told["tests"]:
            headline = one is told["tests"][0]
            rows.append({**named, **one, "p_holm": known(pair.p_holm) if headline else None})
        rows += [{**named, **one} for one in told["targets"]]
    return rows


def _pair(pair: Pair, comparison: Comparison) -> dict[str, Any]:
    first, second = pair.scores
    told = pair.discordant
    belief, effect = pair.belief, pair.effect
    return {
        "first": pair.first,
        "second": pair.second,
        "first_score": known(first),
        "second_score": known(second),
        "difference": known(pair.duel.difference.estimate),
        "difference_low": known(pair.duel.difference.low),
        "difference_high": known(pair.duel.difference.high),
        "p": known(pair.duel.tested.p),
        "p_holm": known(pair.p_holm),
        "family": pair.family,
        "significant": None if pair.silent else pair.significant,
        "contrary": pair.contrary,
        "no_test": pair.silent or None,
        "found_80_of_100": known(pair.smallest),
        "found_alpha": known(pair.alpha),
        "n_seeds": pair.duel.seeds,
        "first_seeds": len(pair.sides[0].seeds),
        "second_seeds": len(pair.sides[1].seeds),
        "remarks": {side.name: list(side.remarks) for side in pair.sides if side.remarks},
        "same_speakers": pair.same_speakers,
        "n_speakers": pair.speakers,
        "n_folds": pair.folds,
        "effect": None if effect is None else {
            **{name: known(getattr(effect, name)) for name in ("d", "hedges", "rank_biserial")},
            "wins": effect.wins, "ties": effect.ties, "losses": effect.losses,
        },
        "belief": None if belief is None else {**vars(belief), "of": "folds", "rope": ROPE},
        "tests": [_outcome(one) for one in (pair.duel.tested, *pair.others)],
        "wa": None if pair.wa is None else _outcome(pair.wa),
        "targets": [
            {"target": one.corpus, "sources": one.sources, **_outcome(one.difference)}
            for one in pair.targets
        ],
        "mcnemar": vars(told) if told is not None and not told.why else None,
        "no_mcnemar": told.why or None if told is not None else None,
        "paragraph": paragraph(pair, comparison),
    }  # fmt: skip


def _outcome(one: Outcome) -> dict[str, Any]:
    return {
        "test": one.test,
        "units": NAMES[one.test][1],
        "mean_over": ESTIMANDS[one.test],
        "n": one.n,
        **{name: known(getattr(one, name)) for name in
           ("estimate", "low", "high", "se", "df", "statistic", "p")},
        "flags": list(one.flags),
    }  # fmt: skip
