"""A check of corpora as people read it."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from serbench.check.report import SOUND
from serbench.errors import SerbenchError

if TYPE_CHECKING:
    from serbench.check import Report

EXAMPLES_SHOWN = 10  # of each kind of finding
COLOURS = {"whole": "bold green", "altered": "bold red", "not whole": "bold red"}
DEFECTS = {
    "verified": "known defect, seen here",
    "stated": "known defect",
    "absent": "known defect, not found here",
    "unlooked": "known defect, not looked at (--quick)",
    "unknown": "known defect of files that are not all here and intact",
    "general": "known of this release, and not looked for",
}


def print_report(report: Report, allow_partial: bool, most: int | None) -> None:
    """A line of summary, and what is not as it should be, by kind.

    Parameters
    ----------
    most
        Examples of each kind; None: all, and what is as it should be, too.
    """
    console = _console()
    verdict = Text(report.verdict.upper(), COLOURS[report.verdict])
    if report.verdict != "whole" and allow_partial and report.partial:
        verdict = Text("PARTIAL, with nothing wrong but what is missing", "bold yellow")
    _line(console, Text.assemble((report.corpus, "bold"), ": ", verdict, f", {report.reason}"))
    _line(console, f"  {report.release} in {report.folder}")
    for note in report.notes:
        _line(console, f"  {note}")
    if most is not None:
        _print_known_elsewhere(console, report)
    for defect in report.known_defects:
        _line(console, f"  {DEFECTS[defect.state]}: {defect.note}")
    for kind, rows in _groups(report, most is None).items():
        if rows:
            _print_group(console, kind, rows, most)


def _groups(report: Report, every: bool) -> dict[str, list[tuple[str, str]]]:
    """What is not as it should be, by kind; with ``every``, what is worth a word beside it."""
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for one in report.states:
        if one.worth_a_word and (one.state not in SOUND or every):
            groups[one.state].append((one.file, one.detail))
    # Of second copies, those that are not as released are worth an example.
    groups["repeated"].sort(key=lambda row: row[1].endswith(("intact", "same-sound")))
    for ids in report.duplicates:
        groups["duplicate"].append((ids[0], "the same sound as " + ", ".join(ids[1:])))
    # Paths in the folder, whose own is said above.
    within = re.compile(rf"(?<![^\s'\"(]){re.escape(report.folder + os.sep)}")
    for finding in report.findings:
        groups[finding.kind].append((within.sub("", finding.message), ""))
    return groups


def print_unreadable(name: str, error: SerbenchError, forget: str) -> None:
    """A folder that is refused as a whole.

    Parameters
    ----------
    forget
        The command that forgets the folder; empty where it is not remembered.
    """
    console = _console()
    _line(console, Text.assemble((name, "bold"), ": ", ("UNREADABLE", "bold red")))
    for line in str(error).splitlines():
        _line(console, f"  {line}")
    if forget and forget not in str(error):
        _line(console, f"  to leave it out of the next check: {forget}")


def print_shared(groups: Sequence[Sequence[str]], most: int | None) -> None:
    """Sounds that several corpora hold."""
    if groups:
        rows = [(ids[0], "the same sound as " + ", ".join(ids[1:])) for ids in groups]
        _print_group(_console(), "in several corpora", rows, most)


def print_not_here(names: Sequence[str]) -> None:
    """The corpora whose folder nobody has named."""
    if names:
        _line(
            _console(),
            f"not here: {', '.join(names)} (serbench corpora show NAME says how to get one)",
        )


def _print_known_elsewhere(console: Console, report: Report) -> None:
    """Sounds without a checksum of this corpus's that another one is known to have."""
    known = [one for one in report.states if one.state == "readable" and one.detail]
    if known:
        first = f"{known[0].file} {known[0].detail}"
        _line(console, f"  {len(known)} sounds are those of another corpus: {first} (--all)")


def _print_group(
    console: Console, kind: str, rows: Sequence[tuple[str, str]], most: int | None
) -> None:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column(f"{kind} ({len(rows)})", overflow="fold")
    if any(detail for _, detail in rows[:most]):
        table.add_column("", overflow="fold")
    for row in rows[:most]:
        table.add_row(*map(Text, row[: len(table.columns)]))
    console.print(table)
    if most is not None and len(rows) > most:
        _line(console, f"and {len(rows) - most} more (--all)")


def _line(console: Console, text: str | Text) -> None:
    """A line that the terminal may wrap, and a program reads as one."""
    console.print(text, soft_wrap=True)


def _console() -> Console:
    return Console(highlight=False, markup=False)
