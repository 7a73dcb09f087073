"""A note on splits that say two things of one utterance."""

from __future__ import annotations

from collections.abc import Iterable

from serbench.errors import few


class Contradiction(str):
    """The sentence, and what it is about.

    Attributes
    ----------
    field
        Of an item: "label", "speaker".
    ids
        Of the utterances, in alphabetical order.
    """

    __slots__ = ("field", "ids")
    field: str
    ids: tuple[str, ...]

    @classmethod
    def of(cls, field: str, ids: Iterable[str]) -> Contradiction:
        names = tuple(sorted(ids))
        have = "utterance has" if len(names) == 1 else "utterances have"
        note = cls(
            f"{len(names)} {have} another {field} in another line, and the first is taken: "
            f"{few(names)}"
        )
        note.field, note.ids = field, names
        return note
