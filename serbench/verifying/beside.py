"""What a board shows beside its models, the audit of its folds and the canaries, made once more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from serbench.background import Background, background, ensure
from serbench.canonical import canonical
from serbench.ground import Ground
from serbench.labels import Classes, task_of
from serbench.planned import Plan
from serbench.question import question_digest
from serbench.store import Store
from serbench.verifying.finding import Finding
from serbench.verifying.trials import Sound


def check_beside(
    store: Store, plan: Plan, ground: Ground | None, trials: Mapping[str, Sound]
) -> Iterator[Finding]:
    """What is kept beside a row's board, held against what its corpus and folds give.

    Parameters
    ----------
    ground
        What is to be made of it; None: what is kept is held against the trials alone. Sounds are
        not needed.
    """
    where = f"boards/{question_digest(plan.row)}"
    if not (store.root / where).is_dir():
        return
    kept = background(store, plan.row)
    if kept is None:
        yield Finding("beside", "the verdict or the canaries are not what was written", where)
        return
    for words in _others(kept, trials):
        yield Finding("beside", words, f"{where}/canaries.parquet")
        return
    if ground is None:
        return
    with TemporaryDirectory(prefix="serbench-beside-") as name:
        again = Store(Path(name))
        ensure(again, plan.row, ground.pool, ground.protocol, ground.splits)
        made = background(again, plan.row)
    assert made is not None
    if canonical(made.verdict.record()) != canonical(kept.verdict.record()):
        ours, theirs = (", ".join(one.verdict.badges) or "none" for one in (made, kept))
        words = f"the audit finds something else: badges {ours}, kept are {theirs}"
        yield Finding("beside", words, f"{where}/verdict.json")
    if not _same(made, kept):
        words = "the canaries say something else when they are asked again"
        yield Finding("beside", words, f"{where}/canaries.parquet")


def _others(kept: Background, trials: Mapping[str, Sound]) -> Iterator[str]:
    """Where the canaries were asked about others than the models."""
    told = kept.flock.decisions
    for one in trials.values():
        trial = one.found.trial
        task = task_of(trial.task)
        if isinstance(task, Classes) and tuple(kept.flock.classes) != task.names:
            yield "the canaries tell other classes apart"
            return
        for test in trial.tests:
            asked, canaries = one.found.answers[test], told.get((trial.fold, test))
            if canaries is None:
                yield f"the canaries were not asked in fold {trial.fold}"
                return
            ours = dict(
                zip(asked.ids, zip(one.speakers[test], asked.truth, strict=True), strict=True)
            )
            whose = zip(canaries.speakers, canaries.truth.tolist(), strict=True)
            if ours != dict(zip(canaries.ids, whose, strict=True)):
                yield f"the canaries were asked about others in fold {trial.fold} than the model"
                return


def _same(made: Background, kept: Background) -> bool:
    ours, theirs = made.flock, kept.flock
    if (ours.classes, ours.names) != (theirs.classes, theirs.names):
        return False
    if ours.decisions.keys() != theirs.decisions.keys():
        return False
    for place, one in ours.decisions.items():
        other = theirs.decisions[place]
        if (one.ids, one.speakers) != (other.ids, other.speakers):
            return False
        pairs = [(one.truth, other.truth), *((one.by[name], other.by[name]) for name in ours.names)]
        if not all(np.array_equal(np.asarray(a), np.asarray(b)) for a, b in pairs):
            return False
    return True
