"""What a check found, in a file of its own: every check has a code that scripts may rely on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from serbench.printable import one_line

Severity = Literal["error", "warning"]

CODES: Mapping[str, str] = {
    "archive": "the file is a tar as `serbench submit` writes it, to the byte",
    "digest": "every file has its SHA-256, none is missing and none is added",
    "statement": "submission.json can be read, and holds together",
    "plan": "the plans are of their SHA-256, and name the trials that are there",
    "trial": "a trial is of its id, its files of their SHA-256, its answers of its utterances",
    "row": "every trial is of the row that it stands in",
    "notes": "what plans say beside the row is what the trials recorded, and what is so here",
    "card": "the model card says what the trials recorded",
    "environment": "the environment is what the trials recorded",
    "probabilities": "probabilities lie between 0 and 1 and sum to one",
    "ties": "hardly a decision is left to the order of the classes",
    "stages": "what was said after the last epoch is what was said",
    "coverage": "every fold stands once in each seed, and every utterance is tested once",
    "seeds": "seeds are 0, 1, ... without a gap, and none repeats another's answers",
    "partial": "all trials of the row are there",
    "board": "all rows of a board judge the same utterances of the same speakers and classes",
    "protocol": "the protocol and the label space are those that are installed under their names",
    "release": "the corpus is the release that is here, or that its manifest knows",
    "split": "the folds are those that the protocol draws, and each trial's are of their digests",
    "utterances": "ids, speakers and classes are the corpus's",
    "beside": "what a board shows beside its models is what the corpus and the folds give",
    "scores": "every score computed again is the one that is claimed",
    "rerun": "a training that is done again gives the answers that are stored",
}


@dataclass(frozen=True)
class Finding:
    """Something that does not hold.

    Parameters
    ----------
    code
        One of :data:`CODES`.
    message
        In words, on one line.
    file
        Where, below the submission or the results folder; "": in no single file.
    severity
        An error keeps a row from being more than claimed.
    """

    code: str
    message: str
    file: str = ""
    severity: Severity = "error"

    def __post_init__(self) -> None:
        assert self.code in CODES, self.code
        # Names and texts in what is read were chosen by a stranger.
        object.__setattr__(self, "message", one_line(self.message, 600))
        object.__setattr__(self, "file", one_line(self.file))

    def record(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """Those that keep a row from being believed."""
    return [one for one in findings if one.severity == "error"]


def reason(error: BaseException) -> str:
    """Why something could not be read, for a finding: found, and what was expected."""
    found = getattr(error, "found", None)
    if found is None:
        return f"{type(error).__name__}: {error}"
    expected = getattr(error, "expected", "")
    return f"{found}; expected: {expected}" if expected else str(found)
