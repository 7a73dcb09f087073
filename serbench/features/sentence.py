"""A sentence: what is said in one utterance, where features are made of the words."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentence:
    """The words of one utterance."""

    text: str

    def __str__(self) -> str:
        shown = self.text if len(self.text) <= 60 else self.text[:57] + "..."
        return f"the text {shown!r}"

    @property
    def digest(self) -> str:
        """SHA-256 of the text in UTF-8."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def duration(self) -> float:
        """Seconds that it takes to say, roughly: the longest are worked on first."""
        return len(self.text) / 15.0
