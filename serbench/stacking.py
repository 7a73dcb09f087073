"""Which trials are trained as one computation: those of one recipe, on one device."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from serbench import ownloop
from serbench.canonical import canonical
from serbench.jobs import Job, Pack
from serbench.model import build

MOST = 64  # trials of a pack, where nobody says how many; a worker takes what fits its memory


def packs(jobs: Sequence[Job], most: int, *, workers: int = 1) -> list[Pack]:
    """Cut jobs into packs, each of which one worker does at once.

    Folds, seeds and sources of one model with one set of settings go together, those of like size
    of training set next to each other: in an epoch the smaller ones wait for the largest. What
    cannot be stacked is a pack by itself.

    Parameters
    ----------
    most
        Trials of a pack. 1: nothing is stacked.
    workers
        Among whom they are shared: there are at least as many packs, where there are jobs enough.
    """
    if most < 2:
        return [(job,) for job in jobs]
    alike: dict[str, list[Job]] = defaultdict(list)
    for job in jobs:
        alike[_recipe(job)].append(job)
    found: list[Pack] = []
    for group in alike.values():  # in the order of their first
        if stackable(group[0]):
            found += _even(group, most, workers)
        else:
            found += [(job,) for job in group]
    return found


def stackable(job: Job) -> bool:
    """Whether the model says so, leaves its training to the harness, and hears no target."""
    model: Any = build(job.choice.factory(), job.choice.settings)
    ours = ownloop.is_ours(model)
    return bool(ours and model.stackable and not model.adapts and job.trial.target is None)


def _recipe(job: Job) -> str:
    """What the trials of a stack have in common."""
    trial = job.trial
    return canonical(
        [job.choice.spec, trial.model, trial.task, job.precision, job.compile, job.keep]
    )


def _even(group: Sequence[Job], most: int, workers: int) -> list[Pack]:
    """Packs as equal in number as can be, by falling size of the training set."""
    ordered = sorted(group, key=lambda job: -job.trial.train["size"])
    count = min(len(ordered), max(workers, math.ceil(len(ordered) / most)))
    cuts = [round(i * len(ordered) / count) for i in range(count + 1)]
    return [tuple(ordered[a:b]) for a, b in pairwise(cuts)]
