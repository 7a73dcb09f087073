"""``serbench run``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from serbench.cli.options import JsonFlag
from serbench.cli.requesting import requesting

if TYPE_CHECKING:
    from serbench.request import Request

EXAMPLES = """
[bold]Examples[/bold]

serbench run --model svm --protocol loso --corpus emodb

serbench run --model dblmm --protocol loso --corpus savee --set hidden=64 --set epochs=15

serbench run --model svm-mfcc --model prior --protocol kfold --corpus emodb --corpus savee

serbench run --model prior --protocol kfold --corpus cmu-mosei --labels mosei-sentiment

serbench run --model my_model.py:MyModel --protocol loso --corpus emodb --seeds 5

serbench run --model timnet --protocol last-epoch --corpus emodb --selection best-on-test

serbench run --model svm --protocol cross-corpus --corpus emodb --corpus ravdess

serbench run --model dann --protocol cross-corpus --target-access unlabelled --seeds 3

serbench run --model svm --protocol my_splits/ --corpus emodb
"""


@requesting()
def run(
    request: Request,
    json: JsonFlag = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Run every trial that is missing, and show the board.

    Running the same command again runs only what is missing: after Ctrl-C, after a crash, after a
    power cut. A trial that failed is tried again.
    """
    from serbench import bench
    from serbench.cli.outcome import conclude, running
    from serbench.cli.progress import Screen

    screen = Screen(quiet=quiet)
    with running(screen):
        outcome = bench.run(request, screen)
    conclude(outcome, request.results, screen, json=json)
