"""Log-mel bands and MFCC of many sounds at once.

Spectra are computed in float64, as librosa does: in float32 the rounding of a loud band drowns the
quiet ones, and a band 80 dB under the loudest is off by some 0.01 dB.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from serbench.errors import UsageError
from serbench.features.extraction import Spectral
from serbench.features.recipe import checked
from serbench.features.spectrum import DELTA_WIDTH
from serbench.nets.device import resolve
from serbench.nets.numerics import repeatable
from serbench.nets.one_thread import one_thread
from serbench.nets.spectra.chain import Chain, Constants, constants
from serbench.nets.spectra.tape import Tape, laid

# Samples of the frames that are computed at once, 8 bytes each: what a core's cache holds, and what
# keeps a graphics processor busy.
_AT_ONCE = {"cpu": 1 << 18, "cuda": 1 << 24}
# Cepstra are rounded to a sixteen-millionth of a dB. In digital silence most of them are 0, and a
# product leaves 1e-15 or -1e-15 there, depending on where the row stands in its block.
_STEPS = 2.0**24


def device_of(name: str) -> torch.device:
    """The device of that name (:func:`serbench.nets.device.resolve`), if it has float64.

    Raises
    ------
    UsageError
        If there is no such device, or it is Apple's.
    """
    device = resolve(name)
    if device.type not in _AT_ONCE:
        raise UsageError(
            f"features by torch on the device {name!r}, which has no float64",
            expected="cpu or cuda",
            advice="--features reference computes them by librosa",
        )
    return device


def extract_many(
    recipe: Spectral, sounds: Sequence[NDArray[np.float32]], rate: int, device: str
) -> list[NDArray[np.float32]]:
    """What the recipe computes of each sound, whatever the others are.

    Parameters
    ----------
    sounds
        Each float32 [samples], mono, at ``rate`` Hz.
    device
        "cpu", "cuda", "cuda:1".

    Returns
    -------
    Of each sound float32 [frames, dims], as ``recipe.extract`` gives it up to rounding.

    Raises
    ------
    FeatureError
        If any of them is too short, or at another rate.
    UsageError
        If there is no such device.
    """
    where = device_of(device)
    ready = [recipe.prepared(sound, rate) for sound in sounds]
    if not ready:
        return []
    chain = Chain.of(recipe)
    tape = laid(ready, chain.framing, _block(chain, where))
    with one_thread(), repeatable(exact=True), torch.inference_mode():
        made = constants(chain, where)
        values = _decibels(tape, chain, made, where)
        if chain.top_db is not None:
            loudest = torch.from_numpy(tape.most(values.amax(dim=1).cpu().numpy())).to(where)
            values = torch.maximum(values, (loudest - chain.top_db)[:, None])
        if made.cosines is not None:
            blocks = values.double().split(_block(chain, where))
            values = torch.cat([block @ made.cosines for block in blocks])
            values = torch.cat([values, *(_derived(values, d, tape) for d in made.derivatives)], 1)
            values = (values * _STEPS).round_() / _STEPS
        rows = values.float().cpu().numpy()
    return [checked(rows[tape.of(i)].copy(), recipe) for i in range(len(ready))]


def _block(chain: Chain, device: torch.device) -> int:
    """Rows that are computed at once."""
    return max(1, _AT_ONCE[device.type] // chain.framing.fft)


def _decibels(tape: Tape, chain: Chain, made: Constants, device: torch.device) -> Tensor:
    """Power in mel bands, 10 log10(max(power, 1e-10)): float32 [rows, bands]."""
    framing = chain.framing
    block = _block(chain, device)
    samples = torch.from_numpy(tape.samples).to(device)
    values = torch.empty((tape.rows, chain.bands), dtype=torch.float32, device=device)
    for row in range(0, tape.rows, block):
        start = row * framing.hop
        spectrum = torch.stft(
            samples[start : start + (block - 1) * framing.hop + framing.fft].double(),
            n_fft=framing.fft,
            hop_length=framing.hop,
            win_length=framing.window,
            window=made.window,
            center=False,  # the zeros are on the tape
            return_complex=True,
        )
        power = spectrum.real.square().add_(spectrum.imag.square()).T
        band = (power.float() @ made.filters).clamp(min=1e-10)
        values[row : row + block] = 10.0 * torch.log10(band)
    return values


def _derived(values: Tensor, derivative: Tensor, tape: Tape) -> Tensor:
    """A derivative over time of each sound by itself: float64 [rows, coefficients]."""
    half = DELTA_WIDTH // 2
    derived = torch.zeros_like(values)
    derived[half:-half] = values.unfold(0, DELTA_WIDTH, 1) @ derivative[:, half]
    steps = np.arange(DELTA_WIDTH)
    for first, made in (
        (tape.firsts, slice(0, half)),
        (tape.firsts + tape.counts - DELTA_WIDTH, slice(half + 1, DELTA_WIDTH)),
    ):
        read = torch.from_numpy(first[:, None] + steps).to(values.device)  # [sounds, 9]
        ends = torch.einsum("snc,nm->smc", values[read], derivative[:, made])
        derived[read[:, made].reshape(-1)] = ends.reshape(-1, values.shape[1])
    return derived
