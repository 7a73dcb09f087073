"""Trainings of a row done again: some that nobody could choose, by the model installed here.

Which ones is drawn from the SHA-256 of the submission's id, the row, and a salt that whoever
verifies may keep to themselves. A model is one that is registered here, or a file that the person
who verifies has named; its code must be the one that the trial recorded. Nothing that came with the
submission is run.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from serbench import metrics
from serbench.canonical import canonical
from serbench.choice import ModelChoice, code_digest
from serbench.errors import SerbenchError
from serbench.features.recipe import record as recipe_record
from serbench.jobs import Job, Listener
from serbench.labels import Classes, task_of
from serbench.merging.examined import Answers, examine
from serbench.model import build, declared_recipes, is_deterministic
from serbench.planned import Plan
from serbench.provenance import LIBRARIES
from serbench.registry import file_digest, load, registered
from serbench.store import Store
from serbench.trial import Trial
from serbench.verifying.finding import Finding, reason
from serbench.verifying.grounds import Grounds
from serbench.verifying.trials import Sound

CLOSE = 1e-5  # of a probability: what the order of a sum may move
ALLOWED = 0.05  # share of decisions that another kind of machine may turn


@dataclass(frozen=True)
class Again:
    """How trainings are to be done again.

    Parameters
    ----------
    count
        How many of each row.
    cache
        Of features.
    device
        As ``--device``.
    models
        ``path.py:Class`` of models that are not installed, by the name of the class.
    salt
        What the draw hangs on beside the submission's id and the row.
    allowed
        Share of decisions that another kind of machine may turn.
    """

    count: int
    cache: Path
    device: str = "auto"
    models: Mapping[str, str] = field(default_factory=dict)
    salt: str = ""
    allowed: float = ALLOWED


@dataclass
class Rerun:
    """What came of it: what agreed, what did not, and what could not be done."""

    agreed: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)


def drawn(names: Sequence[str], count: int, submission: str, row: str, salt: str) -> list[str]:
    """Some of these trials, drawn by what they are submitted under; the same each time."""
    seed = hashlib.sha256(f"{submission}\0{row}\0{salt}".encode()).digest()
    return random.Random(seed).sample(sorted(names), min(count, len(names)))  # noqa: S311


def rerun(
    again: Again,
    submission: str,
    plan: Plan,
    trials: Mapping[str, Sound],
    grounds: Grounds,
    listen: Listener,
) -> Rerun:
    """Train some of a row's trials again, where their corpora are."""
    found = Rerun()
    spec = _spec(again, plan.row["model"])
    if spec is None:
        name = str(plan.row["model"]["name"])
        found.unchecked.append(f"not re-run: the model {name!r} is not installed here")
        return found
    places = {(one.found.trial.seed, one.found.trial.fold): name for name, one in trials.items()}
    ordered = [places[place] for place in sorted(places)]
    for name in drawn(ordered, again.count, submission, plan.row_digest, again.salt):
        one = trials[name]
        words = _unlike(spec, plan, one)
        if words:
            found.unchecked.append(f"not re-run: {words}")
            return found
        where = f"trials/{name[:2]}/{name}"
        try:
            other, provenance = _trained(again, spec, plan, one.found.trial, grounds, listen,
                                         one.found.provenance)  # fmt: skip
        except SerbenchError as error:
            found.unchecked.append(f"{one.found.trial.title} could not be re-run: {reason(error)}")
            continue
        alike, said = _held(one, other, _differences(one.found.provenance, provenance), again)
        if alike:
            found.agreed.append(f"{one.found.trial.title}: {said}")
        else:
            found.findings.append(Finding("rerun", f"{one.found.trial.title}: {said}", where))
    return found


def _spec(again: Again, model: Mapping[str, Any]) -> str | None:
    """How the model is called here; None: it is not here."""
    name = str(model["name"])
    if name in again.models:
        return again.models[name]
    return name if name in registered("models") else None


def _choice(spec: str, model: Mapping[str, Any]) -> ModelChoice:
    """The model as its trial has it; a digest gives way to what lies here under that digest."""
    from serbench.reproducing.again import stored_settings

    return ModelChoice(spec, stored_settings(spec, model["settings"], ()))


