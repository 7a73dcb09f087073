"""What the harness lends a training that it runs itself: a device, a place for checkpoints, probes.

None of it belongs to a trial's identity. No torch is imported here.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from serbench.data import Utterances

Keep = Literal["all", "last"]
Precision = Literal["auto", "float32", "bfloat16", "float64"]


@dataclass(frozen=True)
class Stage:
    """A training as it stood after one epoch: what it said of the test sets, never its weights.

    ``probabilities`` holds, per test set, float16 [utterances, classes] in the order handed over;
    of a scale its values, [utterances, 1]. ``loss`` and ``accuracy`` are of the training set,
    averaged over the epoch's batches as they were trained on (dropout on); on a scale, accuracy is
    the share that falls on the right whole number.
    """

    epoch: int  # from 1
    loss: float
    accuracy: float
    probabilities: Mapping[str, NDArray[np.float16]] = field(default_factory=dict)


def _silent(done: int, total: int, note: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Session:
    """How, and under whose eyes, one training runs.

    Parameters
    ----------
    device
        "auto" (CUDA where there is one), "cpu", "cuda", "cuda:1", "mps".
    precision
        "auto" is bfloat16 autocast on CUDA and float32 elsewhere. "float64" is for comparing ways
        to compute: several times as slow, and rounding hides nothing.
    probes
        Test sets, by name, that the harness has judged after every epoch. The model's own code sees
        them only as it would at prediction.
    keep
        "all": a stage each epoch. "last": the last epoch's loss and accuracy alone, nothing probed.
    checkpoint
        File that an interrupted training goes on from; None: no checkpoints.
    code
        Digest of the net's source: what other code began is not gone on with.
    checkpoint_seconds
        At most this often, at the end of an epoch.
    progress
        Called with (epochs done, epochs, a note such as the loss).
    compile
        Whether a net's passes are compiled, where they can be (:mod:`serbench.nets.compiling`).
    apart
        Entered where the harness does something of its own during the training, such as to start a
        compiler, that whoever watches the model should not lay at its door.
    target
        Sounds of the test side, unlabelled, that an adapting net may hear in training; None: none.
    """

    device: str = "auto"
    precision: Precision = "auto"
    probes: Mapping[str, Utterances] = field(default_factory=dict)
    keep: Keep = "all"
    checkpoint: Path | None = None
    checkpoint_seconds: float = 60.0
    code: str = ""
    progress: Callable[[int, int, str], None] = _silent
    compile: bool = False
    apart: Callable[[], AbstractContextManager[object]] = contextlib.nullcontext
    target: Utterances | None = None
