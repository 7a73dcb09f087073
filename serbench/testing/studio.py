"""Two small make-believe corpora on a disk, for what a model may do only with files.

File names spell the label, as EMO-DB's do, and both corpora lie in one folder, as corpora do.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from serbench.audio import inspect
from serbench.corpus import Utterance
from serbench.data import LabelledUtterances, Utterances
from serbench.features.cache import FeatureCache
from serbench.labels import Classes
from serbench.model import Model, declared_inputs, declared_recipes
from serbench.sources import CorpusSource
from serbench.testing.voices import speak

RATE = 8000  # Hz
EMOTIONS = ("anger", "neutral", "sadness")
CORPORA = {"home": ("ann", "bea", "cem", "dov"), "away": ("eli", "fay")}  # and who speaks there
DRAWN, NUMBER = "drawn", 48  # the corpus of drawn labels, and how many it has
SECONDS = 0.5
SENTENCES = ("the cloth lies on the fridge", "tomorrow I will tell him")


@dataclass(frozen=True)
class Studio:
    """Recordings of six people in three emotions, two of each: 36 files of half a second."""

    folder: Path
    utterances: tuple[Utterance, ...]

    task = Classes(EMOTIONS)

    @property
    def cache(self) -> FeatureCache:
        return FeatureCache(self.folder / "cache")

    def of(self, corpus: str, *, without: str = "", only: str = "") -> list[Utterance]:
        """A corpus's utterances, without those of a speaker, or only those."""
        return [
            each
            for each in self.utterances
            if each.corpus == corpus and each.speaker != without and only in ("", each.speaker)
        ]

    def drawn(self) -> list[Utterance]:
        """Recordings that nobody has heard, under labels that are drawn: no sound tells them.

        Neither can be known beforehand, not even from an earlier call.
        """
        rng = np.random.default_rng()
        return [
            _recorded(
                self.folder,
                DRAWN,
                ("gus", "hal")[number // 2 % 2],
                str(rng.choice(EMOTIONS)),
                number,
                SECONDS,
                sounds_like=str(rng.choice(EMOTIONS)),
                seed=int(rng.integers(2**32)),
            )
            for number in range(NUMBER)
        ]

    def training(self, utterances: Sequence[Utterance], model: Model) -> LabelledUtterances:
        """What a model is handed to learn from."""
        return LabelledUtterances(
            self.task,
            CorpusSource(utterances, self.cache),
            range(len(utterances)),
            y=labels_of(utterances),
            speakers=speakers_of(utterances),
            targets={"gender": np.array([each.gender == "male" for each in utterances])},
            inputs=declared_inputs(model),
            recipes=declared_recipes(model),
        )

    def test(
        self, utterances: Sequence[Utterance], model: Model, *, grouped: bool = False
    ) -> Utterances:
        """What it is handed to judge; ``grouped``: with numbers that tell the speakers apart."""
        return Utterances(
            self.task,
            CorpusSource(utterances, self.cache, tested=True),
            range(len(utterances)),
            inputs=declared_inputs(model),
            recipes=declared_recipes(model),
            groups=speakers_of(utterances) if grouped else None,
        )


def labels_of(utterances: Sequence[Utterance]) -> NDArray[np.int64]:
    """The class of each utterance: int64 [utterances]."""
    return np.array([EMOTIONS.index(each.emotion) for each in utterances], dtype=np.int64)


def speakers_of(utterances: Sequence[Utterance]) -> NDArray[np.int64]:
    """A number for each speaker: int64 [utterances]."""
    names = sorted({each.speaker for each in utterances})
    return np.array([names.index(each.speaker) for each in utterances], dtype=np.int64)


@contextmanager
def studio(*, seconds: float = SECONDS) -> Iterator[Studio]:
    """The recordings, as long as this lasts."""
    with tempfile.TemporaryDirectory(prefix="serbench-studio-") as place:
        folder = Path(place)
        made = [
            _recorded(folder, corpus, speaker, emotion, take, seconds)
            for corpus, speakers in CORPORA.items()
            for speaker in speakers
            for emotion in EMOTIONS
            for take in range(2)
        ]
        yield Studio(folder, tuple(made))


def _recorded(
    folder: Path,
    corpus: str,
    speaker: str,
    emotion: str,
    take: int,
    seconds: float,
    *,
    sounds_like: str = "",
    seed: int = 0,
) -> Utterance:
    import soundfile

    path = folder / corpus / f"{emotion}-{speaker}-{take}.wav"
    path.parent.mkdir(exist_ok=True)
    spoken = sounds_like or emotion
    samples = speak(f"{corpus}/{speaker}", spoken, take, seed=seed, seconds=seconds, rate=RATE)
    soundfile.write(path, samples, RATE, subtype="PCM_16")
    sound = inspect(path)
    return Utterance(
        id=f"{corpus}/{path.stem}",
        audio=path,
        file=path.name,
        speaker=speaker,
        native=emotion,
        gender="female" if speaker in {"ann", "bea", "fay"} else "male",
        text=SENTENCES[take % len(SENTENCES)],
        corpus=corpus,
        emotion=emotion,
        rate=sound.rate,
        channels=sound.channels,
        duration=sound.duration,
        samples=sound.samples,
    )
