"""Models over several corpora as people and scripts read them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import typer

from serbench.cli.columns import extent, p_value, percent
from serbench.cli.options import print_json
from serbench.cli.render import as_csv
from serbench.grid import Cell, Entry
from serbench.overall import Overall
from serbench.scores import known

UNDER = "under a corpus's name: UA % there, pooled over its folds, the mean over seeds"
WIDE = ("settings", "rank drawn")  # columns that a paper has no room for; settings join the model
FAILED = "!"  # beside a score that holds trainings scored as chance


@dataclass(frozen=True)
class Column:
    """A column: what stands above it, and what it says of a model."""

    heading: str
    text: Callable[[Entry], str]
    left: bool = False


def print_overall(found: Sequence[Overall], form: str) -> None:
    """Write tables to standard output as "table", "md", "latex", "csv" or "json"."""
    if form == "json":
        print_json([record for table in found for record in table.records()])
    elif form == "csv":
        typer.echo(as_csv([one for table in found for one in table.records()]), nl=False)
    elif not found:
        typer.echo("no two corpora under one protocol and label space: nothing to sum up")
    elif form == "md":
        typer.echo("\n".join(map(as_markdown, found)), nl=False)
    elif form == "latex":
        typer.echo("\n".join(map(as_latex, found)), nl=False)
    else:
        _print_tables(found)


def heading(table: Overall) -> str:
    """Which question a table answers."""
    rule = "" if table.selection == "last" else f", epochs by {table.selection}"
    access = "" if table.target_access == "none" else f", target {table.target_access}"
    return (
        f"{len(table.corpora)} corpora under {table.protocol}, label space {table.labels}"
        f"{rule}{access}"
    )


def columns(table: Overall) -> list[Column]:
    """All columns that say anything."""
    every = [
        Column("rank", _rank),
        Column("model", lambda entry: entry.model, left=True),
        Column("settings", _settings(table), left=True),
        Column("mean UA %", _mean),
        Column("letters", lambda entry: entry.rank.letters if entry.rank else "", left=True),
        Column("mean rank", lambda entry: _number(entry.mean_rank)),
        Column("less best, points" if table.ranked else f"less {table.reference}, points", _delta),
        Column("p Holm", lambda entry: p_value(known(entry.rank.p)) if entry.rank else ""),
        Column("rank drawn", _drawn),
        *(
            Column(corpus, lambda entry, at=at: cell(entry.cells[at]))  # type: ignore[misc]
            for at, corpus in enumerate(table.corpora)
        ),
    ]
    kept = {"model", "mean UA %"}
    return [one for one in every if one.heading in kept or any(map(one.text, table.entries))]


def cell(one: Cell) -> str:
    """A score on one corpus, or what stands for it."""
    if math.isnan(one.ua):
        return "undefined" if one.state == "undefined" else "-"
    return percent(one.ua) + FAILED * (one.state == "failed")


def lines(table: Overall, shown: Sequence[Column]) -> list[list[str]]:
    """All models as text, canaries first as on boards."""
    return [[one.text(entry) for one in shown] for entry in shown_entries(table)]


def shown_entries(table: Overall) -> list[Entry]:
    """The models as people read them: what takes no hearing comes first."""
    return sorted(table.entries, key=lambda entry: not entry.canary)


def notes(table: Overall) -> list[str]:
    """What the marks and columns mean, and what is missing."""
    found = [UNDER]
    if any(entry.failed for entry in table.entries):
        found.append(f"{FAILED} trainings failed there, and are scored as chance")
    missing = [entry for entry in table.entries if not entry.whole and not entry.canary]
    if missing:
        found.append(
            "k/n cells: not run on every corpus, so unranked; less the reference on the same cells"
        )
    found += [
        f"{entry.name} is unranked: {'; '.join(entry.why)}"
        for entry in table.entries
        if entry.why and not entry.canary
    ]
    found += [f"left out: {reason}" for reason in table.left_out]
    if len(set(table.classes)) > 1:
        told = ", ".join(f"{c} {n}" for c, n in zip(table.corpora, table.classes, strict=True))
        found.append(f"the corpora tell different classes apart ({told}): mind the mean UA")
    return found + _tests(table)


def _tests(table: Overall) -> list[str]:
    """How models were told apart, and what else is known of their ranks."""
    ranked = len(table.ranked)
    if ranked < 2:
        return []
    pairs = ranked * (ranked - 1) // 2
    if table.silent:
        found = [table.silent]
    else:
        over = f"{len(table.corpora)} corpora, Holm over {pairs} pair{'s' * (pairs > 1)}"
        test = "Wilcoxon's signed-rank test"
        found = [f"models that share a letter are not told apart at 5%: {test} over {over}"]
        found += [table.powerless] if table.powerless else []
    if table.friedman is not None and table.nemenyi is not None:
        f = table.friedman
        statistic = "all corpora agree" if math.isinf(f.f) else f"F = {f.f:.2f}"
        found.append(
            f"whether any differ: Friedman's test, Iman and Davenport's form, {statistic}, p "
            f"{_equals(f.f_p)} (chi2 = {f.chi2:.2f}, p {_equals(f.chi2_p)}); Nemenyi's critical "
            f"difference of mean ranks {table.nemenyi.critical:.2f} decides nothing"
        )
    return found


def as_markdown(table: Overall) -> str:
    """A table for a README, heading first."""
    shown = columns(table)
    found = [f"**{heading(table)}**", ""]
    found.append("| " + " | ".join(one.heading for one in shown) + " |")
    found.append("|" + "|".join("---" for _ in shown) + "|")
    found += [
        "| " + " | ".join(text.replace("|", "\\|") for text in line) + " |"
        for line in lines(table, shown)
    ]
    return "\n".join([*found, "", *notes(table), ""])


def as_latex(table: Overall) -> str:
    """A floating table with caption and label; it needs the package booktabs."""
    from serbench.cli.latex import escaped

    shown = [one if one.heading != "model" else _joined(table) for one in columns(table)]
    shown = [one for one in shown if one.heading not in WIDE]
    body: list[str] = []
    group: bool | None = None
    for entry, line in zip(shown_entries(table), lines(table, shown), strict=True):
        if group is not None and group != (entry.rank is not None):
            body.append(r"\midrule")
        group = entry.rank is not None
        body.append(" & ".join(_in_latex(escaped(text)) for text in line) + r" \\")
    label = re.sub(r"[^a-z0-9]+", "-", heading(table).lower()).strip("-")
    return "\n".join(
        [
            r"% needs \usepackage{booktabs}",
            r"\begin{table}",
            r"\centering",
            r"\footnotesize",
            r"\setlength{\tabcolsep}{3pt}",
            rf"\caption{{{escaped(heading(table))}.}}",
            rf"\label{{tab:{label}}}",
            rf"\begin{{tabular}}{{@{{}}{''.join('l' if one.left else 'r' for one in shown)}@{{}}}}",
            r"\toprule",
            " & ".join(map(_stacked, shown)) + r" \\",
            r"\midrule",
            *body,
            r"\bottomrule",
            r"\end{tabular}",
            r"\par\medskip",
            r"\begin{minipage}{\linewidth}\raggedright",
            *(rf"{{\footnotesize {escaped(note)}\par}}" for note in notes(table)),
            r"\end{minipage}",
            r"\end{table}",
            "",
        ]
    )


def _joined(table: Overall) -> Column:
    """A model and its settings in one column."""
    settings = _settings(table)

    def text(entry: Entry) -> str:
        return entry.model + (f" ({settings(entry)})" if settings(entry) else "")

    return Column("model", text, left=True)


def _stacked(column: Column) -> str:
    """A heading in as little width as its words leave it."""
    from serbench.cli.latex import escaped

    lines = column.heading.replace(" %", "~%").split()
    if len(lines) == 1:
        return escaped(column.heading)
    side = "l" if column.left else "r"
    words = r" \\ ".join(escaped(line).replace(r"\textasciitilde{}", "~") for line in lines)
    return rf"\begin{{tabular}}[b]{{@{{}}{side}@{{}}}}{words}\end{{tabular}}"


def _in_latex(text: str) -> str:
    """Signs as long as a minus, and ranks from one to another with a dash."""
    text = re.sub(r"^([+-])(?=\d)", r"$\1$", text)
    return re.sub(r"^(\d+)-(\d+)$", r"\1--\2", text)


def _print_tables(found: Sequence[Overall]) -> None:
    from rich.console import Console
    from rich.text import Text

    from serbench.cli.aligned import Aligned

    console = Console(highlight=False)
    for table in found:
        shown = columns(table)
        text = lines(table, shown)
        pale = {i for i, entry in enumerate(shown_entries(table)) if entry.rank is None}
        names = [one.heading for one in shown]
        aligned = Aligned(
            [name.replace(", ", ",\n").replace(" ", "\n") for name in names],
            text,
            left={at for at, one in enumerate(shown) if one.left},
            folds=names.index("settings") if "settings" in names else names.index("model"),
            between=2,
        )
        console.print(Text(heading(table), "bold"))
        console.print(aligned.text(console.width, pale), soft_wrap=True)
        for line in notes(table):
            console.print(line, style="dim", markup=False)


def _settings(table: Overall) -> Callable[[Entry], str]:
    """A model's settings, and its version where another is called alike."""
    names = [(entry.model, entry.variant) for entry in table.entries]

    def text(entry: Entry) -> str:
        alike = names.count((entry.model, entry.variant)) > 1
        return f"{entry.variant} version={entry.version[:8]}".strip() if alike else entry.variant

    return text


def _rank(entry: Entry) -> str:
    return extent(entry.rank.best, entry.rank.worst) if entry.rank else ""


def _drawn(entry: Entry) -> str:
    return extent(*entry.rank.drawn) if entry.rank and entry.rank.drawn else ""


def _mean(entry: Entry) -> str:
    return percent(entry.mean) if entry.whole else f"{entry.done}/{len(entry.cells)} cells"


def _delta(entry: Entry) -> str:
    if math.isnan(entry.delta):
        return ""
    on = "" if entry.shared == len(entry.cells) else f" on {entry.shared}"
    return f"{100 * entry.delta:+.1f}{on}"


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.2f}"


def _equals(p: float) -> str:
    told = p_value(p)
    return told.replace("<", "< ") if told.startswith("<") else f"= {told}"
