"""Which column of a table is which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from serbench.errors import CorpusError
from serbench.registry import nearest
from serbench.tabled.description import OPTIONAL, REQUIRED
from serbench.tabled.paths import DESCRIPTION

# What else a column may be called. The first name that the heading has is suggested.
_ALSO = {
    "file": ("path", "filename", "file_name", "filepath", "file_path", "wav", "audio"),
    "speaker": ("speaker_id", "speakerid", "spk", "spk_id", "actor", "actor_id", "subject"),
    "emotion": ("label", "emotion_label", "emo", "category", "class"),
    "gender": ("sex",),
    "text": ("transcript", "transcription"),
}


def columns_of(
    table: Path, heading: Sequence[str], named: Mapping[str, str], attributes: Sequence[str] = ()
) -> dict[str, str]:
    """Our name of each column that is used to the table's name of it.

    Parameters
    ----------
    table
        The table, for messages.
    heading
        Its columns as written.
    named
        The section ``[columns]``. What it does not name is found under our own name, in capitals
        or not.
    attributes
        Columns of numbers, each of which must be there.

    Raises
    ------
    CorpusError
        If a required column, an attribute or one that is named is not there.
    """
    found: dict[str, str] = {}
    for name in (*REQUIRED, *OPTIONAL, *attributes):
        if name in named:
            if named[name]:
                found[name] = named[name]
            continue
        column = own_name(name, heading)
        if column is not None:
            found[name] = column
    lost = {name: column for name, column in found.items() if column not in heading}
    if lost:
        name, column = next(iter(lost.items()))
        hint = nearest(column, heading)
        raise CorpusError(
            f"{table} has no column {column!r}, which [columns] {name} names",
            expected=f"one of {_listed(heading)}",
            advice=f"did you mean {hint!r}?" if hint else "",
        )
    missing = [name for name in (*REQUIRED, *attributes) if name not in found]
    if missing:
        lines = [f'{name} = "{suggested(name, heading) or "..."}"' for name in missing]
        raise CorpusError(
            f"{table} has no column {', '.join(missing)}: its columns are {_listed(heading)}",
            expected=", ".join((*REQUIRED, *attributes)),
            advice=f"say in {DESCRIPTION} which they are:\n[columns]\n" + "\n".join(lines),
        )
    return found


def own_name(name: str, heading: Sequence[str]) -> str | None:
    """The column of our own name, whatever its capitals; None where there is none, or several."""
    if name in heading:
        return name
    alike = [column for column in heading if column.casefold() == name]
    return alike[0] if len(alike) == 1 else None


def suggested(name: str, heading: Sequence[str]) -> str | None:
    """The column that most likely is the one of our name."""
    folded = {column.casefold(): column for column in heading}
    known = next((folded[also] for also in _ALSO.get(name, ()) if also in folded), None)
    return known or nearest(name, heading)


def usual(name: str, heading: Sequence[str]) -> str | None:
    """The one column that is called by our name or another usual one; None where it is a guess."""
    own = own_name(name, heading)
    if own is not None:
        return own
    known = [column for column in heading if column.casefold() in _ALSO.get(name, ())]
    return known[0] if len(known) == 1 else None


def _listed(heading: Sequence[str]) -> str:
    return ", ".join(column or "(no name)" for column in heading)[:500]
