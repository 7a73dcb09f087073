"""L09, L10, L20, L21, L22: what only a model at work shows (:mod:`serbench.behaviour`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from serbench.audit.case import Case
from serbench.audit.finding import Finding, Severity
from serbench.audit.rule import Check, Need, Rule
from serbench.behaviour.problem import Behaviour

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
SEVERITY: Mapping[str, Severity] = {"L10": "warning"}  # of the others: an error


def watched(behaviours: Iterable[tuple[str, Behaviour]]) -> dict[str, tuple[Finding, ...]]:
    """What was seen of the trainings of a model, as a case takes it.

    Parameters
    ----------
    behaviours
        Fold and what was seen of its training. The findings of one rule and one message are one.
    """
    checked: dict[str, None] = {}
    seen: dict[tuple[str, str], list[tuple[str, int, tuple[str, ...]]]] = {}
    for fold, behaviour in behaviours:
        for check in behaviour.checked:
            checked.update(dict.fromkeys(FOUND_BY.get(check, ())))
        for one in behaviour.problems:
            checked[one.rule] = None
            seen.setdefault((one.rule, one.message), []).append((fold, one.count, one.examples))
    found: dict[str, list[Finding]] = {rule: [] for rule in checked}
    for (rule, message), places in seen.items():
        found[rule].append(
            Finding(
                rule,
                SEVERITY.get(rule, "error"),
                sum(count for _, count, _ in places),
                message,
                places[0][2],
                tuple(fold for fold, _, _ in places),
                tuple(count for _, count, _ in places),
            )
        )
    return {rule: tuple(findings) for rule, findings in found.items()}


def _seen(rule: str) -> Check:
    def met(case: Case) -> bool:
        return case.behaviour is not None and rule in case.behaviour

    def find(case: Case) -> Iterator[Finding]:
        yield from (case.behaviour or {}).get(rule, ())

    return Check(find, Need("behaviour", "a model at work", met), of_folds=False)


def _watched(rule: str, title: str, *others: Callable[[], Check]) -> Rule:
    return Rule(rule, title, (_seen(rule), *(other() for other in others)))


L09 = _watched("L09", "answers do not depend on which test utterances are asked together")
L10 = _watched("L10", "answers do not depend on the test speaker's other utterances")
L20 = _watched("L20", "answers do not depend on the order of questions or of folds")
L21 = _watched("L21", "a feature depends on its own utterance alone")
L22 = _watched("L22", "the model opens no test audio that the protocol does not hand over")
NAMES_AT_WORK = _seen("L18")
