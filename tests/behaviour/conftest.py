"""Make-believe utterances with speaker effects, and a learner that is fast enough to try often."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from serbench.listing import Item, Listing
from serbench.metrics import confusion
from serbench.metrics import ua as score
from serbench.protocols import Protocol
from serbench.splitters import Row

CLASSES, SPEAKERS, EACH, DIMS = 4, 10, 30, 12


@dataclass(frozen=True)
class World:
    """1200 vectors of ten speakers in four classes; habits are a speaker's own way with a class."""

    x: np.ndarray  # [utterances, dims]
    y: np.ndarray
    speakers: np.ndarray

    def table(self):
        return [
            Row(f"{i:04}", f"{i:04}.wav", f"s{who}", "", str(label), "world")
            for i, (who, label) in enumerate(zip(self.speakers, self.y, strict=True))
        ]

    def folds(self, protocol: Protocol):
        """(train, test) as positions."""
        return [
            (np.array(split.train, dtype=int), np.array(split.tests["world"], dtype=int))
            for split in protocol.splits(self.table())
        ]

    def listing(self, protocol: Protocol) -> Listing:
        rows = self.table()
        items = tuple(Item(id=r.id, label=r.label, corpus="world", speaker=r.speaker) for r in rows)
        return Listing(protocol.name, items, protocol.splits(rows))

    def ua(self, protocol: Protocol, y: np.ndarray) -> np.ndarray:
        """Pooled UA of the learner under each labelling: y [labellings, utterances]."""
        said = np.empty_like(y)
        for train, test in self.folds(protocol):
            said[:, test] = discriminant(self.x[train], y[:, train], self.x[test])
        return np.array([score(confusion(*pair, CLASSES)) for pair in zip(y, said, strict=True)])


def discriminant(x, y, new):
    """Linear discriminant analysis for many labellings at once: int [labellings, len(new)]."""
    given = np.eye(CLASSES)[y]  # [labellings, utterances, classes]
    count = given.sum(1)
    means = np.einsum("lnc,nd->lcd", given, x) / count[..., None]
    within = x.T @ x - np.einsum("lc,lcd,lce->lde", count, means, means)
    within /= len(x)
    weights = np.linalg.solve(within, means.transpose(0, 2, 1))  # [labellings, dims, classes]
    offset = np.log(count / len(x)) - 0.5 * np.einsum("lcd,ldc->lc", means, weights)
    return (new @ weights + offset[:, None]).argmax(-1)


@pytest.fixture(scope="session")
def world():
    """Draws a world by a seed."""

    def made(seed: int) -> World:
        rng = np.random.default_rng(seed)
        speakers = np.repeat(np.arange(SPEAKERS), CLASSES * EACH)
        y = np.tile(np.repeat(np.arange(CLASSES), EACH), SPEAKERS)
        x = 0.37 * rng.normal(size=(CLASSES, DIMS))[y]
        x += 0.8 * rng.normal(size=(SPEAKERS, DIMS))[speakers]  # voices
        x += 0.5 * rng.normal(size=(SPEAKERS, CLASSES, DIMS))[speakers, y]  # habits
        return World(x + rng.normal(size=x.shape), y, speakers)

    return made


@pytest.fixture(scope="session")
def learner():
    return discriminant
