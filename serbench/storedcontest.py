"""What the tests said of a board's models, kept under the digests of all that they rest on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from serbench.contest import Contest, contest
from serbench.rank import Rank
from serbench.scorecache import ScoreCache, key
from serbench.scores import known
from serbench.staged import Scores


def known_contest(
    scores: Sequence[Scores],
    said: Sequence[str],
    reference: int | None = None,
    steady: Sequence[bool] | None = None,
    cache: ScoreCache | None = None,
) -> Contest:
    """Hold all models of one board against each other, unless the score cache knows the outcome.

    Parameters
    ----------
    scores, reference, steady
        As of :func:`serbench.contest.contest`.
    said
        The digest of the predictions that each model's scores are of; "" where it is not known.
    """
    if cache is None or not all(said) or len(scores) < 2:
        return contest(scores, reference, steady)
    own = key(
        contest=list(said), reference=reference,
        steady=None if steady is None else list(map(bool, steady)),
    )  # fmt: skip
    found = _read(cache.get(own), len(scores))
    if found is None:
        found = contest(scores, reference, steady)
        cache.put(own, _record(found))
    return found


def _record(one: Contest) -> dict[str, Any]:
    ranks = [
        [
            *(rank.best, rank.worst, rank.drawn, rank.letters),
            [known(end) for end in rank.delta] if rank.delta else None,
            known(rank.p),
        ]
        for rank in one.ranks
    ]
    return {
        "ranks": ranks, "test": one.test, "units": one.units, "silent": one.silent,
        "reference": one.reference, "remarks": dict(one.remarks),
    }  # fmt: skip


def _read(record: Any, count: int) -> Contest | None:
    try:
        ranks = tuple(
            Rank(
                *(best, worst, (drawn[0], drawn[1]) if drawn else None, marks),
                (_number(delta[0]), _number(delta[1]), _number(delta[2])) if delta else None,
                _number(p),
            )
            for best, worst, drawn, marks, delta, p in record["ranks"]
        )
        if len(ranks) != count:
            return None
        return Contest(
            ranks, record["test"], record["units"], record["silent"], record["reference"],
            {str(name): int(count) for name, count in record["remarks"].items()},
        )  # fmt: skip
    except (TypeError, KeyError, ValueError, IndexError, AttributeError):
        return None


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)
