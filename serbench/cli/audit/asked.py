"""What a command line asks to be audited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from serbench.errors import UsageError

if TYPE_CHECKING:
    from serbench.access import TargetAccess
    from serbench.protocols import Selection


@dataclass(frozen=True)
class Asked:
    """What is to be audited, and where things are.

    Parameters
    ----------
    model, settings
        What is watched at work; None: no model.
    results
        Where trials are looked for; ``elsewhere`` if an option names it.
    sounds
        Whether to search sounds for copies; None: where they are at hand.
    dependent
        Whether somebody's folds are said to share speakers.
    """

    target: str
    corpora: Sequence[str] = ()
    model: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    labels: str | None = None
    selection: Selection | None = None
    access: TargetAccess | None = None
    roots: dict[str, Path] = field(default_factory=dict)
    results: Path = Path("results-local")
    elsewhere: bool = False
    cache: Path = Path()
    allow_partial: bool = False
    sounds: bool | None = None
    workers: int | None = None
    dependent: bool = False

    def refuse(self, what: str, why: str, *options: str) -> None:
        """Refuse options that would do nothing for a target of this kind.

        Raises
        ------
        UsageError
            If one of them is given.
        """
        given = {
            "--labels": self.labels is not None,
            "--selection": self.selection is not None,
            "--target-access": self.access is not None,
            "--speaker-dependent": self.dependent,
            "--results": self.elsewhere,
        }
        for option in options:
            if given[option]:
                raise UsageError(
                    f"{option} changes nothing of {what}",
                    expected=f"the command without it: {why}",
                )
