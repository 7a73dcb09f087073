"""The words that tables have for emotions, and which emotion each of them means."""

from __future__ import annotations

import difflib

from serbench.labels import Emotion

# English words and the three-letter codes in common use. One-letter codes are left out: S is
# sadness in one corpus and surprise in the next, and W is anger in German (Wut).
WORDS: dict[str, Emotion] = {
    word: emotion
    for emotion, words in {
        Emotion.ANGER: "ang angry",
        Emotion.BOREDOM: "bor bored",
        Emotion.CALM: "calmness",
        Emotion.CONTEMPT: "contemptuous",
        Emotion.DISGUST: "dis disgusted",
        Emotion.EXCITEMENT: "exc excited",
        Emotion.FEAR: "fea fearful afraid",
        Emotion.FRUSTRATION: "fru frustrated",
        Emotion.HAPPINESS: "hap happy joy joyful",
        Emotion.NEUTRAL: "neu neutrality",
        Emotion.SADNESS: "sad",
        Emotion.SURPRISE: "sur surprised",
        Emotion.OTHER: "oth",
    }.items()
    for word in (str(emotion), *words.split())
}
# Similarity, 0 to 1, from which two words are taken for one: above what other emotions' names share
# with these (shyness and sadness, 0.71), below what a typing error leaves (netural and neutral,
# 0.86). A name that is nearer by chance, such as gladness to sadness (0.8), is listed under
# `emotions` in corpus.toml.
_ALIKE = 0.8


def guess(label: str) -> Emotion | None:
    """The emotion that a label is the English word or the usual code for; else None.

    Examples
    --------
    >>> guess("Angry"), guess("hap"), guess("xxx")
    (<Emotion.ANGER: 'anger'>, <Emotion.HAPPINESS: 'happiness'>, None)
    """
    return WORDS.get(label.strip().lower())


def intended(word: str) -> Emotion | None:
    """The standard emotion that a word is another form of, or a misspelling; None for any other.

    Examples
    --------
    >>> intended("hapiness"), intended("Angry"), intended("sarcasm")
    (<Emotion.HAPPINESS: 'happiness'>, <Emotion.ANGER: 'anger'>, None)
    """
    lower = word.strip().lower()
    if lower in WORDS:
        return WORDS[lower]
    # Letters that changed places cost a short word much of its similarity.
    swapped = [emotion for emotion in Emotion if sorted(emotion) == sorted(lower)]
    close = swapped or difflib.get_close_matches(lower, list(Emotion), n=1, cutoff=_ALIKE)
    return Emotion(close[0]) if close else None
