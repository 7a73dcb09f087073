"""``serbench plan``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from serbench.cli.options import JsonFlag
from serbench.cli.requesting import requesting
from serbench.errors import UsageError

if TYPE_CHECKING:
    from serbench.request import Request

EXAMPLES = """
[bold]Examples[/bold]

serbench plan --model timnet --protocol loso --corpus emodb

serbench plan --model timnet --model dann --protocol loso --corpus emodb -o plan.jsonl --workers 8

serbench plan --model dblmm --protocol loso --corpus iemocap --device cuda --no-measure

serbench plan --model timnet --protocol loso --corpus emodb --bundle my-bundle/ --max-mib 64
"""


@requesting("executor", "scheduler", "executor_set", "workers", "stack")
def plan(
    request: Request,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write the plan there, for `serbench work`."),
    ] = None,
    bundle: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Write the trials there with all that they need, for `serbench work DIR` on a "
            "machine without corpora.",
        ),
    ] = None,
    max_mib: Annotated[
        float | None,
        typer.Option(help="MiB of a part of the bundle, at most. Default: one part."),
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, help="Workers to reckon the hours of, beside one.")
    ] = 8,
    every: Annotated[
        bool, typer.Option("--all", help="Plan trials that are finished already, too.")
    ] = False,
    no_measure: Annotated[
        bool,
        typer.Option(
            "--no-measure", help="Run nothing to learn what a trial takes: count what can be."
        ),
    ] = False,
    json: JsonFlag = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Say what a run would take, and write its trials down for any number of machines.

    The options are those of `serbench run`, without those of workers. Nothing is run but what the
    estimate needs: a few steps of each net, or one trial of another model if it takes less than a
    minute. Each figure says where it comes from. What is finished in the results folder is left
    out.
    """
    from serbench.cli.options import print_json
    from serbench.cli.outcome import running
    from serbench.cli.plans import print_plan, record
    from serbench.cli.progress import Screen
    from serbench.planfile import check_place, write
    from serbench.planning import plan_out

    screen = Screen(quiet=quiet)
    if output is not None:
        check_place(output)
    if bundle is not None:
        from serbench.bundling import check_place as check_folder

        check_folder(bundle, max_mib)
    elif max_mib is not None:
        raise UsageError("--max-mib without a bundle", expected="--bundle DIR")
    if bundle is None and request.features != "reference":
        raise UsageError(
            f"--features {request.features} without a bundle",
            expected="--bundle DIR, or the option given to `serbench work`, which computes them",
        )
    with running(screen):
        planned = plan_out(request, screen, every=every, measure=not no_measure)
    if output is not None:
        write(output, planned.file)
    if bundle is not None:
        from serbench.cli.bundles import bundle_up

        bundle_up(bundle, planned.file, request, max_mib, screen)
    if json:
        print_json(record(planned, workers))
    else:
        print_plan(planned, workers)
    if output is not None:
        screen.note(f"written to {output}: {len(planned.file.jobs)} trials")
