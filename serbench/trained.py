"""What it took to train a row of a board: parameters, time, and the devices that it took it on.

All of it is provenance, as each trial's ``record.json`` has it. It says what a score cost, never
what it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

MOST = 10**15  # parameters, or seconds: what a record has beyond these is no measurement
HOUR = 3600.0  # seconds


@dataclass(frozen=True)
class Trained:
    """The trainings of a row together.

    Parameters
    ----------
    parameters
        That are trained. None: the model has none, its trials do not agree, or none of them says.
    seconds
        Of all trials, each from its beginning until its test sets are answered; of trainings that
        were computed at once, each one's share. None unless every trial says.
    trials
        How many these are.
    devices
        What they ran on, each once.
    stacked
        The most trainings that were computed at once.
    """

    parameters: int | None = None
    seconds: float | None = None
    trials: int = 0
    devices: tuple[str, ...] = ()
    stacked: int = 1

    @classmethod
    def of(cls, provenances: Iterable[Mapping[str, Any]]) -> Trained:
        """Of the provenance of each trial, whoever wrote it: what is no measurement is unknown."""
        told = list(provenances)
        sizes = {_count(one.get("parameters")) for one in told}
        took = [seconds for one in told if (seconds := _seconds(one.get("seconds"))) is not None]
        devices = {str(one["device"]) for one in told if one.get("device")}
        return cls(
            parameters=sizes.pop() if len(sizes) == 1 else None,
            # Summed without rounding: the same in whatever order the trials come.
            seconds=math.fsum(took) if told and len(took) == len(told) else None,
            trials=len(told),
            devices=tuple(sorted(devices)),
            stacked=max((_count(one.get("stacked")) or 1 for one in told), default=1),
        )

    @property
    def each(self) -> float | None:
        """Seconds of a trial, in the mean."""
        return None if self.seconds is None else self.seconds / self.trials

    def record(self) -> dict[str, Any]:
        """As JSON values."""
        return {**asdict(self), "devices": list(self.devices)}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Trained:
        """Read what :meth:`record` wrote. A TypeError or KeyError, if it is something else."""
        return cls(**{**record, "devices": tuple(record["devices"])})


def hours(seconds: float) -> str:
    """Seconds as hours: hundredths, or fewer digits where these say nothing."""
    value = seconds / HOUR
    if value < 0.01:
        return "<0.01"
    return f"{value:.{2 if value < 10 else 1 if value < 100 else 0}f}"


def _count(value: Any) -> int | None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and 0 < value < MOST else None


def _seconds(value: Any) -> float | None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if number and 0 <= value < MOST else None
