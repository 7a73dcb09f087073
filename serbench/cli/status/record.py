"""The status of a results folder for scripts."""

from __future__ import annotations

from typing import Any

from serbench.claims import Seen
from serbench.status import Line, Status

COUNTS = ("planned", "done", "running", "failed", "missing", "resumable")


def record(status: Status) -> dict[str, Any]:
    """One object: counts of trials, the rows, who is at work, and why trials failed.

    Seconds that nobody knows are null.
    """
    return {
        "folder": str(status.folder),
        **{f"trials_{what}": status.count(what) for what in COUNTS},
        "trials_unplanned": status.unplanned,
        "workers": status.workers,
        "seconds_left": _rounded(status.left),
        "rows": [_row(line) for line in status.lines],
        "running": [_seen(status, seen) for seen in status.running],
        "interrupted": [_seen(status, seen) for seen in status.interrupted],
        "failures": [
            {
                "reason": reason.text,
                "numbers_vary": reason.varies,
                "count": len(reason.trials),
                "trials": [{"trial": one.trial, "title": one.title} for one in reason.trials],
            }
            for reason in status.failures
        ],
        "strange": list(status.strange),
    }


def _row(line: Line) -> dict[str, Any]:
    name = line.name
    return {
        "row": name.key,
        "corpora": list(name.corpora),
        "protocol": name.protocol,
        "labels": name.labels,
        "target_access": name.access,
        "selection": name.selection,
        "model": name.model,
        "variant": name.settings,
        "version": line.version,
        **{f"trials_{what}": getattr(line, what) for what in COUNTS},
        "seconds_per_trial": _rounded(line.seconds),
        "seconds_of_work_left": _rounded(line.work),
        "plans": list(line.plans),
    }


def _seen(status: Status, seen: Seen) -> dict[str, Any]:
    claim = seen.claim
    return {
        "trial": claim.trial,
        "title": claim.title,
        "host": claim.host,
        "pid": claim.process.pid,
        "worker": claim.worker,
        "device": claim.device,
        "done": claim.done,
        "total": claim.total,
        "note": claim.note,
        "started": claim.started,
        "seconds": _rounded(seen.seconds),
        "silence": _rounded(seen.silence),
        "state": seen.state,
        "resumable": claim.trial in status.resumable,
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)
