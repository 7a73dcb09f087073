"""Losses and scores over the epochs."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from serbench.cli.options import Results
from serbench.cli.plot.asked import Asked
from serbench.cli.plot.drawn import Target
from serbench.cli.plot.options import Data, Figure, NoTitle, Width
from serbench.errors import UsageError

if TYPE_CHECKING:
    from serbench.curves import Course
    from serbench.figures.room import Room

EXAMPLES = """
[bold]Examples[/bold]

serbench plot curves --model timnet --protocol last-epoch -o curves.svg

serbench plot curves --corpus emodb --corpus savee --protocol loso -o curves.pdf
"""
MOST = 12  # rows of panels: more is a figure that nobody reads


def curves(
    figure: Figure,
    corpus: Annotated[list[str], typer.Option(help="Only boards with this corpus.")] = [],  # noqa: B006
    protocol: Annotated[list[str], typer.Option(help="Only this protocol.")] = [],  # noqa: B006
    model: Annotated[list[str], typer.Option(help="Only this model.")] = [],  # noqa: B006
    data: Data = None,
    no_title: NoTitle = False,
    width: Width = "",
    results: Results = None,
) -> None:
    """Loss and accuracy of training and test sets over the epochs, and where each rule stops.

    Curves are averaged over folds and seeds, test scores pooled as on a leaderboard. Marks stand
    where the last epoch, the best on held-out speakers (where trainings held some out: these are
    others than those of the curves) and the best on the test set lie. Models that serbench does not
    train itself have no epochs to draw.
    """
    from serbench.curves import courses
    from serbench.figures.curves import FITS, NOTE, described, draw

    target = Target(figure, data, not no_title, width)
    target.check()
    asked = Asked(results, corpus, protocol, model)
    found = courses(asked.store, corpora=corpus, protocols=protocol, models=model)
    if not found:
        of = f" of {asked.named}" if asked.named else ""
        raise UsageError(
            f"{asked.store.root} holds no finished row{of} whose trainings kept their epochs",
            expected="a net that serbench trains, all folds of a seed, run with --stages all",
            advice=asked.meant or "serbench leaderboard, for what there is",
        )
    if len(found) > MOST:
        raise UsageError(
            f"{len(found)} rows to draw",
            expected=f"{MOST} at most",
            advice="narrow it by --corpus, --protocol and --model",
        )
    if no_title and len(found) > 1:
        raise UsageError(
            f"--no-title of {len(found)} rows",
            expected="a single row: of several, the titles are what tells them apart",
        )

    def drawn(room: Room | None) -> Any:
        chart = draw(found, room)
        if no_title:
            import altair as alt

            chart.vconcat[0].title = alt.Undefined
        return chart

    target.write(
        drawn, FITS, described(found), [row for one in found for row in _records(one)], caption=NOTE
    )


def _records(course: Course) -> Iterator[dict[str, Any]]:
    """A record for each epoch, and one for each rule of selection with its median epoch."""
    from serbench.scores import known

    own = {
        "model": course.model, "settings": course.variant, "corpora": "+".join(course.corpora),
        "protocol": course.protocol, "labels": course.labels,
    }  # fmt: skip
    for i, epoch in enumerate(course.epochs.tolist()):
        yield own | {
            "epoch": epoch,
            "rule": "",
            "training_loss": known(float(course.loss[i])),
            "training_accuracy": known(float(course.accuracy[i])),
            "test_loss": known(float(course.test_loss[i])),
            **{f"test_{name}": known(float(each[i])) for name, each in course.scores.items()},
        }
    for mark in course.marks:
        middle = statistics.median(mark.epochs)
        scores = {f"test_{name}": known(value) for name, value in mark.scores.items()}
        yield own | {"epoch": middle, "rule": mark.rule, "other_trainings": mark.apart, **scores}
