"""Which words are taken for which emotion, and which are left alone."""

from __future__ import annotations

import pytest

from serbench.labels import Emotion
from serbench.tabled.emotions import WORDS, guess, intended

# Emotions that corpora name and that are none of the standard ones, nor misspellings of them.
OTHERS = (
    "admiration amusement anxiety awe confusion contentment desire despair disappointment doubt "
    "embarrassment envy gratitude grief guilt hate hope hostility hurt interest irritation "
    "jealousy love pain panic pride puzzlement relief sarcasm satisfaction shame shyness "
    "sleepiness sympathy tenderness tension tiredness triumph worry annoyance assertive"
)


@pytest.mark.parametrize(
    ("label", "emotion"),
    [
        ("ang", Emotion.ANGER),
        ("Angry", Emotion.ANGER),
        ("HAP", Emotion.HAPPINESS),
        ("joy", Emotion.HAPPINESS),
        ("neutral", Emotion.NEUTRAL),
        ("fearful", Emotion.FEAR),
        ("xxx", None),
        ("a", None),  # anger in English, fear (Angst) in German
        ("W", None),
        ("happyish", None),
        ("", None),
    ],
)
def test_guess(label: str, emotion: Emotion | None) -> None:
    assert guess(label) == emotion


def test_every_standard_emotion_means_itself() -> None:
    for emotion in Emotion:
        assert guess(str(emotion)) is intended(str(emotion)) is emotion
    assert set(WORDS.values()) == set(Emotion)


@pytest.mark.parametrize(
    ("word", "emotion"),
    [
        ("hapiness", Emotion.HAPPINESS),
        ("netural", Emotion.NEUTRAL),
        ("suprise", Emotion.SURPRISE),
        ("boredem", Emotion.BOREDOM),
        ("fera", Emotion.FEAR),
        ("Anger", Emotion.ANGER),
        ("happy", Emotion.HAPPINESS),
    ],
)
def test_misspellings_and_other_forms(word: str, emotion: Emotion) -> None:
    assert intended(word) is emotion


@pytest.mark.parametrize("word", OTHERS.split())
def test_other_emotions_are_left_alone(word: str) -> None:
    assert intended(word) is None
