"""Options that several commands share, and what they are read as."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from serbench.errors import UsageError

JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
CorpusRoot = Annotated[
    list[str],
    typer.Option(
        "--corpus-root",
        metavar="NAME=DIR",
        help="The folder of a corpus, for this command alone. Repeatable.",
    ),
]
Results = Annotated[
    Path | None,
    typer.Option(help="Results folder. Default: $SERBENCH_RESULTS, or ./results-local."),
]
AllowPartial = Annotated[
    bool,
    typer.Option(
        "--allow-partial",
        help="Take an incomplete corpus as it is; what is wrong is recorded, and its results "
        "stand apart.",
    ),
]


def print_json(value: Any) -> None:
    """To standard output, nothing else there."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def assignments(options: Sequence[str]) -> list[tuple[str, str, str]]:
    """``[MODEL:]NAME=VALUE`` options as (model or "", name, value).

    Raises
    ------
    UsageError
        If one is not of that form.
    """
    read = []
    for option in options:
        name, equals, value = option.partition("=")
        if not equals or not name:
            raise UsageError(
                f"--set {option}", expected="NAME=VALUE or MODEL:NAME=VALUE, such as hidden=64"
            )
        model, _, parameter = name.rpartition(":")
        read.append((model, parameter.replace("-", "_"), value))
    return read
