"""EMOVO, an Italian corpus of emotional speech.

Six actors, three women and three men, speak 14 Italian sentences in six emotions and neutral, once
each: ``f1/dis-f1-b1.wav`` is disgust (disgusto) by the first woman, sentence b1. Every sentence is
spoken by every actor in every emotion, so folds of whole speakers share all of their texts. The
sentences are told apart by their codes (b1 to b3, l1 to l4, n1 to n5, d1 and d2); their texts are
not in the corpus's file names and not given here.

**Two microphones.** 587 of the 588 files are stereo, and the channels are no stereo picture but two
microphones that stand apart: the second hears the voice later, by 16 to 27 samples in a speaker's
median (about 0.4 ms at 48 kHz). Averaging them is a comb filter with its first notch near 1.2 kHz,
in the midst of the vowels, and costs 4.3 to 6.3 dB. So the down-mix has to be chosen and said:
recipes take the channel "first" or "mean" (:func:`serbench.audio.read`), and "first" is the
default. Of speaker m3 the second channel is 8.7 dB louder.

**An artefact of one class.** 13 of speaker f1's 14 neutral files hold the same samples in both
channels (all but d2), and f1's rab-b1 is mono. A model that sees both channels, or their mean, can
tell these from f1's other emotions without hearing any.

A ``LIST`` chunk follows the sound in the WAV files.

Costantini et al., EMOVO Corpus: an Italian Emotional Speech Database, LREC 2014.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from serbench.corpus import Corpus, CorpusCard, Defect, Entry, Finding, Release, audio_files
from serbench.labels import Emotion

if TYPE_CHECKING:
    from serbench.testing.forgery import Forgery

# disgusto, gioia, neutrale, paura, rabbia, sorpresa, tristezza.
LABELS: dict[str, Emotion] = {
    "dis": Emotion.DISGUST,
    "gio": Emotion.HAPPINESS,
    "neu": Emotion.NEUTRAL,
    "pau": Emotion.FEAR,
    "rab": Emotion.ANGER,
    "sor": Emotion.SURPRISE,
    "tri": Emotion.SADNESS,
}
COUNTS = dict.fromkeys(LABELS, 84)
SPEAKERS = dict.fromkeys(("f1", "f2", "f3", "m1", "m2", "m3"), 98)
SENTENCES = ("b1", "b2", "b3", "d1", "d2", "l1", "l2", "l3", "l4", "n1", "n2", "n3", "n4", "n5")
MONO = "f1/rab-f1-b1.wav"
ONE_MICROPHONE = tuple(f"f1/neu-f1-{sentence}.wav" for sentence in SENTENCES if sentence != "d2")
DEFECTS = (
    Defect("channels", (MONO,), "f1's rab-f1-b1 is mono, all other files have two channels"),
    Defect(
        "identical-channels",
        ONE_MICROPHONE,
        "13 of f1's 14 neutral files have the same samples in both channels",
    ),
    Defect(
        "level",
        tuple(f"m3/{native}-m3-{sentence}.wav" for native in LABELS for sentence in SENTENCES),
        "m3's second channel is 8.7 dB louder than the first",
    ),
)
MANIFEST = Path(__file__).parent / "manifests" / "emovo.csv.xz"
LICENCE = (
    "none that its authors wrote into it; quoted from their page: non-commercial re-use with "
    "acknowledgement (mirrors claim other licences)"
)
HOW_TO_GET = "from its authors (G. Costantini, University of Rome Tor Vergata), unpacked"
BIBTEX = """@inproceedings{costantini2014emovo,
  author    = {Costantini, Giovanni and Iaderola, Iacopo and Paoloni, Andrea and
               Todisco, Massimiliano},
  title     = {{EMOVO} Corpus: an {Italian} Emotional Speech Database},
  booktitle = {Proceedings of the Ninth International Conference on Language Resources and
               Evaluation (LREC'14)},
  publisher = {European Language Resources Association (ELRA)},
  address   = {Reykjavik, Iceland},
  year      = {2014}
}
"""

_NAME = re.compile(
    rf"({'|'.join(LABELS)})-({'|'.join(SPEAKERS)})-({'|'.join(SENTENCES)})", re.IGNORECASE
)


class EMOVO(Corpus):
    """Reads the file names, and checks that a speaker's folder holds that speaker."""

    card: ClassVar[CorpusCard] = CorpusCard(
        name="emovo",
        title="EMOVO",
        language="Italian",
        licence=LICENCE,
        how_to_get=HOW_TO_GET,
        citation=BIBTEX,
        releases=(
            Release(
                "EMOVO (Costantini et al., 2014)",
                COUNTS,
                SPEAKERS,
                manifest=MANIFEST,
                defects=DEFECTS,
            ),
        ),
        layouts=(
            "EMOVO/f1/dis-f1-b1.wav",
            "f1/dis-f1-b1.wav",
            "dis-f1-b1.wav in one folder",
        ),
    )
    labels: ClassVar[Mapping[str, Emotion | str | None]] = LABELS

    def entries(self, root: Path) -> Iterator[Entry | Finding]:
        """Every file of the form ``dis-f1-b1.wav`` or ``.flac`` below ``root``.

        A file in the folder of another speaker is a finding, and is read by its name.
        """
        for path in audio_files(root):
            stem = path.stem.lower()
            name = _NAME.fullmatch(stem)
            if name is None:
                continue
            native, speaker, sentence = name.groups()
            folder = _folder(root, path)
            if folder not in {None, speaker}:
                yield Finding(
                    "misplaced",
                    f"{path} stands in the folder of {folder} and is {speaker} by its name: "
                    f"expected in {speaker}",
                )
            yield Entry(
                id=stem,
                audio=path,
                file=f"{speaker}/{stem}.wav",
                speaker=speaker,
                native=native,
                gender="female" if speaker.startswith("f") else "male",
                sentence=sentence,
            )

    def forged_path(self, speaker: str, native: str, take: int) -> str:
        """Where the ``take``-th (from 0) utterance of a speaker and label stands.

        Raises
        ------
        ValueError
            If the speaker or the label is unknown, or there is no such take: each of the 14
            sentences is one.
        """
        if speaker not in SPEAKERS or native not in LABELS or not 0 <= take < len(SENTENCES):
            raise ValueError(
                f"EMOVO has no take {take} of label {native!r} by speaker {speaker!r}: "
                f"takes are 0 to {len(SENTENCES) - 1}"
            )
        return f"EMOVO/{speaker}/{native}-{speaker}-{SENTENCES[take]}.wav"

    def forgery(self) -> Forgery:
        from serbench_corpora.forged.emovo import EMOVOForgery

        return EMOVOForgery(self)


def _folder(root: Path, path: Path) -> str | None:
    """The speaker whose folder a file stands in; None where no folder is called as one."""
    for part in reversed(path.parts[len(root.parts) : -1]):
        if part.lower() in SPEAKERS:
            return part.lower()
    return None
