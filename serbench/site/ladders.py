"""Which ladders a results folder holds: each model down the protocols of one corpus."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from serbench.canonical import canonical
from serbench.errors import SerbenchError
from serbench.inflation.ladder import Ladder
from serbench.inflation.measuring import measure
from serbench.inflation.steps import WITHIN
from serbench.store import Plan, Store

FEWEST = 2  # protocols that make a ladder


@dataclass(frozen=True)
class Climb:
    """A ladder to be measured: the plans of each protocol of one model on one corpus."""

    model: str
    corpus: str
    plans: dict[str, tuple[Plan, ...]] = field(default_factory=dict)


def climbs(rows: Iterable[Sequence[Plan]]) -> dict[str, list[Climb]]:
    """The ladders of each model, by its name.

    Of several rows that could be meant at one step, none is taken: the ladder would tell what they
    differ in, and not what the protocol is worth.

    Parameters
    ----------
    rows
        The plans of every row of a results folder.
    """
    groups: dict[str, dict[str, list[Sequence[Plan]]]] = defaultdict(lambda: defaultdict(list))
    for plans in rows:
        row = plans[0].row
        protocol, corpora = row["protocol"], row["protocol"]["corpora"]
        if protocol["name"] in WITHIN and len(corpora) == 1 and row.get("selection") != "val":
            # Whatever is the same at all steps: the model, the release, what is told apart.
            model = canonical(
                [dict(row["model"])["name"], _variant(plans), row["model"]["version"]]
            )
            shared = [model, dict(row["corpora"]), dict(row["labels"])["name"], row["task"]]
            shared.append(protocol.get("target_access", "none"))
            groups[canonical(shared)][protocol["name"]].append(plans)
    found: dict[str, list[Climb]] = defaultdict(list)
    for key in sorted(groups):
        steps = {name: tuple(rows[0]) for name, rows in groups[key].items() if len(rows) == 1}
        if len(steps) >= FEWEST:
            row = next(iter(steps.values()))[0].row
            climb = Climb(row["model"]["name"], row["protocol"]["corpora"][0], steps)
            found[climb.model].append(climb)
    return {name: sorted(climbing, key=lambda one: one.corpus) for name, climbing in found.items()}


def measured(results: Path, climbing: Iterable[Climb]) -> tuple[list[Ladder], list[str]]:
    """Ladders with two steps or more that have scores, and why others have not."""
    store, ladders, missed = Store(results), [], []
    for one in climbing:
        found: dict[str, Sequence[Plan] | str] = {
            protocol: one.plans.get(protocol, "not in the results folder") for protocol in WITHIN
        }
        try:
            ladder = measure(store, one.corpus, (), found)
        except SerbenchError as error:
            missed.append(f"{one.model} on {one.corpus}: {error.found}")
            continue
        if len(ladder.measured) >= FEWEST:
            ladders.append(ladder)
    return ladders, missed


def _variant(plans: Sequence[Plan]) -> dict[str, object]:
    return next((dict(plan.notes["variant"]) for plan in plans if "variant" in plan.notes), {})
