"""From a question to trials: every fold and seed of one model under one protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from serbench import ownloop
from serbench.access import needed_access
from serbench.canonical import digest
from serbench.choice import ModelChoice
from serbench.corpus import GENDERS
from serbench.errors import ModelError, ProtocolError, UsageError, few
from serbench.features.recipe import record as recipe_record
from serbench.labels import Classes, Tags
from serbench.model import (
    Model,
    build,
    check_tells,
    declared_inputs,
    declared_recipes,
    declared_targets,
    is_deterministic,
)
from serbench.pool import Pool
from serbench.predictions import VALIDATION
from serbench.protocols import Protocol, Selection, Split, split_digest
from serbench.sentiment import SCALE
from serbench.trial import Trial
from serbench.validation import HeldOut, held_out

INPUTS = ("audio", "text")  # all that an utterance can be to a model
TARGETS = ("gender",)  # what can be learnt from beside the label


def plan(
    pool: Pool,
    protocol: Protocol,
    splits: Sequence[Split],
    choice: ModelChoice,
    seeds: int | None = None,
    selection: Selection = "last",
) -> tuple[Trial, ...]:
    """All trials of one row of a board, fold by fold, seed by seed.

    Parameters
    ----------
    splits
        The protocol's folds of the pool.
    seeds
        Trainings of each fold, with seeds 0, 1, ...; None: as the protocol says. A model that
        declares itself deterministic is trained once.
    selection
        "val" holds whole speakers out of each training set. The other rules read the stages of one
        and the same trainings on all of it.

    Raises
    ------
    SerbenchError
        If the protocol does not fit the corpus, or the model refuses its settings.
    """
    model = check_asked(choice, protocol, selection)
    check_fit(pool, model)
    count = 1 if is_deterministic(model) else (protocol.seeds if seeds is None else seeds)
    common: dict[str, Any] = {
        "protocol": protocol.record(pool.names),
        "labels": pool.labels(),
        "task": pool.task.record(),
        "corpora": pool.fingerprints,
        "split": split_digest(splits),
        "folds": len(splits),
        "model": choice.identity(),
        "recipes": tuple(recipe_record(recipe) for recipe in declared_recipes(model)),
    }
    trials = []
    for split in splits:
        own = dealt(pool, protocol, split, held_out_of(pool, protocol, split, selection))
        trials += [Trial(**common, **own, fold=split.fold, seed=seed) for seed in range(count)]
    return tuple(trials)


def dealt(pool: Pool, protocol: Protocol, split: Split, held: HeldOut) -> dict[str, Any]:
    """What a trial's record says of its fold: the digests of all that is handed out in it."""
    validation = None
    if held.validation:
        asked = judged(pool, sorted(held.validation))
        validation = {**asked, "speakers": list(held.speakers)}
    return {
        "train": judged(pool, held.train),
        # In the order of their ids, as answers are kept: whom a protocol names first moves nothing.
        "tests": {name: judged(pool, sorted(ids)) for name, ids in split.tests.items()},
        "validation": validation,
        "target": heard(pool, split) if protocol.target_access == "unlabelled" else None,
    }


def held_out_of(pool: Pool, protocol: Protocol, split: Split, selection: Selection) -> HeldOut:
    """Who is trained on in this fold, and under "val" the whole speakers that choose the epoch.

    Raises
    ------
    ProtocolError
        If nobody can be held out, or a test set has the name that these speakers are stored under.
    """
    if selection != "val":
        return HeldOut(split.train, (), ())
    if VALIDATION in split.tests:
        raise ProtocolError(
            f"a corpus is called {VALIDATION!r}",
            expected="another name: what is said of held-out speakers is stored under this one",
        )
    names = pool.task.names if isinstance(pool.task, Classes) else ()
    return held_out(split, pool.rows, names, protocol.seed_for(pool.names))


def heard(pool: Pool, split: Split) -> dict[str, Any]:
    """Digest and number of the sounds of the test side, which have neither label nor id.

    Each once: of copies that a label space makes, the number would tell the class.
    """
    asked = pool.positions([name for ids in split.tests.values() for name in ids])
    once = np.unique(pool.originals(asked))
    sounds = sorted(pool.utterances[int(row)].samples for row in once)
    return {"digest": digest(sounds), "size": len(sounds)}


