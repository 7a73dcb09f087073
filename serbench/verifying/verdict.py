"""What a verification says: of each row, and of what was brought as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from serbench.verifying.finding import Finding, errors
from serbench.verifying.rung import Rung


@dataclass
class RowVerdict:
    """How far one row was followed.

    Attributes
    ----------
    title
        For people.
    row, question
        The SHA-256 of the row, and of the question of its board.
    trials
        How many of its trials are there.
    findings
        What does not hold, of the row and of its trials.
    unchecked
        What could not be looked at here, and why, in words.
    against
        What its folds were held against: "corpus" (on this machine), "release" (a manifest),
        "predictions" (folds that follow from these), "" (nothing).
    judged
        (fold, test set) to a digest of the utterances, speakers and classes.
    scores
        As computed again; None where there are none.
    again
        Of each training that was done again, what agreed.
    """

    title: str
    row: str
    question: str
    trials: int = 0
    findings: list[Finding] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)
    against: str = ""
    judged: Mapping[tuple[str, str], str] = field(default_factory=dict)
    scores: Mapping[str, Any] | None = None
    again: list[str] = field(default_factory=list)

    @property
    def rung(self) -> Rung:
        """The highest that it reached, whatever came along with it."""
        if errors(self.findings) or self.scores is None:
            return Rung.CLAIMED
        return Rung.RERUN if self.again else Rung.RECOMPUTED


@dataclass
class Verdict:
    """How far a submission, or a results folder, was followed.

    Attributes
    ----------
    path
        What was brought.
    id
        A submission's id; of a results folder the digest of its trials' ids.
    kind
        "submission" or "results".
    rows
        By title.
    findings
        Of the whole. An error among these is one of every row.
    """

    path: str
    id: str
    kind: str
    rows: list[RowVerdict] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def rung(self, row: RowVerdict) -> Rung:
        """The rung of a row: no row of a submission that does not hold together is believed."""
        return Rung.CLAIMED if errors(self.findings) else row.rung

    @property
    def holds(self) -> bool:
        """Whether every row reached "recomputed", and there is one."""
        return bool(self.rows) and all(self.rung(row) is not Rung.CLAIMED for row in self.rows)

    def record(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "path": self.path,
            "kind": self.kind,
            "id": self.id,
            "findings": [one.record() for one in self.findings],
            "rows": [
                {
                    "title": row.title,
                    "row": row.row,
                    "question": row.question,
                    "rung": str(self.rung(row)),
                    "trials": row.trials,
                    "against": row.against,
                    "scores": row.scores,
                    "again": list(row.again),
                    "findings": [one.record() for one in row.findings],
                    "unchecked": list(row.unchecked),
                }
                for row in self.rows
            ],
        }
