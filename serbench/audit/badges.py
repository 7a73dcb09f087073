"""What a reader of a number must know of it in a glance, as the folds have it.

Badges are read off the splits and what was watched, never off what a protocol declares of itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from serbench.audit.case import Case
from serbench.audit.finding import Finding
from serbench.audit.pretraining import heard_before
from serbench.audit.recordings import shared
from serbench.audit.rule import FOLDS, plural
from serbench.audit.sides import Groups
from serbench.audit.speakers import shared_speakers
from serbench.audit.texts import shared_texts, spoken
from serbench.protocols import RANKED


def badges(case: Case, findings: Sequence[Finding]) -> tuple[str, ...]:
    """The badges of a case, in the order in which a board shows them."""
    return (
        *_of_folds(case),
        *_of_access(case, findings),
        *_of_pretraining(case),
        *_of_selection(case, findings),
        *_of_counts(findings),
    )


def _of_folds(case: Case) -> Iterator[str]:
    sides = case.sides
    if not FOLDS.met(case):  # where nobody trains, everybody would be independent
        return
    speakers = _dependence("speaker", shared_speakers(case), sides.speakers)
    yield speakers or "speakers unknown"
    yield _dependence("text", shared_texts(case), spoken(case)) or "texts unknown"
    sessions = _dependence("session", shared(case, sides.sessions), sides.sessions)
    if sessions:
        yield sessions
    if any(shared(case, sides.dialogues).values()):
        yield "dialogue-shared"


def _dependence(what: str, both: Mapping[str, Sequence[str]], groups: Groups) -> str:
    """Nothing where nobody can say: of some items it is unknown, and the others are apart."""
    if any(both.values()):
        return f"{what}-dependent"
    return f"{what}-independent" if groups.complete else ""


def _of_access(case: Case, findings: Sequence[Finding]) -> Iterator[str]:
    access = case.declared.target_access
    if access == "unlabelled":
        yield "unlabelled target"
    if access == "speaker-norm" or _broken("L10", findings):
        yield "speaker-normalised"
    if access == "unlabelled" or _broken("L09", findings):
        yield "transductive"


def _of_pretraining(case: Case) -> Iterator[str]:
    declared = case.declared.pretraining
    if declared is None:
        yield "pre-training unknown"
    elif declared:
        tested = heard_before(case)
        yield f"pre-trained on {', '.join(tested)}" if tested else "pre-trained elsewhere"


def _of_selection(case: Case, findings: Sequence[Finding]) -> Iterator[str]:
    rule = case.declared.selection
    if rule is not None and rule not in RANKED:
        yield rule
    elif any(one.rule == "L11" and one.severity == "error" for one in findings):
        yield "best-on-test"


def _of_counts(findings: Sequence[Finding]) -> Iterator[str]:
    for severity, noun in (("error", "error"), ("warning", "warning")):
        count = sum(one.severity == severity for one in findings)
        if count:
            yield plural(count, noun)


def _broken(rule: str, findings: Sequence[Finding]) -> bool:
    return any(one.rule == rule for one in findings)
