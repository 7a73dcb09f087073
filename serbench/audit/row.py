"""What a row of a results folder is called, so that no two rows are called alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from serbench.canonical import digest
from serbench.protocols import Selection

SHORT = 8  # hexadecimal digits of a row's key that people are shown


@dataclass(frozen=True)
class RowName:
    """A row of a board by all that rows differ in.

    Parameters
    ----------
    key
        SHA-256 of what the row's trials have in common, as ``leaderboard --folds --json`` has it.
    settings
        Those that differ from the model's defaults: "epochs=15 hidden=64".
    selection
        The rule by which the epoch is chosen that is looked at.
    """

    key: str
    model: str
    settings: str
    labels: str
    access: str
    selection: str
    protocol: str
    corpora: tuple[str, ...]

    @classmethod
    def of(cls, row: Mapping[str, Any], settings: str, selection: Selection) -> RowName:
        """The name of a row as trials record it."""
        protocol = row["protocol"]
        return cls(
            key=digest(row),
            model=row["model"]["name"],
            settings=settings,
            labels=row["labels"]["name"],
            access=protocol.get("target_access", "none"),
            selection=selection,
            protocol=protocol["name"],
            corpora=tuple(protocol["corpora"]),
        )

    @property
    def short(self) -> str:
        """The first digits of the key, by which ``serbench audit`` finds the row."""
        return self.key[:SHORT]

    @property
    def title(self) -> str:
        """For people."""
        model = f"{self.model} {self.settings}".strip()
        return (
            f"{model}, {self.protocol} on {'+'.join(self.corpora)}, labels {self.labels}, "
            f"access {self.access}, {self.selection} epoch (row {self.short})"
        )

    @property
    def place(self) -> tuple[Any, ...]:
        """What rows are sorted by: boards first, then models."""
        board = (self.corpora, self.protocol, self.labels, self.access)
        return (*board, self.model, self.settings, self.selection, self.key)
