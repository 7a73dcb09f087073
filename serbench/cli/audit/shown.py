"""Verdicts as people and scripts read them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from serbench.audit.finding import SEVERITIES, Severity
from serbench.audit.row import RowName
from serbench.audit.rule import plural
from serbench.audit.verdict import Verdict

COLOURS: dict[Severity, str] = {"error": "bold red", "warning": "yellow", "info": "cyan"}
NOUNS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "remark"}


def record(told: Sequence[tuple[RowName | None, Verdict]]) -> dict[str, Any]:
    """One object for scripts: findings, what was not checked, badges.

    Where several things were audited, each finding and each rule not checked says ``of`` which, and
    ``audited`` has the verdicts one by one; badges are those of any of them. Of a row of a results
    folder, ``row`` is its key.
    """
    verdicts = [verdict for _, verdict in told]
    several = len(verdicts) > 1
    findings: list[dict[str, Any]] = []
    not_checked: list[dict[str, Any]] = []
    for row, verdict in told:
        of = {"of": verdict.name, **_key(row)} if several else {}
        findings += [one.record() | of for one in verdict.findings]
        not_checked += [one.record() | of for one in verdict.not_checked]
    badges = dict.fromkeys(badge for verdict in verdicts for badge in verdict.badges)
    found = {"findings": findings, "not_checked": not_checked, "badges": list(badges)}
    if several:
        return found | {"audited": [one.record() | _key(row) for row, one in told]}
    return found | _key(told[0][0]) if told else found


def _key(row: RowName | None) -> dict[str, str]:
    return {} if row is None else {"row": row.key}


def show(told: Sequence[tuple[RowName | None, Verdict]]) -> None:
    """Write verdicts to standard output: of several rows, a table of them all comes first."""
    console = Console(highlight=False, markup=False)
    rows = [(row, verdict) for row, verdict in told if row is not None]
    if len(rows) > 1:
        console.print(_summary(rows))
    for _, verdict in told:
        _show(console, verdict)
    _show_unchecked(console, told)


def _summary(rows: Sequence[tuple[RowName, Verdict]]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("row", no_wrap=True)
    for name in ("model", "settings", "protocol", "corpora", "labels", "access", "epoch"):
        table.add_column(name, overflow="fold")
    for name in ("errors", "warnings"):
        table.add_column(name, justify="right", no_wrap=True)
    for row, verdict in rows:
        errors, warnings = (
            sum(one.severity == severity for one in verdict.findings)
            for severity in ("error", "warning")
        )
        words = [row.short, row.model, row.settings, row.protocol, "+".join(row.corpora)]
        words += [row.labels, row.access, row.selection]
        table.add_row(
            *map(Text, words),
            Text(str(errors), COLOURS["error"] if errors else "dim"),
            Text(str(warnings), COLOURS["warning"] if warnings else "dim"),
        )
    return table


def _show(console: Console, verdict: Verdict) -> None:
    parts: list[Any] = [(verdict.name, "bold"), ": "]
    counts = {s: sum(one.severity == s for one in verdict.findings) for s in SEVERITIES}
    told = [(plural(count, NOUNS[s]), COLOURS[s]) for s, count in counts.items() if count]
    for number, part in enumerate(told or [("nothing found", "bold green")]):
        parts += [", " if number else "", part]
    console.print(Text.assemble(*parts), soft_wrap=True)
    if verdict.badges:
        console.print(Text(f"  {', '.join(verdict.badges)}", "dim"), soft_wrap=True)
    if verdict.findings:
        console.print(_table(verdict))
    _show_kept(console, verdict)


def _table(verdict: Verdict) -> Table:
    table = Table("rule", "severity", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("count", justify="right")
    table.add_column("finding", overflow="fold", ratio=2)
    table.add_column("such as", overflow="fold", ratio=1)
    for one in verdict.findings:
        table.add_row(
            one.rule,
            Text(NOUNS[one.severity], COLOURS[one.severity]),
            str(one.count),
            Text(one.message),
            Text(", ".join(one.examples)),
        )
    return table


def _show_kept(console: Console, verdict: Verdict) -> None:
    """Rules by which nothing was found."""
    broken = {one.rule for one in verdict.findings}
    partly = {one.rule for one in verdict.not_checked}
    kept = [rule for rule in verdict.checked if rule not in broken]
    if kept:
        named = ", ".join(f"{rule} in part" if rule in partly else rule for rule in kept)
        console.print(Text(f"  nothing found by {named}"), soft_wrap=True)


def _show_unchecked(console: Console, told: Sequence[tuple[RowName | None, Verdict]]) -> None:
    """What could not be looked at, by what it needs, once for all, and of whom unless of all."""
    whose: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row, verdict in told:
        for one in verdict.not_checked:
            name = verdict.name if row is None else row.short
            whose[one.needs.removeprefix("needs "), one.rule].append(name)
    rules: dict[tuple[str, tuple[str, ...]], list[str]] = defaultdict(list)
    for (need, rule), names in whose.items():
        rules[need, tuple(names)].append(rule)
    needs: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = defaultdict(list)
    for (need, of), unchecked in rules.items():
        needs[tuple(unchecked), of].append(need)
    for (wanting, of), found in sorted(needs.items()):
        only = "" if len(of) == len(told) else f" (of {', '.join(of)})"
        line = f"  not checked: {', '.join(wanting)}: needs {'; '.join(found)}{only}"
        console.print(Text(line, "dim"), soft_wrap=True)
