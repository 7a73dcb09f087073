"""The sorts of canaries: by a look-up, by a length, by a draw, by memory.

A canary is shown all utterances once, without their labels, and gives a rule. The rule is then
asked fold by fold, with the labels of the training set alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from serbench.canaries.keys import Key
from serbench.canaries.lookup import UNKNOWN, Answers, Indices, Said, codes_of, learn
from serbench.listing import Item


class Rule(Protocol):
    """What a canary says in a fold."""

    def __call__(self, train: Indices, answers: Answers, test: Indices) -> Said:
        """Say something of each test utterance.

        Parameters
        ----------
        train, test
            Positions in the utterances that the canary was shown.
        answers
            Of ``train``, in that order.
        """


class Canary(Protocol):
    """A predictor that hears nothing; ``looks_at`` says in words what it knows."""

    @property
    def looks_at(self) -> str: ...

    def over(self, items: Sequence[Item]) -> Rule | None:
        """The rule for these utterances; None where what it looks at is known of none of them."""


@dataclass(frozen=True)
class Majority:
    """Says the most frequent class of the training set, or the mean of its values, of everyone."""

    looks_at: str

    def over(self, items: Sequence[Item]) -> Rule:
        del items

        def rule(train: Indices, answers: Answers, test: Indices) -> Said:
            unknown = np.full(len(train), UNKNOWN)
            said: Said = learn(unknown, 0, answers)[np.zeros(len(test), dtype=np.int64)]
            return said

        return rule


@dataclass(frozen=True)
class Lookup:
    """Says of each key what its training utterances say (:mod:`serbench.canaries.lookup`)."""

    looks_at: str
    key: Key

    def over(self, items: Sequence[Item]) -> Rule | None:
        codes, keys = codes_of(map(self.key, items))
        if not keys:
            return None

        def rule(train: Indices, answers: Answers, test: Indices) -> Said:
            said: Said = learn(codes[train], keys, answers)[codes[test]]
            return said

        return rule


@dataclass(frozen=True)
class Binned:
    """Looks up durations, cut into bins that hold equally many training utterances each."""

    looks_at: str
    bins: int = 20

    def over(self, items: Sequence[Item]) -> Rule | None:
        seconds = np.array(
            [np.nan if item.duration is None else item.duration for item in items], np.float64
        )
        known = ~np.isnan(seconds)
        if not known.any():
            return None

        def rule(train: Indices, answers: Answers, test: Indices) -> Said:
            heard = seconds[train][known[train]]
            if not heard.size:
                heard = np.zeros(1)  # no duration is known in training: any edges do
            edges = np.quantile(heard, np.arange(1, self.bins) / self.bins)
            codes = np.where(known, np.searchsorted(edges, seconds, side="right"), UNKNOWN)
            said: Said = learn(codes[train], self.bins, answers)[codes[test]]
            return said

        return rule


@dataclass(frozen=True)
class Drawn:
    """Says every class alike, or any value between the least and greatest of the training set.

    What it draws for an utterance hangs on the SHA-256 of its id and on nothing else.
    """

    looks_at: str

    def over(self, items: Sequence[Item]) -> Rule:
        lots = _lots(items)

        def rule(train: Indices, answers: Answers, test: Indices) -> Said:
            del train
            if answers.classes:
                return (lots[test] * answers.classes).astype(np.int64)
            low, high = answers.y.min(), answers.y.max()
            said: Said = low + (high - low) * lots[test]
            return said

        return rule


@dataclass(frozen=True)
class Memoriser:
    """Remembers what it was trained on, and draws for the rest.

    Where a share l of the test utterances was seen in training, its expected UA over C classes is
    l + (1 - l) / C, so that the chance-adjusted UA gives l.
    """

    looks_at: str
    key: Key

    def over(self, items: Sequence[Item]) -> Rule | None:
        codes, keys = codes_of(map(self.key, items))
        if not keys:
            return None
        draw = Drawn(self.looks_at).over(items)

        def rule(train: Indices, answers: Answers, test: Indices) -> Said:
            seen = np.zeros(keys + 1, dtype=np.bool_)
            seen[codes[train]] = True
            seen[UNKNOWN] = False
            recalled = learn(codes[train], keys, answers)[codes[test]]
            said: Said = np.where(seen[codes[test]], recalled, draw(train, answers, test))
            return said

        return rule


def _lots(items: Sequence[Item]) -> NDArray[np.float64]:
    """A number from 0 to below 1 for each utterance, from 53 bits of the SHA-256 of its id."""
    digests = [hashlib.sha256(item.id.encode(errors="surrogatepass")).digest() for item in items]
    return np.array([(int.from_bytes(d[:8], "big") >> 11) / 2**53 for d in digests], np.float64)
