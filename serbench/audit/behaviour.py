"""L09, L10, L20, L21, L22: what only a model at work shows (:mod:`serbench.behaviour`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from serbench.audit.case import Case
from serbench.audit.finding import Finding, Severity
from serbench.audit.rule import MODEL, Check, Need, Rule
from serbench.behaviour.problem import Behaviour, Problem

# Which rules each check of a model can find broken (serbench.behaviour).
FOUND_BY: Mapping[str, tuple[str, ...]] = {
    "invariance": ("L09", "L10", "L20"),
    "state": ("L09",),
    "names": ("L18",),
    "folds": ("L20",),
    "features": ("L21",),
    "drawn_labels": ("L18", "L20"),
    "watch": ("L22",),
}
ADAPTS = "it adapts to the target, whose sounds are its to open"  # why L22 is not checked
AT_WORK = "a model at work"
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
SEVERITY: Mapping[str, Severity] = {"L10": "warning"}  # of the others: an error


def watched(behaviours: Iterable[tuple[str, Behaviour]]) -> dict[str, tuple[Finding, ...]]:
    """What was seen of the trainings of a model, as a case takes it.

    Parameters
    ----------
    behaviours
        Fold and what was seen of its training. Findings of one rule whose messages differ in
        numbers alone are one.
    """
    every = list(behaviours)
    checked: dict[str, None] = {}
    seen: dict[tuple[str, str], list[tuple[str, Problem]]] = {}
    for fold, behaviour in every:
        for check in behaviour.checked:
            checked.update(dict.fromkeys(FOUND_BY.get(check, ())))
        for one in behaviour.problems:
            checked[one.rule] = None
            seen.setdefault((one.rule, _NUMBER.sub("#", one.message)), []).append((fold, one))
    found: dict[str, list[Finding]] = {rule: [] for rule in checked}
    for (rule, _), places in seen.items():
        often = f", in {len(places)} of {len(every)} trainings" if len(every) > 1 else ""
        found[rule].append(
            Finding(
                rule,
                SEVERITY.get(rule, "error"),
                sum(one.count for _, one in places),
                _together([one.message for _, one in places]) + often,
                places[0][1].examples,
                tuple(fold for fold, _ in places),
                tuple(one.count for _, one in places),
            )
        )
    return {rule: tuple(findings) for rule, findings in found.items()}


def _together(messages: Sequence[str]) -> str:
    """One message of several that differ in numbers alone: "48 to 60 files were opened"."""
    numbers = list(zip(*(_NUMBER.findall(one) for one in messages), strict=True))
    ranges = []
    for every in numbers:
        least, most = min(every, key=float), max(every, key=float)
        ranges.append(least if float(least) == float(most) else f"{least} to {most}")
    told = iter(ranges)
    return _NUMBER.sub(lambda _: next(told), messages[0])


def _seen(rule: str) -> Check:
    def met(case: Case) -> bool:
        return case.behaviour is not None and rule in case.behaviour

    def find(case: Case) -> Iterator[Finding]:
        yield from (case.behaviour or {}).get(rule, ())

    return Check(find, Need(rule, AT_WORK, met, MODEL), of_folds=False)


def _watched(rule: str, title: str, *others: Check) -> Rule:
    return Rule(rule, title, (_seen(rule), *others))


def _in_part(case: Case) -> Iterator[Finding]:
    """Nothing by itself: says that only some files could be watched, and why."""
    return iter(())


def _all_watched(case: Case) -> bool:
    return "L22" in (case.behaviour or {}) and "L22" not in case.reasons


L09 = _watched("L09", "answers do not depend on which test utterances are asked together")
L10 = _watched("L10", "answers do not depend on the test speaker's other utterances")
L20 = _watched("L20", "answers do not depend on the order of questions or of folds")
L21 = _watched("L21", "a feature depends on its own utterance alone")
L22 = _watched(
    "L22",
    "the model opens no test audio that the protocol does not hand over",
    Check(_in_part, Need("L22", AT_WORK, _all_watched, MODEL), of_folds=False),
)
NAMES_AT_WORK = _seen("L18")
