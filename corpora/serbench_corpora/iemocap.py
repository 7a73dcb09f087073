"""IEMOCAP, the Interactive Emotional Dyadic Motion Capture database.

Five women and five men, a pair in each of five sessions, improvise and play scripts: 151 dialogues,
cut into 10,039 turns. At least three raters named the emotion of each; ``xxx`` is what they did not
agree on, 2,507 turns. These are read and counted, and left out of every task.

``Ses01F_impro01_M003`` is a turn of session 1. The first F is the actor who wears the markers of
the motion capture; who talks is told by the last letter, here the man of the session.

Busso et al., IEMOCAP: Interactive emotional dyadic motion capture database, Language Resources and
Evaluation 42(4), 2008.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from serbench.corpus import Corpus, CorpusCard, Defect, Entry, Finding, Release
from serbench.errors import CorpusError
from serbench.labels import Emotion
from serbench_corpora.iemocap_files import (
    DIALOGUE,
    Tree,
    Turn,
    fault,
    one_of,
    read_transcript,
    read_turns,
    stray,
    walk,
)

if TYPE_CHECKING:
    from serbench.testing.forgery import Forgery

LABELS: dict[str, Emotion | None] = {
    "ang": Emotion.ANGER,
    "dis": Emotion.DISGUST,
    "exc": Emotion.EXCITEMENT,
    "fea": Emotion.FEAR,
    "fru": Emotion.FRUSTRATION,
    "hap": Emotion.HAPPINESS,
    "neu": Emotion.NEUTRAL,
    "oth": Emotion.OTHER,
    "sad": Emotion.SADNESS,
    "sur": Emotion.SURPRISE,
    "xxx": None,  # no emotion that the raters agreed on
}
COUNTS = {
    "xxx": 2507,
    "fru": 1849,
    "neu": 1708,
    "ang": 1103,
    "sad": 1084,
    "exc": 1041,
    "hap": 595,
    "sur": 107,
    "fea": 40,
    "oth": 3,
    "dis": 2,
}
SPEAKERS = {
    "01F": 873,
    "01M": 946,
    "02F": 859,
    "02M": 952,
    "03F": 1048,
    "03M": 1088,
    "04F": 987,
    "04M": 1116,
    "05F": 1033,
    "05M": 1137,
}
LICENCE = (
    "restricted: for whoever has signed the Data Release Form of USC SAIL; the annotations and "
    "transcripts are part of the release"
)
HOW_TO_GET = (
    "ask for it at https://sail.usc.edu/iemocap, sign the Data Release Form, unpack the whole "
    "IEMOCAP_full_release"
)
BIBTEX = """@article{busso2008iemocap,
  author  = {Busso, Carlos and Bulut, Murtaza and Lee, Chi-Chun and Kazemzadeh, Abe and
             Mower, Emily and Kim, Samuel and Chang, Jeannette N. and Lee, Sungbok and
             Narayanan, Shrikanth S.},
  title   = {{IEMOCAP}: Interactive emotional dyadic motion capture database},
  journal = {Language Resources and Evaluation},
  volume  = {42},
  number  = {4},
  pages   = {335--359},
  year    = {2008},
  doi     = {10.1007/s10579-008-9076-6}
}
"""
DEFECTS = (
    Defect("annotation", (), "36 lines of raters' numbers lack dominance"),
    Defect("transcript", (), "46 lines of transcript have a name (..._MXX0) and no turn"),
)

GENDERS = {"F": "female", "M": "male"}
STYLES = {"impro": "improvised", "script": "scripted"}
_MOST_NAMED = 5  # turns and sounds that a message spells out


class IEMOCAP(Corpus):
    """Reads the turns from the files of judgements, and finds the sound of each by its name."""

    card: ClassVar[CorpusCard] = CorpusCard(
        name="iemocap",
        title="IEMOCAP",
        language="English",
        licence=LICENCE,
        how_to_get=HOW_TO_GET,
        citation=BIBTEX,
        releases=(Release("IEMOCAP (Busso et al., 2008)", COUNTS, SPEAKERS, defects=DEFECTS),),
        layouts=(
            (
                "Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_F000.wav, with "
                "EmoEvaluation and transcriptions in Session1/dialog"
            ),
            "IEMOCAP_full_release/Session1/...",
            "Ses01F_impro01_F000.wav of all sessions in one folder, with EmoEvaluation beside it",
        ),
    )
    labels: ClassVar[Mapping[str, Emotion | str | None]] = LABELS

    def entries(self, root: Path) -> Iterator[Entry | Finding]:
        """Every turn of the files in EmoEvaluation, with every sound of its name below ``root``.

        Raises
        ------
        CorpusError
            Where no such file is there, or one cannot be read.
        """
        tree = walk(root)
        if not tree.evaluations:
            raise _nothing(root, tree)
        for path in tree.strays:
            yield stray(path)
        texts = yield from _texts(tree)
        seen: dict[str, str] = {}
        for copies in tree.evaluations.values():
            path = yield from one_of(copies)
            turns = []
            for turn in read_turns(path):
                if isinstance(turn, Finding):
                    yield turn
                elif turn.id in seen:
                    where = f"{path}, line {turn.line}"
                    yield fault(f"{where}: {turn.id} again, after {seen[turn.id]}")
                else:
                    seen[turn.id] = f"{path}, line {turn.line}"
                    turns.append(turn)
            yield from _foreign(path, turns)
            for turn in turns:
                yield from _entries(turn, path, tree, texts.get(turn.id))
        yield from _untold(root, seen, texts)

    def passed_over(self, path: Path) -> bool:
        """A recording of a whole dialogue (dialog/wav/Ses01F_impro01.wav) holds its turns again."""
        return DIALOGUE.fullmatch(path.stem) is not None

    def forgery(self) -> Forgery:
        """How a make-believe IEMOCAP is written."""
        from serbench_corpora.forged.iemocap import ForgedIEMOCAP

        return ForgedIEMOCAP(self)


def _nothing(root: Path, tree: Tree) -> CorpusError:
    sounds = [path for paths in tree.sounds.values() for path in paths]
    example = f", such as {sounds[0]}" if sounds else ""
    return CorpusError(
        f"{root} has no annotation of IEMOCAP, no EmoEvaluation/Ses01F_impro01.txt or another "
        f"dialogue's: {len(sounds)} sound files{example}",
        expected="the folder that holds Session1 to Session5 with their dialog/EmoEvaluation",
        advice="name that folder and not one within a session; if the sounds were copied out of "
        "it, copy the folder EmoEvaluation of every session beside them",
    )


def _texts(tree: Tree) -> Generator[Finding, None, dict[str, str]]:
    """The words of each turn."""
    texts: dict[str, str] = {}
    for copies in tree.transcripts.values():
        path = yield from one_of(copies)
        for line, turn, text in read_transcript(path):
            if texts.setdefault(turn, text) != text:
                yield fault(f"{path}, line {line}: {turn} again, with other words")
    return texts


def _foreign(path: Path, turns: list[Turn]) -> Iterator[Finding]:
    if not turns:
        yield fault(f"{path} has no turn that is not elsewhere; expected: those of {path.stem}")
    others = Counter(
        turn.dialogue for turn in turns if turn.dialogue.casefold() != path.stem.casefold()
    )
    for dialogue, count in others.items():
        yield fault(f"{path} has {count} turns of {dialogue}; expected: those of {path.stem} only")


def _entries(turn: Turn, evaluation: Path, tree: Tree, text: str | None) -> Iterator[Entry]:
    name = turn.name
    session = name["session"]
    file = f"Session{int(session)}/sentences/wav/{turn.dialogue}/{turn.id}.wav"
    for path in tree.sounds.get(turn.id.casefold()) or [_missing(turn, file, evaluation, tree)]:
        yield Entry(
            id=turn.id,
            audio=path,
            file=file,
            speaker=session + name["talker"],
            native=turn.native,
            gender=GENDERS[name["talker"]],
            session=session,
            dialogue=turn.dialogue,
            scenario=name["scenario"],
            style=STYLES[name["style"]],
            text=text,
            votes=turn.votes,
            attributes=turn.attributes,
        )


def _missing(turn: Turn, file: str, evaluation: Path, tree: Tree) -> Path:
    """Where the sound of a turn should be: in its session, or among the sounds of the pool."""
    folder = evaluation.parent.parent
    if folder.name.casefold() == "dialog":
        return folder.parent / file.partition("/")[2]
    pool = next((paths[0].parent for paths in tree.sounds.values()), folder)
    return pool / f"{turn.id}.wav"


def _untold(root: Path, turns: Mapping[str, str], texts: Mapping[str, str]) -> Iterator[Finding]:
    untold = [turn for turn in turns if turn not in texts]
    if untold and not texts:
        yield Finding(
            "annotation",
            f"{root} has no transcriptions/Ses01F_impro01.txt or another dialogue's: no turn has a "
            "text",
            grave=False,
        )
    elif untold:
        few = ", ".join(untold[:_MOST_NAMED]) + (", ..." if len(untold) > _MOST_NAMED else "")
        yield fault(f"{len(untold)} of {len(turns)} turns have no transcript: {few}")
