"""Where a result comes from: machine, libraries, times. Beside a trial, never part of its id."""

from __future__ import annotations

import operator
import os
import platform
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from serbench.labels import Task
from serbench.model import declared_recipes

# Libraries whose version may move a number.
LIBRARIES = (
    "serbench",
    "numpy",
    "scipy",
    "scikit-learn",
    "torch",
    "librosa",
    "opensmile",
    "soxr",
    "transformers",
    "tokenizers",
)


def collect(
    *,
    started: float,
    device: str,
    precision: str,
    keep: str | None,
    threads: int | None,
    code: str,
    model: Any,
    task: Task,
    extractors: Sequence[str] | None = None,
    stacked: int = 1,
    seconds: float | None = None,
) -> dict[str, Any]:
    """The record of one training, as it stood when it ended.

    Parameters
    ----------
    started
        Seconds since the epoch.
    device
        What it ran on, with its name.
    precision
        As it was asked for.
    keep
        Which stages were kept; None: the model has none.
    threads
        Of the worker; None: not limited.
    code
        SHA-256 of the file that defines the model.
    model, task
        For the number of trained parameters: None of a model that has none, or cannot say.
    extractors
        The libraries that the features were computed by, where that was elsewhere; None: as the
        model's recipes say here.
    stacked
        How many trainings were computed at once.
    seconds
        What this one took, of those its share; None: all since it was started.
    """
    if extractors is None:
        extractors = sorted({recipe.extractor for recipe in declared_recipes(model)})
    return {
        "started": datetime.fromtimestamp(started, UTC).isoformat(timespec="seconds"),
        "seconds": round(time.time() - started if seconds is None else seconds, 3),
        "stacked": stacked,
        "compiled": getattr(model, "compiled_", None),
        "device": device,
        "precision": precision,
        "keep": keep,
        "threads": threads,
        "host": platform.node(),
        "machine": platform.machine(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "versions": versions(),
        "extractors": list(extractors),
        "encoder_device": os.environ.get("SERBENCH_ENCODER_DEVICE"),
        "code": code,
        "parameters": _parameters(model, task),
    }


def _parameters(model: Any, task: Task) -> int | None:
    """How many parameters are trained, as a JSON value; None: there are none, or it cannot say.

    A training that is over is not lost to a guest's method that fails or returns something else:
    :func:`serbench.testing.models.check_model` tells its author.
    """
    count = getattr(model, "parameters_for", None)
    if not callable(count):
        return None
    try:
        found = count(task)
        size = operator.index(found)  # also of NumPy's integers, which JSON does not know
    except Exception:  # noqa: BLE001  a guest's method may raise anything
        return None
    return size if size > 0 and not isinstance(found, bool) else None


def own_version() -> str:
    """serbench's; "a checkout" where it runs without having been installed."""
    try:
        return version("serbench")
    except PackageNotFoundError:
        return "a checkout"


def versions() -> dict[str, str]:
    """The version of each library that is loaded in this process."""
    found = {}
    for name in LIBRARIES:
        module = {"scikit-learn": "sklearn"}.get(name, name)
        if module in sys.modules:
            try:
                found[name] = version(name)
            except PackageNotFoundError:
                continue
    return found
