"""A part of a bundle as what trials are dealt from, where there are no corpora.

What a trial may be dealt is held against its record as ever: the ids and answers of its sides, and
all folds, by their digests. That the corpora were the releases that the record names was seen where
the bundle was made; here their fingerprints are taken as they stand in it.

The model is handed arrays, and never a file. Features of both sides of a split lie in the same
files, which are mapped before a model is made, so that *any* opening of a file of the bundle while
it trains or answers is seen as its own.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from serbench.audio import Channel
from serbench.bundle import arrays, manifest, tables
from serbench.bundle.arrays import Arrays
from serbench.bundle.manifest import Manifest
from serbench.cohort import Cohort
from serbench.corpus import Utterance
from serbench.data import Source
from serbench.errors import ModelError, ProtocolError
from serbench.features.recipe import AnyRecipe, recipe_digest
from serbench.ground import Files, Ground
from serbench.pool import Pool
from serbench.protocols import Protocol
from serbench.splitters import Cut, Row

FOREIGN = ("models/", "unfinished/")  # what of a bundle tells nothing of a test set


@dataclass(frozen=True)
class DrawnElsewhere:
    """The place of a rule whose folds stand in a bundle."""

    kind: ClassVar[str] = "drawn-elsewhere"

    def folds(self, table: Sequence[Row], seed: int) -> Iterator[Cut]:
        raise ProtocolError(
            f"folds of {len(table)} utterances are to be drawn from a bundle (seed {seed})",
            expected="those that stand in it",
        )


class Opened:
    """A part of a bundle that was found to be what was written.

    Raises
    ------
    StoreError
        If it is not.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest: Manifest = manifest.read(folder)
        manifest.check(folder, self.manifest)
        index = arrays.index_from_parquet(self._read(arrays.INDEX), arrays.INDEX)
        self.arrays = Arrays(index, lambda name: manifest.located(folder, self.manifest, name))
        self.arrays.open()

    def ground(self, question: str) -> Ground:
        """What the trials of a question are dealt from.

        Raises
        ------
        ProtocolError
            If the part holds none such.
        """
        said = self.manifest.questions.get(question)
        if said is None:
            raise ProtocolError(
                f"{self.folder} has no folds for this trial",
                expected="a plan that was made with the bundle",
                advice="make the bundle again by `serbench plan --bundle`",
            )
        pool = Pool([self._cohort(name) for name in said["cohorts"]])
        splits, held = tables.folds_from_parquet(pool, self._read(said["folds"]), said["folds"])
        rule = Protocol(
            said["protocol"]["name"],
            "as a bundle has it",
            DrawnElsewhere(),
            speaker_independent=False,
            split_seed=said["protocol"]["split_seed"],
            target_access=said["protocol"]["target_access"],
        )
        return Ground(pool, rule, splits, self, held, {"bundle": self.origin})

    @property
    def origin(self) -> dict[str, Any]:
        """What a record says of where its trial's data came from."""
        told = self.manifest
        return {
            "id": told.id,
            "part": told.part,
            "parts": told.parts,
            "made": told.created,
            "serbench": told.serbench,
        }

    def source(self, utterances: Sequence[Utterance], *, tested: bool = False) -> Source:
        """Features and texts of these. Whichever side they are of, no file is opened for them."""
        del tested
        return BundleSource(utterances, self.arrays)

    def watched(
        self,
        trained: Sequence[Utterance],
        tested: Sequence[Utterance],
        recipes: Sequence[AnyRecipe],
    ) -> tuple[Files, Files]:
        """Every file that tells of an utterance, since both sides stand in all of them."""
        del trained, tested, recipes
        here = self.manifest.files
        files = {
            manifest.located(self.folder, self.manifest, name)
            for name in here
            if not name.startswith(FOREIGN)
        }
        return frozenset(files), frozenset()

    def extractors(self, recipes: Sequence[AnyRecipe]) -> list[str]:
        """The libraries that computed these where the bundle was made."""
        known = self.manifest.recipes
        found = (known.get(recipe_digest(recipe), {}).get("extractor") for recipe in recipes)
        return sorted({str(extractor) for extractor in found if extractor})

    def _cohort(self, name: str) -> Cohort:
        described: Mapping[str, Any] = self.manifest.cohorts[name]
        return tables.cohort_from_parquet(described, self._read(name), name)

    def _read(self, name: str) -> bytes:
        return manifest.located(self.folder, self.manifest, name).read_bytes()


@functools.lru_cache(maxsize=2)
def opened(folder: Path) -> Opened:
    """A part of a bundle, checked and mapped once for all trials of this process."""
    return Opened(folder)


class BundleSource:
    """Rows of a bundle as a model is given them: features and texts, and no sound."""

    def __init__(self, utterances: Sequence[Utterance], held: Arrays) -> None:
        self._utterances = tuple(utterances)
        self._held = held

    def waveform(self, row: int, rate: int | None, channel: Channel) -> NDArray[np.float32]:
        raise ModelError(
            f"the model asked for the sound of an utterance (at {rate} Hz, {channel}), and a "
            "bundle holds none",
            expected="a model whose `recipes` name the features that it reads",
            advice="run this model where the corpora are",
        )

    def feature(self, row: int, recipe: AnyRecipe) -> NDArray[np.float32]:
        return self._held.of(self._utterances[row], recipe)

    def text(self, row: int) -> str | None:
        return self._utterances[row].text
