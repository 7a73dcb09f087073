"""SAVEE, Surrey Audio-Visual Expressed Emotion.

Four men, native speakers of British English, act six emotions and neutral: 15 sentences each,
and 30 neutral ones, which is why neutral is double. Used here is the audio set: mono, no sound
twice, 176 of the 480 files at full scale.

``DC/a01.wav`` is speaker DC, anger, first sentence. The number counts within one emotion: ``a01``
and ``d01`` are not known to be the same sentence, so no sentence is given. Without its folder, a
file name of this form has lost its speaker; such a file is refused rather than guessed at.

Haq and Jackson, Multimodal emotion recognition, in: Machine Audition, 2010.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from serbench.corpus import Corpus, CorpusCard, Entry, Release, audio_files
from serbench.errors import CorpusError
from serbench.labels import Emotion

if TYPE_CHECKING:
    from serbench.testing.forgery import Forgery

LABELS: dict[str, Emotion] = {
    "a": Emotion.ANGER,
    "d": Emotion.DISGUST,
    "f": Emotion.FEAR,
    "h": Emotion.HAPPINESS,
    "n": Emotion.NEUTRAL,
    "sa": Emotion.SADNESS,
    "su": Emotion.SURPRISE,
}
COUNTS = {"a": 60, "d": 60, "f": 60, "h": 60, "n": 120, "sa": 60, "su": 60}
SPEAKERS = {"DC": 120, "JE": 120, "JK": 120, "KL": 120}
MANIFEST = Path(__file__).parent / "manifests" / "savee.csv.xz"
LICENCE = "free for research, after registration with the University of Surrey"
HOW_TO_GET = "AudioData.zip, after registering at http://kahlan.eps.surrey.ac.uk/savee, unpacked"
BIBTEX = """@incollection{haq2010savee,
  author    = {Haq, Sanaul and Jackson, Philip J. B.},
  title     = {Multimodal Emotion Recognition},
  booktitle = {Machine Audition: Principles, Algorithms and Systems},
  editor    = {Wang, Wenwu},
  publisher = {IGI Global},
  pages     = {398--423},
  year      = {2010}
}
"""

# The longest code first: sa and su before a bare letter.
_CODES = "|".join(sorted(LABELS, key=len, reverse=True))
_NAME = re.compile(
    rf"(?:(?P<speaker>{'|'.join(SPEAKERS)})_)?(?P<native>{_CODES})(?P<number>\d\d)"
    r"(?P<copy> ?\(\d+\))?",  # what file managers append where a name is taken
    re.IGNORECASE,
)
_LAST_NUMBER = 99


class SAVEE(Corpus):
    """Reads the speaker from the folder or the file name, and the label from the file name."""

    card: ClassVar[CorpusCard] = CorpusCard(
        name="savee",
        title="SAVEE",
        language="English",
        licence=LICENCE,
        how_to_get=HOW_TO_GET,
        citation=BIBTEX,
        releases=(Release("SAVEE (Haq and Jackson, 2010)", COUNTS, SPEAKERS, manifest=MANIFEST),),
        layouts=(
            "AudioData/DC/a01.wav (AudioData.zip)",
            "SAVEE/DC/a01.wav",
            "DC_a01.wav in one folder, such as ALL/",
        ),
    )
    labels: ClassVar[Mapping[str, Emotion | str | None]] = LABELS

    def entries(self, root: Path) -> Iterator[Entry]:
        """Every file of the form ``DC/a01.wav`` or ``DC_a01.wav`` (or ``.flac``) below ``root``.

        Raises
        ------
        CorpusError
            Where a file has lost its speaker, or its folder and its name give two.
        """
        for path in audio_files(root):
            name = _NAME.fullmatch(path.stem)
            if name is None:
                continue
            speaker = _speaker(root, path, name["speaker"])
            if name["copy"]:
                continue  # a second copy beside the original: left to the scan to report
            stem = f"{name['native']}{name['number']}".lower()
            yield Entry(
                id=f"{speaker}/{stem}",
                audio=path,
                file=f"{speaker}/{stem}.wav",
                speaker=speaker,
                native=name["native"].lower(),
                gender="male",
            )

    def forged_path(self, speaker: str, native: str, take: int) -> str:
        """Where the ``take``-th (from 0) utterance of a speaker and label stands.

        The corpus has 15 takes, 30 of neutral; the two digits of its names hold 99.

        Raises
        ------
        ValueError
            If the speaker or the label is unknown, or there is no such take.
        """
        if speaker not in SPEAKERS or native not in LABELS or not 0 <= take < _LAST_NUMBER:
            raise ValueError(
                f"SAVEE has no take {take} of label {native!r} by speaker {speaker!r}: "
                f"takes are 0 to {_LAST_NUMBER - 1}"
            )
        return f"AudioData/{speaker}/{native}{take + 1:02d}.wav"

    def forgery(self) -> Forgery:
        from serbench_corpora.forged.savee import SAVEEForgery

        return SAVEEForgery(self)


def _speaker(root: Path, path: Path, named: str | None) -> str:
    """The speaker that the file name gives, or the nearest folder that is called as one."""
    folders = [part.upper() for part in path.relative_to(root).parts[:-1]]
    housed = next((part for part in reversed(folders) if part in SPEAKERS), None)
    if named is None and housed is None:
        raise CorpusError(
            f"{path} has lost its speaker: all four have a file of this name, and it stands in no "
            f"folder {', '.join(SPEAKERS)} below {root}",
            expected="DC/a01.wav or DC_a01.wav",
            advice="unpack AudioData.zip anew with its folders, and name the folder that holds "
            "DC, JE, JK and KL",
        )
    if named is not None and housed is not None and named.upper() != housed:
        raise CorpusError(
            f"{path} has two speakers: {named.upper()} by its name, {housed} by its folder",
            expected="a file in the folder of its speaker",
            advice="unpack AudioData.zip anew; the true speaker can only be heard",
        )
    return named.upper() if named is not None else str(housed)
