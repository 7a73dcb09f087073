"""Why a trial failed, kept in the results folder until it succeeds."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from serbench.writing import write_aside


@dataclass(frozen=True)
class Failure:
    """Why a trial failed."""

    trial: str
    title: str
    reason: str
    log: str
    seed: int | None = None  # None, "": an older serbench did not say
    fold: str = ""

    def write(self, folder: Path) -> None:
        """Keep it.

        Raises
        ------
        StoreError
            If the folder cannot be written.
        """
        path = folder / f"{self.trial}.json"
        write_aside(path, json.dumps(asdict(self), indent=1).encode())

    @classmethod
    def read(cls, folder: Path, trial_id: str) -> Failure | None:
        """What was kept of a trial; None: nothing. One that cannot be read says so."""
        try:
            return cls(**json.loads((folder / f"{trial_id}.json").read_bytes()))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, RecursionError):
            return cls(trial_id, "", "its record cannot be read", "")
