"""What ``serbench plan --bundle`` and ``serbench work DIR`` do beyond a plan's file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from serbench.errors import UsageError

if TYPE_CHECKING:
    from serbench.cli.progress import Screen
    from serbench.planfile import PlanFile
    from serbench.request import Request

MIB = 2**20


@dataclass(frozen=True)
class Errand:
    """How a bundle is worked on: the options of ``serbench work DIR``."""

    results: Path | None
    shard: str
    executor: str
    workers: int | None
    device: str
    minutes: float | None
    tar: Path | None
    tar_mib: float
    tar_files: int
    stack: int | None = None
    options: Mapping[str, str] = field(default_factory=dict)  # of the executor


def bundle_up(
    folder: Path, plan: PlanFile, request: Request, most_mib: float | None, screen: Screen
) -> None:
    """Write a bundle of a plan's trials, and say what is in it."""
    from serbench.bundling import write
    from serbench.features.extraction import Extraction
    from serbench.replanned import boards_of

    boards = boards_of(plan.jobs, screen)
    means = request.means
    extraction = Extraction.of(means.features, means.devices[0])
    written = write(
        folder,
        plan,
        boards,
        screen,
        most_mib=most_mib,
        workers=means.workers,
        extraction=extraction,
    )
    for part in written.parts:
        over = f", over {part.uploads} uploads" if part.uploads > 1 else ""
        screen.note(f"{part.folder}: {part.trials} trials, {part.bytes / MIB:.1f} MiB{over}")
    for spec in written.models:
        screen.note(f"the source of {spec} is in the bundle, and runs where that is worked on")


def work_on(folder: Path, errand: Errand, screen: Screen, *, json: bool) -> None:
    """Run a bundle's trials; exits as :attr:`serbench.offsite.working.Errand.status` says."""
    from serbench.bench import executor_of
    from serbench.cli.options import print_json
    from serbench.cli.outcome import running
    from serbench.offsite.returning import pack
    from serbench.offsite.said import concluded, introduced, packed
    from serbench.offsite.working import packs_of, unpacked, work_through
    from serbench.request import Means
    from serbench.share import Share, share_of

    share = Share.parse(errand.shard)
    parts = unpacked(folder, errand.results)
    parts = parts.only(share_of(parts.plan.jobs, parts.plan.seconds, share))
    for line in introduced(parts):
        screen.note(line)
    means = Means(
        results=parts.plan.results,
        cache=parts.plan.cache,
        executor=errand.executor,
        workers=errand.workers,
        devices=tuple(errand.device.split(",")),
        options=errand.options,
        stack=errand.stack,
    )
    means.check()
    executor = executor_of(means)
    seconds = None if errand.minutes is None else 60.0 * errand.minutes
    missing = [job.trial for job in parts.missing()]
    with (
        running(screen),
        screen.trials(missing, len(parts.plan.jobs) - len(missing)) as listen,
    ):
        came = work_through(
            parts,
            executor,
            listen,
            seconds=seconds,
            packed=partial(packs_of, means=means, executor=executor),
        )
    for line in concluded(came):
        screen.note(line)
    record: dict[str, Any] = {"done": came.done, "left": came.left, "failures": came.failures}
    if errand.tar is not None:
        sent = pack(parts.store, errand.tar, most_mib=errand.tar_mib, most_files=errand.tar_files)
        for line in packed(sent):
            screen.note(line)
        record |= {"archives": [str(path) for path in sent.archives], "no_room": list(sent.left)}
    if json:
        print_json(record)
    if came.status:
        raise typer.Exit(came.status)


def refuse(options: Mapping[str, bool], why: str) -> None:
    """Refuse options that say nothing here.

    Raises
    ------
    UsageError
        If one is given.
    """
    for name, given in options.items():
        if given:
            raise UsageError(f"{name}: {why}")
