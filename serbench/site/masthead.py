"""Whose pages these are, and what wrote them: what stands on every page."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from serbench.errors import UsageError
from serbench.provenance import own_version

SERBENCH = "serbench"


@dataclass(frozen=True)
class Masthead:
    """What stands on every page.

    Parameters
    ----------
    title
        The name of a laboratory or a benchmark; "serbench" where nobody gave one.
    date
        The day of the site, "2026-11-22", as it was given; "" where it was not. Never the clock's:
        the same results give the same pages.
    version
        Of the serbench that writes the pages.
    """

    title: str = SERBENCH
    date: str = ""
    version: str = field(default_factory=own_version)

    @property
    def named(self) -> bool:
        """Whether somebody gave these pages a name."""
        return self.title != SERBENCH


def masthead(title: str, date: str) -> Masthead:
    """The masthead of a title and a date that somebody typed.

    Raises
    ------
    UsageError
        If the title is blank, or the date is no day of the calendar.
    """
    plain = " ".join(title.split())
    if not plain:
        raise UsageError("--title is blank", expected="a name, such as that of a laboratory")
    if date:
        try:
            known = dt.date.fromisoformat(date).isoformat() == date
        except ValueError:
            known = False
        if not known:
            raise UsageError(f"--date {date}", expected="a day as YYYY-MM-DD, such as 2026-11-22")
    return Masthead(plain, date)
