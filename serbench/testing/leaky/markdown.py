"""The leaks as a table in Markdown, as the documentation has it."""

from __future__ import annotations

from serbench.testing.leaky.table import LEAKS, Leak

HEAD = (
    "| leak | at fault | what it does | rule | caught by | others that fired | without the fault |"
)


def table() -> str:
    """Every leak, run now: what catches it, and what the same raises without its fault."""
    rows = [row(leak, leak.found(), leak.found_without()) for leak in LEAKS.values()]
    return "\n".join([HEAD, "|---|---|---|---|---|---|---|", *rows]) + "\n"


def row(leak: Leak, found: frozenset[str], without: frozenset[str]) -> str:
    """A line of the table.

    Parameters
    ----------
    found, without
        The rules that were broken with the fault, and without it.
    """
    cells = (
        leak.name,
        leak.kind,
        leak.does,
        leak.rule,
        leak.rule if leak.rule in found else "nothing",
        ", ".join(sorted(found - {leak.rule})) or "none",
        ", ".join(sorted(without)) or "nothing",
    )
    return "| " + " | ".join(cells) + " |"
