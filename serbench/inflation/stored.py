"""Measures ladders of what is on the disk, whatever is missing: no corpus, no model is needed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from serbench.access import TargetAccess
from serbench.adapters import corpus_names
from serbench.errors import UnknownName, UsageError, few
from serbench.gathered import rows_of
from serbench.inflation.ladder import Ladder
from serbench.inflation.measuring import measure
from serbench.inflation.steps import ACROSS, WITHIN
from serbench.registry import nearest, registered
from serbench.store import Plan, Store


def read(
    results: Path,
    models: Sequence[tuple[str, Mapping[str, Any]]],
    corpus: str,
    others: Sequence[str],
    labels: str | None = None,
    access: TargetAccess | None = None,
) -> tuple[Ladder, ...]:
    """Measure one ladder for each model.

    Parameters
    ----------
    models
        Names as they stand on a board, each with the settings that differ from its defaults.
    labels
        The label space of all steps. None: that of the step across corpora; without others, the
        corpus's own emotions.

    Raises
    ------
    UnknownName
        If a name is neither in the folder nor known otherwise.
    UsageError
        If more than one row could be meant.
    StoreError
        If there is none with a score.
    """
    store = Store(results)
    every = list(rows_of(store))
    held = {plans[0].row["model"]["name"] for plans in every}
    _check_known("model", [name for name, _ in models], held, registered("models"), results)
    held = {name for plans in every for name in plans[0].row["protocol"]["corpora"]}
    _check_known("corpus", [corpus, *others], held, corpus_names(), results)
    ladders = []
    for name, variant in models:
        space = labels or (None if others else "own")
        found: dict[str, Sequence[Plan] | str] = {}
        for protocol in (*([ACROSS] if others else []), *WITHIN):
            wanted = {
                "model": name,
                "variant": dict(variant),
                "protocol": protocol,
                "corpora": sorted([corpus, *others]) if protocol == ACROSS else [corpus],
                "access": access or "none",
                "selection": "last",
                **({"labels": space} if space else {}),
            }
            rows = [plans for plans in every if _told(plans, wanted) == wanted]
            if len(rows) > 1:
                raise _ambiguous(rows, wanted)
            found[protocol] = rows[0] if rows else f"not in {results}"
            if rows:
                space = rows[0][0].row["labels"]["name"]
        ladders.append(measure(store, corpus, others, found))
    return tuple(ladders)


def _check_known(
    what: str, names: Iterable[str], held: Collection[str], known: Iterable[str], results: Path
) -> None:
    """A name that is mistyped is told apart from one that was never run."""
    everything = {*held, *known}
    for name in names:
        if name not in everything:
            hint = nearest(name, everything)
            raise UnknownName(
                f"no {what} is called {name!r}, and {results} holds nothing of that name",
                expected=f"one that it holds: {few(sorted(held))}" if held else "",
                advice=f"did you mean {hint!r}?" if hint else "",
            )


def _told(plans: Sequence[Plan], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What a row is, as far as that is asked for."""
    row = plans[0].row
    told = {
        "model": row["model"]["name"],
        "protocol": row["protocol"]["name"],
        "corpora": sorted(row["protocol"]["corpora"]),
        "variant": next((plan.notes["variant"] for plan in plans if "variant" in plan.notes), {}),
        "access": row["protocol"].get("target_access", "none"),
        "selection": row.get("selection", "last"),
        "labels": row["labels"]["name"],
    }
    return {name: told[name] for name in wanted}


def _ambiguous(rows: Sequence[Sequence[Plan]], wanted: Mapping[str, Any]) -> UsageError:
    values = [
        {
            "label space": plans[0].row["labels"]["name"],
            "version": plans[0].row["model"]["version"][:8],
            "release": " ".join(digest[:8] for digest in plans[0].row["corpora"].values()),
            "split": plans[0].row["split"][:8],
        }
        for plans in rows
    ]
    apart = [name for name in values[0] if len({one[name] for one in values}) > 1]
    told = "; ".join(sorted(" ".join(f"{name} {one[name]}" for name in apart) for one in values))
    return UsageError(
        f"{len(rows)} rows of {wanted['model']} under {wanted['protocol']} could be meant: {told}",
        expected="one of them",
        advice="--labels where they differ in that; without --no-run, the row of the model and the "
        "corpora that are at hand is taken",
    )
