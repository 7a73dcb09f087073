"""A guest's model and corpus: all that it takes to stand beside the built-in ones."""

import re
from pathlib import Path
from typing import ClassVar

import numpy as np

from serbench.corpus import Corpus, CorpusCard, Entry, Release, audio_files
from serbench.labels import Emotion


class Loudness:
    """The nearest class by the loudness of the utterance, and nothing else.

    Parameters
    ----------
    rate
        Hz that the sound is resampled to.
    """

    version = "1"
    deterministic = True

    def __init__(self, *, rate: int = 16000):
        self.rate = rate

    def _loudness(self, data):
        sounds = (data.waveform(i, self.rate) for i in range(len(data)))
        return np.array([20 * np.log10(np.sqrt(np.mean(sound**2)) + 1e-9) for sound in sounds])

    def fit(self, train, *, seed):
        loudness = self._loudness(train)
        classes = range(len(train.task.names))
        self.centres = np.array(
            [loudness[train.y == c].mean() if (train.y == c).any() else np.inf for c in classes]
        )
        return self

    def predict_proba(self, test):
        distances = np.abs(self._loudness(test)[:, None] - self.centres)
        closeness = np.exp(-(distances - distances.min(axis=1, keepdims=True)))
        return closeness / closeness.sum(axis=1, keepdims=True)


class Whispers(Corpus):
    """A made-up corpus: ``ann_happy_1.wav``."""

    card = CorpusCard(
        name="whispers",
        title="Whispers",
        language="English",
        licence="CC0-1.0",
        how_to_get="It is made up.",
        citation="@misc{whispers, title={Whispers}, year={2026}}",
        releases=(Release("Whispers 1.0", {"happy": 4, "sad": 4}, {"ann": 4, "bob": 4}),),
        layouts=("ann_happy_1.wav",),
    )
    labels: ClassVar = {"happy": Emotion.HAPPINESS, "sad": Emotion.SADNESS}

    def entries(self, root: Path):
        for path in audio_files(root):
            if match := re.fullmatch(r"(ann|bob)_(happy|sad)_(\d+)", path.stem):
                yield Entry(
                    id=path.stem,
                    audio=path,
                    file=f"{path.stem}.wav",
                    speaker=match[1],
                    native=match[2],
                )

    def forged_path(self, speaker: str, native: str, take: int) -> str:
        return f"{speaker}_{native}_{take + 1}.wav"
