"""A few make-believe utterances in memory, to try a model on without any corpus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from serbench.audio import Channel
from serbench.features.recipe import AnyRecipe, TextRecipe, checked
from serbench.testing.voices import speak

RATE = 16000  # Hz, what "as recorded" means here
SENTENCES = (
    "the cloth lies on the fridge",
    "tomorrow I will tell him",
    "it will be ready at seven",
)


@dataclass(frozen=True)
class Spoken:
    """Utterances of speakers in several emotions, unequal in length, as a source of rows.

    Rows run through the takes, within a take through the speakers, within a speaker through the
    emotions. They are spoken at whatever rate is asked for, so nothing is resampled. Features are
    held to the form, and rounded to the precision that their recipe is kept in, as in a trial.

    Parameters
    ----------
    emotions, speakers
        Names; what is heard differs by both.
    takes
        Utterances of each speaker in each emotion.
    """

    emotions: Sequence[str]
    speakers: Sequence[str]
    takes: int
    _heard: dict[tuple[int, AnyRecipe | int], NDArray[np.float32]] = field(default_factory=dict)

    def __len__(self) -> int:
        return self.takes * len(self.speakers) * len(self.emotions)

    def emotion(self, row: int) -> str:
        return self.emotions[row % len(self.emotions)]

    def speaker(self, row: int) -> int:
        """Position in ``speakers``."""
        return row // len(self.emotions) % len(self.speakers)

    def waveform(self, row: int, rate: int | None, channel: Channel) -> NDArray[np.float32]:
        del channel  # one is all there is
        rate = RATE if rate is None else rate
        if (row, rate) not in self._heard:
            self._heard[row, rate] = speak(
                self.speakers[self.speaker(row)],
                self.emotion(row),
                row // (len(self.emotions) * len(self.speakers)),
                seed=0,
                seconds=0.5 + 0.1 * (row * 7 % 6),
                rate=rate,
            )
        return self._heard[row, rate].copy()

    def feature(self, row: int, recipe: AnyRecipe) -> NDArray[np.float32]:
        if (row, recipe) not in self._heard:
            if isinstance(recipe, TextRecipe):
                made = recipe.extract_text(self.text(row))
            else:
                samples = self.waveform(row, recipe.rate, recipe.channel)
                made = recipe.extract(samples, recipe.rate or RATE)
            kept = checked(made, recipe).astype(getattr(recipe, "stored", "float32"))
            self._heard[row, recipe] = kept.astype(np.float32)
        return self._heard[row, recipe].copy()

    def text(self, row: int) -> str:
        return SENTENCES[row % len(SENTENCES)]
