"""From a question to trials: every fold and seed of one model under one protocol on one corpus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from serbench.canonical import digest
from serbench.choice import ModelChoice
from serbench.cohort import Cohort
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
from serbench.protocols import Protocol, Split, split_digest
from serbench.sentiment import SCALE
from serbench.trial import Trial

INPUTS = ("audio", "text")  # all that an utterance can be to a model
TARGETS = ("gender",)  # what can be learnt from beside the label


def plan(
    cohort: Cohort,
    protocol: Protocol,
    splits: Sequence[Split],
    choice: ModelChoice,
    seeds: int | None = None,
) -> tuple[Trial, ...]:
    """All trials of one row of a board, fold by fold, seed by seed.

    Parameters
    ----------
    splits
        The protocol's folds of the cohort.
    seeds
        Trainings of each fold, with seeds 0, 1, ...; None: as the protocol says. A model that
        declares itself deterministic is trained once.

    Raises
    ------
    SerbenchError
        If the protocol does not fit the corpus, or the model refuses its settings.
    """
    if seeds is not None and seeds < 1:
        raise UsageError(f"--seeds {seeds}", expected="1 or more")
    model = build(choice.factory(), choice.settings)
    check_fit(cohort, model)
    count = 1 if is_deterministic(model) else (protocol.seeds if seeds is None else seeds)
    common: dict[str, Any] = {
        "protocol": protocol.record([cohort.corpus]),
        "labels": cohort.labels.record(),
        "task": cohort.task.record(),
        "corpora": {cohort.corpus: cohort.scan.fingerprint},
        "split": split_digest(splits),
        "folds": len(splits),
        "validation": None,
        "target": None,
        "model": choice.identity(),
        "recipes": tuple(recipe_record(recipe) for recipe in declared_recipes(model)),
    }
    trials = []
    for split in splits:
        tests = {name: judged(cohort, ids) for name, ids in split.tests.items()}
        own: dict[str, Any] = {
            "fold": split.fold,
            "train": judged(cohort, split.train),
            "tests": tests,
        }
        trials += [Trial(**common, **own, seed=seed) for seed in range(count)]
    return tuple(trials)


def check_fit(cohort: Cohort, model: Model) -> None:
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
    _check_scored(cohort)
    check_tells(model, cohort.task)
    lacking = {
        "text": [u for u in cohort.utterances if u.text is None],
        "gender": [u for u in cohort.utterances if u.gender not in GENDERS],
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
                f"{len(cohort.utterances)} in {cohort.corpus} have none "
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


def _check_scored(cohort: Cohort) -> None:
    """Refuse to train for what no board could show."""
    task = cohort.task
    if isinstance(task, Classes) or task == SCALE:
        return
    asked = (
        "any number of tags at once"
        if isinstance(task, Tags)
        else f"a scale from {task.low:g} to {task.high:g}"
    )
    raise ProtocolError(
        f"the label space {cohort.labels.name!r} asks for {asked}, which has no scores yet",
        expected=f"a label space of classes, or of a scale from {SCALE.low:g} to {SCALE.high:g}",
        advice="serbench labels list",
    )


def judged(cohort: Cohort, ids: Sequence[str]) -> dict[str, Any]:
    """Digest and number of utterances with their classes: a corrected label is another trial."""
    rows = cohort.positions(ids)
    pairs = [[name, cohort.answers[int(row)]] for name, row in zip(ids, rows, strict=True)]
    return {"digest": digest(pairs), "size": len(pairs)}
