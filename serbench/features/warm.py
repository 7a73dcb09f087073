"""What the fork server imports for its workers: librosa, with all that it loads at first use.

Importing this module computes each feature of a second of noise, so that nothing is left to be
loaded in the workers.
"""

from __future__ import annotations

import contextlib


def _warm() -> None:
    import numpy as np
    import soundfile  # noqa: F401
    import soxr
    import threadpoolctl  # type: ignore[import-untyped]  # noqa: F401

    import serbench.features.extract  # noqa: F401
    from serbench.features.frames import FrameDescriptors, LogMel, Mfcc
    from serbench.features.functionals import Functionals

    noise = np.random.default_rng(0).standard_normal(16000).astype(np.float32)
    soxr.resample(noise, 16000, 8000, quality="HQ")
    for recipe in (LogMel(), FrameDescriptors(), Functionals(of=Mfcc(deltas=2))):
        recipe.extract(noise, 16000)


# What fails here fails again in a worker, where somebody is told.
with contextlib.suppress(Exception):
    _warm()
