"""Test utterances as a trained model sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from serbench.cli.options import one_of
from serbench.cli.plot.drawn import Target, sentence
from serbench.cli.plot.options import Data, Figure, NoTitle, Width
from serbench.cli.requesting import requesting
from serbench.errors import UsageError

if TYPE_CHECKING:
    from serbench.request import Request

EXAMPLES = """
[bold]Examples[/bold]

serbench plot tsne --model timnet --corpus emodb --protocol loso --fold 03 --keep -o tsne.svg

serbench plot tsne --model dblmm --corpus savee --protocol kfold --fold 1 --form speaker -o t.pdf
"""
NOT_ASKED = (
    "seeds", "selection", "executor", "scheduler", "executor_set", "stack", "stages", "rerun",
    "reuse",
)  # fmt: skip


@requesting(*NOT_ASKED)
def tsne(
    request: Request,
    figure: Figure,
    fold: Annotated[
        str | None, typer.Option(help="The fold whose training is asked. Default: the only one.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The seed of the training.")] = 0,
    test: Annotated[
        str | None, typer.Option(help="Of several test corpora, this one. Default: the only one.")
    ] = None,
    form: Annotated[
        str, typer.Option(help="What a point's form tells, beside its colour: class or speaker.")
    ] = "class",
    perplexity: Annotated[
        float | None,
        typer.Option(
            help="About how many neighbours a point has. Default: 30, or a third of the utterances."
        ),
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the picture's data for `serbench site` to show.")
    ] = False,
    data: Data = None,
    no_title: NoTitle = False,
    width: Width = "",
) -> None:
    """A t-SNE picture of one test set, as a model sees it after its training.

    Results keep no weights, so one training is done again, as a run would do it, and what it takes
    is told before. Where the results folder holds the same trial, it is said how many of its
    answers are the same. Nothing is stored but with --keep: then `serbench site` shows the picture
    on the board's page, if that trial is in the results folder.
    """
    from serbench.cli.progress import Screen
    from serbench.figures.embedding import FITS, NOTE, described, draw
    from serbench.figures.embedding import data as records
    from serbench.plane import keep as keep_it
    from serbench.plane import laid_out
    from serbench.representing import represented
    from serbench.store import Store

    target = Target(figure, data, not no_title, width)
    target.check()
    one_of("--form", form, ("class", "speaker"))
    for option, given in (("model", request.models), ("protocol", request.protocols)):
        if len(given) != 1:
            raise UsageError(f"{len(given)} of --{option}", expected="one")
    screen = Screen()
    found = represented(request, fold=fold, seed=seed, test=test, watcher=screen)
    if found.same is not None:
        screen.note(f"{found.same} of {len(found.ids)} answers are those of the stored trial")
    laid = laid_out(found, perplexity)
    words = described(laid)
    screen.note(words)
    target.write(
        lambda room: draw(laid, form, room),  # type: ignore[arg-type]  # checked above
        FITS,
        words,
        records(laid),
        title=found.title,
        below=[words.partition(" of ")[0], words.partition(" of ")[2]],
        caption=f"{sentence(words)} {NOTE}",
    )
    if keep:
        keep_it(Store(request.results), laid)
        there = (
            " the site shows it on the board's page"
            if found.same is not None
            else (" the site shows it once that trial is in the results folder")
        )
        screen.note(f"kept in {request.results};{there}")
