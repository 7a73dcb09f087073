"""A figure as a file, with its numbers beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serbench.errors import UsageError


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
    """

    figure: Path
    data: Path | None = None
    titled: bool = True

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
        if self.data is not None and self.data.suffix.lower() != ".csv":
            raise UsageError(f"--data {self.data}", expected="a file name that ends in .csv")

    def write(
        self,
        chart: Any,
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
        description
            What it shows, in words, for who cannot see it.
        title, below
            Stand above it, unless it is to have no title; "": it has its own.
        caption
            How it is read, told on standard error.
        """
        from serbench.cli.progress import Screen
        from serbench.cli.render import as_csv
        from serbench.figures.look import entitled
        from serbench.figures.saving import save
        from serbench.writing import write_aside

        shown = entitled(chart, title, below) if self.titled and title else chart
        save(shown, self.figure, description)
        screen = Screen()
        screen.note(f"drawn in {self.figure}")
        if self.data is not None:
            write_aside(self.data, as_csv(records).encode())
            screen.note(f"its numbers in {self.data}")
        if caption:
            screen.note(f"caption: {caption}")
