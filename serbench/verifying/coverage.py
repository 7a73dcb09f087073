"""That trials make up their row: every fold in each seed, every utterance where it belongs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from serbench.errors import few
from serbench.planned import Plan
from serbench.predictions import VALIDATION
from serbench.verifying.finding import Finding
from serbench.verifying.trials import Sound


def check_coverage(
    plan: Plan, trials: Mapping[str, Sound], planned: int, *, partial: bool = False
) -> Iterator[Finding]:
    """What is missing, doubled, or not alike between the seeds of a row.

    Parameters
    ----------
    trials
        Those that hold.
    planned
        How many there are to be.
    partial
        That some are missing is stated: then it is no error.
    """
    mild = "warning" if partial else "error"
    folds = plan.row["folds"]
    if len(trials) < planned:
        words = f"{len(trials)} of {planned} trials are finished and whole"
        yield Finding("partial", words, severity=mild)  # type: ignore[arg-type]
    places: dict[int, list[str]] = defaultdict(list)
    for one in trials.values():
        places[one.found.trial.seed].append(one.found.trial.fold)
    for seed, names in sorted(places.items()):
        twice = [name for name, count in Counter(names).items() if count > 1]
        if twice:
            yield Finding("coverage", f"seed {seed}: the folds {few(twice)} stand there twice")
        if len(set(names)) > folds:
            yield Finding("coverage", f"seed {seed}: {len(set(names))} folds of {folds}")
        if len(set(names)) < folds:
            words = f"seed {seed}: {len(set(names))} of {folds} folds"
            yield Finding("coverage", words, severity=mild)  # type: ignore[arg-type]
    if sorted(places) != list(range(len(places))):
        words = f"the seeds are {', '.join(map(str, sorted(places)))}"
        yield Finding("seeds", f"{words}; serbench trains 0, 1, ... and leaves none out")
    if len(places) > 1 and plan.notes.get("deterministic"):
        words = f"{len(places)} seeds of a model that gives one answer whatever the seed"
        yield Finding("seeds", words)
    yield from _alike(plan, trials)
    yield from _once(plan, trials)


def judged_by(trials: Mapping[str, Sound]) -> dict[tuple[str, str], str]:
    """(fold, test set) to a digest of who was judged; of several seeds the first one's."""
    found: dict[tuple[str, str], str] = {}
    for one in sorted(trials.values(), key=_place):
        for test in one.found.trial.tests:
            found.setdefault((one.found.trial.fold, test), one.judged(test))
    return found


def _alike(plan: Plan, trials: Mapping[str, Sound]) -> Iterator[Finding]:
    """Seeds of a fold differ in what they answered, and in nothing else."""
    by_fold: dict[str, list[Sound]] = defaultdict(list)
    for one in sorted(trials.values(), key=_place):
        by_fold[one.found.trial.fold].append(one)
    for fold, seeds in by_fold.items():
        first = seeds[0]
        for other in seeds[1:]:
            ours, theirs = first.found.trial, other.found.trial
            for what in ("train", "tests", "validation", "target"):
                if getattr(ours, what) != getattr(theirs, what):
                    words = f"fold {fold}: the seeds {ours.seed} and {theirs.seed} have another "
                    yield Finding("coverage", words + what)
                    break
            else:
                if any(first.judged(test) != other.judged(test) for test in ours.tests):
                    words = f"fold {fold}: the seeds {ours.seed} and {theirs.seed} judge others"
                    yield Finding("coverage", words)
        if not plan.notes.get("deterministic"):
            yield from _repeated(fold, seeds)


def _repeated(fold: str, seeds: Sequence[Sound]) -> Iterator[Finding]:
    """Two trainings of a model with any chance in it never give the same to the last bit."""
    for at, one in enumerate(seeds):
        for other in seeds[at + 1 :]:
            answers, others = one.found.answers, other.found.answers
            shared = [test for test in one.found.trial.tests if test in others]
            if shared and all(
                np.array_equal(answers[test].said, others[test].said) for test in shared
            ):
                ours, theirs = one.found.trial.seed, other.found.trial.seed
                words = f"fold {fold}: the seeds {ours} and {theirs} give the same to the last bit"
                yield Finding("seeds", words, severity="warning")


def _once(plan: Plan, trials: Mapping[str, Sound]) -> Iterator[Finding]:
    """No utterance is tested twice in a seed, but by several sources; each has one speaker."""
    across = len(plan.row["protocol"]["corpora"]) > 1
    speaker: dict[str, str] = {}
    seen: dict[int, Counter[str]] = defaultdict(Counter)
    whole: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for one in sorted(trials.values(), key=_place):
        for test, answers in one.found.answers.items():
            for name, who in zip(answers.ids, one.speakers[test], strict=True):
                if speaker.setdefault(name, who) != who:
                    words = f"{name} is spoken by {speaker[name]} in one trial, by {who} in another"
                    yield Finding("coverage", words)
                    return
            if test != VALIDATION:
                seen[one.found.trial.seed].update(answers.ids)
                whole[test].add(answers.ids)
    for test, sets in whole.items():
        if across and len(sets) > 1:
            yield Finding("coverage", f"{test} is tested as a whole, and not the same in all folds")
    for seed, counts in sorted(seen.items()):
        twice = [name for name, count in counts.items() if count > 1]
        if twice and not across:
            yield Finding("coverage", f"seed {seed}: tested twice: {few(sorted(twice))}")


def _place(one: Sound) -> tuple[int, str]:
    return one.found.trial.seed, one.found.trial.fold
