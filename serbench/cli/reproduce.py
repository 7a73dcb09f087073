"""``serbench reproduce``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from serbench.cli.options import (
    AllowPartial,
    CorpusRoot,
    Device,
    ExecutorName,
    ExecutorSet,
    JsonFlag,
    PrecisionName,
    Rerun,
    Results,
    Reuse,
    Scheduler,
    Set,
    Stack,
    Workers,
    assignments,
    one_of,
    options_of,
    read_from,
)
from serbench.errors import UsageError

if TYPE_CHECKING:
    from serbench.cli.progress import Screen
    from serbench.reproducing.figure import PaperFigure
    from serbench.reproducing.running import Agenda, Ran
    from serbench.reproducing.table import PaperTable
    from serbench.request import Request
    from serbench.store import Store

EXAMPLES = """
[bold]Examples[/bold]

serbench reproduce

serbench reproduce timnet-table1

serbench reproduce dblmm-table3 --format latex > table3.tex

serbench reproduce timnet-table1 --run --corpus emodb --device cuda

serbench reproduce dblmm-table3 --run --corpus emodb --set epochs=5

serbench reproduce dblmm-fig3 -o confusion.pdf

serbench reproduce timnet-fig3 --run --corpus emodb --set epochs=20 -o tsne.svg
"""
Only = Annotated[
    list[str],
    typer.Option(
        "--corpus",
        help="Of a figure: only this corpus, the paper's or another in its place. Of a table, with "
        "--run: only what is on this corpus. Repeatable.",
    ),
]
OnlyModel = Annotated[
    list[str],
    typer.Option(
        "--model",
        help="Of a figure: only this model. Of a table, with --run: the same. Repeatable.",
    ),
]
Drawing = Annotated[
    Path | None,
    typer.Option("--figure", "-o", help="Draw a figure: .svg, .png, .pdf or .html."),
]
FORMATS = ("table", "md", "latex", "csv", "json")
Form = Annotated[str, typer.Option("--format", help="table, md, latex, csv or json.")]


def reproduce(
    name: Annotated[
        str | None,
        typer.Argument(help="A table or a figure: timnet-table1. Without: all of them."),
    ] = None,
    list_: Annotated[
        bool, typer.Option("--list", help="All of them, and how much of each is measured.")
    ] = False,
    run: Annotated[
        bool,
        typer.Option(
            "--run", help="Run first what is missing, by the paper's settings, folds and seeds."
        ),
    ] = False,
    figure: Drawing = None,
    corpus: Only = [],  # noqa: B006  typer's way to say "none"
    model: OnlyModel = [],  # noqa: B006
    set_: Set = [],  # noqa: B006
    format_: Form = "table",
    json: JsonFlag = False,
    executor: ExecutorName = "serial",
    scheduler: Scheduler = None,
    executor_set: ExecutorSet = [],  # noqa: B006
    workers: Workers = None,
    device: Device = "auto",
    stack: Stack = None,
    precision: PrecisionName = "auto",
    corpus_root: CorpusRoot = [],  # noqa: B006
    allow_partial: AllowPartial = False,
    results: Results = None,
    rerun: Rerun = False,
    reuse: Reuse = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """A paper's own table or figure, with what was measured here beside each number.

    Ours come from the results folder, averaged as the paper averages, with the difference in points
    and whether it lies within noise. A number that is not measured says why: not run yet, with the
    command that runs it; a corpus that is not here; a method that is not re-implemented; a protocol
    that the paper does not state. What was measured with other settings than the paper's stands in
    parentheses, and they are named.

    A figure is printed as numbers, and drawn by --figure, from what is measured: confusion
    matrices, curves over the epochs. What nets see inside, t-SNE and attention, is in no results
    folder: for these each net is trained once more, as the stored trial was, and what that takes is
    told before.

    With --run, --set stands in place of the paper's settings, and the result says so. Without, it
    may say where something lies that a stored training knows by its digest: an encoder's folder.
    """
    from serbench.cli.reproduction_list import filled, print_list
    from serbench.folders import corpus_roots, results_folder
    from serbench.reproducing.figure import PaperFigure
    from serbench.reproducing.shelf import find

    one_of("--format", format_, FORMATS)
    one_of("--precision", precision, ("auto", "float32", "bfloat16", "float64"))
    _check(name, format_, list_=list_, run=run, json=json)
    found = None if name is None else find(name)
    pictured = isinstance(found, PaperFigure)
    if figure is not None:
        _check_drawing(name, figure, pictured=pictured)
    if not run:
        inside = pictured and figure is not None  # its nets may be trained once more
        _refuse_without_run(
            corpus=corpus and not pictured, model=model and not pictured,
            set=set_ and not inside,
            executor=executor != "serial", scheduler=scheduler, executor_set=executor_set,
            workers=workers is not None and not inside, device=device != "auto" and not inside,
            stack=stack, precision=precision != "auto" and not inside,
            allow_partial=allow_partial and not inside, rerun=rerun, reuse=reuse,
        )  # fmt: skip
    folder = (results or results_folder()).absolute()
    roots = corpus_roots(corpus_root)
    if found is None:
        store = _store(folder, named=results is not None)
        print_list(store, roots, as_json=json or format_ == "json")
        return
    from serbench.cli.progress import Screen
    from serbench.cli.reproduction_drawing import asked_of, drawn
    from serbench.cli.reproduction_formats import print_page
    from serbench.reproducing.picture import Picture

    if isinstance(found, PaperFigure):
        found = asked_of(found, corpus, model, roots)
        corpus, model = [], []  # nothing else is left in it
    screen = Screen(quiet=quiet)
    request = _request(
        folder, roots, executor=executor, options=options_of(executor_set, scheduler),
        workers=workers, device=device, stack=stack,
        precision=precision, allow_partial=allow_partial, rerun=rerun, reuse=reuse,
    )  # fmt: skip
    ran = _run(found, request, screen, corpus, model, set_) if run else None
    store = _store(folder, named=results is not None and not run)
    page = filled(found, store, roots)
    print_page(page, "json" if json else format_)
    if figure is not None and isinstance(page, Picture):
        drawn(page, figure, request, screen, set_, ran=run)
    if ran is not None:
        screen.note(f"{ran.done} trials run, {ran.found} found finished")
        for failure in ran.failures:
            typer.echo(f"failed: {failure}", err=True)
        if ran.failures:
            raise typer.Exit(1)


def _check(name: str | None, form: str, *, list_: bool, run: bool, json: bool) -> None:
    """Refuse options that do not go together."""
    if json and form not in {"table", "json"}:
        raise UsageError(f"--json with --format {form}", expected="one of them")
    if list_ and name is not None:
        raise UsageError(f"--list with {name}", expected="one of them")
    if name is None and run:
        raise UsageError("--run without a name", expected="serbench reproduce timnet-table1 --run")
    if name is None and form not in {"table", "json"}:
        raise UsageError(
            f"--format {form} without a name", expected="table or json, or the name of one"
        )


def _check_drawing(name: str | None, path: Path, *, pictured: bool) -> None:
    """Refuse what cannot be drawn, before any work."""
    from serbench.figures.saving import check

    if not pictured:
        raise UsageError(
            f"--figure {path} of {name or 'nothing'}",
            expected="the name of a figure, as dblmm-fig3: serbench reproduce lists them",
        )
    check(path)


def _store(folder: Path, *, named: bool) -> Store | None:
    """The results folder; None where there is none yet and nobody asked for this one."""
    from serbench.store import Store

    if folder.is_dir():
        return Store(folder)
    if named or folder.exists():
        read_from(folder)
    return None


def _request(folder: Path, roots: dict[str, Path], *, device: str, **means: Any) -> Request:
    from serbench.folders import cache_folder
    from serbench.request import Request

    return Request(
        models=(),
        protocols=(),
        corpora=(),
        results=folder,
        cache=cache_folder().absolute(),
        roots=roots,
        devices=tuple(device.split(",")),
        **means,
    )


def _run(
    work: PaperTable | PaperFigure,
    request: Request,
    screen: Screen,
    corpora: list[str],
    models: list[str],
    set_: list[str],
) -> Ran:
    from serbench.cli.outcome import running
    from serbench.literature import literature
    from serbench.reproducing import running as trainings
    from serbench.reproducing.wanted import soughts
    from serbench.request import check

    check(request)
    asked = trainings.agenda(
        work.name, soughts(work, literature()), request, assignments(set_),
        corpora=corpora, models=models,
    )  # fmt: skip
    _announce(asked, screen)
    with running(screen):
        return trainings.run(asked, request, screen)


def _announce(asked: Agenda, screen: Screen) -> None:
    """What is going to be run, and what is not, before anything is."""
    screen.note(f"to run: {len(asked.run)}" if asked.run else "nothing to run")
    for training in asked.run:
        screen.note(f"  {training.title}")
    for title, reason in asked.left_out:
        screen.note(f"left out: {title} ({reason})")


def _refuse_without_run(**options: Any) -> None:
    """Nothing that is asked for is ignored in silence."""
    given = [f"--{name.replace('_', '-')}" for name, value in options.items() if value]
    if given:
        raise UsageError(f"{', '.join(given)} without --run", expected="--run, or neither")
