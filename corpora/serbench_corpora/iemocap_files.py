r"""The names and label files of IEMOCAP: one file of judgements and one transcript a dialogue.

``EmoEvaluation/Ses01F_impro01.txt`` has a block of lines a turn (the values here are made up)::

    [1.5000 - 3.2500]\tSes01F_impro01_F000\tfru\t[2.0000, 3.5000, 3.0000]
    C-E2:\tFrustration;\t()
    C-E3:\tFrustration; Anger;\t(a comment)
    C-F1:\tNeutral;\t()
    A-E3:\tval 3; act 2; dom  2;\t()

The first line has seconds into the dialogue, the turn, the label that most raters gave, and the
means of valence, activation and dominance from 1 to 5. ``C-E`` are the words of an outside rater,
``C-F`` and ``C-M`` the actors' words of themselves, ``A-`` one rater's three numbers.

``transcriptions/Ses01F_impro01.txt`` has a line a turn, the name and the words::

    Ses01F_impro01_F000 [001.5000-003.2500]: Here I am.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path

from serbench.annotations import number, read_lines
from serbench.corpus import AUDIO_SUFFIXES, Finding, files_below

ATTRIBUTES = ("valence", "arousal", "dominance")  # what the header's three means are

# The folder is EmoEvaluation on the disk and Evaluation in the release's README. Its sub-folders
# hold one rater's judgements a file, in other formats.
EVALUATIONS = ("emoevaluation", "evaluation")
TRANSCRIPTS = "transcriptions"

# Ses01F_impro01, Ses03M_impro05a, Ses05M_script01_1b. The letter after the session is the actor
# who wears the markers of the motion capture. A small letter at the end tells recordings of one
# scenario apart.
_DIALOGUE = r"Ses(?P<session>0[1-5])[FM]_(?P<scenario>(?P<style>impro|script)\d\d(?:_\d)?)[a-z]?"
DIALOGUE = re.compile(_DIALOGUE, re.IGNORECASE)  # file names: some disks fold their case
TURN = re.compile(rf"(?P<dialogue>{_DIALOGUE})_(?P<talker>[FM])\d{{3,}}")

_HEADER = re.compile(
    r"\[\d+(?:\.\d+)? - \d+(?:\.\d+)?\]\s+(\w+)\s+(\w+)\s+"
    r"\[([^],]*,[^],]*,[^],]*)\]"
)
_VOTE = re.compile(r"C-E\w+:\s*([^(]*)")  # a comment in brackets may hold anything
_SPOKEN = re.compile(r"(Ses\w+)\s*\[[^]]*\]\s*:\s*(.*)")


@dataclass(frozen=True, slots=True)
class Tree:
    """The files below a folder by what they hold; stems in small letters."""

    sounds: dict[str, list[Path]] = field(default_factory=lambda: defaultdict(list))
    evaluations: dict[str, list[Path]] = field(default_factory=lambda: defaultdict(list))
    transcripts: dict[str, list[Path]] = field(default_factory=lambda: defaultdict(list))
    strays: list[Path] = field(default_factory=list)  # beside the evaluations


@dataclass(frozen=True, slots=True)
class Turn:
    """What the judgements say of one turn.

    ``votes`` counts the outside raters by the words that they chose, in small letters. Who chose
    several words gives each an equal part of one vote.
    """

    name: re.Match[str]  # of TURN
    native: str
    line: int
    attributes: dict[str, float]
    votes: dict[str, float] | None

    @property
    def id(self) -> str:
        return self.name[0]

    @property
    def dialogue(self) -> str:
        return self.name["dialogue"]


def walk(root: Path) -> Tree:
    """Sort the files below a folder.

    Raises
    ------
    CorpusError
        Where the folder is missing or one below it cannot be opened.
    """
    tree = Tree()
    for path in files_below(root, {*AUDIO_SUFFIXES, ".txt"}):
        stem, _, suffix = path.name.casefold().rpartition(".")
        if suffix != "txt":
            tree.sounds[stem].append(path)
            continue
        folder = path.parent.name.casefold()
        named = DIALOGUE.fullmatch(stem) is not None
        if folder in EVALUATIONS:
            if named:
                tree.evaluations[stem].append(path)
            else:
                tree.strays.append(path)
        elif named and folder == TRANSCRIPTS:
            tree.transcripts[stem].append(path)
        elif named and path.parent == root and _evaluates(path):
            tree.evaluations[stem].append(path)
    return tree


def begins_turn(line: str) -> bool:
    """Whether a line is a turn's first, or was before something befell it.

    No other line begins with a bracket or has the name of a turn.
    """
    return line.startswith("[") or "Ses0" in line


def read_turns(path: Path) -> Iterator[Turn | Finding]:
    """The turns of a file of judgements, and its lines that are not as they should be.

    Raises
    ------
    CorpusError
        If the file cannot be opened or is no text.
    """
    lines = read_lines(path)
    starts = [at for at, line in enumerate(lines) if begins_turn(line)]
    for start, end in pairwise([*starts, len(lines)]):
        votes: dict[str, float] = {}
        for at in range(start + 1, end):
            line = lines[at]
            if not line.startswith("C-E"):
                continue
            if not (vote := _VOTE.match(line)):
                yield Finding(
                    "annotation",
                    f"{path}, line {at + 1}: {line[:200]!r} is no vote; expected: "
                    "C-E2:, the rater's words and a semicolon after each",
                    grave=False,
                )
                continue
            words = _words(vote[1])
            for word in words:
                votes[word] = votes.get(word, 0.0) + 1 / len(words)
        turn = _turn(lines[start], start + 1, votes)
        yield turn or fault(
            f"{path}, line {start + 1}: {lines[start][:200]!r} cannot be read; expected: "
            "[seconds - seconds] turn label [valence, activation, dominance]"
        )


def read_transcript(path: Path) -> Iterator[tuple[int, str, str]]:
    """Line number, turn and text of each line that has a turn's name.

    Lines of other form, such as "M: Yeah.", are what someone said between the turns.

    Raises
    ------
    CorpusError
        If the file cannot be opened or is no text.
    """
    for at, line in enumerate(read_lines(path), 1):
        if spoken := _SPOKEN.fullmatch(line):
            yield at, spoken[1], spoken[2]


def stray(path: Path) -> Finding:
    """A file beside the annotations that is named for no dialogue; grave if turns stand in it."""
    turns = any(begins_turn(line) for line in read_lines(path))
    return Finding(
        "annotation",
        f"{path} is not read: its name is no dialogue's, such as Ses01F_impro01.txt"
        + (", and it holds turns" if turns else ""),
        grave=turns,
    )


def one_of(copies: list[Path]) -> Generator[Finding, None, Path]:
    """The highest of several files of one dialogue, which should all say the same."""
    first, *others = sorted(copies, key=lambda path: (len(path.parts), str(path)))
    if others:
        content = [line for line in read_lines(first) if line]
        for other in others:
            if [line for line in read_lines(other) if line] != content:
                yield fault(f"{other} differs from {first}, which is the one used")
    return first


def fault(message: str) -> Finding:
    """An annotation that costs turns, or tells of one in two ways."""
    return Finding("annotation", message)


def _evaluates(path: Path) -> bool:
    """Whether a file in no folder of its own has judgements: motion capture has the same names."""
    lines = (line for line in read_lines(path) if line)
    return next(lines, "").startswith(("% [START_TIME", "["))


@cache
def _words(choice: str) -> tuple[str, ...]:
    """The words of one rater, each once, in small letters: "Neutral; Anger;" is two."""
    words = (word.strip().lower() for word in choice.split(";"))
    return tuple(dict.fromkeys(word for word in words if word))


def _turn(first: str, line: int, votes: dict[str, float]) -> Turn | None:
    header = _HEADER.fullmatch(first)
    name = TURN.fullmatch(header[1]) if header else None
    if header is None or name is None:
        return None
    attributes = {}
    try:
        for attribute, text in zip(ATTRIBUTES, header[3].split(","), strict=True):
            if (mean := number(text)) is not None:
                attributes[attribute] = mean
    except ValueError:
        return None
    return Turn(name, header[2], line, attributes, votes or None)
