"""The tables and figures that can be made again, by name. Listing imports the papers' modules."""

from __future__ import annotations

from serbench.errors import AmbiguousName, BrokenPlugin, UnknownName
from serbench.registry import Registered, nearest, registered
from serbench.reproducing.figure import PaperFigure
from serbench.reproducing.table import PaperTable

GROUP = "reproductions"
MISSING = "pip install serbench, or a checkout whole, with its pyproject.toml beside serbench/"


def names() -> list[str]:
    """All that are registered, paper by paper as they are named."""
    return sorted(registered(GROUP))


def find(name: str) -> PaperTable | PaperFigure:
    """The table or figure of a name.

    Raises
    ------
    UnknownName
        With the nearest name.
    AmbiguousName
        If two distributions claim it.
    BrokenPlugin
        If it cannot be imported, or is neither.
    """
    claims = registered(GROUP).get(name, ())
    if not claims:
        known = names()
        hint = nearest(name, known)
        raise UnknownName(
            f"no table or figure is called {name!r}",
            expected=f"one of {', '.join(known)}" if known else "those that ship with serbench",
            advice=f"did you mean {hint!r}?" if hint else "" if known else MISSING,
        )
    if len(claims) > 1:
        raise AmbiguousName(
            f"{len(claims)} of them are registered as {name!r}: "
            + " and ".join(f"{claim.target} (from {claim.owner})" for claim in claims),
            advice="uninstall one of these distributions",
        )
    return _loaded(claims[0])


def table(name: str) -> PaperTable:
    """The table of a name.

    Raises
    ------
    UnknownName
        As of :func:`find`, and if it is a figure.
    """
    found = find(name)
    if not isinstance(found, PaperTable):
        raise UnknownName(f"{name} is a figure", expected="a table")
    return found


def _loaded(claim: Registered) -> PaperTable | PaperFigure:
    found = claim.load()
    if not isinstance(found, PaperTable | PaperFigure):
        raise BrokenPlugin(
            f"{claim.target} (from {claim.owner}) is {found!r}",
            expected="a PaperTable or a PaperFigure of serbench.reproducing",
        )
    return found
