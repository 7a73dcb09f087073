"""A trial as it stands in a bundle's plan: no folder of the machine that made it, its model's file
under a name of the bundle's own.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

from serbench.choice import ModelChoice
from serbench.errors import ModelError, UsageError
from serbench.jobs import Job
from serbench.planfile import PlanFile
from serbench.registry import file_digest, is_path

# Where a bundle's own files stand in its plan; whoever works on it puts its folder in the place.
PLACE = Path("/bundle")
PLAN = "plan.jsonl"
CHECKPOINTS = "unfinished"


def outward(job: Job) -> Job:
    """A job as it is written into a bundle.

    Raises
    ------
    UsageError
        If a setting of its model names a place on this machine.
    """
    check_settings(job.choice)
    spec = job.choice.spec
    if is_path(spec):
        spec = f"{PLACE / model_file(spec)}:{spec.rpartition(':')[2]}"
    return dataclasses.replace(
        job,
        choice=dataclasses.replace(job.choice, spec=spec),
        roots={},
        results=PLACE / "results",
        cache=PLACE / "cache",
        protocol=str(job.trial.protocol["name"]),
    )


def inward(plan: PlanFile, part: Path, results: Path) -> PlanFile:
    """A plan that stands in a part of a bundle, as it is worked on here."""
    jobs = [
        dataclasses.replace(
            job,
            choice=_moved(job.choice, part),
            results=results,
            cache=part / "cache",
            bundle=part,
        )
        for job in plan.jobs
    ]
    return dataclasses.replace(plan, jobs=tuple(jobs), results=results, cache=part / "cache")


def model_file(spec: str) -> str:
    """The path within a bundle of the source of a ``path.py:Class``."""
    return f"models/{file_digest(spec)[:16]}.py"


def source_of(spec: str) -> bytes:
    """The source of a ``path.py:Class``, if it is still what the trials name.

    Raises
    ------
    ModelError
        If the file was edited since it was read.
    """
    import hashlib

    path = Path(spec.rpartition(":")[0]).expanduser()
    source = path.read_bytes()
    if hashlib.sha256(source).hexdigest() != file_digest(spec):
        raise ModelError(
            f"{path} was edited while its trials were planned",
            expected="the source that the trials are named after",
            advice="run the command again",
        )
    return source


def check_settings(choice: ModelChoice) -> None:
    """Refuse a model that needs what lies somewhere on this machine.

    Raises
    ------
    UsageError
        With the setting.
    """
    stand = choice.identity()["settings"]
    for name, value in choice.settings.items():
        if isinstance(value, str) and value and stand[name] != value:
            raise UsageError(
                f"the setting {name!r} of {choice.spec} is {value}, and stands in a trial as "
                f"{stand[name]}: what lies there is not in a bundle",
                expected="a model whose settings say all that it takes",
                advice="run this model where the files are; a bundle takes the others",
            )


def _moved(choice: ModelChoice, part: Path) -> ModelChoice:
    if not is_path(choice.spec):
        return choice
    path, _, name = choice.spec.rpartition(":")
    return dataclasses.replace(choice, spec=f"{part / Path(path).relative_to(PLACE)}:{name}")
