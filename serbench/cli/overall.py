"""Models over several corpora as people and scripts read them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import typer

from serbench.board import Board
from serbench.cli.columns import extent, p_value, percent
from serbench.cli.legend import REMARKS
from serbench.cli.options import print_json
from serbench.cli.render import as_csv, markdown_list, markdown_rows
from serbench.errors import UsageError
from serbench.grid import Cell, Entry
from serbench.overall import Overall
from serbench.scores import known

UNDER = "under a corpus's name: UA % there, pooled over its folds, the mean over seeds"
WIDE = ("settings", "rank drawn")  # columns that a paper has no room for; settings join the model
NOTHING = "no two corpora under one protocol and label space"
FAILED = "!"  # beside a score that holds trainings scored as chance


@dataclass(frozen=True)
class Column:
    """A column: what stands above it, and what it says of a model."""

    heading: str
    text: Callable[[Entry], str]
    left: bool = False


def print_overall(
    found: Sequence[Overall], form: str, *, wide: bool = False, left_out: Sequence[str] = ()
) -> None:
    """Write tables to standard output as "table", "md", "latex", "csv" or "json".

    Parameters
    ----------
    wide
        A table of LaTeX over both columns of a paper.
    left_out
        Boards that are in no table (:func:`alone`): told on standard error.

    Raises
    ------
    UsageError
        If there is no table to make a file of.
    """
    if found and left_out:
        told = "; ".join(left_out)
        typer.echo(f"in no table, for want of a second corpus: {told}", err=True)
    if form == "json":
        print_json([record for table in found for record in table.records()])
    elif not found and form == "table":
        typer.echo(f"{NOTHING}: nothing to sum up")
    elif not found:
        raise UsageError(
            NOTHING,
            expected="boards of two corpora or more, one corpus each, of one protocol",
            advice="serbench leaderboard, for what there is",
        )
    elif form == "csv":
        typer.echo(as_csv([one for table in found for one in table.records()]), nl=False)
    elif form == "md":
        typer.echo("\n".join(map(as_markdown, found)), nl=False)
    elif form == "latex":
        typer.echo("\n".join(as_latex(table, wide=wide) for table in found), nl=False)
    else:
        _print_tables(found)


def alone(boards: Iterable[Board], tables: Sequence[Overall]) -> list[str]:
    """Boards of one corpus whose question no other corpus answers, so that no table has them."""
    there = {(one.protocol, one.target_access, one.labels, one.selection) for one in tables}
    found = [
        f"{board.heading}{_how(row.selection, board.target_access)}"
        for board in boards
        if len(board.corpora) == 1
        for row in board.rows
        if not row.canary
        and (board.protocol, board.target_access, board.labels, row.selection) not in there
    ]
    return list(dict.fromkeys(found))


def heading(table: Overall) -> str:
    """Which question a table answers."""
    return (
        f"{len(table.corpora)} corpora under {table.protocol}, label space {table.labels}"
        + _how(table.selection, table.target_access)
    )


def _how(selection: str, access: str) -> str:
    """Which epochs are scored, and what is heard of the test side, where it is worth a word."""
    rule = "" if selection == "last" else f", epochs by {selection}"
    return rule + ("" if access == "none" else f", target {access}")


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
    pairs = table.pairs
    if not pairs:
        return []
    if table.silent:
        found = [table.silent]
    else:
        over = f"{len(table.corpora)} corpora, Holm over {pairs} pair{'s' * (pairs > 1)}"
        test = "Wilcoxon's signed-rank test"
        found = [f"models that share a letter are not told apart at 5%: {test} over {over}"]
        found += [table.powerless] if table.powerless else []
        if table.contrary:
            found.append(REMARKS["contrary"](table.contrary))
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
    """A table for a README: heading first, notes as a list below it."""
    shown = columns(table)
    found = [f"**{heading(table)}**", ""]
    found += markdown_rows([one.heading for one in shown], lines(table, shown))
    return "\n".join([*found, "", *markdown_list(notes(table)), ""])


def as_latex(table: Overall, *, wide: bool = False) -> str:
    """A floating table with caption and label; it needs the package booktabs.

    Parameters
    ----------
    wide
        Over both columns of a two-column paper.
    """
    from serbench.cli.floated import Floated, labelled
    from serbench.cli.latex import above_one_another

    shown = [one if one.heading != "model" else _joined(table) for one in columns(table)]
    shown = [one for one in shown if one.heading not in WIDE]
    ranked = [entry.rank is not None for entry in shown_entries(table)]
    return Floated(
        caption=heading(table),
        label=labelled(heading(table)),
        headings=[above_one_another(one.heading) for one in shown],
        rows=lines(table, shown),
        left={at for at, one in enumerate(shown) if one.left},
        rules={at for at in range(1, len(ranked)) if ranked[at] != ranked[at - 1]},
        notes=notes(table),
        wide=wide,
    ).text()


def _joined(table: Overall) -> Column:
    """A model and its settings in one column."""
    from serbench.cli.latex import with_settings

    settings = _settings(table)
    return Column("model", lambda entry: with_settings(entry.model, settings(entry)), left=True)


def _print_tables(found: Sequence[Overall]) -> None:
    from rich.console import Console
    from rich.text import Text

    from serbench.cli.aligned import Aligned
    from serbench.cli.tables import run_over

    console = Console(highlight=False)
    for number, table in enumerate(found):
        if number:
            console.print()
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
        drawn = aligned.text(console.width, pale)
        console.print(drawn, soft_wrap=True)
        for line in [*run_over(drawn.plain, console.width), *notes(table)]:
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
