"""What a mistyped name most likely meant, said in one way by every command."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from serbench.registry import nearest

if TYPE_CHECKING:
    from serbench.store import Store


def meant(name: str, known: Iterable[str]) -> str:
    """A question that is advice: "did you mean 'emodb'?"; "" where nothing is near."""
    hint = nearest(name, known)
    return f"did you mean {hint!r}?" if hint and hint != name else ""


def meant_of(store: Store, **asked: Collection[str]) -> str:
    """The same of names that a results folder is asked for, the first that it does not hold.

    Parameters
    ----------
    asked
        Names by what they are of: ``corpora``, ``protocols``, ``models``, ``labels``.
    """
    held = names_of(store)
    for kind, names in asked.items():
        for name in names:
            if name not in held[kind] and (hint := meant(name, held[kind])):
                return hint
    return ""


def names_of(store: Store) -> Mapping[str, set[str]]:
    """The names that a results folder holds, by what they are of."""
    from serbench.gathered import rows_of

    held: dict[str, set[str]] = {
        kind: set() for kind in ("corpora", "protocols", "models", "labels")
    }
    for plan, *_ in rows_of(store):
        row = plan.row
        held["corpora"].update(row["protocol"]["corpora"])
        held["protocols"].add(row["protocol"]["name"])
        held["models"].add(row["model"]["name"])
        held["labels"].add(row["labels"]["name"])
    return held
