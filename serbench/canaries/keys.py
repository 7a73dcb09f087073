"""What a canary may look at: of each utterance a value that others share, or None if unknown."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Hashable

from serbench.listing import Item

Key = Callable[[Item], Hashable | None]

_MARKS = re.compile(r"[^\w\s]|_")
_PART = re.compile(r"(?<=\d)[ab]$")


def speaker(item: Item) -> Hashable | None:
    """Who speaks; people of one name in two corpora are two."""
    return item.who if item.speaker else None


def text(item: Item) -> Hashable | None:
    """What is said: the number of the sentence within its corpus, or else the words.

    Words are compared across corpora as :func:`normalised`; what has none left is unknown.
    """
    if item.sentence:
        return item.corpus, item.sentence
    return normalised(item.text or "") or None


def dialogue(item: Item) -> Hashable | None:
    """Which recording of people who talk to each other. Some corpora count anew each session."""
    return (item.corpus, item.session, item.dialogue) if item.dialogue else None


def scenario(item: Item) -> Hashable | None:
    """What is played, whoever plays it. Parts a and b of one scenario are one: impro05a, impro05.

    In capitals the letter stays: it is no part but a name, as the emotion in MSP-IMPROV's S01A.
    """
    return (item.corpus, _PART.sub("", item.scenario)) if item.scenario else None


def file(item: Item) -> Hashable | None:
    """The format of the file: rate, channels, and its suffix as distributed.

    The same format in two corpora is the same here: that is how a model could use it.
    """
    if item.rate is None and item.channels is None:
        return None
    return item.rate, item.channels, item.file.rpartition(".")[2].lower()


def samples(item: Item) -> Hashable | None:
    """The very recording, by the SHA-256 of its decoded samples."""
    return item.samples or None


def both(first: Key, second: Key) -> Key:
    """Two things at once; unknown where either is."""

    def key(item: Item) -> Hashable | None:
        pair = first(item), second(item)
        return None if None in pair else pair

    return key


def normalised(words: str) -> str:
    """A text as it is compared: NFKC, lower case, without punctuation, single spaces.

    >>> normalised("Kids are talking, by the door!")
    'kids are talking by the door'
    """
    plain = unicodedata.normalize("NFKC", words).lower()
    return " ".join(_MARKS.sub("", plain).split())
