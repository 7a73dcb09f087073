"""Comparisons as people and scripts read them: text, Markdown, LaTeX, CSV, JSON."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import Any

import typer

from serbench.cli.columns import p_value
from serbench.cli.latex import escaped, signs
from serbench.cli.legend import badges
from serbench.cli.options import print_json
from serbench.cli.render import as_csv
from serbench.comparison.pair import Pair
from serbench.comparison.reading import Comparison
from serbench.comparison.words import bracket, paragraph, score, signed
from serbench.scores import known
from serbench.stats.names import NAMES
from serbench.stats.paired import Outcome, smallest_p

FORMATS = ("text", "md", "latex", "csv", "json")
HEADINGS = ("test", "units", "difference", "95% CI", "statistic", "df", "p")
MCNEMAR = "McNemar's exact test, as if utterances were independent"
SUMMARY = ("comparison", "points", "95% CI", "p", "p Holm", "d_z", "found 80 of 100")


def print_comparisons(found: Sequence[Comparison], form: str) -> None:
    """Write comparisons to standard output in one of :data:`FORMATS`."""
    if form == "json":
        print_json([record(one) for one in found])
    elif form == "csv":
        typer.echo(as_csv([row for one in found for row in flat(one)]), nl=False)
    elif form == "md":
        typer.echo("\n".join(as_markdown(one) for one in found), nl=False)
    elif form == "latex":
        typer.echo("\n".join(as_latex(one) for one in found), nl=False)
    else:
        _print_text(found)


def tests(pair: Pair) -> Iterator[tuple[str, ...]]:
    """Every test of a pair as text, the headline first."""
    every = [pair.duel.tested, *pair.others]
    if pair.targets and math.isnan(pair.duel.tested.p):
        every = []
    for one in every:
        name, units = NAMES[one.test]
        yield (
            name, f"{one.n} {units}", signed(one.estimate), bracket(one),
            "" if math.isnan(one.statistic) or one.test == "sign-flip" else f"{one.statistic:.3g}",
            "" if math.isnan(one.df) else f"{one.df:.3g}",
            _p(one),
        )  # fmt: skip
    if pair.wa is not None:
        name, units = NAMES[pair.wa.test]
        yield (
            f"WA: {name}", f"{pair.wa.n} {units}", signed(pair.wa.estimate), bracket(pair.wa),
            "" if math.isnan(pair.wa.statistic) else f"{pair.wa.statistic:.3g}",
            "" if math.isnan(pair.wa.df) else f"{pair.wa.df:.3g}", _p(pair.wa),
        )  # fmt: skip
    for target in pair.targets:
        one = target.difference
        yield (
            f"tested on {target.corpus}", f"{one.n} speakers", signed(one.estimate), bracket(one),
            "" if math.isnan(one.statistic) else f"{one.statistic:.3g}",
            "" if math.isnan(one.df) else f"{one.df:.3g}", _p(one),
        )  # fmt: skip
    if pair.discordant is not None:
        told = pair.discordant
        yield (
            MCNEMAR, f"{told.first_alone} against {told.second_alone} utterances", "", "", "", "",
            p_value(told.p),
        )  # fmt: skip


def record(comparison: Comparison) -> dict[str, Any]:
    """One board's comparisons as a JSON object; differences are shares of 1."""
    board = comparison.board.record()
    for name in ("n_ranked", "test", "test_units", "no_test", "reference"):
        board.pop(name)  # of the board's own ranking, which this is not
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


def as_markdown(comparison: Comparison) -> str:
    """Paragraphs and tables for a README."""
    lines = [f"**{comparison.board.heading}**: {badges(comparison.board)}", ""]
    for pair in comparison.pairs:
        lines += [paragraph(pair, comparison), ""]
        lines += ["| " + " | ".join(HEADINGS) + " |", "|" + "---|" * len(HEADINGS)]
        lines += ["| " + " | ".join(row) + " |" for row in tests(pair)]
        lines.append("")
    lines += [f"{name} is not compared: {why}" for name, why in comparison.absent]
    return "\n".join([*lines, ""] if comparison.absent else lines)


