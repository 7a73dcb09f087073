"""What an audit finds: a rule that is broken, how gravely, how often, and where to look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from serbench.errors import StoreError

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)  # the gravest first
EXAMPLES = 5  # that a finding carries


@dataclass(frozen=True)
class Finding:
    """A rule that is not kept.

    Parameters
    ----------
    rule
        "L01" to "L24" (:mod:`serbench.audit.rules`).
    severity
        "error": a number so obtained answers another question than it seems to. "warning": a reader
        has to know. "info": worth a word.
    count
        How many speakers, utterances, folds or numbers it is about; the message says which.
    message
        One sentence for people.
    examples
        A few of them by name.
    folds
        The folds it is seen in; empty where it is not about folds.
    counts
        How many in each of these folds, in their order; empty where that says nothing.
    """

    rule: str
    severity: Severity
    count: int
    message: str
    examples: tuple[str, ...] = ()
    folds: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.severity not in SEVERITIES:
            raise ValueError(f"severity {self.severity!r} is none of {', '.join(SEVERITIES)}")
        if self.counts and len(self.counts) != len(self.folds):
            raise ValueError(f"{len(self.counts)} counts of {len(self.folds)} folds")

    def at_least(self, severity: Severity) -> bool:
        """Whether this is as grave as that, or graver."""
        return SEVERITIES.index(self.severity) <= SEVERITIES.index(severity)

    def record(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "rule": self.rule,
            "severity": self.severity,
            "count": self.count,
            "message": self.message,
            "examples": list(self.examples),
            "folds": list(self.folds),
            "counts": list(self.counts),
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Finding:
        """Read a finding back.

        Raises
        ------
        StoreError
            If a field is missing, unknown, or of another kind.
        """
        kinds = {"rule": str, "severity": str, "count": int, "message": str}
        lists = {"examples": str, "folds": str, "counts": int}
        if not isinstance(record, Mapping) or set(record) != {*kinds, *lists}:
            raise StoreError(
                f"a finding {record!r}"[:200], expected="the fields " + ", ".join([*kinds, *lists])
            )
        wrong = [name for name, kind in kinds.items() if type(record[name]) is not kind]
        wrong += [name for name, kind in lists.items() if not _list_of(record[name], kind)]
        if wrong:
            raise StoreError(f"a finding whose {', '.join(wrong)} is of the wrong kind")
        try:
            values: dict[str, Any] = {**record, **{name: tuple(record[name]) for name in lists}}
            return cls(**values)
        except ValueError as error:
            raise StoreError(f"a finding that contradicts itself: {error}") from error


def _list_of(value: Any, kind: type) -> bool:
    return isinstance(value, list) and all(type(one) is kind for one in value)
