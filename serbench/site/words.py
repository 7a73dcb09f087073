"""What the pages say of boards and protocols beside their numbers, handed over by who asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Said:
    """Of one board: its heading, and notes below its table."""

    heading: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Words:
    """The words of a site.

    Parameters
    ----------
    boards
        In the order of the boards.
    flags
        What a row's flags mean, and what a broken rule is.
    selections
        What a rule that chooses the epoch does.
    protocols
        Of each registered protocol its title, and its card: what is told, under which heading.
    """

    boards: tuple[Said, ...]
    flags: Mapping[str, str]
    selections: Mapping[str, str]
    protocols: Mapping[str, tuple[str, Mapping[str, str]]]
