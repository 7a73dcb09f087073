"""Make-believe speech: the same every time, and told apart the way that emotions are."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import numpy as np
import pytest
from numpy.typing import NDArray

from serbench.labels import Emotion
from serbench.testing.voices import EFFECTS, length, speak

RATE = 16000
CAST = [f"speaker {number}" for number in range(12)]


def say(speaker: str, emotion: str, take: int = 0, seed: int = 0) -> NDArray[np.float32]:
    return speak(speaker, emotion, take, seed=seed, seconds=1.0, rate=RATE)


def level(emotion: str) -> float:
    """dB, the mean over a cast."""
    return float(np.mean([10 * np.log10(np.mean(say(who, emotion) ** 2)) for who in CAST]))


def brightness(emotion: str) -> float:
    """The share of the magnitude spectrum above 1 kHz, the mean over a cast."""
    spectra = [np.abs(np.fft.rfft(say(who, emotion))) for who in CAST]
    return float(np.mean([spectrum[1000:].sum() / spectrum.sum() for spectrum in spectra]))


def pitch(sound: NDArray[np.float32]) -> float:
    """Hz, where the autocorrelation of the whole utterance peaks."""
    spectrum = np.abs(np.fft.rfft(sound, 2 * len(sound))) ** 2
    autocorrelation = np.fft.irfft(spectrum)
    lags = np.arange(RATE // 400, RATE // 60)
    return RATE / int(lags[autocorrelation[lags].argmax()])


def test_shape_and_range() -> None:
    sound = speak("DC", "anger", 0, seed=0, seconds=0.51234, rate=RATE)
    assert sound.dtype == np.float32
    assert sound.shape == (round(0.51234 * RATE),)
    assert np.isfinite(sound).all()
    assert 0.01 < np.abs(sound).max() <= 1.0


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 44100, 48000])
def test_any_rate(rate: int) -> None:
    sound = speak("DC", "neutral", 0, seed=0, seconds=0.3, rate=rate)
    assert np.isfinite(sound).all()
    assert -45 < 10 * np.log10(np.mean(sound**2)) < -10


def test_the_same_arguments_give_the_same_sound() -> None:
    assert np.array_equal(say("DC", "anger"), say("DC", "anger"))


@pytest.mark.parametrize(
    "other",
    [("JE", "anger", 0, 0), ("DC", "fear", 0, 0), ("DC", "anger", 1, 0), ("DC", "anger", 0, 1)],
)
def test_any_other_argument_gives_another(other: tuple[str, str, int, int]) -> None:
    assert not np.array_equal(say("DC", "anger"), say(*other))


def test_another_process_says_the_same() -> None:
    program = (
        "import hashlib; from serbench.testing.voices import speak; "
        "s = speak('DC', 'anger', 3, seed=1, seconds=0.5, rate=16000); "
        "print(hashlib.sha256(s.tobytes()).hexdigest())"
    )
    here = speak("DC", "anger", 3, seed=1, seconds=0.5, rate=16000)
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == hashlib.sha256(here.tobytes()).hexdigest()


def test_every_emotion_has_a_voice() -> None:
    assert set(EFFECTS) == {str(emotion) for emotion in Emotion} - {"other"}
    assert len({say("DC", str(emotion)).tobytes() for emotion in Emotion}) == len(Emotion)


def test_an_emotion_of_anyones_own() -> None:
    assert np.isfinite(say("DC", "nostalgia")).all()


def test_anger_is_louder_and_brighter_than_sadness() -> None:
    assert level("anger") > level("neutral") + 5
    assert level("neutral") > level("sadness") + 4
    assert brightness("anger") > brightness("sadness") + 0.05


def test_surprise_is_higher_than_boredom() -> None:
    higher = [pitch(say(who, "surprise")) > pitch(say(who, "boredom")) for who in CAST]
    assert np.mean(higher) > 0.8


def test_speakers_differ_in_pitch() -> None:
    heights = [np.median([pitch(say(who, "neutral", take)) for take in range(3)]) for who in CAST]
    assert max(heights) / min(heights) > 1.4


def test_length() -> None:
    between = (1.0, 2.0)
    drawn = {
        emotion: [length(who, emotion, 0, seed=0, between=between) for who in CAST]
        for emotion in ("fear", "sadness")
    }
    everything = [*drawn["fear"], *drawn["sadness"]]
    assert min(everything) >= 1.0
    assert max(everything) <= 2.0
    assert len(set(everything)) > 12
    assert np.mean(drawn["fear"]) < np.mean(drawn["sadness"]) - 0.1
    assert length("DC", "anger", 0, seed=0, between=(1.0, 1.0)) == 1.0
