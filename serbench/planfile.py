"""A plan as a file: trials to be run, which any machine can take its share of.

JSON lines. The first is the header; then a line for each row of a board, with what its trials have
in common; then a line for each trial, with what is its own::

    {"kind": "serbench plan", "format": 1, "serbench": "0.1.0", "created": "2026-...", ...}
    {"row": {...}, "notes": {...}, "trials": [ids], "choice": {...}, "roots": {...}, ...}
    {"trial": "ab12...", "of": 0, "fold": "DC", "seed": 0, "train": {...}, ..., "seconds": 12.5}

A trial is put together from the two and its SHA-256 held against the id in its line, so that what
was edited or torn is found. Folders stand as they were where the plan was made; a worker may have
its own. Nothing in a plan is ever executed: a model is named, and found where the work is done.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from serbench.canonical import canonical
from serbench.choice import ModelChoice
from serbench.errors import StoreError, UsageError
from serbench.jobs import Job
from serbench.protocols import Selection
from serbench.provenance import own_version
from serbench.registry import is_path
from serbench.store import Plan
from serbench.trial import Trial
from serbench.writing import write_aside

KIND = "serbench plan"
FORMAT = 1
OWN = ("fold", "train", "tests", "validation", "target", "seed")  # of a trial, and not of its row
AGAIN = "make it again by `serbench plan`"


@dataclass(frozen=True)
class PlanFile:
    """What a plan holds.

    Parameters
    ----------
    results, cache
        Folders, as they were where it was made; those of every job.
    plans
        The rows of the boards, each with the ids of all its trials, finished ones too.
    jobs
        What is to be run, row by row and fold by fold; each has its row's ``notes``.
    selections
        The rules by which an epoch was asked to be chosen.
    seconds
        Trial id to what it is estimated to take; trials of which nobody knows are left out.
    serbench, created
        The version that made the plan, and when, in UTC.
    """

    results: Path
    cache: Path
    plans: tuple[Plan, ...]
    jobs: tuple[Job, ...]
    selections: tuple[Selection, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    serbench: str = field(default_factory=own_version)
    created: str = field(
        default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"),
    )

    def at(
        self,
        *,
        results: Path | None = None,
        cache: Path | None = None,
        roots: Mapping[str, Path] | None = None,
    ) -> PlanFile:
        """The same where other folders hold the results, the cache or some of the corpora."""
        folders: dict[str, Any] = {
            "results": results or self.results,
            "cache": cache or self.cache,
        }
        jobs = tuple(
            dataclasses.replace(
                job,
                **folders,
                roots={name: (roots or {}).get(name, root) for name, root in job.roots.items()},
            )
            for job in self.jobs
        )
        return dataclasses.replace(self, jobs=jobs, **folders)

    def only(self, jobs: Sequence[Job]) -> PlanFile:
        """The same rows with these jobs alone."""
        kept = {job.trial.id for job in jobs}
        seconds = {name: value for name, value in self.seconds.items() if name in kept}
        return dataclasses.replace(self, jobs=tuple(jobs), seconds=seconds)


def write(path: Path, plan: PlanFile) -> None:
    """Write a plan, in one step.

    Raises
    ------
    StoreError
        If the file cannot be written.
    """
    write_aside(path, "".join(f"{canonical(line)}\n" for line in _lines(plan)).encode())


def check_place(path: Path) -> None:
    """Refuse to write a plan over what is none.

    Raises
    ------
    UsageError
        If the file exists and is not a plan, or its folder does not exist.
    """
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise UsageError(f"-o {path}", expected="a file, in a folder that exists")
    if path.exists() and not _is_plan(path):
        raise UsageError(f"-o {path}: the file exists, and is no plan", expected="a new name")


def _is_plan(path: Path) -> bool:
    """Whether a file begins as a plan does; torn ones count."""
    try:
        with path.open("rb") as file:
            header = json.loads(file.readline(10_000))
    except (OSError, ValueError):
        return False
    return isinstance(header, dict) and header.get("kind") == KIND


def read(path: Path) -> PlanFile:
    """What :func:`write` wrote. Models and corpora are not looked for.

    Raises
    ------
    StoreError
        If there is no such file, or it is no plan, of another format, torn or altered.
    """
    numbered = _numbered(path)
    header = numbered[0]
    if header.get("kind") != KIND:
        raise StoreError(f"{path} is no plan", expected="what `serbench plan -o FILE` writes")
    if header.get("format") != FORMAT:
        raise StoreError(
            f"{path} is a plan of format {header.get('format')!r}, "
            f"by serbench {header.get('serbench')}",
            expected=f"format {FORMAT}, which serbench {own_version()} reads",
            advice="use the serbench that wrote it, or " + AGAIN,
        )
    try:
        return _plan(path, header, numbered[1:])
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise StoreError(
            f"{path} is not a whole plan: {type(error).__name__}: {error}", advice=AGAIN
        ) from error


def _lines(plan: PlanFile) -> Iterator[dict[str, Any]]:
    place = {name: at for at, row in enumerate(plan.plans) for name in row.trials}
    first = {place[job.trial.id]: job for job in reversed(plan.jobs)}
    yield {
        "kind": KIND,
        "format": FORMAT,
        "serbench": plan.serbench,
        "created": plan.created,
        "results": str(plan.results.absolute()),
        "cache": str(plan.cache.absolute()),
        "selections": list(plan.selections),
        "rows": len(plan.plans),
        "jobs": len(plan.jobs),
    }
    for at, row in enumerate(plan.plans):
        yield dataclasses.asdict(row) | (_shared(first[at]) if at in first else {})
    for job in plan.jobs:
        own = {name: job.trial.record[name] for name in OWN}
        seconds = plan.seconds.get(job.trial.id)
        yield {"trial": job.trial.id, "of": place[job.trial.id], "seconds": seconds, **own}


def _shared(job: Job) -> dict[str, Any]:
    """What the jobs of one row have in common, beside the row itself."""
    spec = job.choice.spec
    if is_path(spec):
        path, _, name = spec.rpartition(":")
        spec = f"{Path(path).expanduser().resolve()}:{name}"
    return {
        "choice": {
            "spec": spec,
            "settings": dict(job.choice.settings),
            "chosen": sorted(job.choice.chosen),
        },
        "roots": {name: str(root.absolute()) for name, root in job.roots.items()},
        "allow_partial": job.allow_partial,
        "precision": job.precision,
        "compile": job.compile,
        "keep": job.keep,
        "protocol": job.protocol,
    }


def _numbered(path: Path) -> list[dict[str, Any]]:
    """The lines of a file of JSON objects."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise StoreError(
            f"{path} cannot be read: {reason}", expected="what `serbench plan -o FILE` writes"
        ) from error
    if not text:
        raise StoreError(f"{path} is empty", expected="what `serbench plan -o FILE` writes")
    *lines, rest = text.split("\n")  # and at nothing else that may stand in a label
    found = []
    for number, line in enumerate([*lines, rest] if rest else lines, 1):
        try:
            value = json.loads(line)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            torn = number == len(lines) + 1 > 1
            raise StoreError(
                f"{path}, line {number}, is " + ("torn" if torn else "no JSON object"),
                expected="a plan as `serbench plan -o FILE` writes it",
                advice=AGAIN if number > 1 else "",
            )
        found.append(value)
    return found


