"""``serbench inflation``."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
from serbench.errors import UsageError

if TYPE_CHECKING:
    from serbench.cli.progress import Screen
    from serbench.inflation.ladder import Ladder
    from serbench.inflation.running import Climbed
    from serbench.request import Request

EXAMPLES = """
[bold]Examples[/bold]

serbench inflation svm --corpus emodb

serbench inflation svm --corpus emodb --with ravdess --figure ladder.svg

serbench inflation svm timnet --corpus emodb --with ravdess --with savee --seeds 5

serbench inflation svm timnet --corpus emodb --with ravdess --no-run --format md
"""
FORMATS = ("table", "md", "csv", "json")


def inflation(
    model: Annotated[
        list[str], typer.Argument(help="A registered model, or path/to/file.py:Class; or several.")
    ],
    corpus: Annotated[list[str], typer.Option(help="The one corpus that every step tests on.")],
    with_: Annotated[
        list[str],
        typer.Option(
            "--with",
            metavar="CORPUS",
            help="A corpus for the last step, which is trained on it and tested on --corpus. Of "
            "several, each is trained on by itself, and the scores are averaged. Repeatable. "
            "Default: none, and no such step.",
        ),
    ] = [],  # noqa: B006  typer's way to say "none"
    seeds: Annotated[
        int | None,
        typer.Option(help="Trainings of each fold, as many at every step. Default: 1."),
    ] = None,
    set_: Set = [],  # noqa: B006
    labels: Annotated[
        str | None,
        typer.Option(
            help="Label space of all steps (labels list). Default: the corpus's own emotions; with "
            "other corpora the one that cross-corpus takes."
        ),
    ] = None,
    target_access: Annotated[
        str | None,
        typer.Option(
            help="What a model may hear of the test side, at every step: none, unlabelled, "
            "speaker-norm. Default: none."
        ),
    ] = None,
    no_run: Annotated[
        bool, typer.Option("--no-run", help="Only read what is in the results folder.")
    ] = False,
    figure: Annotated[
        Path | None, typer.Option("--figure", "-o", help="Draw it: .svg, .png, .pdf or .html.")
    ] = None,
    format_: Annotated[str, typer.Option("--format", help="table, md, csv or json.")] = "table",
    json: JsonFlag = False,
    executor: ExecutorName = "serial",
    workers: Workers = None,
    device: Device = "auto",
    precision: PrecisionName = "auto",
    corpus_root: CorpusRoot = [],  # noqa: B006
    allow_partial: AllowPartial = False,
    results: Results = None,
    rerun: Rerun = False,
    reuse: Reuse = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """What each shortcut of the literature is worth: a model down a ladder of protocols.

    Every step tests the same utterances of one corpus, under one label space:

    1. random 10-fold, each fold at its own best epoch (of a net that serbench trains)

    2. random 10-fold, last epoch

    3. 10 folds of whole speakers (of ten speakers or more)

    4. one speaker out

    5. trained on another corpus (--with)

    Each step has its UA and WA, and what the step above gives more, paired by
    utterance and seed. Intervals are 95%, with the speaker as their unit. What is
    missing is run first; the same command again only shows it. Several models have a
    ladder each, and whether their ranking flips from step to step is told.
    """
    from serbench.access import ACCESSES
    from serbench.cli.ladders import print_ladders
    from serbench.cli.progress import Screen
    from serbench.figures.saving import check
    from serbench.folders import cache_folder, corpus_roots, results_folder
    from serbench.request import Request

    one_of("--format", format_, FORMATS)
    one_of("--precision", precision, ("auto", "float32", "bfloat16"))
    one_of("--target-access", target_access, ACCESSES)
    tested, *more = once(corpus)
    if more:
        raise UsageError(
            " ".join(f"--corpus {name}" for name in (tested, *more)),
            expected="one corpus, which every step tests on",
            advice=f"--corpus {tested} " + " ".join(f"--with {name}" for name in more)
            + ", to train the last step on the other",
        )  # fmt: skip
    if tested in with_:
        raise UsageError(f"--corpus {tested} --with {tested}", expected="another corpus")
    if figure is not None:
        check(figure)
    if no_run:
        _refuse_with_no_run(
            seeds=seeds, executor=executor != "serial", workers=workers, device=device != "auto",
            precision=precision != "auto", corpus_root=corpus_root, allow_partial=allow_partial,
            rerun=rerun, reuse=reuse,
        )  # fmt: skip
    screen = Screen(quiet=quiet)
    models = once(model)
    folder = (results or results_folder()).absolute()
    request = Request(
        models=settings_of(models, set_) if set_ or not no_run else [(spec, {}) for spec in models],
        protocols=(),
        corpora=[tested],
        results=folder,
        cache=cache_folder().absolute(),
        labels=labels,
        access=target_access,  # type: ignore[arg-type]  # checked above
        seeds=1 if seeds is None else seeds,
        roots=corpus_roots(corpus_root),
        allow_partial=allow_partial,
        executor=executor,
        workers=workers,
        devices=tuple(device.split(",")),
        precision=precision,  # type: ignore[arg-type]
        reuse=reuse,
        rerun=rerun,
    )
    others = once(with_)
    climbed = None if no_run else _run(request, others, screen)
    ladders = climbed.ladders if climbed else _read(request, others)
    if figure is not None:
        from serbench.figures.ladder import described, draw
        from serbench.figures.saving import save

        save(draw(ladders), figure, described(ladders))
        screen.note(f"drawn in {figure}")
    print_ladders(ladders, "json" if json else format_)
    if climbed:
        screen.note(_summary(climbed))
        for failure in climbed.failures.values():
            typer.echo(f"failed: {failure}", err=True)
        if climbed.failures:
            raise typer.Exit(1)


def _run(request: Request, others: list[str], screen: Screen) -> Climbed:
    from serbench.inflation.running import run

    try:
        with contextlib.redirect_stdout(sys.stderr):  # a model that prints must not spoil --json
            return run(request, others, screen)
    except KeyboardInterrupt:
        screen.note("stopped. What is finished is kept; the same command goes on from there.")
        raise typer.Exit(130) from None


def _read(request: Request, others: list[str]) -> tuple[Ladder, ...]:
    from serbench.inflation.stored import read

    if not request.results.is_dir():
        raise UsageError(
            f"the results folder {request.results} does not exist",
            expected="a folder that `serbench run` has written, by --results or $SERBENCH_RESULTS",
        )
    (corpus,) = request.corpora
    models = [
        (spec.rpartition(":")[2], _variant(spec, chosen, corpus)) for spec, chosen in request.models
    ]
    return read(request.results, models, corpus, others, request.labels, request.access)


def _variant(spec: str, chosen: Mapping[str, Any], corpus: str) -> dict[str, Any]:
    """The settings that differ from the model's defaults, as rows carry them."""
    if not chosen:
        return {}
    from serbench.choice import ModelChoice

    return ModelChoice.of(spec, chosen).variant(corpus)


def _refuse_with_no_run(**options: Any) -> None:
    """Nothing that is asked for is ignored in silence."""
    given = [f"--{name.replace('_', '-')}" for name, value in options.items() if value]
    if given:
        raise UsageError(
            f"--no-run with {', '.join(given)}", expected="one of them: nothing is run"
        )


def _summary(climbed: Climbed) -> str:
    from serbench.cli.progress import clock

    found = f", {climbed.found} found finished" if climbed.found else ""
    failed = f", {len(climbed.failures)} failed" if climbed.failures else ""
    return f"{climbed.planned} trials: {climbed.done} run{found}{failed}; {clock(climbed.seconds)}"
