"""A figure as a file, with its numbers beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serbench.errors import UsageError

if TYPE_CHECKING:
    from serbench.figures.room import Fits, Room


@dataclass(frozen=True)
class Target:
    """Where a figure goes.

    Parameters
    ----------
    figure
        Its ending says the format.
    data
        A CSV file for its numbers; None: none.
    titled
        Whether the figure has a title.
    width
        Of the paper that it is to stand in, as :func:`serbench.figures.room.points` reads it; "":
        its own.
    """

    figure: Path
    data: Path | None = None
    titled: bool = True
    width: str = ""

    def check(self) -> None:
        """Refuse what cannot be written, before any work.

        Raises
        ------
        UsageError
            If an ending is none that is written.
        MissingExtra
            If the packages that draw are not installed.
        """
        from serbench.figures.saving import check

        check(self.figure)
        if self.width:
            from serbench.figures.room import points

            points(self.width)
            if self.figure.suffix.lower() == ".html":
                raise UsageError(
                    f"--width {self.width} of {self.figure}", expected="a .svg, .png or .pdf file"
                )
        if self.data is not None and self.data.suffix.lower() != ".csv":
            raise UsageError(f"--data {self.data}", expected="a file name that ends in .csv")

    def write(
        self,
        draw: Callable[[Room | None], Any],
        fits: Fits,
        description: str,
        records: Sequence[Mapping[str, Any]],
        *,
        title: str = "",
        below: Sequence[str] = (),
        caption: str = "",
    ) -> None:
        """Write the figure and its numbers.

        Parameters
        ----------
        draw
            The figure as it is laid out for some room; None: as it likes.
        fits
            How far it can be bent.
        description
            What it shows, in words, for who cannot see it.
        title, below
            Stand above it, unless it is to have no title; "": it has its own.
        caption
            How it is read, told on standard error.

        Raises
        ------
        UsageError
            If it cannot be as narrow as it is to be.
        """
        from serbench.cli.progress import Screen
        from serbench.cli.render import as_csv
        from serbench.figures.look import entitled
        from serbench.figures.room import fitted, points
        from serbench.figures.saving import save
        from serbench.writing import write_aside

        def whole(room: Room | None) -> Any:
            chart = draw(room)
            if not self.titled or not title:
                return chart
            heading, lines = ([title], list(below)) if room is None else room.titled(title, below)
            return entitled(chart, heading, lines)

        chart, scale = (
            fitted(whole, fits, points(self.width)) if self.width else (whole(None), None)
        )
        save(chart, self.figure, description, scale)
        screen = Screen()
        screen.note(f"drawn in {self.figure}")
        if self.data is not None:
            write_aside(self.data, as_csv(records).encode())
            screen.note(f"its numbers in {self.data}")
        if caption:
            screen.note(f"caption: {caption}")


def sentence(note: str) -> str:
    """A note of a board as a sentence of a caption."""
    stopped = note if note.endswith((".", "?", "!")) else f"{note}."
    return stopped[:1].upper() + stopped[1:]
