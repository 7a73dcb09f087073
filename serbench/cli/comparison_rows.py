"""Every test of two models as a line of a table."""

from __future__ import annotations

import math
from collections.abc import Iterator

from serbench.cli.columns import p_value
from serbench.comparison.estimand import ESTIMANDS, POOLED
from serbench.comparison.numbers import bracket, counted, signed
from serbench.comparison.pair import Pair
from serbench.stats.names import NAMES
from serbench.stats.paired import Outcome

HEADINGS = ("test", "mean over", "points", "95% CI", "t", "df", "p")
EXACT = ("sign-flip", "wilcoxon")  # whose statistics are no t


def tests(pair: Pair) -> Iterator[tuple[str, ...]]:
    """A line for each test of a pair, under :data:`HEADINGS`, the headline first."""
    if not math.isnan(pair.duel.tested.estimate) and not (pair.targets and pair.silent):
        yield _line(pair, pair.duel.tested)
    for one in pair.others:
        yield _line(pair, one)
    if pair.wa is not None:
        yield _line(pair, pair.wa, "WA: ")
    for target in pair.targets:
        yield _line(
            pair, target.difference, f"tested on {target.corpus}: ",
            counted(target.sources, "sources"),
        )  # fmt: skip


def p_text(outcome: Outcome) -> str:
    """Its p; "none" where there is none."""
    return "none" if math.isnan(outcome.p) else p_value(outcome.p)


def _line(pair: Pair, one: Outcome, before: str = "", mean: str = "") -> tuple[str, ...]:
    name, units = NAMES[one.test]
    of = ESTIMANDS[one.test]
    if not mean:
        count = pair.folds if of == "pairs" else one.n
        mean = of if of == POOLED else counted(count, of)
    by = "; p by sign-flip" if "degenerate" in one.flags else ""
    return (
        f"{before}{name}, {counted(one.n, units)}{by}",
        mean,
        signed(one.estimate),
        bracket(one),
        "" if math.isnan(one.statistic) or one.test in EXACT else f"{one.statistic:.2f}",
        "" if math.isnan(one.df) else f"{one.df:.3g}",
        p_text(one),
    )
