"""Which machine a figure is of, and by what it was computed."""

from __future__ import annotations

import datetime as dt
import os
import platform
from importlib.metadata import PackageNotFoundError, version

from serbench.processor import processor
from serbench.provenance import own_version

LIBRARIES = ("torch", "numpy", "pandas", "pyarrow", "librosa", "scikit-learn")


def machine() -> dict[str, object]:
    """Processor, cores, memory, system, day and versions, without importing any library."""
    return {
        "processor": processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "load": os.getloadavg()[0],
        "system": f"{platform.system()} {platform.machine()}",
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "versions": {
            "serbench": own_version(),
            "python": platform.python_version(),
            **{name: found for name in LIBRARIES if (found := installed(name))},
        },
    }


def installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def sentence(told: dict[str, object]) -> str:
    """All of it in one line."""
    versions = ", ".join(f"{name} {number}" for name, number in told["versions"].items())
    return (
        f"{told['processor']}, {told['cores']} cores, {told['memory_gib']} GiB, "
        f"{told['system']}; {told['date']}; {versions}"
    )
