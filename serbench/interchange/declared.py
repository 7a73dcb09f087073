"""What splits say of themselves as a whole: the label space they were drawn under, and of speakers.

Both stand in every line, under names that no other tool uses, so that no format needs a file of its
own for them. A line that says nothing agrees with any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from serbench.interchange.columns import DECLARED, name_of
from serbench.interchange.lines import SplitsError
from serbench.listing import Listing

SPEAKERS = {"apart": True, "shared": False}  # whether no speaker is on both sides of a fold


def declared(listing: Listing) -> dict[str, str]:
    """What a listing says of itself, as columns; what it does not say is left out."""
    words = {said: word for word, said in SPEAKERS.items()}
    told = {
        "label_space": listing.label_space,
        "speakers_declared": words.get(listing.speaker_independent, ""),  # type: ignore[arg-type]
    }
    return {name: value for name, value in told.items() if value}


class Declarations:
    """What the lines say, which must be one thing."""

    def __init__(self) -> None:
        self._said: dict[str, str] = {}

    def hear(self, values: Mapping[str, Any], where: str) -> None:
        """Take what a line says.

        Raises
        ------
        SplitsError
            If a line before says something else, or this one nothing that can be understood.
        """
        for field in DECLARED:
            value = values.get(field)
            if value in (None, "") or value == self._said.get(field):
                continue
            said = name_of(value, field, where)
            if field in self._said:
                raise SplitsError(
                    f"{where}: the {field} is {said!r}, and in a line before {self._said[field]!r}",
                    expected="one for all of the splits",
                )
            if field == "speakers_declared" and said not in SPEAKERS:
                raise SplitsError(f"{where}: {field} is {said!r}", expected=" or ".join(SPEAKERS))
            self._said[field] = said

    @property
    def label_space(self) -> str:
        """Its name; "" if nobody says."""
        return self._said.get("label_space", "")

    @property
    def speaker_independent(self) -> bool | None:
        """Whether speakers are said to be apart; None: nobody says."""
        return SPEAKERS.get(self._said.get("speakers_declared", ""))
