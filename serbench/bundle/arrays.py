"""Features as few large arrays: those of one recipe laid end to end, and where each one stands.

An array of frames [frames, dims] takes as many rows as it has frames, a vector [dims] takes one. A
file is a NumPy array [rows, dims] in the precision that the cache keeps the recipe in, read by
memory mapping, so that what no trial asks for is never loaded.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serbench import parquet
from serbench.corpus import Utterance
from serbench.errors import StoreError
from serbench.features.recipe import AnyRecipe, reads_text, recipe_digest
from serbench.features.same import Same
from serbench.features.sentence import Sentence

INDEX = "index.parquet"
HEADER = 128  # bytes of a NumPy file before its array


@dataclass(frozen=True, slots=True)
class Place:
    """Where the array of one utterance stands."""

    recipe: str  # SHA-256 of the recipe's record
    item: str  # what the array was made of (:func:`item_of`)
    file: int  # the number of the recipe's file, from 1
    start: int  # the first row
    rows: int
    vector: bool  # [dims] and not [1, dims]


def item_of(utterance: Utterance, recipe: AnyRecipe) -> str:
    """What a recipe's array is made of: a sound or a sentence, by its digest."""
    if reads_text(recipe):
        return f"text {Sentence(utterance.text or '').digest}"
    return f"sound {utterance.samples} {utterance.rate} {utterance.channels}"


def file_name(recipe: str, number: int) -> str:
    """The path of a recipe's file within a bundle."""
    return f"features/{recipe[:16]}-{number:03d}.npy"


def laid_out(
    recipe: str, arrays: Iterator[tuple[str, NDArray[Any]]], most_bytes: int
) -> Iterator[tuple[str, bytes, list[Place]]]:
    """Lay arrays of one recipe end to end, in files of no more than so many bytes.

    An array that is larger by itself has a file of its own.

    Parameters
    ----------
    arrays
        Item and array, each item once.

    Yields
    ------
    The file's path, its content, and what stands in it.
    """
    number, size = 1, 0
    waiting: list[tuple[str, NDArray[Any]]] = []
    for item, array in arrays:
        if waiting and size + array.nbytes > most_bytes - HEADER:
            yield _file(recipe, number, waiting)
            number, waiting, size = number + 1, [], 0
        waiting.append((item, array))
        size += array.nbytes
    if waiting:
        yield _file(recipe, number, waiting)


def _file(
    recipe: str, number: int, arrays: Sequence[tuple[str, NDArray[Any]]]
) -> tuple[str, bytes, list[Place]]:
    places = []
    start = 0
    for item, array in arrays:
        rows = 1 if array.ndim == 1 else len(array)
        places.append(Place(recipe, item, number, start, rows, array.ndim == 1))
        start += rows
    buffer = io.BytesIO()
    whole = np.concatenate([np.atleast_2d(array) for _, array in arrays])
    np.lib.format.write_array(buffer, whole, version=(1, 0), allow_pickle=False)
    return file_name(recipe, number), buffer.getvalue(), places


def index_to_parquet(places: Sequence[Place]) -> bytes:
    """The file that says where each array stands."""
    import pyarrow as pa

    kinds = {"file": pa.int32(), "start": pa.int64(), "rows": pa.int64(), "vector": pa.bool_()}
    return parquet.to_bytes(
        {
            name: pa.array([getattr(place, name) for place in places], kinds.get(name, pa.string()))
            for name in Place.__slots__
        }
    )


def index_from_parquet(content: bytes, where: str) -> dict[tuple[str, str], Place]:
    """Read it back: recipe and item to the place.

    Raises
    ------
    StoreError
        If it is no such table.
    """
    names = tuple(Place.__slots__)
    columns = ", ".join(names)
    with parquet.read(content, where, what="an index of arrays", columns=columns) as table:
        rows = zip(*(table.column(name).to_pylist() for name in names), strict=True)
        return {(row[0], row[1]): Place(*row) for row in rows}


class Arrays:
    """The features of a part of a bundle.

    Parameters
    ----------
    index
        Recipe and item to where the array stands.
    path
        The file of a path within the part (:func:`file_name`).
    """

    def __init__(self, index: Mapping[tuple[str, str], Place], path: Callable[[str], Path]) -> None:
        self._index = index
        self._path = path
        self._opened: dict[str, NDArray[Any]] = {}

    def open(self) -> None:
        """Map every file, so that none is opened while a model is watched.

        Raises
        ------
        StoreError
            If one is not there or no array.
        """
        for name in sorted({file_name(place.recipe, place.file) for place in self._index.values()}):
            self._file(name)

    def of(self, utterance: Utterance, recipe: AnyRecipe) -> NDArray[np.float32]:
        """The array of an utterance, float32 [frames, dims] or [dims], free to be written to.

        Raises
        ------
        StoreError
            If the bundle holds none.
        """
        place = self._index.get((_digest(Same(recipe)), item_of(utterance, recipe)))
        if place is None:
            raise StoreError(
                f"the bundle holds no {recipe.name!r} of {utterance.id}, as the model asks for it",
                expected="the features that were declared where it was made",
                advice="make it again by `serbench plan --bundle`, with the same model",
            )
        whole = self._file(file_name(place.recipe, place.file))
        rows = whole[place.start] if place.vector else whole[place.start : place.start + place.rows]
        return np.array(rows, dtype=np.float32)

    def _file(self, name: str) -> NDArray[Any]:
        if name not in self._opened:
            path = self._path(name)
            try:
                self._opened[name] = np.load(path, mmap_mode="r", allow_pickle=False)
            except (OSError, ValueError) as error:
                raise StoreError(f"{path} is no array: {error}") from error
        return self._opened[name]


@functools.lru_cache(maxsize=256)
def _digest(same: Same[AnyRecipe]) -> str:
    return recipe_digest(same.thing)
