"""What an audit may be given beside the folds: what was heard, measured, claimed and printed.

Each is gathered elsewhere, and costs more than a look at names. A rule that wants one which nobody
gathered is reported as not checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from serbench.audit.row import RowName


@dataclass(frozen=True)
class Alike:
    """Two or more items that are one recording.

    "exact": equal samples. "normalised": equal once trimmed, levelled and brought to one rate.
    "near": a copy with another gain, codec, offset or added noise; ``similarity`` is then the
    normalised cross-correlation at the best lag, 0 to 1.
    """

    ids: tuple[str, ...]
    kind: Literal["exact", "normalised", "near"]
    similarity: float = 1.0


@dataclass(frozen=True)
class Canary:
    """What a look-up without sound reaches on these folds.

    Parameters
    ----------
    name
        What is looked up: "text", "scenario", "dialogue", "path", "duration", ...
    ua
        Pooled UA, 0 to 1.
    chance
        What guessing reaches.
    z
        Their difference in standard deviations of guessing.
    """

    name: str
    ua: float
    chance: float
    z: float


@dataclass(frozen=True)
class Training:
    """One training of a finished run, by epochs.

    Parameters
    ----------
    fold, seed
        Which training.
    epochs
        The numbers of the epochs that were judged on the test set.
    curves
        "ua" and "wa" to their values on the test set, 0 to 1, one an epoch.
    chosen
        The epoch whose answers are the result; None: not known.
    reported
        "ua" and "wa" as they were reported of this fold; absent where they were not.
    """

    fold: str
    seed: int
    epochs: tuple[int, ...]
    curves: Mapping[str, tuple[float, ...]]
    chosen: int | None = None
    reported: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """What a finished run holds.

    Parameters
    ----------
    tested
        Seed to fold to test set to the ids that were judged.
    planned
        The folds that were to be run, by name, as far as they are known.
    folds
        How many there were to be.
    trainings
        Those whose epochs were kept.
    models
        Models and settings that were tried on the same folds, this one among them.
    damaged
        What cannot be read, or is not what was written.
    labels
        Id to the class that its predictions were held against, as these have it.
    row
        What it is called.
    """

    tested: Mapping[int, Mapping[str, Mapping[str, tuple[str, ...]]]]
    planned: tuple[str, ...] = ()
    folds: int = 0
    trainings: tuple[Training, ...] = ()
    models: int = 1
    damaged: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    row: RowName | None = None


@dataclass(frozen=True)
class Printed:
    """A number of a paper, as printed, in per cent.

    Parameters
    ----------
    where
        Paper, table and row, for people.
    metric
        "UA" or "WA".
    value
        As printed, "79.36": its decimals count.
    classes
        Utterances per class of all that was tested; empty: not known.
    folds
        Utterances of each test fold, where the number is a mean over folds; empty: pooled.
    runs
        Trainings that the number is a mean of.
    recalls
        The recalls of the classes as printed beside it, where they are.
    p_below, difference, units
        Of a t-test that was printed with it: the bound on p, the mean difference in points, and
        how many units (speakers, folds) it was over.
    """

    where: str
    metric: Literal["UA", "WA"]
    value: str
    classes: tuple[int, ...] = ()
    folds: tuple[int, ...] = ()
    runs: int = 1
    recalls: tuple[str, ...] = ()
    p_below: float | None = None
    difference: float | None = None
    units: int | None = None
