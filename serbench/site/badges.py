"""What a reader must know of all numbers of a board, in a few words each."""

from __future__ import annotations

import re
from dataclasses import dataclass

from serbench.board import Board
from serbench.labels import Classes
from serbench.site.atlas import protocol_href

ACCESS = {
    "unlabelled": "hears the test side, unlabelled",
    "speaker-norm": "knows which test utterances share a speaker",
}

COUNTED = re.compile("(error|warning)s?$")  # what an audit counts


@dataclass(frozen=True)
class Badge:
    """A few words and their tone: "good", "warn", "bad" or "" (see the style sheet)."""

    text: str
    tone: str = ""
    about: str = ""
    href: str = ""  # where more is told, from the root of the site


def badges(board: Board) -> list[Badge]:
    """The badges of a board; what is wrong with it after what it asks."""
    found = [_asked(board)]
    found += [Badge(f"{name} counted {n} times", "warn") for name, n in board.repeated.items()]
    if board.badges is None:
        found.append(_speakers(board.speaker_independent))
        found.append(Badge("folds not audited", "", "No whole audit of these folds is kept."))
    else:
        audit = f"{protocol_href(board.protocol)}#audit"
        found += [
            Badge(text, _tone(text), href=audit if COUNTED.search(text) else "")
            for text in board.badges
        ]
    if board.target_access in ACCESS:
        found.append(Badge(ACCESS[board.target_access], "warn"))
    if all(row.selection == "last" for row in board.rows):
        found.append(Badge("last epoch", "", "No epoch was chosen by looking at a score."))
    if board.partial:
        found.append(Badge("partial corpus", "bad", "Utterances of the release are missing."))
    if board.altered:
        found.append(Badge("sounds are not the release's", "bad"))
    found += [
        Badge(f"release {print_[:8]}", "", f"{name}: the fingerprint of its release")
        for name, print_ in board.fingerprints.items()
    ]
    return found


def _asked(board: Board) -> Badge:
    if isinstance(board.task, Classes):
        names = board.task.names
        chance = f"chance {100 / len(names):.1f}%"
        return Badge(f"{len(names)} classes, {chance}", "", ", ".join(names))
    return Badge(f"{board.label_field} from {board.task.low:g} to {board.task.high:g}")


def _speakers(apart: bool | None) -> Badge:
    if apart is None:
        return Badge("speakers unknown", "warn")
    if apart:
        return Badge("speaker-independent", "good", "No test speaker is heard in training.")
    return Badge("speaker-dependent", "warn", "Test speakers are heard in training.")


def _tone(text: str) -> str:
    counted = COUNTED.search(text)
    if counted:
        return "bad" if counted[1] == "error" else "warn"
    if text == "speaker-dependent":
        return "warn"
    return "good" if text == "speaker-independent" else ""
