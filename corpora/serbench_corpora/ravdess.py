"""RAVDESS, the Ryerson Audio-Visual Database of Emotional Speech and Song.

Twenty-four professional actors, twelve women and twelve men, say (and 23 of them sing) two English
sentences in neutral and seven emotions, each but neutral at two intensities, each take twice.

A file name says it all, in two digits a field: ``03-01-06-01-02-01-12`` is modality 03 (audio
only), vocal channel 01 (speech; 02 is song), emotion 06, normal intensity, second statement, first
repetition, actor 12. Odd actors are men, even ones women. Neutral has no strong intensity and so
half the utterances of any other emotion; song has neither disgust nor surprise, and no actor 18.
Only the two statements are spoken, so folds of whole speakers share all of their texts.

As distributed, each WAV file has a chunk ``FLLR`` before its sound and ``LIST``, ``bext`` and
``_PMX`` after it: a reader that takes the first 44 bytes for the header reads noise. Five files are
stereo, and one recording stands under two names; the releases below name them.

Livingstone and Russo, The Ryerson Audio-Visual Database of Emotional Speech and Song (RAVDESS),
PLoS ONE 13(5), 2018.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from serbench.corpus import (
    Corpus,
    CorpusCard,
    Defect,
    Download,
    Entry,
    Finding,
    Release,
    audio_files,
)
from serbench.labels import Emotion

if TYPE_CHECKING:
    from serbench.testing.forgery import Forgery

LABELS: dict[str, Emotion] = {
    "01": Emotion.NEUTRAL,
    "02": Emotion.CALM,
    "03": Emotion.HAPPINESS,
    "04": Emotion.SADNESS,
    "05": Emotion.ANGER,
    "06": Emotion.FEAR,
    "07": Emotion.DISGUST,
    "08": Emotion.SURPRISE,
}
# What mirrors append to a file name: ``03-01-01-01-01-01-01_neutral.wav``. "ps" is "pleasant
# surprise", a word of TESS that is used for RAVDESS beside it.
WORDS = {
    "neutral": "01",
    "calm": "02",
    "happy": "03",
    "sad": "04",
    "angry": "05",
    "fearful": "06",
    "fear": "06",
    "disgust": "07",
    "surprised": "08",
    "surprise": "08",
    "ps": "08",
}
ACTORS = tuple(f"{actor:02d}" for actor in range(1, 25))
STYLES = {"01": "speech", "02": "song"}
SENTENCES = {"01": "Kids are talking by the door", "02": "Dogs are sitting by the door"}

COUNTS = {"01": 96, **dict.fromkeys(("02", "03", "04", "05", "06", "07", "08"), 192)}
SPEAKERS = dict.fromkeys(ACTORS, 60)
# 23 singers: 4 takes of neutral each, 8 of each of the other five.
COUNTS_SONG = {"01": 92, **dict.fromkeys(("02", "03", "04", "05", "06"), 184)}
SPEAKERS_SONG = {actor: 44 for actor in ACTORS if actor != "18"}
COUNTS_BOTH = {native: COUNTS[native] + COUNTS_SONG.get(native, 0) for native in COUNTS}
SPEAKERS_BOTH = {actor: SPEAKERS[actor] + SPEAKERS_SONG.get(actor, 0) for actor in ACTORS}

DEFECTS = (
    Defect(
        "duplicate",
        ("Actor_07/03-01-03-01-02-01-07.wav", "Actor_07/03-01-03-01-02-02-07.wav"),
        "both repetitions of actor 07's second statement, happy at normal intensity, are one "
        "recording",
    ),
    Defect(
        "channels",
        (
            "Actor_01/03-01-02-01-01-02-01.wav",
            "Actor_01/03-01-08-01-02-02-01.wav",
            "Actor_05/03-01-02-01-02-02-05.wav",
            "Actor_20/03-01-03-01-02-01-20.wav",
            "Actor_20/03-01-06-01-01-02-20.wav",
        ),
        "five files are stereo, with the same samples in both channels",
    ),
)
SPEECH_ZIP = Download(
    "https://zenodo.org/records/1188976/files/Audio_Speech_Actors_01-24.zip?download=1",
    "md5:bc696df654c87fed845eb13823edef8a",
)
SONG_ZIP = Download(
    "https://zenodo.org/records/1188976/files/Audio_Song_Actors_01-24.zip?download=1",
    "md5:5411230427d67a21e18aa4d466e6d1b9",
)
MANIFEST = Path(__file__).parent / "manifests" / "ravdess.csv.xz"  # of speech
SPEECH = Release(
    "RAVDESS speech (Livingstone and Russo, 2018)",
    COUNTS,
    SPEAKERS,
    manifest=MANIFEST,
    defects=DEFECTS,
    downloads=(SPEECH_ZIP,),
)
SPEECH_AND_SONG = Release(
    "RAVDESS speech and song (Livingstone and Russo, 2018)",
    COUNTS_BOTH,
    SPEAKERS_BOTH,
    defects=DEFECTS,
    downloads=(SPEECH_ZIP, SONG_ZIP),
)
SONG = Release(
    "RAVDESS song (Livingstone and Russo, 2018)",
    COUNTS_SONG,
    SPEAKERS_SONG,
    downloads=(SONG_ZIP,),
)
LICENCE = "CC BY-NC-SA 4.0: non-commercial, with attribution, derived clips under the same licence"
HOW_TO_GET = (
    "Audio_Speech_Actors_01-24.zip from https://zenodo.org/records/1188976, unpacked; with "
    "Audio_Song_Actors_01-24.zip beside it, speech and song are read as another release"
)
BIBTEX = """@article{livingstone2018ravdess,
  author  = {Livingstone, Steven R. and Russo, Frank A.},
  title   = {The {Ryerson} Audio-Visual Database of Emotional Speech and Song ({RAVDESS}):
             A Dynamic, Multimodal Set of Facial and Vocal Expressions in {North} {American}
             {English}},
  journal = {PLoS ONE},
  volume  = {13},
  number  = {5},
  pages   = {e0196391},
  year    = {2018},
  doi     = {10.1371/journal.pone.0196391}
}
"""

_ACTOR = re.compile(r"actor[ _-]?(\d\d)", re.IGNORECASE)


def names(style: str) -> Iterator[str]:
    """Every name, without suffix, of the audio files in one style ("speech" or "song")."""
    sung = style == "song"
    for repetition, statement, intensity, emotion, actor in product(
        ("01", "02"), SENTENCES, ("01", "02"), LABELS, ACTORS
    ):
        if (emotion == "01" and intensity == "02") or (sung and emotion not in COUNTS_SONG):
            continue
        if sung and actor not in SPEAKERS_SONG:
            continue
        channel = "02" if sung else "01"
        yield f"03-{channel}-{emotion}-{intensity}-{statement}-{repetition}-{actor}"


_NAMES = frozenset(name for style in STYLES.values() for name in names(style))


class RAVDESS(Corpus):
    """Reads the file names, and checks that an actor's folder holds that actor."""

    card: ClassVar[CorpusCard] = CorpusCard(
        name="ravdess",
        title="RAVDESS",
        language="English",
        licence=LICENCE,
        how_to_get=HOW_TO_GET,
        citation=BIBTEX,
        releases=(SPEECH, SPEECH_AND_SONG, SONG),
        layouts=(
            "Actor_01/03-01-01-01-01-01-01.wav",
            "Audio_Speech_Actors_01-24/Actor_01/03-01-01-01-01-01-01.wav",
            "03-01-01-01-01-01-01.wav in one folder or in a folder per emotion",
            "Actor_01/03-01-01-01-01-01-01_neutral.wav, the word agreeing with the code",
        ),
    )
    labels: ClassVar[Mapping[str, Emotion | str | None]] = LABELS

    def entries(self, root: Path) -> Iterator[Entry | Finding]:
        """Every audio-only file of the corpus below ``root``, whichever folder it stands in.

        Findings are a file in another actor's folder, and an emotion appended to a file name that
        is not that of its code; both are read by their code. What is no name of the corpus is left
        to the scan to report: the sound of videos (modality 01 and 02), actors beyond 24 (TESS in
        disguise), files that were changed and renamed.
        """
        for path in audio_files(root):
            stem, _, word = path.stem.partition("_")
            if stem not in _NAMES or (word and word.lower() not in WORDS):
                continue
            _, channel, native, intensity, sentence, _, actor = stem.split("-")
            if word and WORDS[word.lower()] != native:
                yield Finding(
                    "annotation",
                    f"{path} is {word!r} by the end of its name and emotion {native} "
                    f"({LABELS[native]}) by its code",
                )
            folder = _folder(root, path)
            if folder not in {None, actor}:
                yield Finding(
                    "misplaced",
                    f"{path} stands in the folder of actor {folder} and is actor {actor} by its "
                    f"name: expected in Actor_{actor}",
                )
            yield Entry(
                id=stem,
                audio=path,
                file=f"Actor_{actor}/{stem}.wav",
                speaker=actor,
                native=native,
                gender="male" if int(actor) % 2 else "female",
                style=STYLES[channel],
                sentence=sentence,
                text=SENTENCES[sentence],
                attributes={"intensity": float(intensity)},
            )

    def forgery(self) -> Forgery:
        from serbench_corpora.forged.ravdess import RAVDESSForgery

        return RAVDESSForgery(self)


def _folder(root: Path, path: Path) -> str | None:
    """The actor whose folder a file stands in; None where no folder is called as one."""
    for part in reversed(path.parts[len(root.parts) : -1]):
        if actor := _ACTOR.fullmatch(part):
            return actor[1]
    return None
