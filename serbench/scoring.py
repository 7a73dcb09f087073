"""The rows of a board with their scores, from the score cache where that knows them.

A row is looked up by what was said in it: the SHA-256 of every file that a rule of selection reads,
of all its finished trials, as the files are at this moment. Only rows without any damage are looked
up or kept, so that a board says the same with the cache and without it.

What the trainings took stands beside the scores, under the digest of the records that tell it: the
same predictions may have taken another time.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from serbench.background import stands
from serbench.behaviour.problem import Behaviour
from serbench.canonical import canonical
from serbench.errors import StoreError
from serbench.gathered import failed_places, hold, score
from serbench.held import Found, Gathered, row_task
from serbench.protocols import Selection
from serbench.scorecache import ScoreCache
from serbench.scorecache import key as score_key
from serbench.shards.index import SHA, Told, listed
from serbench.snapshot import Snapshot
from serbench.store import Plan, Store
from serbench.storedscores import from_record, to_record
from serbench.trained import Trained

RECORD = "record.json"


class Scorer:
    """Scores the rows of one results folder.

    Parameters
    ----------
    cache
        None: everything is read, and computed from what was read.
    """

    def __init__(self, store: Store, cache: ScoreCache | None) -> None:
        self.store, self.cache = store, cache
        self._snapshot = None if cache is None else Snapshot(store)

    def go_ahead(self, rows: Iterable[Sequence[Plan]] | None = None) -> None:
        """Begin to read the trials of these rows, or all: they will be asked for."""
        if self._snapshot is None:
            return
        if rows is None:
            self._snapshot.go_ahead()
        else:
            self._snapshot.go_ahead(one for plans in rows for plan in plans for one in plan.trials)

    def rows(
        self, plans: Sequence[Plan], selections: Collection[Selection]
    ) -> tuple[Found, list[Gathered]]:
        """What is there of a row, and its scores by each of these rules that suits its trials.

        Parameters
        ----------
        plans
            All plans of the row, one or more.

        Raises
        ------
        StoreError
            If the row is of a task that has no scores, or its trials do not belong together.
        """
        rules = [rule for rule in selections if _suits(plans[0].row, rule)]
        seen = self._seen(plans, rules)
        if seen is None or self.cache is None:
            held = hold(self.store, plans)
            return held, [score(self.store, held, rule) for rule in rules]
        found, said, keys = seen
        entries = {rule: self.cache.get(key) for rule, key in keys.items()}
        known = [_known(entry, keys[rule], found, rule) for rule, entry in entries.items()]
        if all(known):
            entered = {keys[rule]: entry for rule, entry in entries.items()}
            found = dataclasses.replace(found, trained=self._trained(found, said, entered))
            return found, [dataclasses.replace(one, held=found) for one in known if one is not None]
        held = hold(self.store, plans)
        scored = [score(self.store, held, rule) for rule in rules]
        if held.trials_damaged == found.trials_damaged and self._unchanged(said):
            for place, key in enumerate(keys.values()):
                one = scored[place]
                if one.held is held:  # else a stage could not be read
                    self.cache.put(key, _record(one) | _kept(held.trained, _records(said)))
                    scored[place] = dataclasses.replace(one, said=key)
        return held, scored

    def _seen(
        self, plans: Sequence[Plan], rules: Sequence[Selection]
    ) -> tuple[Found, list[Told], dict[Selection, str]] | None:
        """A row as found, its trials, and the keys of its scores; None if anything is damaged."""
        if self._snapshot is None:
            return None
        row, own = plans[0].row, plans[0].row_digest
        task = row_task(row)
        ids = sorted({trial_id for plan in plans for trial_id in plan.trials})
        stages = any(rule != "last" for rule in rules)
        finished = self._snapshot.finished(ids, stages=stages)
        if finished is None:
            return None
        said = [one for one in finished if one.row == own]
        if not all(one.row and reads(one.tests, one.files, "last")[0] for one in finished):
            return None
        last = {(one.seed, one.fold): one for one in said}
        found = Found(
            row=row,
            notes=next((plan.notes for plan in plans if plan.notes), {}),
            task=task,
            trials={key: one.trial for key, one in last.items()},
            trials_planned=max(len(ids), row["folds"] * len({seed for seed, _ in last})),
            trials_failed=len(self._snapshot.failed.intersection(ids)),
            failed=failed_places(map(self.store.failure, self._snapshot.failed.intersection(ids))),
            trials_damaged=len(finished) - len(said),
            broken=_broken([one.behaviour for one in last.values()]),
        )
        shared = {"task": task.record(), "across": found.across, "folds": row["folds"]}
        if found.failed:  # what they are scored as comes from what is kept of the folds
            shared["failed"] = sorted(map(list, found.failed))
            shared["beside"] = stands(self.store, row)
        keys = {rule: score_key(**shared, rule=rule, said=_said(said, rule)) for rule in rules}
        return found, said, keys

    def _trained(
        self, found: Found, said: Sequence[Told], entries: Mapping[str, dict[str, Any]]
    ) -> Trained:
        """What a row's trainings took: from the cache if their records are those, else from these.

        Parameters
        ----------
        entries
            What the score cache has of the row, by its keys.
        """
        records = _records(said)
        for entry in entries.values():
            if entry.get("records") == records:
                with contextlib.suppress(KeyError, TypeError):
                    return Trained.from_record(entry["trained"])
        trained = Trained.of(self.store.record(one)["provenance"] for one in found.trials.values())
        if self.cache is not None and self._unchanged(said):
            for key, entry in entries.items():
                self.cache.put(key, entry | _kept(trained, records))
        return trained

    def _unchanged(self, said: Sequence[Told]) -> bool:
        """Whether what was scored is what was looked up: a run may have put another there."""
        try:
            for one in said:
                hashes = self.store.hashes(one.trial)
                if RECORD not in hashes:  # it lies in a folder of its own
                    own = (self.store.folder(one.trial) / RECORD).read_bytes()
                    hashes[RECORD] = hashlib.sha256(own).digest()
                for place, name in enumerate(listed(one.files)):
                    if hashes.get(name) != _sha256(one, place):
                        return False
        except (StoreError, OSError):
            return False
        return True


def _suits(row: Mapping[str, Any], rule: Selection) -> bool:
    """Whether a rule chooses among the epochs of a row's trainings.

    One that held nobody out has no validation set; one that did is no training on all of its set.
    """
    return (rule == "val") == (row.get("selection") == "val")


def _said(trials: Sequence[Told], rule: Selection) -> str:
    """A digest of all that a rule reads of these trials."""
    alike = dict.fromkeys((one.tests, one.files) for one in trials)  # of a row, most are
    kinds = {kind: number for number, kind in enumerate(alike)}
    read = [reads(tests, files, rule) for tests, files in kinds]
    of = [kinds[one.tests, one.files] for one in trials]
    whose = [
        [one.seed for one in trials],
        [one.fold for one in trials],
        [[tests, names] for (tests, _), (_, names) in zip(kinds, read, strict=True)],
        of,
    ]
    found = hashlib.sha256(canonical(whose).encode())
    found.update(
        b"".join(
            one.sha256[SHA * place : SHA * (place + 1)]
            for one, kind in zip(trials, of, strict=True)
            for place in read[kind][0]
        )
    )
    return found.hexdigest()


@functools.lru_cache(maxsize=1024)
def reads(tests: str, files: str, rule: Selection) -> tuple[tuple[int, ...], str]:
    """Where among a trial's files are those that a rule reads, and their names as JSON.

    Under "last" these are the predictions of its test sets, else all but the records. Nothing where
    a test set has no predictions.
    """
    names = listed(files)
    predictions = [f"predictions-{test}.parquet" for test in listed(tests)]
    if not set(predictions) <= set(names):
        return (), "[]"
    records = {"trial.json", RECORD}
    asked = predictions if rule == "last" else [name for name in names if name not in records]
    return tuple(map(names.index, asked)), canonical(asked)


def _sha256(one: Told, place: int) -> bytes:
    return one.sha256[SHA * place : SHA * (place + 1)]


def _records(trials: Sequence[Told]) -> str:
    """A digest of the records of these trials."""
    ends = {
        files: SHA * (listed(files).index(RECORD) + 1) for files in {one.files for one in trials}
    }
    # A board of 100,000 trials comes by here with each of them.
    shas = [one.sha256[(end := ends[one.files]) - SHA : end] for one in trials]
    return hashlib.sha256(b"".join(shas)).hexdigest()


def _broken(watched: Iterable[str]) -> dict[str, int] | None:
    """In how many trials each rule was seen to be broken; None where nobody watched any."""
    seen = [_rules(one) for one in watched if one != "null"]
    count = Counter(rule for rules in seen for rule in rules)
    return dict(sorted(count.items())) if seen else None


@functools.lru_cache(maxsize=1024)
def _rules(behaviour: str) -> frozenset[str]:
    return Behaviour.from_record(json.loads(behaviour)).rules


def _record(one: Gathered) -> dict[str, Any]:
    return {
        "scores": None if one.scores is None else to_record(one.scores),
        "n_seeds": one.n_seeds,
        "stages_missing": one.stages_missing,
        "chance": one.chance,
        "partial": dict(one.partial),
    }


def _kept(trained: Trained, records: str) -> dict[str, Any]:
    return {"trained": trained.record(), "records": records}


def _known(record: Any, key: str, found: Found, rule: Selection) -> Gathered | None:
    try:
        scores = None if record["scores"] is None else from_record(record["scores"])
        return Gathered(
            found,
            rule,
            scores,
            record["n_seeds"],
            record["stages_missing"],
            chance=record["chance"],
            partial=record["partial"],
            said=key,
        )
    except (StoreError, KeyError, TypeError):
        return None
