"""A finished run as a case: what was judged, by which epoch, and on which folds.

The folds are those that the trials name. Where the corpora are at hand and the protocol is
installed they are drawn anew and held against the trials' digests; else, as of somebody's own
folds, they are put together (:mod:`serbench.audit.proved`). Folds that neither way gives are not
known, and no rule is checked on them. What the utterances are is told by the corpora, where these
are at hand.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from serbench.audit.behaviour import ADAPTS, watched
from serbench.audit.case import Case, Declared
from serbench.audit.evidence import Run, Training
from serbench.audit.finding import Finding
from serbench.audit.gather import protocol_case, speakers_of
from serbench.audit.proved import labels_of, predicted_items, proved_splits
from serbench.audit.row import RowName
from serbench.behaviour.problem import Behaviour
from serbench.canonical import canonical
from serbench.drawn import drawn_splits
from serbench.errors import SerbenchError, StoreError
from serbench.gathered import Held, hold, rows_of
from serbench.labels import Classes
from serbench.listing import Listing
from serbench.pool import Pool, listing_of
from serbench.protocols import Selection, split_digest
from serbench.question import question
from serbench.registry import load, registered
from serbench.selection import Curve, NoStages, choose, curve
from serbench.staged import stages, validation_curve
from serbench.store import Plan, Store
from serbench.trial import Trial

NOT_DRAWN = "no corpus at hand, and the training sets do not follow from the predictions"


def run_case(
    store: Store,
    plans: Sequence[Plan],
    models: int = 1,
    pool: Pool | None = None,
    cache: Path | None = None,
    selection: Selection | None = None,
) -> Case:
    """One row of a results folder.

    Parameters
    ----------
    plans
        All plans of the row, one or more.
    models
        How many models, and settings of them, answer the same question, this one among them.
    pool
        The row's corpora under its label space, where they are at hand.
    cache
        Where folds that were drawn before are kept.
    selection
        The rule by which its epochs are scored; None: that of its trials, as of trainings without
        epochs.

    Raises
    ------
    StoreError
        If the row is of a task that has no scores, or a finished trial cannot be read.
    """
    held = hold(store, plans)
    trials = {key: store.trial(trial_id) for key, trial_id in held.trials.items()}
    rule = selection or held.selection
    trainings = tuple(_trainings(store, held, rule))
    if not trainings:  # no epochs are known for a rule to choose from
        rule = held.selection
    run = Run(
        tested=_tested(held),
        planned=tuple(dict.fromkeys(fold for _, fold in sorted(trials))),
        folds=held.row["folds"],
        trainings=trainings,
        models=models,
        damaged=tuple(_damaged(store, plans)),
        labels={
            name: label
            for one in held.said.values()
            for name, label in zip(one.ids, labels_of(one), strict=True)
        },
        row=RowName.of(held.row, held.variant, rule),
    )
    # Another release is another corpus, whatever its name.
    here = pool if pool is not None and pool.fingerprints == held.row["corpora"] else None
    case = None if here is None else _redrawn(held, rule, here, cache)
    if case is None:
        case = _proved(held, rule, here, trials.values())
    behaviour = _behaviour(store, held)
    reasons = {} if case.listing.splits else {"folds": NOT_DRAWN}
    if behaviour is not None and case.declared.target_access == "unlabelled":
        reasons["L22"] = ADAPTS
    return dataclasses.replace(
        case,
        listing=dataclasses.replace(case.listing, name=run.row.title if run.row else ""),
        run=run,
        behaviour=behaviour,
        reasons=reasons,
    )


def _proved(held: Held, rule: Selection, here: Pool | None, trials: Iterable[Trial]) -> Case:
    """The row with the folds that its trials prove, and what its corpora tell of the utterances."""
    classes = held.task.names if isinstance(held.task, Classes) else ()
    items = predicted_items(held.said) if here is None else listing_of(here, (), "").items
    splits = proved_splits(held.said, items, trials) if classes else ()
    declared = _declared(held, rule)
    if here is not None:
        declared = dataclasses.replace(declared, speakers=speakers_of(here))
    return Case(Listing("", items, splits, classes), declared)


def _declared(held: Held, rule: Selection) -> Declared:
    """What the trials say of their protocol, whoever has it installed."""
    protocol = held.row["protocol"]
    pretraining = held.notes.get("pretraining", ())
    return Declared(
        protocol=protocol["name"],
        speaker_independent=_claimed(protocol),
        session_independent="session" in protocol["splitter"].get("kind", "") or None,
        opaque=True,
        selection=rule,
        split_seeds=_seeds(protocol),
        target_access=protocol["target_access"],
        pretraining=None if pretraining is None else tuple(pretraining),
    )


def _claimed(protocol: Mapping[str, Any]) -> bool | None:
    """What an installed protocol claims of speakers, or stands beside given folds; else None."""
    claim: bool | None
    if protocol["name"] not in registered("protocols"):
        claim = protocol["splitter"].get("speaker_independent")
    else:
        claim = load("protocols", protocol["name"]).speaker_independent
    return claim


def _seeds(protocol: Mapping[str, Any]) -> Mapping[str, int] | None:
    """What draws the folds of each corpus; None of a protocol that is not here."""
    if protocol["name"] not in registered("protocols"):
        return None
    named: Mapping[str, int] = load("protocols", protocol["name"]).split_seeds
    own = dict.fromkeys(protocol["corpora"], protocol["split_seed"])
    return {**named, **own} if named else {}


def _tested(held: Held) -> dict[int, dict[str, dict[str, tuple[str, ...]]]]:
    tested: dict[int, dict[str, dict[str, tuple[str, ...]]]] = {}
    said: Any = held.said
    for (seed, fold, test), one in sorted(said.items()):
        tested.setdefault(seed, {}).setdefault(fold, {})[test] = one.ids
    return tested


def _damaged(store: Store, plans: Sequence[Plan]) -> Iterator[str]:
    """Trials whose files are not what was written, or are not of the row."""
    for trial_id in sorted({one for plan in plans for one in plan.trials}):
        if store.has(trial_id) and not store.whole(trial_id):
            yield trial_id[:12]


def _behaviour(store: Store, held: Held) -> dict[str, tuple[Finding, ...]] | None:
    """What was seen of the trainings while they ran, if anyone watched."""
    seen = []
    for (_, fold), trial_id in sorted(held.trials.items()):
        record = store.record(trial_id)["provenance"].get("behaviour")
        if record is not None:
            seen.append((fold, Behaviour.from_record(record)))
    return watched(seen) if seen else None


def _trainings(store: Store, held: Held, rule: Selection) -> Iterator[Training]:
    """Trainings whose epochs were kept, with the epoch that the rule chose."""
    if not isinstance(held.task, Classes):
        return
    for (seed, fold, test), said in sorted(held.told.items()):
        trial_id = held.trials[seed, fold]
        try:
            kept = stages(store, trial_id, test, held.task)
            judged: Curve = curve(kept, test, said)
            held_out = validation_curve(store, trial_id, held.task) if rule == "val" else None
            picked = choose(rule, kept, test, said, held_out)
        except NoStages:
            continue
        yield Training(
            fold=fold,
            seed=seed,
            epochs=tuple(int(epoch) for epoch in judged.epochs),
            curves={"ua": tuple(judged.ua.tolist()), "wa": tuple(judged.wa.tolist())},
            chosen=picked.epochs["ua"],
        )


def _redrawn(held: Held, rule: Selection, pool: Pool, cache: Path | None) -> Case | None:
    """The row's folds, drawn anew from the corpora; None where they are not the row's.

    Another release, label space or splitter draws others.
    """
    row = held.row
    try:
        protocol = load("protocols", row["protocol"]["name"]).under(
            row["protocol"]["target_access"]
        )
        table = pool.table(whole=protocol.whole)
        drawn = protocol.splits(table) if cache is None else drawn_splits(protocol, table, cache)
    except SerbenchError:
        return None
    splits = pool.with_copies(drawn)
    if split_digest(splits) != row["split"]:
        return None
    pretraining = held.notes.get("pretraining", ())
    return protocol_case(
        pool,
        protocol,
        splits,
        selection=rule,
        pretraining=None if pretraining is None else tuple(pretraining),
    )


def rows_alike(store: Store) -> list[tuple[list[Plan], int]]:
    """The rows of a results folder, each with the number of models that answer its question.

    Raises
    ------
    StoreError
        If there is none.
    """
    rows = list(rows_of(store))
    if not rows:
        raise StoreError(
            f"{store.root} holds no finished trial", expected="what `serbench run` has written"
        )
    models: dict[str, set[str]] = defaultdict(set)
    for plans in rows:
        models[question(plans[0].row)].add(canonical(plans[0].row["model"]))
    return [(plans, len(models[question(plans[0].row)])) for plans in rows]
