"""What a command is asked to run: the options of ``serbench run``, for each command that has them.

A command that is decorated with :func:`requesting` takes them all beside its own, and is given the
:class:`serbench.request.Request` that they make.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from serbench.cli.options import (
    AllowPartial,
    Compile,
    CorpusRoot,
    Device,
    ExecutorName,
    ExecutorSet,
    Features,
    PrecisionName,
    Rerun,
    Results,
    Reuse,
    Scheduler,
    Set,
    Stack,
    Workers,
    once,
    one_of,
    options_of,
    settings_of,
)

if TYPE_CHECKING:
    from serbench.request import Request


def request_of(
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
    scheduler: Scheduler = None,
    executor_set: ExecutorSet = [],  # noqa: B006
    workers: Workers = None,
    device: Device = "auto",
    stack: Stack = None,
    compile_: Compile = False,
    precision: PrecisionName = "auto",
    features: Features = "reference",
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
) -> Request:
    """The request that these options make."""
    from serbench.access import ACCESSES
    from serbench.folders import cache_folder, corpus_roots, results_folder
    from serbench.protocols import SELECTIONS
    from serbench.request import Request

    one_of("--precision", precision, ("auto", "float32", "bfloat16", "float64"))
    one_of("--features", features, ("reference", "torch"))
    one_of("--stages", stages, ("all", "last"))
    one_of("--selection", selection, SELECTIONS)
    one_of("--target-access", target_access, ACCESSES)
    return Request(
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
        options=options_of(executor_set, scheduler),
        stack=stack,
        compile=compile_,
        features=features,
        precision=precision,  # type: ignore[arg-type]  # checked above
        keep=stages,  # type: ignore[arg-type]
        selection=selection,  # type: ignore[arg-type]
        access=target_access,  # type: ignore[arg-type]
        reuse=reuse,
        rerun=rerun,
    )


def requesting(
    *left_out: str,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a command of a request and options of its own one that has all of these as options.

    Parameters
    ----------
    left_out
        Options that mean nothing to it.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        return _asking(command, left_out)

    return decorate


def _asking(command: Callable[..., None], left_out: Sequence[str]) -> Callable[..., None]:
    asked = [each for each in _parameters(request_of) if each.name not in left_out]
    own = _parameters(command)[1:]

    @functools.wraps(command)
    def given(**values: Any) -> None:
        request = request_of(**{each.name: values.pop(each.name) for each in asked})
        command(request, **values)

    parameters = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in (*asked, *own)]
    given.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    given.__annotations__ = {each.name: each.annotation for each in parameters}
    return given


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """Those of a function, with their options. The request's own module is not imported for it."""
    signature = inspect.signature(function, eval_str=True, locals={"Request": object})
    return list(signature.parameters.values())
