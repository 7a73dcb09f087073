"""What a check found: a state for each file, and a verdict on the folder."""

from __future__ import annotations

import dataclasses
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal

from serbench.corpus import Finding

State = Literal[
    "intact",  # the bytes of the file are the release's
    "lossless-copy",  # its decoded samples are: another container, header or chunks
    "same-sound",  # its decoded samples are, and its bytes were not compared
    "readable",  # it can be decoded, and no checksum of it is known
    "altered",  # under a name of the release, other samples
    "damaged",  # it cannot be decoded to its end
    "missing",  # the release or the annotations name it, and it is not there
    "surplus",  # named as the corpus names its files, and not of the release
    "repeated",  # a second file of one name
    "unclaimed",  # a sound file that is none of the corpus's names
]
STATES: tuple[State, ...] = State.__args__  # type: ignore[attr-defined]
SOUND: frozenset[State] = frozenset({"intact", "lossless-copy", "same-sound", "readable"})
ABSENT: frozenset[State] = frozenset({"missing"})
# Findings that say no more than "missing" does.
INCOMPLETE = frozenset({"missing", "count"})

Verdict = Literal["whole", "altered", "not whole"]
Basis = Literal["checksums", "names and counts"]
Presence = Literal["verified", "stated", "absent", "unlooked", "unknown", "general"]


@dataclass(frozen=True, slots=True)
class FileState:
    """How one file stands."""

    file: str  # as the release names it; unclaimed ones by their path below the folder
    state: State
    detail: str = ""  # what differs, whose sound it is

    @property
    def worth_a_word(self) -> bool:
        """Not if it is as it should be, or nothing but that is known of it."""
        return self.state != "intact" and (self.state != "readable" or bool(self.detail))


@dataclass(frozen=True, slots=True)
class KnownDefect:
    """An oddity of the release, and whether this folder has it."""

    kind: str  # as serbench.corpus.Defect.kind
    note: str
    files: tuple[str, ...]
    # "verified": seen here. "stated": its files are intact, so it is here, though it was not looked
    # for. "absent": its files are here and do not have it. "unlooked": the sounds of its files are
    # here, and their bytes, in which it may be, were not compared. "unknown": not all of its files
    # are here, or not intact. "general": of the release as a whole, and not looked for.
    state: Presence


@dataclass(frozen=True)
class Report:
    """A folder held against a release of its corpus."""

    corpus: str
    folder: str
    release: str
    basis: Basis
    expected: int  # files of the release
    states: tuple[FileState, ...]
    # Ids of utterances that share their samples, those of a verified defect apart.
    duplicates: tuple[tuple[str, ...], ...]
    known_defects: tuple[KnownDefect, ...]
    findings: tuple[Finding, ...]  # of the scan: what no file's state tells
    fingerprint: str
    more: bool = False  # utterances of a label or a speaker than the release has
    notes: tuple[str, ...] = ()  # what was not compared, and why
    counts: dict[State, int] = field(init=False)

    def __post_init__(self) -> None:
        counted = Counter(file.state for file in self.states)
        object.__setattr__(self, "counts", {state: counted[state] for state in STATES})

    @property
    def verdict(self) -> Verdict:
        """A folder of lossless copies is whole, and so is one with the release's own defects."""
        if self.counts["altered"] or any(one.kind == "altered" for one in self._grave):
            return "altered"
        if any(file.state not in SOUND for file in self.states):
            return "not whole"
        return "not whole" if self._grave else "whole"

    @property
    def partial(self) -> bool:
        """Whether nothing is wrong but that files are missing."""
        if self.more or self.duplicates:
            return False
        if any(file.state not in SOUND | ABSENT for file in self.states):
            return False
        return all(finding.kind in INCOMPLETE for finding in self._grave)

    @property
    def reason(self) -> str:
        """The verdict's reason, in a line."""
        good = [(self.counts[state], state) for state in STATES if state in SOUND]
        bad = [(self.counts[state], state) for state in STATES if state not in SOUND]
        right = sum(number for number, _ in good)
        if self.counts["altered"] > 1 and not right:
            return self._forged()
        unit = "files" if self.basis == "checksums" else "utterances"
        parts = [f"{number} {state}" for number, state in good + bad if number]
        if self.duplicates:
            shared = sum(len(group) for group in self.duplicates)
            parts.append(f"{shared} of them share their sound with another")
        if self._grave:
            parts.append(f"{len(self._grave)} other finding{'s' if len(self._grave) > 1 else ''}")
        return f"of {self.expected} {unit}: " + ", ".join(parts)

    @property
    def _grave(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.grave]

    def _forged(self) -> str:
        """Where no file is as released: what all have in common."""
        altered = [set(one.detail.split(", ")) for one in self.states if one.state == "altered"]
        alike = ", ".join(sorted(set.intersection(*altered)))
        return (
            f"no sound here is the release's: all {len(altered)} of its names that are here are "
            "forged, resampled, cut, re-encoded or swapped" + (f" ({alike})" if alike else "")
        )

    def record(self) -> dict[str, Any]:
        """As JSON values; of the files, those that are not intact."""
        return {
            "corpus": self.corpus,
            "folder": self.folder,
            "release": self.release,
            "basis": self.basis,
            "verdict": self.verdict,
            "reason": self.reason,
            "counts": {"expected": self.expected, **self.counts},
            "files": [dataclasses.asdict(one) for one in self.states if one.worth_a_word],
            "duplicates": [list(group) for group in self.duplicates],
            "known_defects": [
                {**dataclasses.asdict(defect), "files": list(defect.files)}
                for defect in self.known_defects
            ],
            "findings": [dataclasses.asdict(finding) for finding in self.findings],
            "notes": list(self.notes),
            "fingerprint": self.fingerprint,
        }
