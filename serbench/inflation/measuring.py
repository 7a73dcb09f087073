"""Scores a ladder from what a results folder holds, and from nothing but stored predictions.

Seeds are paired by their numbers: every step is scored over the seeds that all of them have, so
that the differences between steps add up to the difference between the top and the bottom.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from serbench.boards import board_of
from serbench.canonical import canonical
from serbench.errors import StoreError, UsageError
from serbench.gathered import Held, hold
from serbench.inflation.answers import Answers, NoAnswers, answers
from serbench.inflation.ladder import Counts, Ladder, Rung, difference, mean_ua, mean_wa
from serbench.inflation.steps import STEPS, Step
from serbench.intervals import Interval, jackknife_over_seeds
from serbench.labels import Classes
from serbench.store import Plan, Store

Found = Mapping[str, Sequence[Plan] | str]  # by protocol: the plans of its row, or why none


def measure(store: Store, corpus: str, sources: Sequence[str], found: Found) -> Ladder:
    """Score a ladder from what a results folder holds.

    Parameters
    ----------
    corpus
        What every step tests on.
    sources
        What the last step was trained on; none: the ladder has no such step.
    found
        For each protocol the plans of the model's row, or in words why there is none.

    Raises
    ------
    UsageError
        If the rows are of several releases, models or label spaces, or of a scale.
    StoreError
        If no step has a score, or the steps judge different utterances.
    """
    plans = {protocol: one for protocol, one in found.items() if not isinstance(one, str)}
    rows = {protocol: hold(store, one) for protocol, one in plans.items()}
    _check_alike(list(rows.values()), corpus)
    steps = [step for step in STEPS if sources or not step.across]
    said: dict[Step, Answers] = {}
    missing: dict[Step, str] = {}
    for step in steps:
        reason = found[step.protocol]
        try:
            if isinstance(reason, str):
                raise NoAnswers(reason)
            said[step] = answers(store, rows[step.protocol], step, corpus, sources)
        except NoAnswers as none:
            missing[step] = str(none)
    if not said:
        raise StoreError(
            f"no step of the ladder has a score on {corpus}",
            expected="; ".join(dict.fromkeys(f"{s.protocol}: {why}" for s, why in missing.items())),
        )
    seeds = _paired(said, missing)
    every = {seed for one in said.values() for seed in one.seeds}
    (top, first), *_ = said.items()
    for one in said.values():
        one.check_same(first, corpus)
    counts = {step: one.counts(seeds) for step, one in said.items()}
    boards = {protocol: board_of(held) for protocol, held in rows.items()}
    held = rows[top.protocol]
    model = held.row["model"]
    return Ladder(
        model=model["name"],
        version=model["version"],
        variant=held.variant,
        corpus=corpus,
        sources=tuple(sources),
        labels=held.row["labels"]["name"],
        classes=first.classes,
        target_access=held.row["protocol"].get("target_access", "none"),
        partial=_any({board.partial for board in boards.values()}),
        altered=_any({board.altered for board in boards.values()}),
        utterances=len(first.ids),
        speakers=len(first.speakers),
        seeds=seeds,
        unpaired=tuple(sorted(every - set(seeds))),
        rungs=_rungs(
            steps,
            said,
            counts,
            missing,
            {protocol: board.speaker_independent for protocol, board in boards.items()},
            {protocol: held.broken for protocol, held in rows.items()},
        ),
        total=_total(list(counts.values())),
    )


def _rungs(
    steps: Sequence[Step],
    said: Mapping[Step, Answers],
    counts: Mapping[Step, Counts],
    missing: Mapping[Step, str],
    independent: Mapping[str, bool | None],
    broken: Mapping[str, Mapping[str, int] | None],
) -> tuple[Rung, ...]:
    rungs: list[Rung] = []
    above: Step | None = None
    for step in steps:
        if step in missing:
            rungs.append(Rung(step, missing=missing[step], broken=broken.get(step.protocol)))
            continue
        here = counts[step]
        rungs.append(
            Rung(
                step,
                ua=jackknife_over_seeds(here, mean_ua),
                wa=jackknife_over_seeds(here, mean_wa),
                inflation=None if above is None else difference(counts[above], here),
                speaker_independent=independent[step.protocol],
                same_folds_as=above.key if above and _alike(above, step, said) else "",
                broken=broken[step.protocol],
                counts=here,
            )
        )
        above = step
    return tuple(rungs)


def _alike(above: Step, here: Step, said: Mapping[Step, Answers]) -> bool:
    """Whether two protocols cut the corpus into the same test folds.

    As folds of whole speakers do, and one speaker out, where there are as many speakers as folds.
    Within a corpus all that is not tested is trained on: the training sets are then equal too.
    """
    if here.across or above.selection != here.selection:
        return False
    one, other = said[above].folds, said[here].folds
    return all(one[seed] == other[seed] for seed in set(one) & set(other))


def _total(counts: Sequence[Counts]) -> Interval | None:
    return difference(counts[0], counts[-1]) if len(counts) > 1 else None


def _paired(said: dict[Step, Answers], missing: dict[Step, str]) -> tuple[int, ...]:
    """The seeds that all steps have; a step that shares none with those above it is missing."""
    shared: set[int] = set()
    for step, one in list(said.items()):
        common = shared & set(one.seeds) if shared else set(one.seeds)
        if common:
            shared = common
        else:
            missing[step] = "finished with other seeds than the steps above"
            del said[step]
    return tuple(sorted(shared))


def _check_alike(rows: Sequence[Held], corpus: str) -> None:
    """Refuse rows whose numbers are no steps of one ladder."""
    spaces = [[held.row["labels"]["name"], held.row["task"]] for held in rows]
    told: dict[str, set[str]] = {
        "releases": {str(held.row["corpora"].get(corpus)) for held in rows},
        "label spaces": {canonical(space) for space in spaces},
        "models": {f"{held.row['model']['name']} {held.row['model']['version']}" for held in rows},
    }
    for what, values in told.items():
        if len(values) > 1:
            raise UsageError(
                f"the steps of {corpus} are of several {what}: {', '.join(sorted(values))}",
                expected="one of them",
                advice="a results folder of their own for each, by --results",
            )
    for held in rows:
        if not isinstance(held.task, Classes):
            raise UsageError(
                f"the label space {held.row['labels']['name']!r} rates on a scale",
                expected="one that tells classes apart: the ladder is of UA",
                advice="serbench labels list",
            )


def _any(known: set[bool | None]) -> bool | None:
    return True if True in known else None if None in known else False
