"""What a figure of a page is, and what the figures of a board are drawn from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from serbench.board import Board
from serbench.canonical import digest
from serbench.curves import Course
from serbench.plane import Plane
from serbench.scores import ClassScores

if TYPE_CHECKING:
    import altair as alt


@dataclass(frozen=True)
class Picture:
    """A figure and all that a page says of it.

    Parameters
    ----------
    name
        Of its files, without an ending; none other on the page is called so.
    title
        Its heading, a few words.
    description
        What it shows, in words, for who cannot see it.
    draw
        Makes the chart. It is not called where the same was drawn before.
    records
        The data behind it, flat.
    note
        How it is read, below it.
    beside
        A digest of what else it is drawn from.
    """

    name: str
    title: str
    description: str
    draw: Callable[[], alt.TopLevelMixin]
    records: Sequence[Mapping[str, Any]]
    note: str = ""
    beside: str = ""


@dataclass(frozen=True)
class Matter:
    """What the pictures of a board are drawn from: data, which may cross to another process."""

    board: Board
    courses: tuple[Course, ...]
    # Of each row of pairs of corpora, what its model scores within each of them.
    within: tuple[Mapping[str, ClassScores], ...] = ()
    planes: tuple[Plane, ...] = ()  # kept by `serbench plot tsne --keep`

    @cached_property
    def beside(self) -> str:
        """A digest of the board."""
        return digest(self.board.records())
