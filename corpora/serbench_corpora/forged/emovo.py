"""A forged EMOVO, and its two microphones."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

from numpy.typing import NDArray

from serbench.corpus import audio_files
from serbench_corpora.emovo import MONO, ONE_MICROPHONE
from serbench_corpora.forged.chunks import replace_sound
from serbench_corpora.forged.unpacked import Unpacked

DELAY = 20 / 48000  # seconds that the second microphone hears the voice later
LOUDER = 8.7  # dB, m3's second channel above the first
_MONO = PurePosixPath(MONO).stem
_ONE_MICROPHONE = frozenset(PurePosixPath(file).stem for file in ONE_MICROPHONE)


class EMOVOForgery(Unpacked):
    """Forged in mono; the second channel is a defect to plant."""

    defects: ClassVar[Mapping[str, str]] = {
        **Unpacked.defects,
        "stereo": "two channels, the second 0.4 ms later (and m3's first 8.7 dB softer); the same "
        "samples in both in 13 of f1's neutral files; rab-f1-b1 stays mono",
    }

    def spoil(self, root: Path, defect: str) -> None:
        if defect == "stereo":
            for path in audio_files(root):
                if path.stem != _MONO:
                    _two_microphones(path)
        else:
            super().spoil(root, defect)


def _two_microphones(path: Path) -> None:
    import numpy as np
    import soundfile

    first, rate = soundfile.read(path, dtype="int16")
    second: NDArray[Any] = first
    if path.stem not in _ONE_MICROPHONE:
        late = round(DELAY * rate)
        second = np.concatenate([np.zeros(late, first.dtype), first[: len(first) - late]])
        if "-m3-" in path.stem:
            first = (first / 10 ** (LOUDER / 20)).round().astype(first.dtype)
    replace_sound(path, np.stack([first, second], axis=1), rate)