def check_asked(choice: ModelChoice, protocol: Protocol, selection: Selection) -> Model:
    """Refuse a model that the protocol or the rule does not suit, before a corpus is read.

    Returns
    -------
    The model, untrained.

    Raises
    ------
    SerbenchError
        If it refuses its settings, or as :func:`check_access` and :func:`check_epochs`.
    """
    model = build(choice.factory(), choice.settings)
    check_access(choice.spec, model, protocol)
    if selection != "last":
        check_epochs(choice.spec, model, selection)
    return model


def check_epochs(spec: str, model: Model, selection: Selection) -> None:
    """Refuse a rule that chooses among epochs for a model that has none to show.

    Raises
    ------
    UsageError
        If serbench does not train the model itself.
    """
    if not ownloop.is_ours(model, adapted=needed_access(model) == "unlabelled"):
        raise UsageError(
            f"the model {spec!r} has no epochs that --selection {selection} could choose from",
            expected="--selection last, or a net that serbench trains",
        )


def check_access(spec: str, model: Model, protocol: Protocol) -> None:
    """Refuse a model that wants to hear more of the test side than the protocol hands over.

    One that wants less is refused as well: it would repeat its number of another board.

    Raises
    ------
    UsageError
        With the option that brings the two together.
    """
    wanted, given = needed_access(model), protocol.target_access
    if wanted != given:
        what = {
            "none": "makes no use of the test side",
            "unlabelled": "adapts to the test side's sounds",
            "speaker-norm": "wants to know which test utterances have one speaker",
        }
        instead: Mapping[str, str] = getattr(model, "instead", {})
        raise UsageError(
            f"the model {spec!r} {what[wanted]}, and the target access is {given!r}",
            expected=f"--target-access {wanted}",
            advice=instead.get(given, "each access has boards of its own"),
        )


def check_fit(pool: Pool, model: Model) -> None:
    """Refuse a corpus that lacks what a model reads or learns from, before anything is computed.

    Raises
    ------
    UsageError
        With how many utterances lack it, and the option that does without.
    ModelError
        If the model has no answer of the kind that the label space asks for, or reads or learns
        from what is not handed over at all.
    ProtocolError
        If the label space asks for what has no scores.
    """
    _check_scored(pool)
    check_tells(model, pool.task)
    lacking = {
        "text": [u for u in pool.utterances if u.text is None],
        "gender": [u for u in pool.utterances if u.gender not in GENDERS],
    }
    _check_known("read", declared_inputs(model), INPUTS)
    _check_known("learn from", declared_targets(model), TARGETS)
    instead: Mapping[str, str] = getattr(model, "instead", {})
    for need in sorted(declared_inputs(model) | declared_targets(model)):
        missing = lacking.get(need, [])
        if missing:
            what = {"text": "a transcript", "gender": "the speaker's gender"}[need]
            raise UsageError(
                f"the model needs {what} of each utterance, and {len(missing)} of "
                f"{len(pool.utterances)} in {pool.title} have none "
                f"({few(u.id for u in missing)})",
                expected=f"a corpus that gives the {need} of every utterance",
                advice=instead.get(need, ""),
            )


def _check_known(does: str, declared: frozenset[str], known: tuple[str, ...]) -> None:
    """Refuse a model that asks for what no corpus is asked for."""
    if unknown := sorted(declared - set(known)):
        raise ModelError(
            f"the model wants to {does} {', '.join(map(repr, unknown))}",
            expected="nothing but " + ", ".join(known),
        )


def _check_scored(pool: Pool) -> None:
    """Refuse to train for what no board could show."""
    task = pool.task
    if isinstance(task, Classes) or (task == SCALE and len(pool.names) == 1):
        return
    asked = (
        "any number of tags at once"
        if isinstance(task, Tags)
        else f"a scale from {task.low:g} to {task.high:g}"
    )
    several = f" of {pool.title} at once" if task == SCALE else ""
    raise ProtocolError(
        f"the label space {pool.labels()['name']!r} asks for {asked}{several}, which has no scores "
        "yet",
        expected="a label space of classes, or within one corpus of a scale from "
        f"{SCALE.low:g} to {SCALE.high:g}",
        advice="serbench labels list",
    )


def judged(pool: Pool, ids: Sequence[str]) -> dict[str, Any]:
    """Digest and number of utterances with their classes: a corrected label is another trial."""
    pairs = list(zip(ids, pool.answers_of(ids), strict=True))
    return {"digest": digest(pairs), "size": len(pairs)}
