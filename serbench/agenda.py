"""Which trials a results folder was ever asked for: its plans, row by row of its boards.

Where :func:`serbench.planned.plans_in` stops at a plan that cannot be read, this names it and goes
on: the others still say what is missing.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serbench.audit.row import RowName
from serbench.canonical import canonical
from serbench.inventory import ID, names
from serbench.printable import one_line


@dataclass(frozen=True)
class Item:
    """A row of a board, and the trials that were planned for it.

    Parameters
    ----------
    version
        Of the model.
    files
        The files in ``plans/`` that planned it: seeds that were added later have one of their own.
    trials
        Their ids.
    """

    name: RowName
    version: str
    files: tuple[str, ...]
    trials: frozenset[str]


def agenda(root: Path, strange: list[str]) -> list[Item]:
    """The rows of all plans; what is no plan is added to strange, with the reason.

    Raises
    ------
    StoreError
        If the plans may not be listed.
    """
    items: dict[str, Item] = {}
    for name in names(root / "plans"):
        try:
            item = _read(root / "plans" / name)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            strange.append(one_line(f"plans/{name}: {_why(error)}"))
            continue
        if (other := items.get(item.name.key)) is not None:
            item = dataclasses.replace(
                other, files=other.files + item.files, trials=other.trials | item.trials
            )
        items[item.name.key] = item
    return sorted(items.values(), key=lambda item: item.name.place)


def _read(path: Path) -> Item:
    if path.suffix != ".json" or not path.is_file():
        raise ValueError("not a plan")
    plan = json.loads(path.read_bytes())
    if not isinstance(plan, dict):
        raise TypeError("not a plan")
    trials = frozenset(plan["trials"])
    if not all(isinstance(one, str) and ID.fullmatch(one) for one in trials):
        raise ValueError("its trials are no ids")
    row = plan["row"]
    version = one_line(row["model"].get("version", ""))
    return Item(_named(row, plan["notes"]), version, (one_line(path.name),), trials)


def _named(row: Mapping[str, Any], notes: Mapping[str, Any]) -> RowName:
    """What a row is called, in printable characters."""
    settings = " ".join(
        f"{name}={value if isinstance(value, str) else canonical(value)}"
        for name, value in sorted(notes.get("variant", {}).items())
    )
    name = RowName.of(row, settings, "val" if row.get("selection") == "val" else "last")
    words = ("model", "settings", "labels", "access", "protocol")
    return dataclasses.replace(
        name,
        **{word: one_line(getattr(name, word)) for word in words},
        corpora=tuple(map(one_line, name.corpora)),
    )


def _why(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"{error} is missing"
    return str(getattr(error, "strerror", None) or error) or type(error).__name__
