"""MSP-IMPROV: acted dialogues that lead to a given sentence.

Six pairs of a woman and a man play 80 scenes: each of 20 sentences is to come up in an angry, a
happy, a neutral and a sad context. Cut into turns are the improvised scenes (the turn with the
sentence and all others), the sentence read aloud, and what the two say to each other between the
recordings. Raters then named the emotion of every turn: that is the label, and what the scene was
to lead to is another thing.

``MSP-IMPROV-S01A-F01-P-FM02.wav`` is sentence 01 in the angry context, a turn of speaker F01 (the
woman of session 1), between recordings. ``FM`` tells the recording: its first letter is the one of
the two whose sentence it is, and both talk in it, so the speaker is the fourth field and no other.
Which pairs of letters go with which speakers nobody has published, so none is refused.

Labels and attributes stand in one file, ``Evaluation.txt`` or ``Evalution.txt``
(:mod:`serbench_corpora.msp_improv_evaluation`). Attributes are the raters' means on the corpus's
own scale, as written. The EMO-SUPERB project has it that the scale of activation (here: arousal) is
flipped; nothing is turned round here.

Busso et al., MSP-IMPROV: An acted corpus of dyadic interactions to study emotion perception, IEEE
Transactions on Affective Computing 8(1), 2017.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from serbench.corpus import (
    AUDIO_SUFFIXES,
    Corpus,
    CorpusCard,
    Defect,
    Entry,
    Finding,
    Release,
    files_below,
)
from serbench.labels import Emotion
from serbench_corpora.msp_improv_evaluation import SPELLINGS, Turn, choose_evaluation, turn_id

if TYPE_CHECKING:
    from serbench.testing.forgery import Forgery

LABELS: dict[str, Emotion | str | None] = {
    "A": Emotion.ANGER,
    "S": Emotion.SADNESS,
    "H": Emotion.HAPPINESS,
    "N": Emotion.NEUTRAL,
    "O": Emotion.OTHER,
    "X": None,  # the raters did not agree
}
COUNTS = {"A": 792, "S": 885, "H": 2644, "N": 3477, "O": 85, "X": 555}
SPEAKERS = dict.fromkeys(f"{gender}{session:02d}" for gender in "FM" for session in range(1, 7))
# The S of a style is not the S of a sad context: MSP-IMPROV-S01A-F01-S-FM01.
STYLES = {
    "T": "target-improvised",  # the turn that holds the sentence
    "R": "target-read",
    "S": "other-improvised",
    "P": "natural",
}
GENDERS = {"F": "female", "M": "male"}
LICENCE = (
    "academic licence to be signed, or a commercial one (MSP lab, University of Texas, Dallas)"
)
HOW_TO_GET = (
    "sign the academic licence of the Multimodal Signal Processing lab, University of Texas at "
    "Dallas, and unpack what the lab then sends, Evaluation.txt beside session1 to session6"
)
BIBTEX = """@article{busso2017mspimprov,
  author  = {Busso, Carlos and Parthasarathy, Srinivas and Burmania, Alec and
             AbdelWahab, Mohammed and Sadoughi, Najmeh and Provost, Emily Mower},
  title   = {{MSP-IMPROV}: An Acted Corpus of Dyadic Interactions to Study Emotion Perception},
  journal = {IEEE Transactions on Affective Computing},
  volume  = {8},
  number  = {1},
  pages   = {67--80},
  year    = {2017}
}
"""
_DEFECTS = (
    Defect(
        "names", (), "the label file names videos, UTD-IMPROV-*.avi; sounds are MSP-IMPROV-*.wav"
    ),
    Defect("attributes", (), "some turns have NaN for an attribute; it is left out"),
)
_FOLDERS = re.compile(
    r"(?:.*/)?session(?P<session>\d+)(?:/(?P<scenario>S\d\d[AHNS])(?:/(?P<style>[PRST]))?)?",
    re.IGNORECASE,
)


class MSPImprov(Corpus):
    """Reads the label file, and finds its sounds by name, whichever folders they stand in.

    A dialogue is one recording: session, scenario, style and pair of letters (``01-S01A-S-FM``).
    That makes the turn with the sentence (T) a dialogue of its own, apart from the others of its
    scene (S): to keep both on one side of a split, group by session or by scenario.
    """

    card: ClassVar[CorpusCard] = CorpusCard(
        name="msp-improv",
        title="MSP-IMPROV",
        language="English",
        licence=LICENCE,
        how_to_get=HOW_TO_GET,
        citation=BIBTEX,
        releases=(Release("MSP-IMPROV (Busso et al., 2017)", COUNTS, SPEAKERS, defects=_DEFECTS),),
        layouts=(
            "Evaluation.txt or Evalution.txt, session1/S01A/P/MSP-IMPROV-S01A-F01-P-FM01.wav",
            "the same with Audio/session1/S01A/P/",
            "the same with all sounds in one folder",
        ),
    )
    labels: ClassVar[Mapping[str, Emotion | str | None]] = LABELS

    def entries(self, root: Path) -> Iterator[Entry | Finding]:
        """Every turn that the label file below ``root`` names, whether its sound is there or not.

        Raises
        ------
        CorpusError
            Where there are sounds and no label file.
        """
        sounds: dict[str, list[Path]] = defaultdict(list)
        files: list[Path] = []
        for path in files_below(root, {*AUDIO_SUFFIXES, ".txt"}):
            if path.suffix.lower() != ".txt":
                if name := turn_id(path.stem):
                    sounds[name].append(path)
            elif path.name.lower() in SPELLINGS:
                files.append(path)
        turns, findings = choose_evaluation(root, files, bool(sounds))
        yield from findings
        folders = _Folders(root, sounds)
        for name, turn in turns.items():
            file = _standard(name)
            for path in sounds.get(name) or [folders.lacking(file)]:
                yield _entry(name, turn, path, file)
                if folders.contradict(path, file):
                    yield Finding("misplaced", f"{path} stands in a foreign folder, not in {file}")

    def forgery(self) -> Forgery:
        from serbench_corpora.forged.msp_improv import MSPImprovForgery

        return MSPImprovForgery(self)


def _entry(name: str, turn: Turn, audio: Path, file: str) -> Entry:
    _, _, scenario, speaker, style, recording = name.split("-")
    session = speaker[1:]
    return Entry(
        id=name,
        audio=audio,
        file=file,
        speaker=speaker,
        native=turn.label,
        gender=GENDERS[speaker[0]],
        session=session,
        dialogue=f"{session}-{scenario}-{style}-{recording[:2]}",
        scenario=scenario,
        style=STYLES[style],
        sentence=scenario[:3],
        intended=scenario[3],
        votes=turn.votes or None,
        attributes=turn.attributes,
    )


def _standard(name: str) -> str:
    """Where the authors put a turn: session1/S01A/P/MSP-IMPROV-S01A-F01-P-FM01.wav."""
    _, _, scenario, speaker, style, _ = name.split("-")
    return f"session{int(speaker[1:])}/{scenario}/{style}/{name}.wav"


class _Folders:
    """Where sounds should stand, by the authors' layout and by that of the others here."""

    def __init__(self, root: Path, sounds: Mapping[str, list[Path]]) -> None:
        self.root = root
        self.sounds = sounds
        self.claims: dict[str, re.Match[str] | None] = {}

    def contradict(self, path: Path, file: str) -> bool:
        """Whether the session, scenario or style folder is another than the name says."""
        standing = path.as_posix()
        if standing.endswith(file):
            return False
        folder = standing.rpartition("/")[0]
        if folder not in self.claims:
            relative = path.parent.relative_to(self.root).as_posix()
            self.claims[folder] = _FOLDERS.fullmatch(relative)
        claim = self.claims[folder]
        if claim is None:
            return False
        session, scenario, style, _ = file.split("/")
        return (
            int(claim["session"]) != int(session[-1])
            or (claim["scenario"] or scenario).upper() != scenario
            or (claim["style"] or style).upper() != style
        )

    def lacking(self, file: str) -> Path:
        """Where a sound that is not there should be: among those of its kind that are."""
        folder, _, name = file.rpartition("/")
        if folder in self._real:
            return self._real[folder] / name
        for standard, real in self._real.items():
            if real.as_posix().lower().endswith(standard.lower()):
                return real.parents[standard.count("/")] / file
            return real / name  # one folder for all
        return self.root / file

    @cached_property
    def _real(self) -> dict[str, Path]:
        """The authors' folder to the one that stands for it here."""
        return {
            _standard(name).rpartition("/")[0]: paths[0].parent
            for name, paths in self.sounds.items()
        }
