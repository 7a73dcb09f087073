"""Ladders as people and scripts read them: a terminal's table, Markdown, CSV, JSON."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import typer

from serbench.cli.legend import ACCESS_BADGES, FLAGS
from serbench.cli.options import print_json
from serbench.cli.render import as_csv
from serbench.inflation.ladder import Ladder, Rung
from serbench.inflation.ranking import duels
from serbench.inflation.words import bracket, fought, sentences, signed
from serbench.intervals import Interval

HEADINGS = ("step", "protocol", "epoch", "UA % [95% CI]", "WA %", "inflation [95% CI]")


def print_ladders(ladders: Sequence[Ladder], form: str) -> None:
    """Write ladders to standard output as "table", "md", "csv" or "json"."""
    if form == "json":
        print_json(record(ladders))
    elif form == "csv":
        typer.echo(as_csv(_flat(ladders)), nl=False)
    elif form == "md":
        typer.echo(as_markdown(ladders), nl=False)
    else:
        _print_tables(ladders)


def record(ladders: Sequence[Ladder]) -> dict[str, Any]:
    """All that is known of some ladders, as a JSON object."""
    return {
        "ladders": [{**one.record(), "sentences": sentences(one)} for one in ladders],
        "rankings": [{**duel.record(), "sentences": fought(duel)} for duel in duels(ladders)],
    }


def heading(ladder: Ladder) -> str:
    """Which model, where."""
    trained = f", trained on {' and '.join(ladder.sources)} at the last" if ladder.sources else ""
    return f"{ladder.name} on {ladder.corpus}, step by step{trained}"


def badges(ladder: Ladder) -> str:
    """What a reader must know of all the numbers."""
    space = "" if ladder.labels == "own" else f", label space {ladder.labels}"
    count = len(ladder.seeds)
    altered = ", SOUNDS NOT THE RELEASE'S" if ladder.altered else ""
    partial = {True: ", PARTIAL CORPUS", False: "", None: ", completeness unknown"}[ladder.partial]
    return (
        f"{len(ladder.classes)} classes (chance UA {100 * ladder.chance:.1f}){space}, "
        f"{ladder.utterances} utterances, {ladder.speakers} speakers, "
        f"{count} seed{'s' * (count > 1)}{ACCESS_BADGES[ladder.target_access]}{partial}{altered}"
        + (f", BROKE {' '.join(ladder.broken)}, UNRANKED" if ladder.broken else "")
    )


def cells(rung: Rung) -> list[str]:
    """A rung as text, in the order of the headings."""
    step = rung.step
    named = [step.title, step.protocol, step.selection]
    if rung.ua is None or rung.wa is None:
        return [*named, "none*", "", ""]
    undefined = "undefined" in rung.flags
    ua = "undefined" if undefined else f"{100 * rung.ua.estimate:.1f} {_cut(rung.ua)}".strip()
    mark = "*" if rung.flags else ""
    wa = f"{100 * rung.wa.estimate:.1f}"
    by = "the same folds" if rung.same_folds_as else _difference(rung.inflation)
    return [*named, ua + mark, wa, by]


def notes(ladder: Ladder) -> list[str]:
    """What the marks mean, and what is missing."""
    flags = dict.fromkeys(flag for rung in ladder.measured for flag in rung.flags)
    flags |= dict.fromkeys(ladder.broken or ())  # also in trials of steps that have no score yet
    lines = ["* " + "; ".join(FLAGS.get(flag, flag) for flag in flags)] if flags else []
    lines += [f"* {rung.step.title}: {rung.missing}" for rung in ladder.rungs if rung.missing]
    if ladder.total is not None:
        lines.append("inflation: the UA of the step above minus that of the step itself, in points")
    if any(not rung.step.ranked for rung in ladder.measured):
        lines.append("best-on-test: the epoch with the highest accuracy on the test fold itself")
    if len(ladder.sources) > 1:
        lines.append(
            f"another corpus: the mean over {', '.join(ladder.sources)}, each trained on by itself"
        )
    if ladder.unpaired:
        left = ", ".join(map(str, ladder.unpaired))
        lines.append(f"seeds {left} are left out: not every step has them")
    return lines


def as_markdown(ladders: Sequence[Ladder]) -> str:
    """Tables and sentences for a README."""
    lines: list[str] = []
    for ladder in ladders:
        lines += [f"**{heading(ladder)}**: {badges(ladder)}", ""]
        lines.append("| " + " | ".join(HEADINGS) + " |")
        lines.append("|" + "---|" * len(HEADINGS))
        for rung in ladder.rungs:
            lines.append("| " + " | ".join(c.replace("|", "\\|") for c in cells(rung)) + " |")
        lines += ["", *(f"- {line}" for line in sentences(ladder)), "", *notes(ladder), ""]
    for duel in duels(ladders):
        head, *rest = fought(duel)
        lines += [head, "", *(f"- {line}" for line in rest), ""]
    return "\n".join(lines)


def _flat(ladders: Sequence[Ladder]) -> list[dict[str, Any]]:
    """A row for each step."""
    shared = (
        *("model", "version", "variant", "corpus", "sources", "labels", "chance"),
        *("target_access", "partial", "altered", "n_utterances", "n_speakers", "seeds"),
    )
    rows = []
    for ladder in ladders:
        told = ladder.record()
        rows += [{**{name: told[name] for name in shared}, **step} for step in told["steps"]]
    return rows


def _difference(by: Interval | None) -> str:
    if by is None:
        return ""
    if "undefined" in by.flags:
        return "undefined"
    return f"{signed(by)} {bracket(by)}".strip()


def _cut(interval: Interval) -> str:
    low, high = interval.clipped()
    return "" if math.isnan(low) else f"[{100 * low:.1f}, {100 * high:.1f}]"


def _print_tables(ladders: Sequence[Ladder]) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for ladder in ladders:
        console.print(Text(heading(ladder), "bold"))
        alarm = ladder.partial or ladder.broken
        console.print(Text(badges(ladder), "red" if alarm else "dim"))
        console.print(_table(ladder))
        for line in sentences(ladder):
            console.print(f"- {line}", markup=False)
        for line in notes(ladder):
            console.print(line, style="dim", markup=False)
        console.print()
    for duel in duels(ladders):
        head, *rest = fought(duel)
        console.print(Text(head, "bold"))
        for line in rest:
            console.print(f"- {line}", markup=False)


def _table(ladder: Ladder) -> Any:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    shown = (HEADINGS[0], *HEADINGS[3:])
    for name in shown:
        number = "%" in name
        table.add_column(
            name,
            justify="right" if number else "left",
            no_wrap=number,
            overflow="ellipsis" if number else "fold",  # a number cut short must look like one
        )
    for rung in ladder.rungs:
        title, protocol, epoch, *scores = cells(rung)
        style = None if rung.ua is not None and rung.ranked else "dim"
        step = Text.assemble(title, "\n", (f"{protocol}, {epoch}", "dim"))
        table.add_row(step, *map(Text, scores), style=style)
    return table
