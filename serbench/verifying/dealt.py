"""Every trial of a row held against what it should have been dealt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from serbench.audit.proved import predicted_items, proved_splits
from serbench.errors import SerbenchError, few
from serbench.ground import Ground
from serbench.labels import Classes, task_of
from serbench.planned import Plan
from serbench.predictions import from_parquet
from serbench.protocols import split_digest
from serbench.rebuilding import split_of
from serbench.verifying.finding import Finding, reason
from serbench.verifying.trials import Sound


def check_dealt(ground: Ground, trials: Mapping[str, Sound]) -> Iterator[Finding]:
    """What of these trials is not as the corpus and the folds have it."""
    pool = ground.pool
    speakers = {utterance.id: utterance.speaker for utterance in pool.utterances}
    right = dict(zip((u.id for u in pool.utterances), pool.answers, strict=True))
    for trial_id, one in trials.items():
        trial, where = one.found.trial, f"trials/{trial_id[:2]}/{trial_id}"
        try:
            split_of(trial, ground)
        except SerbenchError as error:
            yield Finding("split", f"{trial.title}: {reason(error)}"[:400], where)
            continue
        task = task_of(trial.task)
        for test, answers in one.found.answers.items():
            strange = [name for name in answers.ids if name not in speakers]
            if strange:
                words = f"{trial.title}, {test}: no utterances of the corpus: {few(strange)}"
                yield Finding("utterances", words, where)
                continue
            wrong = [
                name for name, label in answers.asked(task) if _text(right[name]) != _text(label)
            ]
            if wrong:
                words = f"{trial.title}, {test}: another class is right for {few(wrong)}"
                yield Finding("utterances", words, where)
            who = zip(answers.ids, one.speakers[test], strict=True)
            if others := [name for name, speaker in who if speakers[name] != speaker]:
                words = f"{trial.title}, {test}: another speaker says {few(others)}"
                yield Finding("utterances", words, where)


def proved(plan: Plan, trials: Mapping[str, Sound]) -> bool:
    """Whether the folds follow from what was tested: each training set by its digest.

    So it is where each fold trains on all that it does not test, or on one corpus.
    """
    task = task_of(plan.row["task"])
    if not isinstance(task, Classes):
        return False
    said = {}
    for one in trials.values():
        trial = one.found.trial
        for test in trial.tests:
            name = f"predictions-{test}.parquet"
            said[trial.seed, trial.fold, test] = from_parquet(one.found.files[name], name)
    first = min((seed for seed, _, _ in said), default=0)
    own = {key: value for key, value in said.items() if key[0] == first}
    examined = [one.found.trial for one in trials.values() if one.found.trial.seed == first]
    try:
        splits = proved_splits(own, predicted_items(own), examined)
    except KeyError:
        return False
    return bool(splits) and split_digest(splits) == plan.row["split"]


def _text(value: object) -> str:
    return str(float(value)) if isinstance(value, int | float) else str(value)
