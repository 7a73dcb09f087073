"""Runs what the ladders of some models lack, then measures them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import product
from typing import Any

from serbench import bench
from serbench.adapters import located
from serbench.canonical import canonical
from serbench.drawn import drawn_splits
from serbench.errors import ProtocolError, StoreError, UsageError
from serbench.gathered import rows_of
from serbench.given import protocol_of
from serbench.inflation.ladder import Ladder
from serbench.inflation.measuring import Found, measure
from serbench.inflation.spaces import one_space
from serbench.inflation.steps import ACROSS, WITHIN
from serbench.jobs import Listener
from serbench.pool import Pool
from serbench.request import Request, check_roots
from serbench.scan import scan
from serbench.store import Store
from serbench.trial import Trial
from serbench.watcher import Watcher


@dataclass(frozen=True)
class Climbed:
    """The ladders of a request, and what came of the trials that they needed."""

    ladders: tuple[Ladder, ...]  # model by model
    planned: int
    found: int
    done: int
    failures: Mapping[str, str]  # trial id to its title and the reason
    seconds: float


def run(request: Request, others: Sequence[str], watcher: Watcher) -> Climbed:
    """Run every trial of the ladders that is missing, then measure them.

    Parameters
    ----------
    request
        One corpus, which every step tests on, and any number of models. Its protocols are not
        looked at: they are the ladder's. A protocol that does not fit the corpus is left out, and
        its step says why.
    others
        The corpora that the last step trains on; none: there is no such step.

    Raises
    ------
    SerbenchError
        Before any training, for whatever in the request does not fit.
    """
    (corpus,) = request.corpora
    watcher = _Once(watcher)
    names = [corpus, *others]
    check_roots(request, names)
    corpora = {name: located(name, request.roots) for name in names}
    space = one_space(request.labels, corpus, [found for found, _ in corpora.values()])
    scanned = []
    for name, (one, root) in corpora.items():
        with watcher.step(f"reading {name}") as tell:
            partly, cache = request.allow_partial, request.cache
            read = scan(one, root, allow_partial=partly, cache=cache, progress=tell)
        scanned.append((one, read))
    left_out = _misfits(request, Pool.of(scanned[:1], space))
    within = [name for name in WITHIN if name not in left_out]
    if others:
        _folds(ACROSS, request, Pool.of(scanned, space))  # refuses now what it refuses at the end
    asked = [(within, [corpus])] if within else []
    asked += [([ACROSS], sorted(names))] if others else []
    if not asked:
        raise UsageError(
            f"no step of the ladder fits {corpus}",
            expected="; ".join(f"{name}: {reason}" for name, reason in left_out.items()),
            advice="--with another corpus, for the step across corpora",
        )
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    outcomes = []
    for protocols, on in asked:
        part = dataclasses.replace(
            request,
            protocols=protocols,
            corpora=on,
            labels=space.name,
            roots={name: root for name, root in request.roots.items() if name in on},
        )
        outcome = bench.run(part, watcher)
        outcomes.append(outcome)
        specs = (spec for spec, _ in request.models)
        found.update(zip(product(protocols, specs), outcome.rows, strict=True))
    failures = {key: why for one in outcomes for key, why in one.failures.items()}
    store = Store(request.results)
    plans = {canonical(one[0].row): one for one in rows_of(store)}
    ladders = []
    for spec, _ in request.models:
        rows: Found = {
            **left_out,
            **{name: plans[canonical(row)] for (name, of), row in found.items() if of == spec},
        }
        try:
            ladders.append(measure(store, corpus, others, rows))
        except StoreError as error:
            reason = next(iter(failures.values()), "")
            raise StoreError(error.found, expected=error.expected, advice=reason) from error
    return Climbed(
        tuple(ladders),
        planned=sum(one.planned for one in outcomes),
        found=sum(one.found for one in outcomes),
        done=sum(one.done for one in outcomes),
        failures=failures,
        seconds=sum(one.seconds for one in outcomes),
    )


def _misfits(request: Request, pool: Pool) -> dict[str, str]:
    """The protocols of the ladder that do not fit the corpus, and why."""
    reasons = {}
    for name in WITHIN:
        try:
            _folds(name, request, pool)
        except ProtocolError as error:
            reasons[name] = error.found + (
                f"; expected: {error.expected}" if error.expected else ""
            )
    return reasons


def _folds(name: str, request: Request, pool: Pool) -> None:
    protocol = protocol_of(name)
    drawn_splits(protocol, pool.table(whole=protocol.whole), request.cache)


class _Once:
    """A watcher that hears each remark once: a corpus is read by every part of the ladder."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher
        self._told: set[str] = set()

    def step(self, title: str) -> AbstractContextManager[Callable[[int, int], None]]:
        return self._watcher.step(title)

    def trials(self, trials: Sequence[Trial], finished: int) -> AbstractContextManager[Listener]:
        return self._watcher.trials(trials, finished)

    def note(self, text: str) -> None:
        if text not in self._told:
            self._told.add(text)
            self._watcher.note(text)
