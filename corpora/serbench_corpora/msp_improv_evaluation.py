"""The label file of MSP-IMPROV: one header line a turn, then a line for each of its raters.

::

    UTD-IMPROV-S01A-F02-R-FF01.avi; A; A:2.666667; V:2.333333; D:3.000000 ; N:3.800000;
    <rater>; Angry; Angry,Frustrated; A:3.000000; V:2.000000; D:3.000000; N:4.000000;

The header has the consensus label and the means over the raters: A activation (arousal), V valence,
D dominance, N naturalness. A mean may be NaN. Entries carry the names of the videos; the sounds are
called ``MSP-IMPROV-S01A-F02-R-FF01.wav``.

A header line that cannot be read costs a turn and is grave. A rater's line that cannot be read
costs a vote, and is remarked upon.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from serbench.annotations import number, read_lines
from serbench.corpus import Finding
from serbench.errors import CorpusError

SPELLINGS = ("evaluation.txt", "evalution.txt")  # the corpus has been handed out with either
ATTRIBUTES = {"A": "arousal", "V": "valence", "D": "dominance", "N": "naturalness"}

_NAME = re.compile(
    r"(?:MSP|UTD)-IMPROV-(S(?:0[1-9]|1\d|20)[AHNS]-[FM]0[1-6]-[PRST]-[FM][FM]\d\d)", re.IGNORECASE
)
_HEADER = ("improv-", ".avi")  # either in its beginning makes a line one of a turn
_BEGINNING = 48  # characters: the longest name is 30
_ENDING = re.compile(r"\.(?:avi|wav)$", re.IGNORECASE)
_MOST_NAMED = 5  # line numbers that a remark spells out


@dataclass(frozen=True, slots=True)
class Turn:
    """What the label file says of one turn.

    ``votes`` counts the raters by the word that they chose first, as written.
    """

    label: str
    attributes: dict[str, float]
    votes: dict[str, float]


def turn_id(stem: str) -> str | None:
    """The id of the turn that a file is named for, None where it is none of MSP-IMPROV's names.

    Examples
    --------
    >>> turn_id("UTD-IMPROV-S01A-F02-R-FF01")
    'MSP-IMPROV-S01A-F02-R-FF01'
    >>> turn_id("MSP-IMPROV-S21A-F02-R-FF01")
    """
    name = _NAME.fullmatch(stem)
    return f"MSP-IMPROV-{name[1].upper()}" if name else None


def read_evaluation(path: Path) -> tuple[dict[str, Turn], list[Finding]]:
    """The turns of a label file by their ids, and the lines that are not as they should be.

    Of a turn that is listed twice, the first holds.

    Raises
    ------
    CorpusError
        If the file cannot be opened or is no text.
    """
    turns: dict[str, Turn] = {}
    findings: list[Finding] = []
    again: list[tuple[int, str, Turn]] = []
    strays: list[int] = []  # lines that are neither a turn's nor a rater's
    turn: Turn | None = None  # whose raters follow
    before = True  # the first header
    for position, line in enumerate(read_lines(path), 1):
        if not line:
            continue
        start = line[:_BEGINNING].lower()
        if _HEADER[0] in start or _HEADER[1] in start:
            before = False
            name, turn, faults = _header(line)
            findings += [
                Finding("annotation", f"{path}, line {position}: {fault}") for fault in faults
            ]
            if turn is None or name is None:
                continue
            if name in turns:
                again.append((position, name, turn))
            else:
                turns[name] = turn
            continue
        word = _vote(line)
        if word is None or before:
            strays.append(position)
        elif turn is not None:  # else the raters of a header that could not be read
            turn.votes[word] = turn.votes.get(word, 0) + 1
    for position, name, turn in again:
        alike = turn == turns[name]
        how = "alike" if alike else "and otherwise than before; the first is used"
        findings.append(
            Finding("annotation", f"{path}, line {position}: {name} again, {how}", grave=not alike)
        )
    if turns and strays:
        few = ", ".join(map(str, strays[:_MOST_NAMED])) + (", ..." * (len(strays) > _MOST_NAMED))
        findings.append(
            Finding(
                "annotation",
                f"{path}: {len(strays)} lines are neither a turn's nor a rater's, and count for "
                f"nothing: {few}",
                grave=False,
            )
        )
    return turns, findings


def choose_evaluation(
    root: Path, files: Iterable[Path], sounding: bool
) -> tuple[dict[str, Turn], list[Finding]]:
    """The turns of the label file nearest to the root, held against any other that there is.

    Parameters
    ----------
    files
        All files below ``root`` whose names are among the spellings.
    sounding
        Whether there are sounds of MSP-IMPROV, so that a label file must be.

    Raises
    ------
    CorpusError
        If there is none, or none that holds a turn.
    """
    chosen: tuple[Path, dict[str, Turn]] | None = None
    findings: list[Finding] = []
    example = ""
    files = sorted(files, key=lambda file: (len(file.parts), str(file)))
    for path in files:
        turns, faults = read_evaluation(path)
        if not turns:
            # Other programs call their files so too; where it is the only one, see below.
            message = f"{path} holds no turn of MSP-IMPROV and is passed over"
            findings.append(Finding("annotation", message, grave=False))
            example = example or "".join(f" ({fault.message})" for fault in faults[:1])
        elif chosen is None:
            chosen = path, turns
            findings += faults
        elif turns != chosen[1]:
            differing = [
                name
                for name in sorted({*turns, *chosen[1]})
                if turns.get(name) != chosen[1].get(name)
            ]
            message = (
                f"{path} differs from {chosen[0]}, which is used, in {len(differing)} turns, such "
                f"as {differing[0]}; expected: one label file, or copies of it"
            )
            findings.append(Finding("annotation", message))
    if chosen is not None:
        return chosen[1], findings
    if not sounding:
        return {}, []  # another corpus altogether
    beside = [file for file in root.parent.glob("*") if file.name.lower() in SPELLINGS]
    raise CorpusError(
        f"{files[0]} is no label file of MSP-IMPROV: it holds no turn{example}"
        if files
        else f"{root} has no label file of MSP-IMPROV",
        expected="Evaluation.txt (or Evalution.txt) with lines such as "
        "'UTD-IMPROV-S01A-F02-R-FF01.avi; A; A:2.666667; V:2.333333; D:3.000000 ; N:3.800000;'",
        advice=f"name the folder above, {root.parent}, which has {beside[0].name}"
        if beside
        else "copy it from the corpus as the lab sent it, beside session1 to session6",
    )


def _header(line: str) -> tuple[str | None, Turn | None, list[str]]:
    """Id and content of a header line, and what is wrong with it."""
    file, *cells = [cell.strip() for cell in line.split(";")]
    name = turn_id(_ENDING.sub("", file))
    if name is None:
        form = "UTD-IMPROV-S01A-F02-R-FF01.avi; A; A:2.666667; ..."
        return None, None, [f"{line[:80]!r} names no turn of MSP-IMPROV; expected: {form}"]
    if not cells or not cells[0] or ":" in cells[0]:
        return None, None, [f"{name} has no label"]
    attributes: dict[str, float] = {}
    faults: list[str] = []
    for cell in filter(None, cells[1:]):
        try:
            attribute, value = _attribute(cell)
        except ValueError:
            faults.append(f"{name}: {cell!r} is no attribute; expected: A:2.666667 or A:NaN")
            continue
        if value is not None:
            attributes[attribute] = value
    return name, Turn(cells[0], attributes, {}), faults


@lru_cache(maxsize=4096)  # means over a few raters take few values
def _attribute(cell: str) -> tuple[str, float | None]:
    key, _, written = cell.partition(":")
    attribute = ATTRIBUTES.get(key.strip().upper())
    if attribute is None:
        raise ValueError(key)
    return attribute, number(written)


def _vote(line: str) -> str | None:
    """The word that a rater chose first."""
    cells = line.split(";", 2)
    word = cells[1].strip() if len(cells) > 1 else ""
    return word if len(word) > 1 and word[0].isalpha() and ":" not in word else None
