"""How papers' numbers are written on a board, and what must be known of them to read them there.

A board's UA is pooled over folds, of the epoch that its row names. Numbers that are another thing,
or of which the paper does not say what they are, carry a mark; whatever else is to be known of a
row is a remark, said once and numbered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from serbench.published import AGGREGATION_UNSAID, Published
from serbench.quoted import Quoted

MARKS = {"fold_mean": "~", "unknown": "^"}
MEANINGS = {
    "fold_mean": "~ the mean over folds: hold it against UA fold or WA fold, not against what is "
    "pooled",
    "unknown": f"^ {AGGREGATION_UNSAID}",
}
UNSAID = "not said"


def as_printed(number: Published | None) -> str:
    """A number as its paper has it, with its marks; "" where there is none."""
    if number is None:
        return ""
    return f"{number.value}{MARKS.get(number.aggregation, '')}{'?' * bool(number.query)}"


def epoch(one: Quoted) -> str:
    """The rule that chose the epoch, as far as the paper says it."""
    return one.first.selection or UNSAID


@dataclass(frozen=True)
class Remarks:
    """What is to be known of rows that papers print, beside their marks.

    Parameters
    ----------
    rows
        Of a board, at least one.
    """

    rows: tuple[Quoted, ...]

    @property
    def shared(self) -> tuple[str, ...]:
        """What holds of every row, where there are several; and what is not as in the papers."""
        first, *others = [_remarks(one) for one in self.rows]
        if not others:
            return ()
        return tuple(text for text in first if all(text in other for other in others))

    @property
    def numbered(self) -> tuple[str, ...]:
        """The others, in the order in which they are needed."""
        shared = set(self.shared)
        every = dict.fromkeys(text for one in self.rows for text in _remarks(one))
        return tuple(text for text in every if text not in shared)

    def mark(self, one: Quoted) -> str:
        """The numbers of a row's own remarks: "[1,3]"."""
        own = set(_remarks(one))
        at = [str(n) for n, text in enumerate(self.numbered, 1) if text in own]
        return f"[{','.join(at)}]" if at else ""


def marks_told(rows: Sequence[Quoted]) -> list[str]:
    """What the marks of these rows' numbers mean, and what of the board is not the papers'."""
    numbers = [number for one in rows for number in one.numbers.values()]
    told = [f"not as in the papers: {'; '.join(rows[0].unlike)}"] if rows and rows[0].unlike else []
    used = {number.aggregation for number in numbers}
    told += [meaning for name, meaning in MEANINGS.items() if name in used]
    if asked := dict.fromkeys(number.query for number in numbers if number.query):
        told.append(f"? a question to its authors: {'; '.join(asked)}")
    return told


def told(rows: Sequence[Quoted]) -> list[str]:
    """All that stands below a board of the rows that papers print, a line each."""
    if not rows:
        return []
    remarks = Remarks(tuple(rows))
    return [
        "printed by papers, as it is there; not scored here, and not ranked",
        *marks_told(rows),
        *(f"all that is printed: {text}" for text in remarks.shared),
        *(f"[{at}] {text}" for at, text in enumerate(remarks.numbered, 1)),
    ]


def _remarks(one: Quoted) -> tuple[str, ...]:
    """What no mark tells already."""
    return tuple(text for text in one.told if text != AGGREGATION_UNSAID)
