"""L14: everything is tested, once, and nothing else is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from serbench.audit.case import Case
from serbench.audit.finding import EXAMPLES, Finding
from serbench.audit.released import LISTED_OF_RELEASE
from serbench.audit.rule import Check, Need, Rule, by_fold, plural

Tests = Mapping[str, tuple[str, ...]]  # test set to its ids

ANY_FOLD = Need("folds", "folds that train and test", lambda case: bool(case.listing.splits))
RUN = Need("run", "a finished run", lambda case: case.run is not None)


def _strangers(case: Case) -> Iterator[Finding]:
    seen = {fold.name: fold.strangers for fold in case.sides.folds}
    yield from by_fold(
        "L14", "error", seen, "{count:id is|ids are} of no utterance that is known, {folds}"
    )


def _one_side_empty(case: Case) -> Iterator[Finding]:
    """Folds in which nobody trains, or nobody is tested."""
    splits = case.listing.splits
    untrained = [split.fold for split in splits if not split.train]
    untested = [split.fold for split in splits if not any(split.tests.values())]
    for names, what in ((untrained, "nobody trains"), (untested, "nobody is tested")):
        if names:
            yield Finding(
                "L14",
                "error",
                len(names),
                f"{what} in {len(names)} of {plural(len(splits), 'fold')}",
                tuple(names[:EXAMPLES]),
                tuple(names),
            )


def _repeated_in_a_fold(case: Case) -> Iterator[Finding]:
    items = case.sides.items
    seen = {
        fold.name: [items[int(i)].id for i in np.flatnonzero(times > 1)]
        for fold, times in case.sides.tested()
    }
    yield from by_fold(
        "L14", "error", seen, "{count:utterance is|utterances are} tested several times, {folds}"
    )


def _manifest(case: Case) -> Iterator[Finding]:
    manifest = case.declared.manifest
    if manifest is None:
        return
    missing = sorted(manifest - case.sides.position.keys())
    if missing:
        yield Finding(
            "L14",
            "error",
            len(missing),
            f"{len(missing)} of {plural(len(manifest), 'utterance')} of the corpus are in no list",
            tuple(missing[:EXAMPLES]),
        )


def _coverage(case: Case) -> Iterator[Finding]:
    """Folds that hear the same corpora share out what they test; each utterance is in one of them.

    A single fold shares out nothing: there, whatever is on no side is told.
    """
    sides = case.sides
    if len(sides.folds) == 1:
        yield from _aside(case)
        return
    corpora = sides.by("corpus", lambda item: item.corpus)
    rounds: dict[bytes, NDArray[np.int64]] = {}
    for fold, times in sides.tested():
        # Where nobody trains, as another fold of the same corpora: that fault is told by itself.
        heard = corpora.among(fold.train if len(fold.train) else fold.test).tobytes()
        rounds[heard] = rounds.get(heard, 0) + (times > 0)
    untested = sum(rounds.values(), np.zeros(len(sides.items), dtype=np.int64)) == 0
    yield from _told(case, untested, "are tested in no fold")
    uneven = np.zeros(len(sides.items), dtype=np.bool_)
    most = 0
    for times in rounds.values():
        concerned = corpora.among(np.flatnonzero(times))[corpora.codes] & ~untested
        usual = int(np.bincount(times[concerned]).argmax()) if concerned.any() else 0
        uneven |= concerned & (times != usual)
        most = max(most, usual)
    yield from _told(case, uneven, "are tested more or less often than the others")
    if most > 1:
        yield Finding(
            "L14",
            "warning",
            most,
            f"every utterance is tested in {most} folds, whose scores are not independent",
        )


def _told(case: Case, which: NDArray[np.bool_], what: str) -> Iterator[Finding]:
    names = [case.sides.items[int(i)].id for i in np.flatnonzero(which)]
    if names:
        yield Finding(
            "L14",
            "error",
            len(names),
            f"{len(names)} of {plural(len(which), 'utterance')} {what}",
            tuple(names[:EXAMPLES]),
        )


def _aside(case: Case) -> Iterator[Finding]:
    (fold,) = case.sides.folds
    used = np.zeros(len(case.sides.items), dtype=np.bool_)
    for side in (fold.train, fold.test, fold.validation):
        used[side] = True
    names = [case.sides.items[int(i)].id for i in np.flatnonzero(~used)]
    if names:
        yield Finding(
            "L14",
            "info",
            len(names),
            f"{len(names)} of {plural(len(used), 'utterance')} are on no side of the one fold",
            tuple(names[:EXAMPLES]),
        )


def _damaged(case: Case) -> Iterator[Finding]:
    damaged = case.run.damaged if case.run else ()
    if damaged:
        yield Finding(
            "L14",
            "error",
            len(damaged),
            f"{plural(len(damaged), 'trial has', 'trials have')} files that cannot be read, or are "
            "not what was written",
            damaged[:EXAMPLES],
        )


def _unfinished(case: Case) -> Iterator[Finding]:
    run = case.run
    for seed, folds in sorted(run.tested.items()) if run else ():
        assert run is not None
        lacking = max(run.folds, len(run.planned)) - len(folds)
        if lacking > 0:
            named = tuple(name for name in run.planned if name not in folds)
            yield Finding(
                "L14",
                "error",
                lacking,
                f"{plural(lacking, 'fold')} of seed {seed} have no predictions",
                named[:EXAMPLES],
                named,
            )


def _predictions(case: Case) -> Iterator[Finding]:
    """What was judged is what was to be judged: every id of a fold, once."""
    if case.run is None:
        return
    planned = {split.fold: split.tests for split in case.listing.splits}
    for seed, folds in sorted(case.run.tested.items()):
        unequal = {
            fold: _differences(tests, planned.get(fold, {})) for fold, tests in folds.items()
        }
        for what in ("missing", "surplus", "repeated"):
            yield from by_fold(
                "L14",
                "error",
                {fold: found[what] for fold, found in unequal.items()},
                f"{_DIFFERENCES[what]} in the predictions of seed {seed}, {{folds}}",
            )


_DIFFERENCES = {
    "missing": "{count:tested utterance is|tested utterances are} missing",
    "surplus": "{count:utterance stands|utterances stand} that the fold does not test",
    "repeated": "{count:utterance stands|utterances stand} several times",
}


def _differences(judged: Tests, planned: Tests) -> dict[str, list[str]]:
    """Ids by what is wrong with them, over all test sets of a fold."""
    missing, surplus, repeated = [], [], []
    for test in {**planned, **judged}:
        wanted, found = set(planned.get(test, ())), Counter(judged.get(test, ()))
        missing += sorted(wanted - found.keys())
        surplus += sorted(found.keys() - wanted)
        repeated += [name for name, times in found.items() if times > 1]
    return {"missing": missing, "surplus": surplus, "repeated": repeated}


L14 = Rule(
    "L14",
    "every utterance is tested once",
    (
        Check(_one_side_empty, ANY_FOLD, of_folds=False),
        Check(_strangers),
        Check(_repeated_in_a_fold),
        Check(_manifest, of_folds=False),
        Check(_coverage),
        LISTED_OF_RELEASE,
        Check(_damaged, RUN, of_folds=False),
        Check(_unfinished, RUN, of_folds=False),
        Check(_predictions, RUN),
    ),
)
