"""``serbench plot``: figures from a results folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from serbench.cli.options import Results
from serbench.errors import UsageError

app = typer.Typer(no_args_is_help=True)

EXAMPLES = """
[bold]Examples[/bold]

serbench plot curves --model timnet --protocol last-epoch -o curves.svg

serbench plot curves --corpus emodb --corpus savee --protocol loso -o curves.pdf
"""
MOST = 12  # rows of panels: more is a figure that nobody reads


@app.callback()
def plot() -> None:
    """Draw what a results folder holds."""


@app.command(epilog=EXAMPLES)
def curves(
    figure: Annotated[
        Path, typer.Option("--figure", "-o", help="The file: .svg, .png, .pdf or .html.")
    ],
    corpus: Annotated[list[str], typer.Option(help="Only boards with this corpus.")] = [],  # noqa: B006
    protocol: Annotated[list[str], typer.Option(help="Only this protocol.")] = [],  # noqa: B006
    model: Annotated[list[str], typer.Option(help="Only this model.")] = [],  # noqa: B006
    results: Results = None,
) -> None:
    """Loss and accuracy of training and test sets over the epochs, and where each rule stops.

    Curves are averaged over folds and seeds, test scores pooled as on a leaderboard. Marks stand
    where the last epoch, the best on held-out speakers (where trainings held some out: these are
    others than those of the curves) and the best on the test set lie. Models that serbench does not
    train itself have no epochs to draw.
    """
    from serbench.cli.progress import Screen
    from serbench.curves import courses
    from serbench.figures.curves import described, draw
    from serbench.figures.saving import check, save
    from serbench.folders import results_folder
    from serbench.store import Store

    check(figure)
    folder = results or results_folder()
    if not folder.is_dir():
        raise UsageError(
            f"the results folder {folder} does not exist",
            expected="a folder that `serbench run` has written, by --results or $SERBENCH_RESULTS",
        )
    found = courses(Store(folder), corpora=corpus, protocols=protocol, models=model)
    if not found:
        asked = (
            " of " + " ".join((*corpus, *protocol, *model)) if corpus or protocol or model else ""
        )
        raise UsageError(
            f"{folder} holds no finished row{asked} whose trainings kept their epochs",
            expected="a net that serbench trains, all folds of a seed, run with --stages all",
            advice="serbench leaderboard, for what there is",
        )
    if len(found) > MOST:
        raise UsageError(
            f"{len(found)} rows to draw",
            expected=f"{MOST} at most",
            advice="narrow it by --corpus, --protocol and --model",
        )
    save(draw(found), figure, described(found))
    Screen().note(f"drawn in {figure}")
