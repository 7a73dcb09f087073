"""Runs what a paper's table or figure lacks: its own models, settings, protocols and seeds."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from serbench import bench
from serbench.choice import ModelChoice
from serbench.errors import SerbenchError, UsageError
from serbench.registry import nearest
from serbench.reproducing.measured import Measured, Measurements, Sought
from serbench.reproducing.wanted import missing_corpora
from serbench.request import Request
from serbench.store import Store
from serbench.watcher import Watcher

Override = tuple[str, str, str]  # model or "", setting, value


@dataclass(frozen=True)
class Training:
    """What one row of the paper takes."""

    sought: Sought

    @property
    def title(self) -> str:
        """For people: what is run, under what, on what."""
        sought = self.sought
        settings = "".join(f" {name}={value}" for name, value in sought.settings.items())
        space = "" if sought.labels == "own" else f", label space {sought.labels}"
        where = f"under {sought.protocol} on {'+'.join(sought.corpora)}"
        return f"{sought.model}{settings} {where}{space}"


@dataclass(frozen=True)
class Agenda:
    """What is to be run, and what is not and why.

    ``left_out`` are titles with their reasons.
    """

    run: tuple[Training, ...]
    left_out: tuple[tuple[str, str], ...]


@dataclass
class Ran:
    """What came of it; ``failures`` are a title and a reason each."""

    done: int = 0
    found: int = 0
    failures: list[str] = field(default_factory=list)


def agenda(
    name: str,
    asked: Sequence[Sought],
    request: Request,
    overrides: Sequence[Override] = (),
    corpora: Collection[str] = (),
    models: Collection[str] = (),
) -> Agenda:
    """What a table or a figure lacks.

    Parameters
    ----------
    name
        Its own.
    asked
        The trainings that stand in it (:func:`serbench.reproducing.wanted.soughts`).
    request
        Whose results folder and corpora's folders count.
    overrides
        Settings that stand in place of the paper's.
    corpora, models
        Only what is on these corpora alone, and of these models; empty: all.

    Raises
    ------
    UsageError
        If a corpus, a model or an override's model is none of the table's, or a model has no such
        setting.
    """
    _check(name, "corpus", corpora, {n for one in asked for n in one.corpora})
    named = [*models, *(model for model, _, _ in overrides if model)]
    _check(name, "model", named, {one.model for one in asked})
    measurements = Measurements(
        Store(request.results) if request.results.is_dir() else None, () if overrides else asked
    )
    run: dict[str, Training] = {}
    left_out: dict[str, str] = {}
    for sought in asked:
        wanted = (not corpora or set(sought.corpora) <= set(corpora)) and (
            not models or sought.model in models
        )
        if not wanted:
            continue
        found = None if overrides else measurements.beside(sought)
        training = Training(_overridden(sought, overrides))
        lacking = missing_corpora(sought, request.roots)
        if isinstance(found, Measured) and not found.deviations:
            continue
        if lacking:
            left_out[training.title] = f"{' and '.join(lacking)} not here"
        else:
            ModelChoice.of(training.sought.model, training.sought.settings)  # refuses now
            run[training.title] = training
    return Agenda(tuple(run.values()), tuple(left_out.items()))


def run(agenda: Agenda, request: Request, watcher: Watcher) -> Ran:
    """Run it. What one training is refused for does not keep the others from running.

    Parameters
    ----------
    request
        How it is run; its models, protocols and corpora are not looked at.
    """
    came = Ran()
    for training in agenda.run:
        watcher.note(training.title)
        try:
            outcome = bench.run(request_of(training.sought, request), watcher)
        except SerbenchError as error:
            came.failures.append(f"{training.title}: {error}")
            continue
        came.done += outcome.done
        came.found += outcome.found
        came.failures += outcome.failures.values()
    return came


def request_of(sought: Sought, request: Request) -> Request:
    """A request that is carried out as another one is, of one training."""
    return dataclasses.replace(
        request,
        models=[(sought.model, sought.settings)],
        protocols=[sought.protocol],
        corpora=list(sought.corpora),
        labels=sought.labels,
        access=None if sought.target_access == "none" else sought.target_access,  # type: ignore[arg-type]
        selection="val" if sought.selection == "val" else None,
        roots={name: root for name, root in request.roots.items() if name in sought.corpora},
    )


def _overridden(sought: Sought, overrides: Sequence[Override]) -> Sought:
    own: dict[str, Any] = dict(sought.settings)
    own |= {name: value for model, name, value in overrides if model in {"", sought.model}}
    return dataclasses.replace(sought, settings=own)


def _check(work: str, what: str, names: Collection[str], known: Collection[str]) -> None:
    for name in names:
        if name not in known:
            hint = nearest(name, known)
            raise UsageError(
                f"{work} has no {what} {name!r}",
                expected="one of " + (", ".join(sorted(known)) or "none: nothing of it can be run"),
                advice=f"did you mean {hint!r}?" if hint else "",
            )
