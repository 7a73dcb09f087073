"""Make-believe speech: voices that differ by speaker and by emotion, from pulses and resonances.

A source (pulses at a speaking pitch, and breath) passes through the resonances of a vocal tract,
syllable by syllable (source and filter, after Fant 1960; the resonators are Klatt's, 1980). Nobody
would take it for a person. What counts is that recognising its emotions is hard in the way that
it is with people: emotions move pitch, loudness, tempo and timbre as they do in actors (the
directions of Juslin and Laukka 2003, table 7, and Banse and Scherer 1996), yet every speaker has a
voice of their own, and a habit of their own for each emotion. A classifier that has heard the
speaker therefore does better than one that has not, and protocols can be told apart.
"""

from __future__ import annotations

import hashlib
import json
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Manner(NamedTuple):
    """How something is said: distances from a neutral voice."""

    pitch: float  # semitones
    melody: float  # semitones that syllables rise and fall by
    rise: float  # semitones from the first to the last syllable
    loudness: float  # dB
    tempo: float  # octaves of the syllable rate: 1 is twice as fast
    brightness: float  # octaves that the corner of the source's low-pass lies higher
    breath: float  # dB of noise in the source
    tremor: float  # semitones of a quaver at 6 Hz


EFFECTS = {
    "anger": Manner(4.8, 2.4, -1.6, 11.2, 0.35, 1.9, -4.8, 0.0),
    "boredom": Manner(-4.8, -2.4, -1.6, -4.8, -0.48, -0.8, 0.0, 0.0),
    "calm": Manner(-2.4, -1.6, 0.0, -6.4, -0.24, -1.0, 3.2, 0.0),
    "contempt": Manner(-1.6, 0.8, -3.2, 0.0, -0.19, 0.6, -3.2, 0.0),
    "disgust": Manner(-2.4, 0.8, -3.2, -1.6, -0.35, 0.8, 4.8, 0.2),
    "excitement": Manner(7.2, 4.0, 0.0, 9.6, 0.35, 1.4, 0.0, 0.0),
    "fear": Manner(6.4, -0.8, 1.6, -1.6, 0.45, 0.3, 6.4, 1.0),
    "frustration": Manner(2.4, 1.6, -2.4, 6.4, 0.0, 1.3, 1.6, 0.2),
    "happiness": Manner(5.6, 4.0, 1.6, 6.4, 0.16, 1.1, -1.6, 0.0),
    "neutral": Manner(0.0, 0.0, -0.8, 0.0, 0.0, 0.0, 0.0, 0.0),
    "sadness": Manner(-3.2, -2.4, -3.2, -9.6, -0.45, -1.6, 6.4, 0.3),
    "surprise": Manner(8.0, 4.8, 8.0, 4.8, 0.0, 0.6, 1.6, 0.0),
}
UNIT = Manner(2.0, 1.0, 1.5, 2.5, 0.12, 0.45, 2.0, 0.15)  # a notable difference in each
# Multiples of UNIT, one standard deviation. Larger habits widen the gap between folds of speakers
# and random folds; larger moods make everything harder.
VOICE = 0.7  # between speakers
HABIT = 0.75  # between one speaker's way with an emotion and the usual way
MOOD = 0.25  # between two utterances

PITCH = 150.0  # Hz
SYLLABLES = 4.5  # a second
CORNER = 700.0  # Hz, of the source's low-pass
LEVEL = -26.0  # dB below full scale, root mean square
BREATH = -20.0  # dB of noise, beside the pulses
ROOM = -66.0  # dB below full scale, noise of the room
# First to third resonance in Hz, an adult male's (Peterson and Barney 1952).
VOWELS = (
    (730, 1090, 2440),
    (530, 1840, 2480),
    (270, 2290, 3010),
    (570, 840, 2410),
    (300, 870, 2240),
)
HIGHER = (3500.0, 4500.0)  # Hz, the resonances that vowels share
WIDTHS = (80.0, 100.0, 130.0, 200.0, 300.0)  # Hz, of the five resonances


def speak(
    speaker: str, emotion: str, take: int, *, seed: int, seconds: float, rate: int
) -> NDArray[np.float32]:
    """An utterance, the same for the same arguments on every machine up to rounding.

    Parameters
    ----------
    speaker, emotion
        Any names. An emotion outside the standard vocabulary gets an effect of its own.
    take
        Which of the utterances of this speaker and emotion.
    seed
        Another seed is another world: other voices, other habits, other utterances.
    seconds
        Length.
    rate
        Hz.

    Returns
    -------
    samples : float32 [round(seconds * rate)], within -1..1
    """
    manner = _manner(speaker, emotion, take, seed)
    rng = _generator("sound", seed, speaker, emotion, take)
    size = round(seconds * rate)
    time = np.arange(size) / rate
    position, syllable, envelope = _syllables(rng, time, manner)
    source = _source(rng, time, position, manner, rate)
    sound = envelope * _tract(rng, source, syllable, _generator("tract", seed, speaker), rate)
    sound *= 10 ** ((LEVEL + manner.loudness) / 20) / (np.sqrt(np.mean(sound**2)) + 1e-12)
    sound += 10 ** (ROOM / 20) * rng.standard_normal(size)
    return np.tanh(sound).astype(np.float32)  # loud peaks saturate softly, as on tape


