"""Which utterances train together: batches of like length, drawn anew for each epoch.

The batches are a pure function of their arguments. No generator lives between epochs, so a training
that goes on from a checkpoint sees what it would have seen without the interruption, whatever else
drew random numbers meanwhile.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

POOL = 8  # batches that are sorted together: little padding, and still a new mixture each epoch


def draw(
    lengths: NDArray[np.int64], batch: int, *, seed: int, epoch: int, stream: int = 0
) -> list[NDArray[np.int64]]:
    """Every utterance exactly once, in batches of similar length and random order.

    The utterances are shuffled, sorted by length within pools of ``POOL`` batches, cut into
    batches, and the batches shuffled, but for one that is not full, which comes last: so trainings
    that are computed at once have batches of one size in all other steps. A single utterance left
    over joins the last full batch, since statistics of one (BatchNorm's) are none.

    Parameters
    ----------
    lengths
        int64 [utterances], in frames.
    batch
        Utterances a batch.
    seed, epoch
        Not negative.
    stream
        Another gives another order from the same seed, for another set of utterances. As many
        batches come of every epoch, seed and stream.

    Returns
    -------
    Positions in ``lengths``, int64 [up to ``batch`` + 1] each; longest first within a batch.
    """
    rng = np.random.default_rng([seed, epoch, stream])
    shuffled = rng.permutation(len(lengths))
    batches = []
    for start in range(0, len(shuffled), batch * POOL):
        pool = shuffled[start : start + batch * POOL]
        pool = pool[np.argsort(-lengths[pool], kind="stable")]
        batches += [pool[at : at + batch] for at in range(0, len(pool), batch)]
    if len(batches) > 1 and batch > 1 and len(batches[-1]) == 1:
        alone = batches.pop()
        batches[-1] = np.concatenate([batches[-1], alone])
    full = len(batches) - (len(batches[-1]) != batch)
    return [batches[int(at)] for at in rng.permutation(full)] + batches[full:]


def in_order_of_length(lengths: NDArray[np.int64], batch: int) -> list[NDArray[np.int64]]:
    """Every utterance exactly once, shortest first, as prediction takes them: little padding."""
    order = np.argsort(lengths, kind="stable")
    return [order[at : at + batch] for at in range(0, len(order), batch)]
