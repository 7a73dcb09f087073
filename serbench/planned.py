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
from serbench.migration import FORMAT, check
from serbench.printable import unfit
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
        If one is not what was written.
    OtherFormat
        If another version of serbench wrote it in another way.
    """
    for path in sorted(folder.glob("*.json")):
        try:
            yield read_plan(path)
        except (OSError, ValueError) as error:
            raise StoreError(
                f"{path} cannot be read: {error}",
                advice="serbench results repair puts it aside; the next `serbench run` of the same "
                "command writes it again",
            ) from error


def read_plan(path: Path) -> Plan:
    """A plan, held to the SHA-256 that is its name.

    Raises
    ------
    OSError, ValueError
        If it cannot be read, or is not what was written.
    OtherFormat
        If another version of serbench wrote it in another way.
    """
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != path.stem:
        raise ValueError("its SHA-256 is not its name")
    try:
        plan = json.loads(content)
        check("plan", plan["format"], str(path))
        for part in ("protocol", "model", "labels", "task", "corpora", "split", "folds"):
            plan["row"][part]
        found = Plan(plan["row"], dict(plan["notes"]), tuple(map(str, plan["trials"])))
        odd = unfit(plan)
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"it is no plan: {error}") from error
    if odd is not None:  # it would be printed in tables and drawn on pages
        raise ValueError(f"it is no plan: {odd!a:.80} holds characters that are no text")
    return found
