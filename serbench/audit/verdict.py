"""What an audit says: what was found, what could not be looked at, and the badges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from serbench.audit.finding import Finding, Severity
from serbench.errors import StoreError


@dataclass(frozen=True)
class NotChecked:
    """A rule, or a part of one, that could not be looked at."""

    rule: str
    title: str
    needs: str  # "needs the speakers", and why they are not there

    def record(self) -> dict[str, Any]:
        return {"rule": self.rule, "title": self.title, "needs": self.needs}


@dataclass(frozen=True)
class Verdict:
    """What travels with a result.

    Parameters
    ----------
    name
        What was audited: "loso on emodb", a folder, a row of a results folder.
    findings
        In the order of rules, the gravest of a rule first.
    checked
        Rules of which at least a part was looked at.
    not_checked
        The others, and the parts of those that could not be.
    badges
        What a board shows beside the number.
    """

    name: str
    findings: tuple[Finding, ...]
    checked: tuple[str, ...]
    not_checked: tuple[NotChecked, ...]
    badges: tuple[str, ...]

    def found(self, severity: Severity) -> tuple[Finding, ...]:
        """What is as grave as that, or graver."""
        return tuple(one for one in self.findings if one.at_least(severity))

    def record(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "name": self.name,
            "findings": [one.record() for one in self.findings],
            "checked": list(self.checked),
            "not_checked": [one.record() for one in self.not_checked],
            "badges": list(self.badges),
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Verdict:
        """Read a verdict back.

        Raises
        ------
        StoreError
            If a field is missing, unknown, or of another kind.
        """
        fields = ("name", "findings", "checked", "not_checked", "badges")
        if not isinstance(record, Mapping) or set(record) != set(fields):
            raise StoreError(
                f"a verdict {record!r}"[:200], expected="the fields " + ", ".join(fields)
            )
        if not isinstance(record["name"], str) or not all(
            isinstance(record[name], list) for name in fields[1:]
        ):
            raise StoreError("a verdict with a field of the wrong kind")
        return cls(
            name=record["name"],
            findings=tuple(Finding.from_record(one) for one in record["findings"]),
            checked=_texts(record["checked"]),
            not_checked=tuple(_not_checked(one) for one in record["not_checked"]),
            badges=_texts(record["badges"]),
        )


def _not_checked(record: Any) -> NotChecked:
    fields = {"rule", "title", "needs"}
    if not isinstance(record, Mapping) or set(record) != fields:
        raise StoreError(f"an unchecked rule {record!r}"[:200], expected="rule, title and needs")
    rule, title, needs = _texts([record["rule"], record["title"], record["needs"]])
    return NotChecked(rule, title, needs)


def _texts(values: list[Any]) -> tuple[str, ...]:
    if not all(isinstance(value, str) for value in values):
        raise StoreError(f"a verdict that lists {values!r}"[:200], expected="texts")
    return tuple(values)