def length(
    speaker: str, emotion: str, take: int, *, seed: int, between: tuple[float, float]
) -> float:
    """Seconds that an utterance takes, shorter where the manner is fast."""
    shortest, longest = between
    chance = _generator("length", seed, speaker, emotion, take).uniform()
    share = 0.15 + 0.7 * chance - 0.5 * _manner(speaker, emotion, take, seed).tempo
    return float(shortest + (longest - shortest) * np.clip(share, 0.0, 1.0))


def _manner(speaker: str, emotion: str, take: int, seed: int) -> Manner:
    effect = EFFECTS.get(emotion)
    usual = np.array(effect) if effect is not None else 2.0 * _deviation("emotion", emotion)
    usual = usual + VOICE * _deviation("voice", seed, speaker)
    usual += HABIT * _deviation("habit", seed, speaker, emotion)
    usual += MOOD * _deviation("mood", seed, speaker, emotion, take)
    # A person's usual pitch says little of the emotion, and ranges about as far.
    usual[0] += _generator("pitch", seed, speaker).uniform(-6.0, 6.0)
    return Manner(*usual.tolist())


def _deviation(*of: str | int) -> Array:
    return np.array(UNIT) * _generator(*of).standard_normal(len(UNIT))


def _generator(*of: str | int) -> np.random.Generator:
    """Seeded by a digest of its arguments; hash() would differ between processes."""
    digest = hashlib.sha256(json.dumps(of).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest, "big"))


def _syllables(
    rng: np.random.Generator, time: Array, manner: Manner
) -> tuple[Array, NDArray[np.int64], Array]:
    """Where in its syllables each sample lies, which syllable that is, and how loud it is."""
    tempo = SYLLABLES * 2**manner.tempo
    position = time * tempo + 0.05 * np.sin(2 * np.pi * time * tempo / 3)
    syllable = np.maximum(position, 0.0).astype(np.int64)
    stress = rng.uniform(0.4, 1.0, syllable.max(initial=0) + 1)
    envelope = stress[syllable] * np.sin(np.pi * (position - syllable)).clip(0.02) ** 0.7
    return position, syllable, envelope


def _source(
    rng: np.random.Generator, time: Array, position: Array, manner: Manner, rate: int
) -> Array:
    """Pulses along a melody, and breath, under a low-pass that sets the timbre."""
    from scipy.signal import lfilter

    accents = rng.standard_normal(int(position.max(initial=0.0)) + 2)
    melody = np.interp(position, np.arange(len(accents)), accents)
    semitones = manner.pitch + max(1.5 + manner.melody, 0.2) * melody
    semitones += manner.rise * (position / max(position.max(initial=0.0), 1.0) - 0.5)
    semitones += max(manner.tremor, 0.0) * np.sin(2 * np.pi * 6.0 * time + rng.uniform(0, 6))
    semitones += 0.15 * rng.standard_normal(len(time))
    pitch = np.clip(PITCH * 2 ** (semitones / 12), 50.0, 0.2 * rate)
    phase = np.cumsum(pitch) / rate + rng.uniform()
    pulses = 1.0 - 2.0 * (phase % 1.0)  # a sawtooth falls by 6 dB an octave, like glottal flow
    breath = 10 ** ((BREATH + manner.breath) / 20) * rng.standard_normal(len(time))
    pole = np.exp(-2 * np.pi * CORNER * 2**manner.brightness / rate)
    return np.asarray(lfilter([1 - pole], [1, -pole], pulses + breath))


def _tract(
    rng: np.random.Generator,
    source: Array,
    syllable: NDArray[np.int64],
    anatomy: np.random.Generator,
    rate: int,
) -> Array:
    """The source through the vowel of each syllable, in a tract of this speaker's size."""
    from scipy.signal import sosfilt

    size = anatomy.uniform(0.9, 1.2)
    own = anatomy.normal(1.0, 0.04, (len(VOWELS), 3))  # an accent
    # Every vowel in turn, in a shuffled order: what is said should not drown how it is said.
    vowels = np.resize(rng.permutation(len(VOWELS)), syllable.max(initial=0) + 1)
    sound = np.zeros_like(source)
    for index, vowel in enumerate(VOWELS):
        spoken = vowels[syllable] == index
        if spoken.any():
            peaks = np.concatenate([np.array(vowel) * own[index], HIGHER]) * size
            sound[spoken] = sosfilt(_resonators(peaks, rate), source)[spoken]
    return sound


def _resonators(peaks: Array, rate: int) -> Array:
    """Klatt's digital resonators in cascade, as second-order sections."""
    sections = []
    for peak, width in zip(peaks, WIDTHS, strict=True):
        if peak < 0.45 * rate:
            c = -np.exp(-2 * np.pi * width / rate)
            b = 2 * np.exp(-np.pi * width / rate) * np.cos(2 * np.pi * peak / rate)
            sections.append([1 - b - c, 0.0, 0.0, 1.0, -b, -c])
    return np.array(sections)
