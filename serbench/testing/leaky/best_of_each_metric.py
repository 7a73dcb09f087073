"""Two metrics, each of the epoch that flatters it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Reported:
    """What a paper prints of one training. Shares, 0 to 1."""

    ua: float
    wa: float
    recalls: tuple[float, ...]


def best_of_each_metric(confusions: Sequence[NDArray[np.int64]]) -> Reported:
    """The best WA over all epochs beside the best UA over all epochs, recalls of the former's.

    No one model that was ever trained has both numbers. Caught by rule L12: WA and UA are those of
    different epochs, and UA is not the mean of the recalls that stand beside it.

    Parameters
    ----------
    confusions
        After each epoch, int [classes, classes]: rows are the truth, columns what was said.
    """
    uas = [ua_of(table) for table in confusions]
    was = [wa_of(table) for table in confusions]
    return Reported(max(uas), max(was), recalls_of(confusions[int(np.argmax(was))]))


def of_the_last_epoch(confusions: Sequence[NDArray[np.int64]]) -> Reported:
    """What it would be without the fault: all numbers of one model, chosen by no test set."""
    last = confusions[-1]
    return Reported(ua_of(last), wa_of(last), recalls_of(last))


def recalls_of(table: NDArray[np.int64]) -> tuple[float, ...]:
    """Of each class, the share of its utterances that were recognised."""
    return tuple((table.diagonal() / table.sum(axis=1)).tolist())


def ua_of(table: NDArray[np.int64]) -> float:
    return float(np.mean(recalls_of(table)))


def wa_of(table: NDArray[np.int64]) -> float:
    return float(table.trace() / table.sum())
