"""L04: what a text gives away when training and test speak the same."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from serbench.audit.case import Case
from serbench.audit.finding import Finding, Severity
from serbench.audit.rule import CORPUS, Check, Need, Rule, by_fold
from serbench.audit.shortcuts import NOTABLE, told
from serbench.audit.sides import Groups
from serbench.canaries import keys

SCRIPTS = {  # what is shared, and the look-ups that tell what it is worth
    "texts": ("text",),
    "scenarios": ("scenario", "dialogue"),
}

TEXTS = Need("texts", "the texts or their numbers", lambda case: spoken(case).known, CORPUS)
SCENARIOS = Need("scenarios", "the scenarios", lambda case: played(case).known)
LOOKED_UP = Need(
    "canaries",
    "a look-up of labels by text or scenario",
    lambda case: case.canary("text", "scenario") is not None,
)


def spoken(case: Case) -> Groups:
    """The items by what is said (:func:`serbench.canaries.keys.text`)."""
    return case.sides.by("spoken", keys.text)


def played(case: Case) -> Groups:
    """The items by scenario, its parts together."""
    return case.sides.by("scenario", keys.scenario)


def shared_texts(case: Case) -> dict[str, list[str]]:
    """Fold to the texts that are heard in training and tested."""
    groups = spoken(case)
    return {fold.name: groups.both(fold.train, fold.test) for fold in case.sides.folds}


def _texts(case: Case) -> Iterator[Finding]:
    yield from _same(case, spoken(case), "texts")


def _scenarios(case: Case) -> Iterator[Finding]:
    yield from _same(case, played(case), "scenarios")


def _same(case: Case, groups: Groups, what: str) -> Iterator[Finding]:
    """Shared texts are a fact of scripted corpora; what a look-up makes of them is the fault."""
    folds = case.sides.folds
    heard = 0
    for fold in folds:
        codes = groups.codes[fold.test]
        heard += int(np.count_nonzero(groups.among(fold.train)[codes[codes >= 0]]))
    share = f"{100 * heard / max(1, _tested(case)):.0f}% of the tested utterances speak one"
    canary = case.canary(*SCRIPTS[what])
    severity: Severity = "info" if canary is None or abs(canary.z) <= NOTABLE else "warning"
    worth = "" if canary is None else f"; {told(canary)}"
    if canary is not None and canary.z < -NOTABLE:
        worth += ", for it tells what the label is not"
    yield from by_fold(
        "L04",
        severity,
        {fold.name: groups.both(fold.train, fold.test) for fold in folds},
        f"{{count:{what[:-1]} is|{what} are}} heard in training and tested, {{folds}}: "
        f"{share}{worth}",
    )


def _unspoken(case: Case) -> Iterator[Finding]:
    """A look-up that tells where no text is literally shared, by a prefix or a number."""
    groups = (spoken(case), played(case))
    shares = any(each.both(fold.train, fold.test) for each in groups for fold in case.sides.folds)
    canary = case.canary("text", "scenario")
    if canary is not None and abs(canary.z) > NOTABLE and not shares:
        yield Finding("L04", "warning", _tested(case), told(canary))


def _who_says_what(case: Case) -> Iterator[Finding]:
    """A pair that is recorded once in each class tells what the label is not."""
    canary = case.canary("speaker-text")
    if canary is not None and abs(canary.z) > NOTABLE:
        below = canary.z < 0
        why = ", for each says it once in each class" if below else ""
        severity: Severity = "info" if below else "warning"
        yield Finding("L04", severity, _tested(case), told(canary) + why)


def _tested(case: Case) -> int:
    return sum(len(fold.test) for fold in case.sides.folds)


L04 = Rule(
    "L04",
    "no text on both sides gives labels away",
    (
        Check(_texts, TEXTS),
        Check(_scenarios, SCENARIOS),
        Check(_unspoken, LOOKED_UP),
        Check(_who_says_what, LOOKED_UP),
    ),
)
