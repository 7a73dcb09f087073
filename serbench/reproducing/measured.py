"""What a results folder holds of a published row: the training that is nearest to the paper's.

A training under the paper's question (corpora, label space, protocol, access to the target) by the
same model is shown even where its settings are others, or its folds, or the release of the corpus,
and says which: it is never passed off as the paper's.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from serbench.errors import ModelError, StoreError
from serbench.gathered import hold, rows_of, scored
from serbench.held import Held
from serbench.protocols import Selection
from serbench.published import Published
from serbench.selection import NoStages
from serbench.staged import Said, Scores, combined, select
from serbench.store import Plan, Store
from serbench.unlike import Ground, papers_own_folds, unlike

ABSENT = object()


@dataclass(frozen=True)
class Sought:
    """What a training must be to stand beside a published number."""

    model: str
    settings: Mapping[str, Any]
    protocol: str
    corpora: tuple[str, ...]
    labels: str
    target_access: str
    selection: Selection

    @classmethod
    def of(cls, one: Published) -> Sought:
        """Of a number whose method is registered and whose protocol is known."""
        return cls(
            model=one.model,
            settings=one.settings or {},
            protocol=one.protocol,
            corpora=tuple(sorted(one.corpora.split("+"))),
            labels=one.labels,
            target_access=one.target_access or "none",
            selection=cast("Selection", one.selection or "last"),
        )

    @property
    def question(self) -> tuple[Any, ...]:
        """What stored rows are compared with."""
        trained = "val" if self.selection == "val" else "last"
        asked = self.protocol, self.corpora, self.labels, self.target_access, trained
        return (self.model, *asked)


@dataclass(frozen=True)
class Measured:
    """A row of a board that stands beside published numbers.

    Parameters
    ----------
    held
        What was found of it.
    picked
        What was said at the chosen epochs, by metric (:func:`serbench.staged.select`).
    scores
        Of whole seeds alone.
    n_seeds
        How many these are.
    deviations
        What differs from the paper's settings, folds and corpora, a clause each; empty: nothing
        does.
    own_folds
        Whether the folds are the very ones of the protocol's paper.
    others
        Rows of the same model and question, of other settings, folds or releases, which are not
        shown.
    """

    held: Held
    picked: Mapping[str, Said]
    scores: Scores
    n_seeds: int
    deviations: tuple[str, ...]
    own_folds: bool
    others: int

    @property
    def by_chance(self) -> bool:
        """Whether another seed may give another number."""
        return not self.held.notes.get("deterministic", False)

    def said(self, metric: str) -> Said:
        """What is scored for a metric. Recalls are of the epoch that WA chose."""
        found = self.picked.get(metric) or self.picked.get("") or self.picked.get("wa")
        return found if found is not None else next(iter(self.picked.values()))

    @property
    def variant(self) -> str:
        return self.held.variant


@dataclass(frozen=True)
class Unfinished:
    """A row of the paper's own settings that has no score yet, and why."""

    reason: str


