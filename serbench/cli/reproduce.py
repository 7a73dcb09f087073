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
    print_json,
)
from serbench.errors import UsageError

if TYPE_CHECKING:
    from serbench.cli.progress import Screen
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
"""
Only = Annotated[
    list[str], typer.Option("--corpus", help="With --run: only what is on this corpus. Repeatable.")
]
OnlyModel = Annotated[
    list[str], typer.Option("--model", help="With --run: only this model. Repeatable.")
]
Form = Annotated[str, typer.Option("--format", help="table, md, latex, csv or json.")]


def reproduce(
    name: Annotated[
        str | None, typer.Argument(help="A table: timnet-table1. Without: all of them.")
    ] = None,
    list_: Annotated[
        bool, typer.Option("--list", help="All tables, and how much of each is measured.")
    ] = False,
    run: Annotated[
        bool,
        typer.Option(
            "--run", help="Run first what is missing, by the paper's settings, folds and seeds."
        ),
    ] = False,
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
    """A paper's own table, with what was measured here beside each number.

    Ours come from the results folder, averaged as the paper averages, with the difference in points
    and whether it lies within noise. A number that is not measured says why: not run yet, with the
    command that runs it; a corpus that is not here; a method that is not re-implemented; a protocol
    that the paper does not state. Settings other than the paper's are shown in brackets and named.

    With --run, --set stands in place of the paper's settings, and the result says so.
    """
    from serbench.cli.progress import Screen
    from serbench.cli.reproduction_formats import FORMATS, print_page
    from serbench.folders import corpus_roots, results_folder
    from serbench.literature import literature
    from serbench.reproducing.filling import fill
    from serbench.reproducing.shelf import find

    one_of("--format", format_, FORMATS)
    one_of("--precision", precision, ("auto", "float32", "bfloat16", "float64"))
    _check(name, format_, list_=list_, run=run, json=json)
    if not run:
        _refuse_without_run(
            corpus=corpus, model=model, set=set_, executor=executor != "serial",
            scheduler=scheduler, executor_set=executor_set, workers=workers,
            device=device != "auto", stack=stack, precision=precision != "auto",
            allow_partial=allow_partial, rerun=rerun, reuse=reuse,
        )  # fmt: skip
    folder = (results or results_folder()).absolute()
    roots = corpus_roots(corpus_root)
    if name is None:
        _print_list(_store(folder, named=results is not None), roots, json or format_ == "json")
        return
    table = find(name)
    screen = Screen(quiet=quiet)
    ran = None
    if run:
        request = _request(
            folder, roots, executor=executor, options=options_of(executor_set, scheduler),
            workers=workers, device=device, stack=stack,
            precision=precision, allow_partial=allow_partial, rerun=rerun, reuse=reuse,
        )  # fmt: skip
        ran = _run(table, request, screen, corpus, model, set_)
    store = _store(folder, named=results is not None and not run)
    print_page(fill(table, store, roots, literature()), "json" if json else format_)
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
        raise UsageError("--run without a table", expected="serbench reproduce timnet-table1 --run")
    if name is None and form not in {"table", "json"}:
        raise UsageError(
            f"--format {form} without a table", expected="table or json, or the name of a table"
        )


def _store(folder: Path, *, named: bool) -> Store | None:
    """The results folder; None where there is none yet and nobody asked for this one."""
    from serbench.store import Store

    if folder.is_dir():
        return Store(folder)
    if named or folder.exists():
        state = "is not a folder" if folder.exists() else "does not exist"
        raise UsageError(
            f"the results folder {folder} {state}",
            expected="a folder that `serbench run` has written, by --results or $SERBENCH_RESULTS",
        )
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
    table: PaperTable,
    request: Request,
    screen: Screen,
    corpora: list[str],
    models: list[str],
    set_: list[str],
) -> Ran:
    from serbench.cli.outcome import running
    from serbench.literature import literature
    from serbench.reproducing import running as trainings
    from serbench.request import check

    check(request)
    asked = trainings.agenda(
        table, literature(), request, assignments(set_), corpora=corpora, models=models
    )
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


def _print_list(store: Store | None, roots: dict[str, Path], as_json: bool) -> None:
    """All tables, and how many numbers of each are measured."""
    from rich.console import Console
    from rich.text import Text

    from serbench.cli.aligned import Aligned
    from serbench.reproducing.filling import fill
    from serbench.reproducing.shelf import find, names

    pages = [fill(find(name), store, roots) for name in names()]
    if as_json:
        print_json(
            [
                {
                    "name": page.table.name, "paper": page.table.paper, "table": page.table.table,
                    "title": page.table.title, "citation": page.table.citation,
                    "numbers": len(page.cells),
                    "measured": sum(cell.state == "measured" for cell in page.cells),
                    "deviating": sum(cell.state == "deviates" for cell in page.cells),
                }
                for page in pages
            ]
        )  # fmt: skip
        return
    if not pages:
        raise UsageError("no table is registered", expected="those that ship with serbench")
    lines = []
    for page in pages:
        done = sum(cell.state == "measured" for cell in page.cells)
        others = sum(cell.state == "deviates" for cell in page.cells)
        more = f" (+{others})" if others else ""
        lines.append([page.table.name, page.table.title, f"{done} of {len(page.cells)}{more}"])
    console = Console(highlight=False)
    aligned = Aligned(["name", "table", "measured"], lines, left={0, 1}, folds=1)
    console.print(aligned.text(console.width), soft_wrap=True)
    if any("(+" in line[2] for line in lines):
        console.print(Text("(+n): measured with other settings than the paper's", "dim"))


def _refuse_without_run(**options: Any) -> None:
    """Nothing that is asked for is ignored in silence."""
    given = [f"--{name.replace('_', '-')}" for name, value in options.items() if value]
    if given:
        raise UsageError(f"{', '.join(given)} without --run", expected="--run, or neither")
