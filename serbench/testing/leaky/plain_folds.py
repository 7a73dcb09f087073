"""Folds without a fault: what the leaky ones would be without theirs."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

from serbench.listing import Item, Listing
from serbench.protocols import Split

EMOTIONS = ("anger", "neutral", "sadness")
LEARNT = ("ann", "bea", "cem", "dov")  # who is trained on,
JUDGED = ("eli", "fay")  # and who is tested
TAKES = 4  # utterances of each speaker in each emotion
FOLD, CORPUS = "1", "home"


def folds_of_speakers() -> Listing:
    """72 utterances of six people, four to train on and two to test, each recorded once."""
    return _listing(lambda take, speaker: speaker in JUDGED)


def folds_of_utterances() -> Listing:
    """The same 72; of each person and emotion, the last of four utterances is tested."""
    return _listing(lambda take, speaker: take == TAKES - 1)


def _listing(is_judged: Callable[[int, str], bool]) -> Listing:
    sides: dict[bool, list[Item]] = {False: [], True: []}
    for speaker in (*LEARNT, *JUDGED):
        for emotion in EMOTIONS:
            for take in range(TAKES):
                sides[is_judged(take, speaker)].append(_item(speaker, emotion, take))
    train, test = (tuple(item.id for item in sides[judged]) for judged in (False, True))
    items = tuple(sorted((*sides[False], *sides[True]), key=lambda item: item.id))
    return Listing("make-believe folds", items, (Split(FOLD, train, {CORPUS: test}),), EMOTIONS)


def _item(speaker: str, emotion: str, take: int) -> Item:
    name = f"{CORPUS}/{speaker}/{EMOTIONS.index(emotion) * TAKES + take:02}"
    return Item(
        id=name,
        label=emotion,
        corpus=CORPUS,
        file=f"{name}.wav",
        speaker=speaker,
        gender="female" if speaker in {"ann", "bea", "fay"} else "male",
        duration=2.0,
        rate=16000,
        channels=1,
        samples=sha256(name.encode()).hexdigest(),
    )
