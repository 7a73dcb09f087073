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
from serbench.audit.rule import plural
from serbench.audit.verdict import Verdict

COLOURS: dict[Severity, str] = {"error": "bold red", "warning": "yellow", "info": "cyan"}
NOUNS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "remark"}


def record(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """One object for scripts: findings, what was not checked, badges.

    Where several things were audited, each finding and each rule not checked says ``of`` which, and
    ``audited`` has the verdicts one by one; badges are those of any of them.
    """
    several = len(verdicts) > 1
    findings: list[dict[str, Any]] = []
    not_checked: list[dict[str, Any]] = []
    for verdict in verdicts:
        of = {"of": verdict.name} if several else {}
        findings += [one.record() | of for one in verdict.findings]
        not_checked += [one.record() | of for one in verdict.not_checked]
    badges = dict.fromkeys(badge for verdict in verdicts for badge in verdict.badges)
    found = {"findings": findings, "not_checked": not_checked, "badges": list(badges)}
    return found | ({"audited": [one.record() for one in verdicts]} if several else {})


def show(verdicts: Sequence[Verdict]) -> None:
    """Write verdicts to standard output, one after the other."""
    console = Console(highlight=False, markup=False)
    for verdict in verdicts:
        _show(console, verdict)


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
    _checked(console, verdict)


def _table(verdict: Verdict) -> Table:
    table = Table("rule", "severity", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("count", justify="right")
    table.add_column("finding", overflow="fold", ratio=2)
    table.add_column("such as", overflow="fold", ratio=1)
    for one in verdict.findings:
        table.add_row(
            one.rule,
            Text(one.severity, COLOURS[one.severity]),
            str(one.count),
            Text(one.message),
            Text(", ".join(one.examples)),
        )
    return table


def _checked(console: Console, verdict: Verdict) -> None:
    """Rules that were kept, and what could not be looked at, by what it needs."""
    broken = {one.rule for one in verdict.findings}
    partly = {one.rule for one in verdict.not_checked}
    kept = [rule for rule in verdict.checked if rule not in broken]
    if kept:
        named = ", ".join(f"{rule} in part" if rule in partly else rule for rule in kept)
        console.print(Text(f"  nothing found by {named}"), soft_wrap=True)
    rules: dict[str, list[str]] = defaultdict(list)
    for one in verdict.not_checked:
        rules[one.needs.removeprefix("needs ")].append(one.rule)
    needs: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for need, wanting in rules.items():
        needs[tuple(wanting)].append(need)
    for wanting_these, found in sorted(needs.items()):
        line = f"  not checked: {', '.join(wanting_these)}: needs {'; '.join(found)}"
        console.print(Text(line, "dim"), soft_wrap=True)
