"""The page of an audit: one file with everything in it, for whoever has no terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from serbench.audit.finding import SEVERITIES
from serbench.audit.rules import RULES
from serbench.audit.verdict import Verdict
from serbench.errors import MissingExtra

TEMPLATE = Path(__file__).with_name("page.html")


def page(verdicts: Sequence[Verdict]) -> str:
    """A page of HTML that loads nothing: a table a rule, with counts by fold.

    Raises
    ------
    MissingExtra
        If jinja2 is not installed.
    """
    try:
        import jinja2
    except ImportError as error:
        raise MissingExtra("jinja2", "report", "a page") from error
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(audits=[_audit(one) for one in verdicts], severities=SEVERITIES)


def _audit(verdict: Verdict) -> dict[str, Any]:
    """A verdict by rules, as the template walks it."""
    rules = []
    for rule in RULES:
        findings = [one for one in verdict.findings if one.rule == rule.id]
        needs = [one.needs for one in verdict.not_checked if one.rule == rule.id]
        rules.append(
            {
                "id": rule.id,
                "title": rule.title,
                "kept": rule.id in verdict.checked and not findings,
                "findings": [
                    {"of": one, "folds": list(zip(one.folds, one.counts, strict=False))}
                    for one in findings
                ],
                "needs": needs,
            }
        )
    return {
        "name": verdict.name,
        "badges": verdict.badges,
        "counts": {
            severity: sum(one.severity == severity for one in verdict.findings)
            for severity in SEVERITIES
        },
        "broken": [rule for rule in rules if rule["findings"]],
        "kept": [rule for rule in rules if rule["kept"]],
        "unchecked": [rule for rule in rules if rule["needs"]],
    }