def _plan(path: Path, header: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> PlanFile:
    count = header["rows"]
    rows, trials = lines[:count], lines[count:]
    if (len(rows), len(trials)) != (count, header["jobs"]):
        raise StoreError(
            f"{path} holds {len(lines)} lines below its first",
            expected=f"{count} rows and {header['jobs']} trials, as its first line says",
            advice=AGAIN,
        )
    folders: dict[str, Any] = {name: Path(header[name]) for name in ("results", "cache")}
    plans = [Plan(row["row"], row["notes"], tuple(row["trials"])) for row in rows]
    jobs: dict[str, Job] = {}
    seconds = {}
    for number, line in enumerate(trials, count + 2):
        plan, row = plans[line["of"]], rows[line["of"]]
        job = Job(_trial(line, plan.row), notes=plan.notes, **folders, **_of_row(row))
        name = job.trial.id
        if name != line["trial"] or name not in plan.trials or name in jobs:
            raise StoreError(
                f"{path}, line {number}, was altered: "
                + ("the trial stands there twice" if name in jobs else "it is not of its SHA-256"),
                expected=f"the trial {str(line['trial'])[:12]}, once",
                advice="a plan is not to be edited; " + AGAIN,
            )
        jobs[name] = job
        if line["seconds"] is not None:
            seconds[name] = float(line["seconds"])
    return PlanFile(
        **folders,
        plans=tuple(plans),
        jobs=tuple(jobs.values()),
        selections=tuple(header["selections"]),
        seconds=seconds,
        serbench=header["serbench"],
        created=header["created"],
    )


def _trial(line: Mapping[str, Any], row: Mapping[str, Any]) -> Trial:
    """A trial from its own line and its row."""
    shared = {name: value for name, value in row.items() if name != "selection"}
    return Trial.from_record({**shared, **{name: line[name] for name in OWN}})


def _of_row(row: Mapping[str, Any]) -> dict[str, Any]:
    choice = row["choice"]
    return {
        "choice": ModelChoice(choice["spec"], choice["settings"], frozenset(choice["chosen"])),
        "roots": {name: Path(root) for name, root in row["roots"].items()},
        "allow_partial": row["allow_partial"],
        "precision": row["precision"],
        "compile": row["compile"],
        "keep": row["keep"],
        "protocol": row["protocol"],
    }
