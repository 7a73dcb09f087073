"""Plans on the disk: which trials make one row of a board, a JSON file each."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serbench.canonical import canonical, digest
from serbench.errors import StoreError
from serbench.trial import FORMAT
from serbench.writing import write_aside


@dataclass(frozen=True)
class Plan:
    """The trials that make one row of a board.

    Parameters
    ----------
    row
        What the trials have in common (:attr:`serbench.trial.Trial.row`).
    notes
        What a board shows beside the row and cannot derive from it: the settings that differ from
        the model's defaults, whether speakers are shared, findings of a partial corpus.
    trials
        Their ids.
    """

    row: Mapping[str, Any]
    notes: Mapping[str, Any]
    trials: tuple[str, ...]

    @functools.cached_property
    def row_digest(self) -> str:
        """Which row it is of."""
        return digest(self.row)

    def write(self, folder: Path) -> None:
        """Keep it, under the SHA-256 of its content.

        Raises
        ------
        StoreError
            If the folder cannot be written.
        """
        content = canonical({"format": FORMAT, **dataclasses.asdict(self)})
        path = folder / f"{hashlib.sha256(content.encode()).hexdigest()}.json"
        if not path.exists():
            write_aside(path, content.encode())


def plans_in(folder: Path) -> Iterator[Plan]:
    """Every plan of a folder.

    Raises
    ------
    StoreError
        If one cannot be read.
    """
    for path in sorted(folder.glob("*.json")):
        try:
            plan = json.loads(path.read_bytes())
            row = plan["row"]
            if plan["format"] != FORMAT or not isinstance(plan["notes"], dict):
                raise ValueError(f"format {plan['format']!r}")
            for part in ("protocol", "model", "labels", "task", "corpora", "split", "folds"):
                row[part]
            found = Plan(row, plan["notes"], tuple(map(str, plan["trials"])))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StoreError(
                f"{path} cannot be read: {error}",
                advice="delete it; the next `serbench run` writes it again",
            ) from error
        yield found
