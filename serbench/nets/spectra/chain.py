"""What a recipe does to a frame, and the constants that it takes: librosa's and scipy's own."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from serbench.features.extraction import Spectral
from serbench.features.frames import LogMel
from serbench.features.spectrum import DELTA_WIDTH, Framing, mel_filters


@dataclass(frozen=True)
class Chain:
    """The steps of a recipe, from frames to its columns."""

    framing: Framing
    bands: int
    low_hz: float
    high_hz: float | None  # None: half the rate
    top_db: float | None = None  # the floor under the utterance's maximum; None: none
    coefficients: int | None = None  # None: the bands themselves
    deltas: int = 0

    @classmethod
    def of(cls, recipe: Spectral) -> Chain:
        if isinstance(recipe, LogMel):
            return cls(recipe.framing(), recipe.bands, recipe.low_hz, recipe.high_hz)
        return cls(
            recipe.framing(),
            recipe.mel_bands,
            recipe.low_hz,
            recipe.high_hz,
            recipe.top_db,
            recipe.coefficients,
            recipe.deltas,
        )


@dataclass(frozen=True, eq=False)
class Constants:
    """What a chain multiplies with, on the device."""

    window: Tensor  # float64 [window]
    filters: Tensor  # float32 [1 + fft/2, bands]
    cosines: Tensor | None  # float64 [bands, coefficients]
    derivatives: tuple[Tensor, ...]  # each float64 [9 frames read, 9 frames made]


@functools.lru_cache(maxsize=16)
def constants(chain: Chain, device: torch.device) -> Constants:
    framing = chain.framing
    filters = mel_filters(framing.rate, framing.fft, chain.bands, chain.low_hz, chain.high_hz)

    def there(array: NDArray[Any], dtype: torch.dtype = torch.float64) -> Tensor:
        return torch.tensor(np.ascontiguousarray(array), dtype=dtype, device=device)

    return Constants(
        there(_window(framing)),
        there(filters.T, torch.float32),
        None if chain.coefficients is None else there(_cosines(chain.bands, chain.coefficients)),
        tuple(there(_derivative(order)) for order in range(1, chain.deltas + 1)),
    )


def _window(framing: Framing) -> NDArray[np.float64]:
    """Periodic, as librosa takes it from scipy."""
    from scipy.signal import get_window

    return np.asarray(get_window(framing.shape, framing.window, fftbins=True), dtype=np.float64)


def _cosines(bands: int, coefficients: int) -> NDArray[np.float64]:
    """The orthonormal DCT-II as a matrix: what it makes of each band alone."""
    from scipy.fft import dct

    return np.asarray(dct(np.eye(bands), type=2, norm="ortho", axis=-1)[:, :coefficients])


def _derivative(order: int) -> NDArray[np.float64]:
    """A derivative of nine frames at each of them: what librosa makes of each frame alone.

    The middle column serves all frames but the outermost four at either end, whose polynomial is
    that of the outermost nine.
    """
    import librosa

    return np.asarray(librosa.feature.delta(np.eye(DELTA_WIDTH), width=DELTA_WIDTH, order=order))
