"""Predictions of a part of the test set."""

from __future__ import annotations

from serbench.predictions import Predictions


def judged_without_the_doubtful(said: Predictions, share: float = 0.2) -> tuple[str, ...]:
    """Ids that are left when the utterances are dropped of which the model is least sure.

    Who leaves out clips without agreement, too short ones, or those on which extraction failed,
    scores on an easier test set than others do. Caught by rule L14: utterances have no prediction.

    Parameters
    ----------
    said
        What a model said of the whole test set.
    share
        Of the utterances that are dropped, 0 to 1.
    """
    sure = said.probabilities.max(axis=1)
    dropped = set(sure.argsort(kind="stable")[: round(share * len(sure))].tolist())
    return tuple(name for i, name in enumerate(said.ids) if i not in dropped)
