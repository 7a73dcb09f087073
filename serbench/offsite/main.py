"""``python -m serbench.bundle DIR``: work on a bundle where there is no typer.

`serbench work DIR` does the same, with the same options.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from serbench.bench import executor_of
from serbench.errors import SerbenchError, UsageError
from serbench.offsite.returning import pack
from serbench.offsite.said import Log, concluded, introduced, packed
from serbench.offsite.working import packs_of, unpacked, work_through
from serbench.request import Means

HELP = {
    "bundle": "a folder that `serbench plan --bundle` wrote, or one part-NN of it",
    "results": "results folder; default: DIR/results",
    "device": "auto, cpu, cuda, cuda:1, mps; several of --executor processes: cuda:0,cuda:1",
    "executor": "what runs the trials; default: serial",
    "workers": "processes; default: one a device",
    "stack": "trainings of one net computed at once; default: as many as fit a GPU, 1 on a CPU",
    "minutes": "stop, with exit status 75, before so many minutes are over",
    "tar": "write what is new in the results into numbered archives in this folder",
    "tar_mib": "MiB of an archive; default: 16",
    "tar_files": "how many archives there may be; default: 8",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Work on a bundle; the exit status (:attr:`serbench.offsite.working.Errand.status`)."""
    given = _parser().parse_args(arguments)
    try:
        return _work(given)
    except UsageError as error:
        return _complain(str(error), 2)
    except SerbenchError as error:
        return _complain(str(error), 1)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _complain(f"{where}{error.strerror or error}", 1)
    except KeyboardInterrupt:
        return _complain("stopped; the same command goes on", 130)


def _work(given: argparse.Namespace) -> int:
    parts = unpacked(given.bundle, given.results)
    for line in introduced(parts):
        _say(line)
    means = Means(
        results=parts.plan.results,
        cache=parts.plan.cache,
        executor=given.executor,
        workers=given.workers,
        devices=tuple(given.device.split(",")),
        stack=given.stack,
    )
    means.check()
    executor = executor_of(means)
    errand = work_through(
        parts,
        executor,
        Log(parts, _say),
        seconds=None if given.minutes is None else 60.0 * given.minutes,
        packed=partial(packs_of, means=means, executor=executor),
    )
    for line in concluded(errand):
        _say(line)
    if given.tar is not None:
        sent = pack(parts.store, given.tar, most_mib=given.tar_mib, most_files=given.tar_files)
        for line in packed(sent):
            _say(line)
    return errand.status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m serbench.bundle", description="Run the trials of a bundle."
    )
    parser.add_argument("bundle", type=Path, metavar="DIR", help=HELP["bundle"])
    parser.add_argument("--results", type=Path, help=HELP["results"])
    parser.add_argument("--device", default="auto", help=HELP["device"])
    parser.add_argument("--executor", default="serial", help=HELP["executor"])
    parser.add_argument("--workers", type=int, help=HELP["workers"])
    parser.add_argument("--stack", type=int, help=HELP["stack"])
    parser.add_argument("--minutes", type=float, help=HELP["minutes"])
    parser.add_argument("--tar", type=Path, metavar="OUT", help=HELP["tar"])
    parser.add_argument("--tar-mib", type=float, default=16, help=HELP["tar_mib"])
    parser.add_argument("--tar-files", type=int, default=8, help=HELP["tar_files"])
    return parser


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201  this is a command


def _complain(message: str, status: int) -> int:
    print(f"error: {message}", file=sys.stderr)  # noqa: T201
    return status