def as_latex(comparison: Comparison) -> str:
    """The paragraphs, and one table of all pairs; it needs the package booktabs."""
    board = comparison.board
    label = re.sub(r"[^a-z0-9]+", "-", board.heading.lower()).strip("-")
    caption = (
        f"Differences in {score(board)}, {board.heading}: {badges(board)}. p: "
        f"{_headline(comparison)}; found 80 of 100: the smallest difference, in points, that it "
        "would have found 80 times in 100."
    )
    rows = [
        " & ".join(signs(escaped(cell)) for cell in row) for row in map(_summary, comparison.pairs)
    ]
    return "\n".join(
        [
            *(escaped(paragraph(pair, comparison)) + "\n" for pair in comparison.pairs),
            *(escaped(f"{n} is not compared: {why}.") + "\n" for n, why in comparison.absent),
            "% needs \\usepackage{booktabs}",
            r"\begin{table}",
            r"\centering",
            r"\footnotesize",
            r"\setlength{\tabcolsep}{4pt}",
            rf"\caption{{{escaped(caption)}}}",
            rf"\label{{tab:compare-{label}}}",
            r"\begin{tabular}{@{}lrrrrrr@{}}",
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


def _summary(pair: Pair) -> tuple[str, ...]:
    size = pair.effect.d if pair.effect else math.nan
    return (
        f"{pair.first} less {pair.second}",
        signed(pair.duel.difference.estimate),
        bracket(pair.duel.difference),
        _p(pair.duel.tested),
        "" if math.isnan(pair.p_holm) else p_value(pair.p_holm),
        "" if math.isnan(size) else f"{size:+.2f}",
        "" if math.isnan(pair.smallest) else f"{100 * pair.smallest:.1f}",
    )


def _headline(comparison: Comparison) -> str:
    tested = [pair.duel.tested for pair in comparison.pairs if not pair.duel.silent]
    if not tested:
        return "no test is possible"
    name, units = NAMES[tested[0].test]
    return f"{name} over {tested[0].n} {units}"


def _p(outcome: Outcome) -> str:
    if "too_few" in outcome.flags:
        return f"none: at least {smallest_p(outcome.n):g}"
    return "" if math.isnan(outcome.p) else p_value(outcome.p)


def _pair(pair: Pair, comparison: Comparison) -> dict[str, Any]:
    first, second = pair.scores
    belief, effect = pair.belief, pair.effect
    return {
        "first": pair.first,
        "second": pair.second,
        "first_score": known(first.estimate),
        "second_score": known(second.estimate),
        "difference": known(pair.duel.difference.estimate),
        "difference_low": known(pair.duel.difference.low),
        "difference_high": known(pair.duel.difference.high),
        "p": known(pair.duel.tested.p),
        "p_holm": known(pair.p_holm),
        "family": len(comparison.pairs),
        "no_test": pair.duel.silent or None,
        "found_80_of_100": known(pair.smallest),
        "n_seeds": pair.duel.seeds,
        "n_speakers": pair.speakers,
        "n_folds": pair.folds,
        "effect": None if effect is None else {
            **{name: known(getattr(effect, name)) for name in ("d", "hedges", "rank_biserial")},
            "wins": effect.wins, "ties": effect.ties, "losses": effect.losses,
        },
        "belief": None if belief is None else vars(belief),
        "tests": [_outcome(one) for one in (pair.duel.tested, *pair.others)],
        "wa": None if pair.wa is None else _outcome(pair.wa),
        "targets": [
            {"target": one.corpus, "sources": one.sources, **_outcome(one.difference)}
            for one in pair.targets
        ],
        "mcnemar": None if pair.discordant is None else vars(pair.discordant),
        "paragraph": paragraph(pair, comparison),
    }  # fmt: skip


def _outcome(one: Outcome) -> dict[str, Any]:
    return {
        "test": one.test,
        "units": NAMES[one.test][1],
        "n": one.n,
        **{name: known(getattr(one, name)) for name in
           ("estimate", "low", "high", "se", "df", "statistic", "p")},
        "flags": list(one.flags),
    }  # fmt: skip


def _print_text(found: Sequence[Comparison]) -> None:
    from rich.console import Console
    from rich.text import Text

    from serbench.cli.aligned import Aligned

    console = Console(highlight=False)
    for comparison in found:
        board = comparison.board
        console.print(Text(board.heading, "bold"))
        console.print(Text(badges(board), "red" if board.partial else "dim"))
        for pair in comparison.pairs:
            console.print()
            console.print(paragraph(pair, comparison), markup=False)
            table = Aligned(HEADINGS, list(tests(pair)), left={0, 1}, folds=0, between=2)
            console.print(table.text(console.width), soft_wrap=True)
        for name, why in comparison.absent:
            console.print(f"{name} is not compared: {why}", style="yellow", markup=False)
        console.print()
