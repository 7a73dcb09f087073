"""The audit: every rule over one case."""

from __future__ import annotations

from serbench.audit.badges import badges
from serbench.audit.case import Case
from serbench.audit.finding import SEVERITIES, Finding
from serbench.audit.rules import RULES
from serbench.audit.verdict import NotChecked, Verdict


def audit(case: Case) -> Verdict:
    """Hold folds against every rule that what is known of them allows to check.

    Nothing is read from disk: sounds, look-ups and runs are part of the case, or their rules are
    not checked.
    """
    findings: list[Finding] = []
    checked: list[str] = []
    not_checked: list[NotChecked] = []
    for rule in RULES:
        own: list[Finding] = []
        unmet: dict[str, None] = {}
        looked = False
        for check in rule.checks:
            lacking = check.wants(case)
            if lacking is None:
                looked = True
                own += check.find(case)
            else:
                unmet[lacking.told(case)] = None
        findings += sorted(own, key=lambda one: SEVERITIES.index(one.severity))
        if looked:
            checked.append(rule.id)
        not_checked += [NotChecked(rule.id, rule.title, needs) for needs in unmet]
    return Verdict(
        case.listing.name,
        tuple(findings),
        tuple(checked),
        tuple(not_checked),
        badges(case, findings),
    )
