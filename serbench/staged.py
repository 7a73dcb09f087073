"""What a row's trainings said at the epoch that a rule chooses, read from their stored stages."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from serbench import predictions, ratings
from serbench.cells import CellScores
from serbench.labels import Classes, Scale
from serbench.predictions import VALIDATION, Predictions, stages_from_parquet
from serbench.protocols import Selection
from serbench.ratings import Ratings
from serbench.scores import ClassScores, ScaleScores
from serbench.selection import Curve, NoStages, choose, curve
from serbench.session import Stage
from serbench.store import Store

Said = Mapping[tuple[int, str, str], Predictions | Ratings]  # by seed, fold and test set
Scores = ClassScores | ScaleScores | CellScores


def select(
    store: Store,
    trials: Mapping[tuple[int, str], str],
    said: Said,
    task: Classes | Scale,
    rule: Selection,
) -> dict[str, Said]:
    """What was said at the chosen epochs, by the metric that it is to be scored for.

    Metrics whose epochs cannot differ share one answer, under "".

    Parameters
    ----------
    trials
        The trials' ids, by seed and fold.
    said
        Their predictions after the last epoch.

    Raises
    ------
    NoStages
        If a training kept no stages for the rule to choose from.
    StoreError
        If a file is damaged.
    """
    if rule == "last":
        return {"": said}
    found: dict[str, dict[tuple[int, str, str], Any]] = defaultdict(dict)
    held_out: dict[str, Curve] = {}
    for (seed, fold, test), one in said.items():
        trial_id = trials[seed, fold]
        if rule == "val" and trial_id not in held_out:
            held_out[trial_id] = validation_curve(store, trial_id, task)
        picked: Any = choose(
            rule, stages(store, trial_id, test, task), test, one, held_out.get(trial_id)
        )
        for metric, then in picked.said.items():
            apart = metric if rule == "best-on-test-per-metric" else ""
            found[apart][seed, fold, test] = then
    return dict(found)


def stages(store: Store, trial_id: str, test: str, task: Classes | Scale) -> list[Stage]:
    """The stages of a trial's test set.

    Raises
    ------
    NoStages
        If none were kept.
    """
    name = f"stages-{test}.parquet"
    if name not in store.record(trial_id)["files"]:
        raise NoStages(
            f"the trial {trial_id[:12]} kept nothing of its epochs on {test}",
            expected="a net that serbench trains, run with --stages all",
        )
    columns = len(task.names) if isinstance(task, Classes) else 1
    return stages_from_parquet(store.read(trial_id, name), test, columns, name)


def validation_curve(store: Store, trial_id: str, task: Classes | Scale) -> Curve:
    """How the speakers who were held out of a training judge its epochs.

    Raises
    ------
    NoStages
        If no stages were kept.
    StoreError
        If nobody was held out, or a file is damaged.
    """
    name = f"predictions-{VALIDATION}.parquet"
    read = predictions.from_parquet if isinstance(task, Classes) else ratings.from_parquet
    said = read(store.read(trial_id, name), name)
    return curve(stages(store, trial_id, VALIDATION, task), VALIDATION, said)


def combined(scores: Mapping[str, Scores]) -> Scores:
    """Scores of several selections as one, each metric from its own; what has none from WA's."""
    if len(scores) == 1:
        return next(iter(scores.values()))
    first = next(iter(scores.values()))
    if isinstance(first, ScaleScores):
        own: Any = {name: one.intervals[name] for name, one in scores.items()}  # type: ignore[union-attr]
        return dataclasses.replace(first, intervals=own, evidence=scores["acc7"].evidence)  # type: ignore[union-attr]
    by_ua, by_wa = scores["ua"], scores["wa"]
    if isinstance(by_ua, ClassScores) and isinstance(by_wa, ClassScores):
        return _with_ua(by_wa, by_ua)
    assert isinstance(by_ua, CellScores)
    assert isinstance(by_wa, CellScores)
    cells = tuple(
        dataclasses.replace(one, scores=_with_ua(one.scores, other.scores), ua_sd=other.ua_sd)
        for one, other in zip(by_wa.cells, by_ua.cells, strict=True)
    )
    return dataclasses.replace(by_wa, cells=cells, ua=by_ua.ua, ua_sd=by_ua.ua_sd)


def _with_ua(scores: ClassScores, other: ClassScores) -> ClassScores:
    """UA, by all folds and as their mean, from another selection."""
    return dataclasses.replace(
        scores,
        ua=other.ua,
        ua_fold=other.ua_fold,
        missing=other.missing,
        evidence=other.evidence,
    )
