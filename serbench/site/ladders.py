"""Which ladders a results folder holds: each model down the protocols of one corpus."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from serbench.canonical import canonical
from serbench.errors import SerbenchError
from serbench.inflation.ladder import Ladder, Rung
from serbench.inflation.measuring import measure
from serbench.inflation.steps import WITHIN
from serbench.store import Plan, Store

FEWEST = 2  # protocols that make a ladder
# Other random folds over utterances, which may stand for a step that was not run.
STAND_INS = {"kfold": "last-epoch"}
AFTER_A_COMMAND = ": they were run with --stages last"


@dataclass(frozen=True)
class Climb:
    """A ladder to be measured: the plans of each protocol of one model on one corpus.

    Parameters
    ----------
    plans
        By the step's protocol.
    stand_ins
        Of steps whose plans are those of another protocol, its name.
    beside
        Other protocols that the model was run under, and why they are no step, in words.
    """

    model: str
    corpus: str
    plans: dict[str, tuple[Plan, ...]] = field(default_factory=dict)
    stand_ins: dict[str, str] = field(default_factory=dict)
    beside: tuple[str, ...] = ()


@dataclass(frozen=True)
class Measured:
    """Ladders with two steps or more that have scores, and what is to be said of them.

    Parameters
    ----------
    notes
        What stands on them twice, what is missing and why, a line each.
    missed
        Why others could not be measured.
    """

    ladders: tuple[Ladder, ...]
    notes: tuple[str, ...]
    missed: tuple[str, ...]


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
        if len(corpora) == 1 and row.get("selection") != "val":
            # Whatever is the same at all steps: the model, the release, what is told apart.
            model = canonical(
                [dict(row["model"])["name"], _variant(plans), row["model"]["version"]]
            )
            shared = [model, dict(row["corpora"]), dict(row["labels"])["name"], row["task"]]
            shared.append(protocol.get("target_access", "none"))
            groups[canonical(shared)][protocol["name"]].append(plans)
    found: dict[str, list[Climb]] = defaultdict(list)
    for key in sorted(groups):
        climb = _climb(groups[key])
        if len(climb.plans) >= FEWEST:
            found[climb.model].append(climb)
    return {name: sorted(climbing, key=lambda one: one.corpus) for name, climbing in found.items()}


def _climb(group: dict[str, list[Sequence[Plan]]]) -> Climb:
    """The steps of one model on one corpus, and what else it was run under."""
    row = next(iter(group.values()))[0][0].row
    alone = {name: tuple(rows[0]) for name, rows in group.items() if len(rows) == 1}
    plans = {name: alone[name] for name in WITHIN if name in alone}
    stand_ins = {
        step: other for step, other in STAND_INS.items() if step not in group and other in alone
    }
    plans |= {step: alone[other] for step, other in stand_ins.items()}
    beside = []
    for name in sorted({*group} - {*plans} - {*stand_ins.values()}):
        if len(group[name]) > 1 and name in {*WITHIN, *STAND_INS.values()}:
            why = "several rows could be meant, and none is taken"
        else:
            step = next((step for step, other in STAND_INS.items() if other == name), "")
            why = f"{step} stands for random folds" if step in group else "it is no step"
        beside.append(f"{name} is measured, and is not on the ladder: {why}")
    model, corpus = row["model"]["name"], row["protocol"]["corpora"][0]
    return Climb(model, corpus, plans, stand_ins, tuple(beside))


def measured(results: Path, climbing: Iterable[Climb]) -> Measured:
    """Measure ladders from what a results folder holds."""
    store = Store(results)
    ladders: list[Ladder] = []
    notes: list[str] = []
    missed: list[str] = []
    for one in climbing:
        found: dict[str, Sequence[Plan] | str] = {
            protocol: one.plans.get(protocol, "not run") for protocol in WITHIN
        }
        try:
            ladder = _named(measure(store, one.corpus, (), found), one.stand_ins)
        except SerbenchError as error:
            missed.append(f"{one.model} on {one.corpus}: {error.found}")
            continue
        if len(ladder.measured) >= FEWEST:
            ladders.append(ladder)
            notes += [
                f"{ladder.name} on {one.corpus}: {note}"
                for note in (*_notes(ladder, one), *one.beside)
            ]
    return Measured(tuple(ladders), tuple(notes), tuple(missed))


def _named(ladder: Ladder, stand_ins: dict[str, str]) -> Ladder:
    """A ladder whose steps name the protocols that were run."""

    def key(name: str) -> str:
        protocol, _, rule = name.partition("/")
        return f"{stand_ins.get(protocol, protocol)}/{rule}" if name else ""

    def renamed(rung: Rung) -> Rung:
        protocol = stand_ins.get(rung.step.protocol, rung.step.protocol)
        step = replace(rung.step, protocol=protocol)
        return replace(rung, step=step, same_folds_as=key(rung.same_folds_as))

    return replace(ladder, rungs=tuple(map(renamed, ladder.rungs)))


def _notes(ladder: Ladder, climb: Climb) -> list[str]:
    """What stands on a ladder under another name or twice, and what is missing."""
    titles = {rung.step.key: rung.step.title for rung in ladder.rungs}
    found = [f"random folds are those of {other}" for other in climb.stand_ins.values()]
    found += [
        f"{titles[rung.same_folds_as]} and {rung.step.title} are the same folds here: one "
        "measurement, which stands twice"
        for rung in ladder.measured
        if rung.same_folds_as
    ]
    return found + [
        f"no {rung.step.title}: {rung.missing.removesuffix(AFTER_A_COMMAND)}"
        for rung in ladder.rungs
        if rung.missing
    ]


def _variant(plans: Sequence[Plan]) -> dict[str, object]:
    return next((dict(plan.notes["variant"]) for plan in plans if "variant" in plan.notes), {})