def _unlike(spec: str, plan: Plan, one: Sound) -> str:
    """What keeps a model from being the one that the trial was trained with; "": nothing."""
    model = plan.row["model"]
    try:
        factory = load("models", spec)
        recorded = str(one.found.provenance.get("code"))
        here = file_digest(spec) if ".py:" in spec else code_digest(factory)
        if recorded != here:
            return (
                f"the code of {model['name']} here is not the one that the trial recorded "
                f"({here[:12]}, recorded {recorded[:12]})"
            )
        choice = _choice(spec, model)
        if canonical(choice.identity()) != canonical(model):
            return f"{model['name']} here has another version or other settings than the trial"
        built: Any = build(factory, choice.settings)
        recipes = [recipe_record(recipe) for recipe in declared_recipes(built)]
        if canonical(recipes) != canonical(plan.row["recipes"]):
            return f"{model['name']} here reads other features than the trial recorded"
        variant = choice.variant(*plan.row["protocol"]["corpora"])
        return _noted_otherwise(built, variant, plan.notes)
    except SerbenchError as error:
        return reason(error)


def _noted_otherwise(built: Any, variant: Mapping[str, Any], notes: Mapping[str, Any]) -> str:
    """What is noted of a model otherwise than it says itself."""
    own: dict[str, Any] = {"deterministic": is_deterministic(built), "variant": variant}
    if hasattr(built, "pretraining"):
        own["pretraining"] = built.pretraining
    for name in ("deterministic", "pretraining", "variant"):
        if (name in notes or name in own) and _plain(notes, name) != _plain(own, name):
            return f"{name} is {_plain(own, name)} here, and noted as {_plain(notes, name)}"
    return ""


def _plain(values: Mapping[str, Any], name: str) -> str:
    return canonical(values[name]) if name in values else "nothing"


def _trained(
    again: Again,
    spec: str,
    plan: Plan,
    trial: Trial,
    grounds: Grounds,
    listen: Listener,
    recorded: Mapping[str, Any],
) -> tuple[Mapping[str, Answers], Mapping[str, Any]]:
    """What the trial says when it is trained here, and the provenance of that.

    Raises
    ------
    SerbenchError
        With the reason why it came to nothing.
    """
    from serbench.work import attempt

    precision = recorded.get("precision")
    with TemporaryDirectory(prefix="serbench-rerun-") as name:
        job = Job(
            trial=trial,
            choice=_choice(spec, plan.row["model"]),
            roots={corpus: grounds.root(corpus) for corpus in plan.row["protocol"]["corpora"]},
            results=Path(name),
            cache=again.cache,
            allow_partial=True,
            device=again.device,
            precision=precision if precision in {"float32", "bfloat16", "float64"} else "auto",
            keep="last",
            notes=plan.notes,
        )
        attempt((job,), listen)
        store = Store(Path(name))
        if not store.has(trial.id):
            failure = store.failure(trial.id)
            raise SerbenchError("no reason is known" if failure is None else failure.reason)
        found = examine(store, trial.id)
        return found.answers, found.provenance


def _differences(recorded: Mapping[str, Any], here: Mapping[str, Any]) -> str:
    """In what the two machines differ that may move a number; "": they are of one kind."""
    found = [
        f"{name} {recorded.get(name)}, here {here.get(name)}"
        for name in ("machine", "device", "precision", "python")
        if recorded.get(name) != here.get(name)
    ]
    theirs, ours = (one.get("versions") or {} for one in (recorded, here))
    found += [
        f"{name} {theirs[name]}, here {ours[name]}"
        for name in LIBRARIES
        if name != "serbench" and name in theirs and theirs[name] != ours.get(name, theirs[name])
    ]
    return "; ".join(found)


def _held(one: Sound, other: Mapping[str, Answers], differ: str, again: Again) -> tuple[bool, str]:
    """Whether two trainings agree, and what of them does."""
    task = task_of(one.found.trial.task)
    most, decisions, turned, equal = 0.0, 0, 0, True
    for test, answers in one.found.answers.items():
        said = other[test].said
        equal = equal and answers.equal(other[test])
        most = max(most, float(np.abs(answers.said - said).max(initial=0.0)))
        decisions += len(said)
        if isinstance(task, Classes):
            turned += int((metrics.decide(answers.said) != metrics.decide(said)).sum())
        else:  # a whole number of a scale is what is decided
            turned += int((np.rint(answers.said) != np.rint(said)).sum())
    if equal:
        return True, f"{decisions} answers agree bit for bit"
    apart = f"answers differ by up to {most:.2g}, {turned} of {decisions} decisions are turned"
    if most <= CLOSE and turned == 0:
        return True, f"{decisions} decisions agree, {apart}"
    if not differ:
        return False, f"{apart}, on the same kind of machine"
    held = turned <= again.allowed * decisions
    return held, f"{apart} ({again.allowed:.0%} allowed on another kind of machine: {differ})"
