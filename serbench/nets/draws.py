"""Random numbers that follow from what they are for, and from nothing that was drawn before.

A counter-based generator: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), whose n-th number is a
hash of n and a key, and whose numbers serve as keys in turn. So the mask of a dropout hangs on the
training's seed, the step, the layer's place in it, the row of the batch and the value's place in
the row: however many trainings are computed at once, on whatever device, each has its own.

All arithmetic is that of 64-bit integers, modulo 2^64, in torch's int64.
"""

from __future__ import annotations

import torch
from torch import Tensor

GAMMA = 0x9E3779B97F4A7C15 - 2**64  # odd, and 2^64 divided by the golden ratio
FIRST, SECOND = 0xBF58476D1CE4E5B9 - 2**64, 0x94D049BB133111EB - 2**64
BITS = 24  # of a number that is compared with a share: float32 holds them exactly


def derive(key: Tensor, number: Tensor | int) -> Tensor:
    """The ``number``-th output, from 0, of the generator that starts at ``key``.

    Parameters
    ----------
    key, number
        int64, broadcast against each other.
    """
    moved = (number + 1) * GAMMA  # of tensors modulo 2^64 by itself
    z = key + (moved if isinstance(moved, Tensor) else (moved + 2**63) % 2**64 - 2**63)
    z = (z ^ _right(z, 30)) * FIRST
    z = (z ^ _right(z, 27)) * SECOND
    return z ^ _right(z, 31)


def kept(key: Tensor, share: float, rows: int, sizes: tuple[int, ...]) -> Tensor:
    """Which values stay where ``share`` of them is dropped: bool [rows, *sizes].

    A row's values do not depend on how many rows there are, nor those of its first places on how
    far it goes on.

    Parameters
    ----------
    key
        int64, one number.
    share
        From 0 to 1, in steps of 2^-24.
    """
    places = 1
    for size in sizes:
        places *= size
    row = derive(key, torch.arange(rows, device=key.device))
    numbers = derive(row[:, None], torch.arange(places, device=key.device))
    stays: Tensor = _right(numbers, 64 - BITS) >= round(share * 2**BITS)
    return stays.view(rows, *sizes)


def _right(z: Tensor, by: int) -> Tensor:
    """Shifted right, zeros coming in from the left (torch's own shift repeats the sign)."""
    return (z >> by) & ((1 << (64 - by)) - 1)
