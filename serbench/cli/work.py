"""``serbench work``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from serbench.cli.options import (
    CorpusRoot,
    Device,
    ExecutorName,
    ExecutorSet,
    Features,
    JsonFlag,
    Rerun,
    Reuse,
    Scheduler,
    Stack,
    Workers,
    one_of,
    options_of,
)

EXAMPLES = """
[bold]Examples[/bold]

serbench work plan.jsonl

serbench work plan.jsonl --shard 3/8 --device cuda

sbatch --array=1-8 --gres=gpu:1 --wrap "serbench work plan.jsonl --shard auto"

serbench work plan.jsonl --corpus-root emodb=/scratch/emodb --executor processes

serbench work my-bundle/ --device cuda --minutes 9 --tar out/
"""


def work(
    plan: Annotated[
        Path,
        typer.Argument(
            metavar="PLAN|DIR",
            help="What `serbench plan -o FILE` wrote, or the folder of a bundle "
            "(`serbench plan --bundle DIR`).",
        ),
    ],
    shard: Annotated[
        str,
        typer.Option(
            metavar="I/N",
            help="The share to run: i/n; auto, from the task's number in a job array of Slurm or "
            "SGE; auto/n, of a part of one, or of PBS or LSF. Default: all.",
        ),
    ] = "1/1",
    results: Annotated[
        Path | None,
        typer.Option(help="Results folder. Default: the one that the plan was made for."),
    ] = None,
    executor: ExecutorName = "serial",
    scheduler: Scheduler = None,
    executor_set: ExecutorSet = [],  # noqa: B006  typer's way to say "none"
    workers: Workers = None,
    device: Device = "auto",
    stack: Stack = None,
    features: Features = "reference",
    corpus_root: CorpusRoot = [],  # noqa: B006
    rerun: Rerun = False,
    reuse: Reuse = False,
    minutes: Annotated[
        float | None,
        typer.Option(
            help="Of a bundle: stop before so many minutes are over, with exit status 75 if "
            "there is more to do."
        ),
    ] = None,
    tar: Annotated[
        Path | None,
        typer.Option(
            metavar="OUT", help="Of a bundle: write new results into archives in this folder."
        ),
    ] = None,
    tar_mib: Annotated[float, typer.Option(help="MiB of an archive, at most.")] = 16,
    tar_files: Annotated[int, typer.Option(help="Archives, at most.")] = 8,
    json: JsonFlag = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Run a plan, or a share of it, without any engine.

    Shares are disjoint, together the whole plan, and the same whenever they are asked for, so that
    a task that died is submitted again as it was. What is finished in the results folder is not run
    again. Corpora are looked for where this machine knows them, then where the plan had them.

    A bundle holds all that its trials need; `python -m serbench.bundle DIR` does the same where
    there is no typer.
    """
    import os

    from serbench.cli.bundles import Errand, refuse, work_on
    from serbench.cli.progress import Screen

    if tar is None:
        refuse({"--tar-mib": tar_mib != 16, "--tar-files": tar_files != 8}, "only with --tar OUT")
    if plan.is_dir():
        why = "a bundle has its corpora's place, its models and its plan with it"
        refuse(
            {
                "--corpus-root": bool(corpus_root), "--rerun": rerun, "--reuse": reuse,
                "--features": features != "reference",
            },
            why,
        )  # fmt: skip
        errand = Errand(
            results, shard, executor, workers, device, minutes, tar, tar_mib, tar_files, stack,
            options_of(executor_set, scheduler),
        )  # fmt: skip
        work_on(plan, errand, Screen(quiet=quiet), json=json)
        return
    from serbench.cli.outcome import conclude, running
    from serbench.folders import cache_folder, corpus_roots
    from serbench.planfile import read
    from serbench.request import Means
    from serbench.share import Share
    from serbench.working import work_off

    refuse(
        {"--minutes": minutes is not None, "--tar": tar is not None},
        "only of a bundle (serbench work DIR)",
    )
    one_of("--features", features, ("reference", "torch"))
    share = Share.parse(shard)
    planned = read(plan)
    roots = corpus_roots(corpus_root)
    screen = Screen(quiet=quiet)
    shared = planned.cache.is_dir() and not os.environ.get("SERBENCH_CACHE")
    means = Means(
        results=(results or planned.results).absolute(),
        cache=planned.cache if shared else cache_folder().absolute(),
        executor=executor,
        workers=workers,
        devices=tuple(device.split(",")),
        options=options_of(executor_set, scheduler),
        stack=stack,
        features=features,
        reuse=reuse,
        rerun=rerun,
    )
    with running(screen):
        outcome = work_off(planned, share, means, roots, screen)
    conclude(outcome, means.results, screen, json=json)
