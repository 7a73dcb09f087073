"""The machines and libraries that made a submission, put together from its trials' provenance."""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from serbench.canonical import canonical

ASKED = ("device", "precision", "machine", "system", "python", "threads")


def environment_of(provenances: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """How many trials ran on what, and what all of them took.

    Parameters
    ----------
    provenances
        Of each trial once, whoever wrote them.

    Returns
    -------
    JSON values: ``trials``; for each of :data:`ASKED` its values to the number of trials;
    ``versions``: library to versions to the number of trials; ``seconds`` of all trainings, None
    unless each trial says; ``started``: the first and the last.
    """
    told = list(provenances)
    versions: dict[str, Counter[str]] = defaultdict(Counter)
    for one in told:
        libraries = one.get("versions")
        for name, value in libraries.items() if isinstance(libraries, Mapping) else ():
            versions[str(name)][str(value)] += 1
    took: list[Any] = [one.get("seconds") for one in told]
    known = [float(value) for value in took if type(value) in {int, float}]
    started = sorted(str(one["started"]) for one in told if "started" in one)
    return {
        "trials": len(told),
        **{name: _counted(one.get(name) for one in told) for name in ASKED},
        "versions": {name: dict(sorted(found.items())) for name, found in sorted(versions.items())},
        "seconds": round(math.fsum(known), 3) if told and len(known) == len(told) else None,
        "started": [started[0], started[-1]] if started else [],
    }


def _counted(values: Iterable[Any]) -> dict[str, int]:
    found = Counter(value if isinstance(value, str) else canonical(value) for value in values)
    return dict(sorted(found.items()))


def dumped(value: Any) -> bytes:
    """JSON as a submission's files have it: for people to read, the same for equal values."""
    text = json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode()
