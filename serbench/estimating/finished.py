"""What finished trials took, where such trials are to be run again on such a device."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Mapping
from typing import Any

from serbench.errors import SerbenchError
from serbench.estimating.figure import Figure
from serbench.jobs import Job
from serbench.store import Plan, Store


def finished(store: Store, plan: Plan, device: str, job: Job) -> Figure | None:
    """The median of what finished trials of the row took, if some ran on such a device."""
    rates = []
    most = 1
    for trial_id in plan.trials:
        if not store.has(trial_id):
            continue
        try:
            provenance = store.record(trial_id)["provenance"]
            size = int(store.trial(trial_id).train["size"])
        except SerbenchError:  # damaged: it says nothing
            continue
        if _alike(provenance, device, job):
            rates.append(float(provenance["seconds"]) / size)
            most = max(most, int(provenance.get("stacked", 1)))
    if not rates:
        return None
    trials = "1 finished trial" if len(rates) == 1 else f"{len(rates)} finished trials"
    together = f", up to {most} trained at once" if most > 1 else ""
    return Figure(statistics.median(rates), "finished", f"median of {trials}{together}")


def _alike(provenance: Mapping[str, Any], device: str, job: Job) -> bool:
    """Whether a finished trial ran on such a device, in such a precision."""
    here = (platform.machine(), os.cpu_count())
    same = (provenance.get("machine"), provenance.get("cores")) == here
    on_cpu = device.startswith("cpu")
    return (
        provenance.get("device") == device
        and provenance.get("precision") == job.precision
        and (same or not on_cpu)
    )
