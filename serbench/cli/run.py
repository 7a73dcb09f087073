"""``serbench run``."""

from __future__ import annotations

import contextlib
import sys
from typing import Annotated, Any

import typer

from serbench.cli.options import (
    AllowPartial,
    CorpusRoot,
    Device,
    ExecutorName,
    JsonFlag,
    PrecisionName,
    Rerun,
    Results,
    Reuse,
    Set,
    Workers,
    once,
    one_of,
    settings_of,
)

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


def run(
    model: Annotated[
        list[str],
        typer.Option(help="A registered model, or path/to/file.py:Class. Repeatable."),
    ],
    protocol: Annotated[
        list[str],
        typer.Option(
            help="Who trains and who tests (protocols list), or a place of splits. Repeatable."
        ),
    ],
    corpus: Annotated[
        list[str],
        typer.Option(
            help="A corpus (corpora list). Repeatable. Protocols across corpora take them all at "
            "once, the others one by one."
        ),
    ] = [],  # noqa: B006  typer's way to say "none"
    seeds: Annotated[
        int | None, typer.Option(help="Trainings of each fold. Default: as the protocol says.")
    ] = None,
    set_: Set = [],  # noqa: B006  typer's way to say "none"
    labels: Annotated[
        str | None, typer.Option(help="Label space (labels list). Default: the protocol's.")
    ] = None,
    selection: Annotated[
        str | None,
        typer.Option(
            help="The epoch that is scored: last; val, by whole speakers held out of training; "
            "best-on-test or best-on-test-per-metric, shown and never ranked."
        ),
    ] = None,
    target_access: Annotated[
        str | None,
        typer.Option(
            help="What a model may hear of the test side: none, unlabelled, speaker-norm."
        ),
    ] = None,
    executor: ExecutorName = "serial",
    workers: Workers = None,
    device: Device = "auto",
    precision: PrecisionName = "auto",
    stages: Annotated[
        str | None,
        typer.Option(
            help="Test probabilities to keep of a net: all epochs, or last. Default: all, and last "
            "across corpora."
        ),
    ] = None,
    corpus_root: CorpusRoot = [],  # noqa: B006
    allow_partial: AllowPartial = False,
    results: Results = None,
    rerun: Rerun = False,
    reuse: Reuse = False,
    json: JsonFlag = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Run every trial that is missing, and show the board.

    Running the same command again runs only what is missing: after Ctrl-C, after a crash, after a
    power cut. A trial that failed is tried again.
    """
    from serbench import bench
    from serbench.access import ACCESSES
    from serbench.boards import boards, of_rows
    from serbench.cli.progress import Screen
    from serbench.cli.render import print_boards
    from serbench.folders import cache_folder, corpus_roots, results_folder
    from serbench.protocols import SELECTIONS
    from serbench.request import Request
    from serbench.store import Store

    one_of("--precision", precision, ("auto", "float32", "bfloat16"))
    one_of("--stages", stages, ("all", "last"))
    one_of("--selection", selection, SELECTIONS)
    one_of("--target-access", target_access, ACCESSES)
    screen = Screen(quiet=quiet)
    request = Request(
        models=settings_of(once(model), set_),
        protocols=once(protocol),
        corpora=once(corpus),
        results=(results or results_folder()).absolute(),
        cache=cache_folder().absolute(),
        labels=labels,
        seeds=seeds,
        roots=corpus_roots(corpus_root),
        allow_partial=allow_partial,
        executor=executor,
        workers=workers,
        devices=tuple(device.split(",")),
        precision=precision,  # type: ignore[arg-type]  # checked above
        keep=stages,  # type: ignore[arg-type]
        selection=selection,  # type: ignore[arg-type]
        access=target_access,  # type: ignore[arg-type]
        reuse=reuse,
        rerun=rerun,
    )
    try:
        with contextlib.redirect_stdout(sys.stderr):  # a model that prints must not spoil --json
            outcome = bench.run(request, screen)
    except KeyboardInterrupt:
        screen.note("stopped. What is finished is kept; the same command goes on from there.")
        raise typer.Exit(130) from None
    shown = boards(Store(request.results), rows=outcome.rows, selections=outcome.selections)
    if json:
        shown = [of_rows(board, outcome.rows) for board in shown]
    print_boards(shown, "json" if json else "table")
    screen.note(_summary(outcome))
    if outcome.failures:
        for failure in outcome.failures.values():
            typer.echo(f"failed: {failure}", err=True)
        raise typer.Exit(1)


def _summary(outcome: Any) -> str:
    from serbench.cli.progress import clock

    found = f", {outcome.found} found finished" if outcome.found else ""
    failed = f", {len(outcome.failures)} failed" if outcome.failures else ""
    return f"{outcome.planned} trials: {outcome.done} run{found}{failed}; {clock(outcome.seconds)}"