class Measurements:
    """The rows of a results folder that may stand beside published numbers.

    Parameters
    ----------
    store
        The folder; None: there is none yet, and nothing is measured.
    asked
        What is asked about; nothing else is read.
    """

    def __init__(self, store: Store | None, asked: Iterable[Sought]) -> None:
        self.store = store
        self._rows: dict[tuple[Any, ...], list[list[Plan]]] = {}
        self._known: dict[tuple[str, str], Measured | Unfinished | None] = {}
        wanted = tuple(asked)
        if store is None or not wanted:
            return
        protocols, models = {one.protocol for one in wanted}, {one.model for one in wanted}
        for plans in rows_of(store, protocols=protocols, models=models):
            self._rows.setdefault(_question(plans[0].row), []).append(plans)

    def beside(self, sought: Sought) -> Measured | Unfinished | None:
        """What stands beside a published number; None: nothing of its model and question."""
        key = repr(sought.question), repr((sorted(sought.settings.items()), sought.selection))
        if key not in self._known:
            self._known[key] = self._found(sought)
        return self._known[key]

    def _found(self, sought: Sought) -> Measured | Unfinished | None:
        rows = self._rows.get(sought.question, [])
        # Nearest first: what differs in nothing, then in little, then what was trained longest.
        ranked = sorted(rows, key=lambda plans: _far(plans[0], sought))
        nearest: tuple[tuple[int, int], Measured] | None = None
        unfinished: Unfinished | None = None
        for plans in ranked:
            off = len(deviations(plans[0], sought))
            if nearest is not None and (off, 0) >= nearest[0]:
                break  # whatever its folds are: no reading of its predictions can bring it nearer
            found = self._measured(plans, sought, len(ranked) - 1)
            if isinstance(found, Measured):
                # Of two that are as far off, the one on the usual release stands before.
                far = len(found.deviations), len(found.deviations) - off
                if nearest is None or far < nearest[0]:
                    nearest = far, found
            elif not off and unfinished is None:
                unfinished = found
        return nearest[1] if nearest else unfinished

    def _measured(
        self, plans: Sequence[Plan], sought: Sought, others: int
    ) -> Measured | Unfinished:
        assert self.store is not None
        try:
            held = hold(self.store, plans)
        except StoreError as error:
            return Unfinished(error.found)
        folds = held.row["folds"]
        seeds = [seed for seed, _ in held.trials]
        whole = {seed for seed in seeds if seeds.count(seed) == folds}
        if not whole:
            failed = f", {held.trials_failed} failed" if held.trials_failed else ""
            return Unfinished(f"{held.trials_done} of {held.trials_planned} trials done{failed}")
        kept: Said = {key: one for key, one in held.said.items() if key[0] in whole}
        try:
            picked = select(self.store, held.trials, kept, held.task, sought.selection)
            scores = combined({name: scored(held, said) for name, said in picked.items()})
        except NoStages:
            return Unfinished(f"no epochs were kept for {sought.selection} to choose from")
        except (ModelError, StoreError) as error:
            return Unfinished(error.found)
        ground = _ground(held, plans[0], scores)
        off = (*deviations(plans[0], sought), *unlike(ground))
        return Measured(held, picked, scores, len(whole), off, papers_own_folds(ground), others)


def _ground(held: Held, plan: Plan, scores: Scores) -> Ground:
    """What a row's scores rest on."""
    return Ground(
        corpora=tuple(sorted(held.row["protocol"]["corpora"])),
        labels=held.row["labels"]["name"],
        protocol=held.row["protocol"],
        folds=held.row["folds"],
        speakers=scores.speakers,
        utterances=scores.utterances,
        partial=bool(plan.notes.get("findings")),
    )


def deviations(plan: Plan, sought: Sought) -> tuple[str, ...]:
    """What of a row differs from the paper's settings, as far as its plan tells."""
    settings: Mapping[str, Any] = plan.row["model"]["settings"]
    variant = plan.notes.get("variant", {})
    told = []
    for name, wanted in sought.settings.items():
        has = settings.get(name, ABSENT)
        if has is not ABSENT and has != wanted:
            told.append(f"{name}={_plain(has)} where the paper has {_plain(wanted)}")
    others = [name for name in variant if name not in sought.settings]
    told += [f"{name}={_plain(settings.get(name, variant[name]))}" for name in sorted(others)]
    if plan.notes.get("altered"):
        told.append("sounds that are not the release's")
    return tuple(told)


def _far(plan: Plan, sought: Sought) -> tuple[Any, ...]:
    """How far a row is from the paper's: fewer differences first, then the nearest numbers."""
    settings = plan.row["model"]["settings"]
    gaps = 0.0
    for name, wanted in sought.settings.items():
        has = settings.get(name, wanted)
        if _positive(has) and _positive(wanted):
            gaps += abs(math.log(has / wanted))
    return len(deviations(plan, sought)), gaps, plan.row_digest


def _positive(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _question(row: Mapping[str, Any]) -> tuple[Any, ...]:
    protocol = row["protocol"]
    return (
        row["model"]["name"],
        protocol["name"],
        tuple(sorted(protocol["corpora"])),
        row["labels"]["name"],
        protocol.get("target_access", "none"),
        "val" if row.get("selection") == "val" else "last",
    )


def _plain(value: Any) -> str:
    return re.sub(r"\s+", " ", str(value))
