"""Which trials of a results folder are finished, and what is to be said of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from serbench.choice import code_digest
from serbench.errors import UsageError
from serbench.jobs import Job
from serbench.registry import is_path
from serbench.store import Store


@dataclass(frozen=True)
class Standing:
    """How a results folder stands to some jobs.

    Parameters
    ----------
    missing
        Those that are not finished.
    damaged
        Those whose result is no longer what was written; they run again.
    changed
        Finished ones whose installed model had another code.
    otherwise
        How many finished ones were run with another precision, or kept other stages.
    """

    missing: tuple[Job, ...]
    damaged: tuple[Job, ...]
    changed: tuple[Job, ...]
    otherwise: int

    def to_run(self, jobs: Sequence[Job], *, rerun: bool) -> list[Job]:
        """Those of the jobs that are to be run, in their order; ``rerun``: changed ones too."""
        run = {job.trial.id for job in (*self.missing, *self.damaged)}
        if rerun:
            run |= {job.trial.id for job in self.changed}
        return [job for job in jobs if job.trial.id in run]

    def check(self, *, reuse: bool, rerun: bool) -> None:
        """Refuse to guess whether results of another code stand.

        Raises
        ------
        UsageError
            If there are some, and nobody said.
        """
        if self.changed and not (reuse or rerun):
            names = ", ".join(sorted({job.choice.spec for job in self.changed}))
            raise UsageError(
                f"{len(self.changed)} finished trials were run with another code of the model "
                f"{names}",
                expected="--rerun to run them again, or --reuse to keep them",
                advice="--reuse where the change cannot have moved a number, a comment for example",
            )


def standing(store: Store, jobs: Sequence[Job]) -> Standing:
    """How a results folder stands to these jobs. Nothing is written."""
    missing, damaged, changed = [], [], []
    otherwise = 0
    codes: dict[str, str] = {}
    for job in jobs:
        if not store.has(job.trial.id):
            missing.append(job)
        elif not store.whole(job.trial.id):
            damaged.append(job)
        else:
            spec = job.choice.spec
            codes.setdefault(spec, code_digest(job.choice.factory()))
            record = store.record(job.trial.id)
            provenance = record["provenance"]
            if not is_path(spec) and provenance.get("code") != codes[spec]:
                changed.append(job)
            staged = any(name.startswith("stages-") for name in record["files"])
            asked = (job.precision, job.keep if staged else None)
            otherwise += asked != (provenance.get("precision"), provenance.get("keep"))
    return Standing(tuple(missing), tuple(damaged), tuple(changed), otherwise)
