"""L11, L12, L13, L23: nothing was chosen by what the test set said.

Whether an epoch was chosen on the test set shows in the test curves: a rule that looks takes the
best epoch in fold after fold, one that does not takes it as often as chance has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from serbench.audit.case import Case
from serbench.audit.evidence import Training
from serbench.audit.finding import EXAMPLES, Finding
from serbench.audit.rule import Check, Need, Rule, by_fold, plural
from serbench.audit.sounds import one_sound
from serbench.protocols import RANKED

BEYOND_CHANCE = 1e-3  # how rarely chance takes the best epoch so often
ROUNDING = 5e-5  # of a reported share, printed with two decimals of a per cent

VALIDATION = Need(
    "validation",
    "validation sets",
    lambda case: any(split.validation for split in case.listing.splits),
)
DECLARED = Need("selection", "the selection rule", lambda c: c.declared.selection is not None)
CURVES = Need(
    "curves",
    "test curves with the epoch that was chosen in each training",
    lambda case: len(_chosen(case)) > 1,
)
REPORTED = Need(
    "reported",
    "test curves with the WA and UA that were reported of each fold",
    lambda case: bool(_reported(case)),
)
SEEDS = Need(
    "split-seeds", "the seeds that draw the folds", lambda c: c.declared.split_seeds is not None
)
ROWS = Need("run", "a finished run", lambda case: case.run is not None)


def _validation_is_tested(case: Case) -> Iterator[Finding]:
    items = case.sides.items
    seen = {
        fold.name: [
            items[i].id for i in sorted(set(fold.validation.tolist()) & set(fold.test.tolist()))
        ]
        for fold in case.sides.folds
    }
    yield from by_fold(
        "L11",
        "error",
        seen,
        "{count:tested utterance chooses|tested utterances choose} the epoch, {folds}",
    )


def _validation_sounds_like_test(case: Case) -> Iterator[Finding]:
    """The test set again, under other ids."""
    position = case.sides.position
    groups = [[position[name] for name in one.ids if name in position] for one in one_sound(case)]
    seen = {}
    for fold in case.sides.folds:
        chosen, tested = set(fold.validation.tolist()), set(fold.test.tolist())
        seen[fold.name] = [
            case.sides.items[i].id
            for members in groups
            for i in members
            if i in chosen - tested and tested & set(members)
        ]
    yield from by_fold(
        "L11",
        "error",
        seen,
        "{count:tested utterance chooses|tested utterances choose} the epoch under another id, "
        "{folds}",
    )


def _validation_speakers(case: Case) -> Iterator[Finding]:
    """Where nobody who is tested is trained on, nobody who is tested should choose the epoch."""
    speakers, folds = case.sides.speakers, case.sides.folds
    if any(speakers.both(fold.train, fold.test) for fold in folds):
        return
    # Utterances that are tested themselves are told of already.
    seen = {
        fold.name: speakers.both(np.setdiff1d(fold.validation, fold.test), fold.test)
        for fold in folds
    }
    yield from by_fold(
        "L11",
        "warning",
        seen,
        "{count:tested speaker chooses|tested speakers choose} the epoch, {folds}, though none is "
        "trained on",
    )


def _validation_is_trained_on(case: Case) -> Iterator[Finding]:
    items = case.sides.items
    seen = {
        fold.name: [
            items[i].id for i in sorted(set(fold.validation.tolist()) & set(fold.train.tolist()))
        ]
        for fold in case.sides.folds
    }
    yield from by_fold(
        "L11",
        "warning",
        seen,
        "{count:validation utterance is|validation utterances are} trained on, {folds}",
    )


def _declared(case: Case) -> Iterator[Finding]:
    rule = case.declared.selection
    if rule is not None and rule not in RANKED:
        yield Finding(
            "L11",
            "warning",
            len(case.listing.splits),
            f"the epoch is chosen on the test set, as the rule {rule!r} says: never ranked",
        )


def _chosen(case: Case) -> list[Training]:
    """Trainings of which the chosen epoch is known among two or more."""
    trainings = case.run.trainings if case.run else ()
    return [
        one for one in trainings if one.chosen in one.epochs and len(one.epochs) > 1 and one.curves
    ]


def _best_too_often(case: Case) -> Iterator[Finding]:
    """The chosen epoch is the best on the test set in more folds than chance would have it.

    An epoch that is the same in every fold, such as the last one, was not chosen by each fold's
    curve; a single training says nothing.
    """
    trainings = _chosen(case)
    if len({one.chosen for one in trainings}) == 1:
        return
    if (
        len({one.chosen == one.epochs[-1] for one in trainings}) == 1
        and trainings[0].chosen == (trainings[0].epochs[-1])
    ):
        return
    for metric in ("ua", "wa"):
        having = [one for one in trainings if metric in one.curves]
        hits = [one for one in having if _is_best(one, metric)]
        chance = at_least([_share_best(one, metric) for one in having], len(hits))
        if hits and chance < BEYOND_CHANCE:
            folds = tuple(dict.fromkeys(one.fold for one in hits))
            yield Finding(
                "L11",
                "error",
                len(hits),
                f"the chosen epoch has the best test {metric.upper()} in {len(hits)} of "
                f"{len(having)} trainings, which chance does with p = {chance:.1g}: it was chosen "
                "on the test set",
                tuple(f"{one.fold}: epoch {one.chosen}" for one in hits[:EXAMPLES]),
                folds,
            )
            return


def _is_best(one: Training, metric: str) -> bool:
    curve = one.curves[metric]
    return curve[one.epochs.index(one.chosen or 0)] == max(curve)


def _share_best(one: Training, metric: str) -> float:
    """How often an epoch drawn blindly is (one of) the best."""
    curve = one.curves[metric]
    return curve.count(max(curve)) / len(curve)


def at_least(chances: Sequence[float], hits: int) -> float:
    """The probability of so many successes or more, each trial with its own chance.

    >>> round(at_least([0.5, 0.5], 1), 3)
    0.75
    """
    exactly = [1.0]  # of 0, 1, ... successes so far
    for chance in chances:
        shifted = [0.0, *(chance * p for p in exactly)]
        exactly = [p + (1 - chance) * q for p, q in zip(shifted, [*exactly, 0.0], strict=True)]
    return sum(exactly[hits:])


def _reported(case: Case) -> list[Training]:
    trainings = case.run.trainings if case.run else ()
    both = {"ua", "wa"}
    return [one for one in trainings if both <= set(one.reported) and both <= set(one.curves)]


def _epoch_for_each_metric(case: Case) -> Iterator[Finding]:
    """WA of one epoch beside UA of another: no model that was ever trained has both."""
    torn = []
    for one in _reported(case):
        reach = {
            metric: {
                epoch
                for epoch, value in zip(one.epochs, one.curves[metric], strict=True)
                if abs(value - one.reported[metric]) <= ROUNDING
            }
            for metric in ("ua", "wa")
        }
        if reach["ua"] and reach["wa"] and not reach["ua"] & reach["wa"]:
            torn.append((one, reach))
    if torn:
        yield Finding(
            "L12",
            "warning",
            len(torn),
            f"WA and UA of {plural(len(torn), 'training')} are those of different epochs",
            tuple(
                f"{one.fold}: UA of epoch {min(reach['ua'])}, WA of epoch {min(reach['wa'])}"
                for one, reach in torn[:EXAMPLES]
            ),
            tuple(dict.fromkeys(one.fold for one, _ in torn)),
        )


def _rule_for_each_metric(case: Case) -> Iterator[Finding]:
    if case.declared.selection == "best-on-test-per-metric":
        yield Finding(
            "L12",
            "warning",
            len(case.listing.splits),
            "WA and UA are each of the epoch where they are best: no one model has both",
        )


def _seeds(case: Case) -> Iterator[Finding]:
    seeds = case.declared.split_seeds or {}
    if len(set(seeds.values())) > 1:
        named = tuple(f"{corpus} {seed}" for corpus, seed in sorted(seeds.items()))
        yield Finding(
            "L13",
            "warning",
            len(seeds),
            f"the folds of {len(seeds)} corpora are drawn by {len(set(seeds.values()))} seeds: "
            + ", ".join(named),
            named[:EXAMPLES],
        )


def _reuse(case: Case) -> Iterator[Finding]:
    run = case.run
    if run is not None and run.models > 1:
        yield Finding(
            "L23",
            "info",
            run.models,
            f"{run.models} models and settings were judged on these test sets: the best of them "
            "owes something to their number",
        )


L11 = Rule(
    "L11",
    "no epoch is chosen on the test set",
    (
        Check(_validation_is_tested, VALIDATION),
        Check(_validation_sounds_like_test, VALIDATION),
        Check(_validation_speakers, VALIDATION),
        Check(_validation_is_trained_on, VALIDATION),
        Check(_declared, DECLARED, of_folds=False),
        Check(_best_too_often, CURVES, of_folds=False),
    ),
)
L13 = Rule(
    "L13", "one seed draws the folds of every corpus", (Check(_seeds, SEEDS, of_folds=False),)
)
L23 = Rule("L23", "test sets are not tuned on", (Check(_reuse, ROWS, of_folds=False),))
PER_METRIC = (
    Check(_epoch_for_each_metric, REPORTED, of_folds=False),
    Check(_rule_for_each_metric, DECLARED, of_folds=False),
)
