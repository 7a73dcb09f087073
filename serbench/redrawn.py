"""The scores of a board's models on units drawn again: the speakers, or the corpora.

Every draw is the same for all models, so that what makes a unit hard is hard for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from serbench.cells import CellScores
from serbench.duel import SILENT
from serbench.intervals import DRAWS, speaker_draws
from serbench.staged import Scores

MANY = 100  # speakers; of more, fewer draws say as much
FEW_DRAWS = 2_000
FEWEST = 3  # speakers that ranks are drawn of
Floats = NDArray[np.float64]


def redrawn(scores: Sequence[Scores]) -> Floats | None:
    """Scores on drawn units [draws, models], all finite; None where too few can be drawn.

    Parameters
    ----------
    scores
        Of one board, one or more, none undefined.
    """
    means = _over_corpora(scores) if isinstance(scores[0], CellScores) else _over_speakers(scores)
    if means is None:
        return None
    means = means[np.isfinite(means).all(axis=1)]  # without draws that miss a class
    return means if len(means) else None


def _over_speakers(scores: Sequence[Scores]) -> Floats | None:
    parts = [one.evidence for one in scores if not isinstance(one, CellScores)]
    speakers = len(parts[0].speakers)
    if speakers < FEWEST:
        return None
    weights = speaker_draws(speakers, FEW_DRAWS if speakers > MANY else DRAWS)
    return np.stack([one.drawn(weights) for one in parts], axis=1)


def _over_corpora(scores: Sequence[Scores]) -> Floats | None:
    """Means over the pairs of drawn corpora: a pair as often as both of its corpora together."""
    cells = [
        {(cell.source, cell.target): cell.scores.ua.estimate for cell in one.cells}
        for one in scores
        if isinstance(one, CellScores)
    ]
    pairs = sorted(cells[0])
    corpora = sorted({name for pair in pairs for name in pair})
    too_few = any(flag in SILENT for one in scores for flag in one.flags)
    if len(pairs) != len(corpora) * (len(corpora) - 1) or too_few:
        return None
    weights = speaker_draws(len(corpora))
    at = {name: place for place, name in enumerate(corpora)}
    times = np.stack([weights[:, at[a]] * weights[:, at[b]] for a, b in pairs], axis=1)
    times = times[times.any(axis=1)].astype(np.float64)
    table = np.array([[one[pair] for one in cells] for pair in pairs])
    means: Floats = times @ table / times.sum(axis=1, keepdims=True)
    return means
