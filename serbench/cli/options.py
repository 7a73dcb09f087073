"""Options that several commands share, and what they are read as."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from serbench.cli.meant import meant
from serbench.errors import UsageError

FIRST = "serbench run --model svm-mfcc --protocol loso --corpus emodb"
JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
CorpusRoot = Annotated[
    list[str],
    typer.Option(
        "--corpus-root",
        metavar="NAME=DIR",
        help="The folder of a corpus, for this command alone. Repeatable.",
    ),
]
Results = Annotated[
    Path | None,
    typer.Option(help="Results folder. Default: $SERBENCH_RESULTS, or ./results-local."),
]
AllowPartial = Annotated[
    bool,
    typer.Option(
        "--allow-partial",
        help="Take an incomplete corpus as it is; what is wrong is recorded, and its results "
        "stand apart.",
    ),
]

Set = Annotated[
    list[str],
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="A setting of the model, or MODEL:NAME=VALUE of one of several. Repeatable.",
    ),
]
ExecutorName = Annotated[
    str, typer.Option(help="serial, processes, dask, slurm (or pbs, sge, lsf), or a guest's.")
]
ExecutorSet = Annotated[
    list[str],
    typer.Option(
        metavar="NAME=VALUE",
        help="A setting of the executor: config=SECTION of slurm, timeout=30 of dask. Repeatable.",
    ),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        help="Dask's scheduler: tcp://HOST:8786 or its file. Default: $DASK_SCHEDULER_ADDRESS."
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        help="Processes for features, and for trials under --executor processes; jobs of a queue; "
        "under dask the most workers to use."
    ),
]
Device = Annotated[
    str,
    typer.Option(
        help="auto, cpu, cuda; several of --executor processes: cuda:0,cuda:1 (one a worker)."
    ),
]
PrecisionName = Annotated[
    str,
    typer.Option(
        help="auto (bfloat16 autocast on a GPU), float32, bfloat16; float64 to compare by."
    ),
]
Stack = Annotated[
    int | None,
    typer.Option(
        help="Trainings of one net that are computed at once, at most. Default: as many as fit a "
        "GPU; 1 on a CPU."
    ),
]
Compile = Annotated[
    bool,
    typer.Option(
        "--compile",
        help="Compile the passes of nets whose batches are of one shape, by torch.compile: a "
        "minute or more at first.",
    ),
]
Features = Annotated[
    str,
    typer.Option(
        help="By what log-mel and MFCC are computed: reference (librosa), or torch, many at once "
        "on the device, held against librosa first."
    ),
]
Rerun = Annotated[
    bool, typer.Option("--rerun", help="Run again what another code of the model finished.")
]
Reuse = Annotated[
    bool, typer.Option("--reuse", help="Keep what another code of the model finished.")
]


def print_json(value: Any) -> None:
    """To standard output, nothing else there."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def assignments(options: Sequence[str]) -> list[tuple[str, str, str]]:
    """``[MODEL:]NAME=VALUE`` options as (model or "", name, value).

    Raises
    ------
    UsageError
        If one is not of that form.
    """
    read = []
    for option in options:
        name, equals, value = option.partition("=")
        if not equals or not name:
            raise UsageError(
                f"--set {option}", expected="NAME=VALUE or MODEL:NAME=VALUE, such as hidden=64"
            )
        model, _, parameter = name.rpartition(":")
        read.append((model, parameter.replace("-", "_"), value))
    return read


def options_of(assigned: Sequence[str], scheduler: str | None = None) -> dict[str, str]:
    """``--executor-set NAME=VALUE`` as a mapping; ``--scheduler`` is one of its own.

    Raises
    ------
    UsageError
        If one is not of that form.
    """
    options = {} if scheduler is None else {"scheduler": scheduler}
    for option in assigned:
        name, equals, value = option.partition("=")
        if not equals or not name:
            raise UsageError(
                f"--executor-set {option}",
                expected="NAME=VALUE, such as timeout=30",
            )
        options[name.replace("-", "_")] = value
    return options


def settings_of(
    models: Sequence[str], options: Sequence[str]
) -> list[tuple[str, Mapping[str, str]]]:
    """Each model with the settings that are meant for it.

    A bare NAME=VALUE goes to every model that has the parameter, and there must be one.
    """
    from serbench.model import defaults, settings
    from serbench.registry import load

    factories = {spec: load("models", spec) for spec in models}
    chosen: dict[str, dict[str, str]] = {spec: {} for spec in models}
    for owner, name, value in assignments(options):
        if owner and owner not in factories:
            raise UsageError(
                f"--set {owner}:{name}={value}", expected="one of " + ", ".join(models)
            )
        having = [
            spec
            for spec, factory in factories.items()
            if owner in ("", spec) and name in defaults(factory)
        ]
        if not having:
            settings(factories[owner or models[0]], {name: value})  # says what there is
        for spec in having:
            chosen[spec][name] = value
    return list(chosen.items())


def once(names: Sequence[str]) -> list[str]:
    """Each name once, in the order in which they were given."""
    return list(dict.fromkeys(names))


def one_of(option: str, value: str | None, allowed: tuple[str, ...]) -> None:
    """Refuse a value that the option does not have.

    Raises
    ------
    UsageError
        If it is none of those.
    """
    if value is not None and value not in allowed:
        raise UsageError(
            f"{option} {value}",
            expected="one of " + ", ".join(allowed),
            advice=meant(value, allowed),
        )


def read_from(results: Path | None, option: str = "--results") -> Path:
    """The results folder that a command reads.

    Parameters
    ----------
    option
        By what it is named on the command line.

    Raises
    ------
    UsageError
        If there is none.
    """
    from serbench.folders import results_folder

    folder = results or results_folder()
    if not folder.is_dir():
        state = "is not a folder" if folder.exists() else "does not exist"
        raise UsageError(
            f"the results folder {folder} {state}",
            expected=f"a folder that `serbench run` has written, by {option} or $SERBENCH_RESULTS",
            advice=f"{FIRST}; or serbench demo, which needs no corpus",
        )
    return folder
