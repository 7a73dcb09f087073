"""Comparisons for a paper in LaTeX: a paragraph for each pair, and one table of all."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from serbench.cli.columns import p_value
from serbench.cli.comparison_rows import p_text
from serbench.cli.latex import escaped, signs
from serbench.cli.legend import badges
from serbench.comparison.estimand import ESTIMANDS, POOLED
from serbench.comparison.gap import score
from serbench.comparison.numbers import bracket, counted, signed
from serbench.comparison.pair import Pair
from serbench.comparison.reading import Comparison
from serbench.comparison.words import intervals, paragraph
from serbench.stats.names import NAMES

SUMMARY = ("comparison", "points", "95% CI", "p", "p Holm", "g", "found")
NARROW = 18  # characters of a comparison beside which all columns fit the width of a page


def as_latex(comparison: Comparison) -> str:
    """The paragraphs, and one table of all pairs; it needs the package booktabs."""
    board = comparison.board
    label = re.sub(r"[^a-z0-9]+", "-", board.heading.lower()).strip("-")
    caption = (
        f"Differences in {score(board)}, {board.heading}: {badges(board)}. "
        f"{' '.join(_columns(comparison))}"
    )
    ragged = r"\raggedright " if _first(comparison) != "l" else ""
    rows = [
        ragged + " & ".join(signs(escaped(cell)) for cell in row)
        for row in map(_summary, comparison.pairs)
    ]
    return "\n".join(
        [
            *(signs(escaped(paragraph(pair, comparison))) + "\n" for pair in comparison.pairs),
            *(escaped(f"{n} is not compared: {why}.") + "\n" for n, why in comparison.absent),
            "% needs \\usepackage{booktabs}",
            r"\begin{table}",
            r"\centering",
            r"\footnotesize",
            r"\setlength{\tabcolsep}{4pt}",
            rf"\caption{{{escaped(caption)}}}",
            rf"\label{{tab:compare-{label}}}",
            rf"\begin{{tabular}}{{@{{}}{_first(comparison)}rrrrrr@{{}}}}",
            r"\toprule",
            " & ".join(map(escaped, SUMMARY)) + r" \\",
            r"\midrule",
            *(row + r" \\" for row in rows),
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
            "",
        ]
    )


def _columns(comparison: Comparison) -> Iterator[str]:
    """What the columns hold, in sentences."""
    pairs = comparison.pairs
    pooled = f"of {POOLED} scores"
    yield f"Points: {'the mean over pairs of corpora' if _across(comparison) else pooled}."
    yield f"{intervals(comparison)}."
    tested = dict.fromkeys(
        (pair.duel.tested.test, pair.duel.tested.n) for pair in pairs if not pair.silent
    )
    if not tested:
        yield "No test is possible."
        return
    tests = " or ".join(f"{NAMES[test][0]} over {counted(n, NAMES[test][1])}" for test, n in tested)
    of = {ESTIMANDS[test] for test, _ in tested} == {"folds"}
    yield f"p: {tests}{', of the mean over folds' * of}."
    if any(pair.contrary for pair in pairs):
        yield "Contrary: it favours the model with the lower score, and no order is claimed."
    if any("degenerate" in pair.duel.tested.flags for pair in pairs):
        yield "Sign-flip: all units differ by the same, and p is that of the exact test of signs."
    if any(pair.same_speakers and not pair.silent for pair in pairs):
        yield "The folds share their speakers: p says nothing of others."
    if any(pair.effect is not None for pair in pairs):
        units = "test corpora" if _across(comparison) else "speakers"
        yield f"g: Hedges's, of the differences over {units}."
    step = f"5%/{pairs[0].family}, Holm's first step" if pairs[0].family > 1 else "5%"
    yield (
        "Found: the smallest difference, in points, that the test would have found 80 "
        f"times in 100 at {step}."
    )


def _first(comparison: Comparison) -> str:
    """How the first column is set: names that are too long for one line are broken."""
    longest = max((len(_summary(pair)[0]) for pair in comparison.pairs), default=0)
    return "l" if longest <= NARROW else r"p{0.25\linewidth}"


def _across(comparison: Comparison) -> bool:
    return len(comparison.board.corpora) > 1


def _summary(pair: Pair) -> tuple[str, ...]:
    size = pair.effect.hedges if pair.effect else math.nan
    tested = pair.duel.tested
    mark = " contrary" if pair.contrary else ", sign-flip" if "degenerate" in tested.flags else ""
    return (
        f"{pair.first} less {pair.second}",
        signed(pair.duel.difference.estimate),
        bracket(tested if pair.same_speakers else pair.duel.difference),
        p_text(tested) + mark,
        "" if math.isnan(pair.p_holm) else p_value(pair.p_holm),
        "" if math.isnan(size) else f"{size:+.2f}",
        "" if math.isnan(pair.smallest) else f"{100 * pair.smallest:.1f}",
    )
