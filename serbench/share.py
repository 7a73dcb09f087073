"""A share of a plan: what the i-th of n workers runs, where no engine hands out the work.

Shares are a pure function of the plan: disjoint, together everything, and the same whenever a
worker asks again, whatever has been finished meanwhile. Trials of one row of a board train
together as a stack, so a share holds neighbours: the plan is cut, not dealt out card by card.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from serbench.canonical import canonical
from serbench.errors import UsageError
from serbench.jobs import Job


@dataclass(frozen=True)
class Share:
    """The ``number``-th of ``of`` shares, from 1."""

    number: int
    of: int

    @classmethod
    def parse(cls, text: str, environment: Mapping[str, str] | None = None) -> Share:
        """Read "3/8"; "auto", which takes both from a cluster's job array; or "auto/8".

        An array of "auto" numbers its tasks 1 to n, or 0 to n - 1. One of "auto/n" may be a part of
        the whole, as of tasks that are submitted again, and numbers from 1.

        Raises
        ------
        UsageError
            If it is none of these, there is no such share, or the array does not say.
        """
        whole = re.fullmatch(r"(\d+|auto)/(\d+)", text)
        if whole is None and text != "auto":
            raise UsageError(
                f"--shard {text}", expected="i/n with i from 1 to n, such as 3/8; auto; or auto/n"
            )
        if whole is None or whole[1] == "auto":
            array = _Array.here(os.environ if environment is None else environment)
            share = array.whole() if whole is None else cls(array.counted_from_1(), int(whole[2]))
            source = f" (task {array.index} of {array.engine})"
        else:
            share, source = cls(int(whole[1]), int(whole[2])), ""
        if not 1 <= share.number <= share.of:
            raise UsageError(
                f"there is no share {share.number} of {share.of}{source}",
                expected=f"1/{share.of} to {share.of}/{share.of}"
                if share.of
                else "1 share or more",
            )
        return share

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


def share_of(jobs: Sequence[Job], seconds: Mapping[str, float], share: Share) -> list[Job]:
    """The jobs of a share, in the order of the plan.

    Trials of known cost are laid end to end and cut into n equal stretches; each belongs to the
    stretch in which its middle lies, so that no share exceeds another by more than the cost of two
    trials. Of the others each row is cut by itself into n, and the odd ones go round.

    Parameters
    ----------
    seconds
        Trial id to what it is estimated to take.
    """
    known = [job for job in jobs if seconds.get(job.trial.id, 0.0) > 0]
    taken = {
        job.trial.id
        for job, at in zip(known, _cut([seconds[j.trial.id] for j in known], share.of), strict=True)
        if at == share.number - 1
    }
    rest = [job for job in jobs if seconds.get(job.trial.id, 0.0) <= 0]
    first = 0  # of the shares: who gets the next odd one
    for _, group in groupby(rest, key=lambda job: canonical(job.trial.row)):
        row = list(group)
        each, odd = divmod(len(row), share.of)
        place = (share.number - 1 - first) % share.of
        start = place * each + min(place, odd)
        taken |= {job.trial.id for job in row[start : start + each + (place < odd)]}
        first = (first + odd) % share.of
    return [job for job in jobs if job.trial.id in taken]


def _cut(costs: Sequence[float], parts: int) -> list[int]:
    """The part, from 0, in which the middle of each cost lies when all are laid end to end."""
    total, before, found = sum(costs), 0.0, []
    for cost in costs:
        found.append(min(parts - 1, int((before + cost / 2) / total * parts)))
        before += cost
    return found


@dataclass(frozen=True)
class _Array:
    """A task of a cluster's job array; ``first`` and ``last`` are None where it is not told."""

    engine: str
    index: int
    first: int | None
    last: int | None
    tasks: int | None  # where they need not follow each other

    @classmethod
    def here(cls, environment: Mapping[str, str]) -> _Array:
        for engine, index, first, last, step in _ENGINES:
            if (at := _number(environment, index)) is None:
                continue
            if engine == "LSF" and at == 0:
                continue  # a job that is no array
            ends = _number(environment, first), _number(environment, last)
            stride = _number(environment, step)
            count = stride if step.endswith("COUNT") else _count(*ends, stride)
            return cls(engine, at, *ends, count)
        names = ", ".join(f"{index} ({engine})" for engine, index, *_ in _ENGINES)
        raise UsageError(
            "--shard auto outside of a job array: none of these is set: " + names,
            expected="a task of an array, such as `sbatch --array=1-8`",
            advice="--shard i/n says it without one",
        )

    def whole(self) -> Share:
        """The share of a task of an array that is the whole."""
        if self.last is None or self.first is None:
            raise UsageError(
                f"{self.engine} does not tell its tasks how many they are",
                expected="--shard auto/n, with n as in the array 1-n",
            )
        count = self.last - self.first + 1
        if self.first not in (0, 1) or self.tasks not in (None, count):
            raise UsageError(
                f"the array of {self.engine} numbers {self.tasks or count} tasks from {self.first} "
                f"to {self.last}",
                expected="1 to n, or 0 to n - 1",
                advice="--shard auto/n for a part of the array 1-n; --shard i/n for any one task",
            )
        return Share(self.index - self.first + 1, count)

    def counted_from_1(self) -> int:
        """The number of a task, in an array that may be a part of 1 to n."""
        if self.index == 0 or self.first == 0:
            raise UsageError(
                f"--shard auto/n in an array of {self.engine} that numbers from 0",
                expected="an array that numbers from 1, or the whole of one and --shard auto",
            )
        return self.index


# Engine, and its variables: the task's number, the first and the last one's, the step or count.
_ENGINES = (
    (
        "Slurm", "SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_MAX",
        "SLURM_ARRAY_TASK_COUNT",
    ),
    ("SGE", "SGE_TASK_ID", "SGE_TASK_FIRST", "SGE_TASK_LAST", "SGE_TASK_STEPSIZE"),
    ("LSF", "LSB_JOBINDEX", "", "", ""),  # tells the last, and not the first
    ("PBS", "PBS_ARRAY_INDEX", "", "", ""),
    ("Torque", "PBS_ARRAYID", "", "", ""),
)  # fmt: skip


def _number(environment: Mapping[str, str], name: str) -> int | None:
    """A variable's number; None where there is none, as SGE's "undefined" outside of an array."""
    text = environment.get(name, "")
    return int(text) if text.isdecimal() else None


def _count(first: int | None, last: int | None, step: int | None) -> int | None:
    if first is None or last is None:
        return None
    return (last - first) // (step or 1) + 1
