"""``serbench leaderboard``."""

from __future__ import annotations

from typing import Annotated

import typer

from serbench.cli.options import JsonFlag, Results
from serbench.errors import UsageError

EXAMPLES = """
[bold]Examples[/bold]

serbench leaderboard

serbench leaderboard --corpus emodb --protocol loso --format md

serbench leaderboard --format csv > board.csv
"""
FORMATS = ("table", "md", "csv", "json")


def leaderboard(
    corpus: Annotated[list[str], typer.Option(help="Only boards with this corpus.")] = [],  # noqa: B006
    protocol: Annotated[list[str], typer.Option(help="Only this protocol.")] = [],  # noqa: B006
    model: Annotated[list[str], typer.Option(help="Only this model.")] = [],  # noqa: B006
    format_: Annotated[str, typer.Option("--format", help="table, md, csv or json.")] = "table",
    json: JsonFlag = False,
    results: Results = None,
) -> None:
    """Show the boards of a results folder, scored from its stored predictions.

    UA is the mean recall over the classes, pooled over all folds; WA is the accuracy. Intervals are
    95%, with the speaker as their unit.
    """
    from serbench.boards import boards
    from serbench.cli.render import print_boards
    from serbench.folders import results_folder
    from serbench.store import Store

    if format_ not in FORMATS:
        raise UsageError(f"--format {format_}", expected="one of " + ", ".join(FORMATS))
    folder = results or results_folder()
    if not folder.is_dir():
        state = "is not a folder" if folder.exists() else "does not exist"
        raise UsageError(
            f"the results folder {folder} {state}",
            expected="a folder that `serbench run` has written, by --results or $SERBENCH_RESULTS",
            advice="serbench demo",
        )
    shown = boards(Store(folder), corpora=corpus, protocols=protocol, models=model)
    if not shown and (corpus or protocol or model):
        there = boards(Store(folder))
        raise UsageError(
            "no board matches " + " ".join([*corpus, *protocol, *model]),
            expected="; ".join(f"{'+'.join(b.corpora)} under {b.protocol}" for b in there)
            or "the results folder is empty",
        )
    print_boards(shown, "json" if json else format_)
