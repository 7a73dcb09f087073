"""Utterances and folds as Parquet: all that dealing out a trial needs, and no path or sound.

A cohort is written as it is under its label space, without what that leaves out, and without the
copies that it makes: they are made again. Folds are written by the places of their utterances. What
comes back is held against the digests in each trial's record by the worker, as after a scan.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serbench import parquet
from serbench.canonical import canonical
from serbench.cohort import Cohort
from serbench.corpus import Corpus, CorpusCard, Entry, Finding, Release, Utterance
from serbench.errors import StoreError
from serbench.labels import Emotion, LabelSpace, task_of
from serbench.pool import Pool
from serbench.protocols import Split
from serbench.scanned import Scan, assembled
from serbench.validation import HeldOut

NOWHERE = Path("not in a bundle")  # of each sound
HELD = "held"  # the side of those that choose an epoch under "val"
TEXTS = ("id", "speaker", "native", "emotion", "samples")
MAYBE = ("gender", "session", "dialogue", "scenario", "style", "sentence", "intended", "fold")
NUMBERS = ("rate", "channels", "duration")
_LEFT_BEHIND = {"audio": NOWHERE, "file": "", "votes": None, "start": None, "end": None}


class _Described(Corpus):
    """What a label space asks of a corpus: its name, and what its labels as written stand for."""

    card: CorpusCard  # type: ignore[misc]
    labels: Mapping[str, Emotion | str | None]  # type: ignore[misc]

    def __init__(self, name: str, release: str, labels: Mapping[str, str | None]) -> None:
        self.card = CorpusCard(name, name, "", "", "", "", (Release(release, {}, {}),))
        self.labels = labels

    def entries(self, root: Path) -> Iterator[Entry | Finding | Release]:
        raise NotImplementedError(f"{root}: a bundle holds no corpus")


def describe(cohort: Cohort, labels: Mapping[str, str | None]) -> dict[str, Any]:
    """What a manifest says of a cohort. ``labels``: the emotion of each of its native labels."""
    return {
        "corpus": cohort.corpus,
        "release": cohort.scan.release,
        "fingerprint": cohort.scan.fingerprint,
        "labels": cohort.labels.record(),
        "native": {name: None if e is None else str(e) for name, e in labels.items()},
    }


def utterances_to_parquet(cohort: Cohort, *, texts: bool) -> bytes:
    """The file of a cohort's utterances, each once. ``texts``: with what is said in them."""
    import pyarrow as pa

    kept = [u for u in cohort.utterances if u.id not in cohort.originals]
    columns: dict[str, Any] = {name: [getattr(u, name) for u in kept] for name in TEXTS + NUMBERS}
    columns |= {name: pa.array([getattr(u, name) for u in kept], pa.string()) for name in MAYBE}
    columns["text"] = pa.array([u.text if texts else None for u in kept], pa.string())
    columns["attributes"] = [canonical(dict(u.attributes)) for u in kept]
    return parquet.to_bytes({name: pa.array(values) for name, values in columns.items()})


def cohort_from_parquet(described: Mapping[str, Any], content: bytes, where: str) -> Cohort:
    """Read a cohort back.

    Raises
    ------
    StoreError
        If the file is no such table.
    """
    corpus = str(described["corpus"])
    known = ", ".join((*TEXTS, *MAYBE, *NUMBERS, "text", "attributes"))
    with parquet.read(content, where, what="a table of utterances", columns=known) as table:
        columns: dict[str, Any] = {name: parquet.texts(table, name) for name in TEXTS}
        columns |= {name: table.column(name).to_pylist() for name in (*MAYBE, *NUMBERS, "text")}
        columns["attributes"] = [json.loads(text) for text in parquet.texts(table, "attributes")]
        size = table.num_rows
    alike = {**_LEFT_BEHIND, "corpus": corpus}
    columns |= {name: [value] * size for name, value in alike.items()}
    adapter = _Described(corpus, described["release"], described["native"])
    found = Scan(
        corpus,
        NOWHERE,
        described["release"],
        _assembled(size, columns),
        (),
        described["fingerprint"],
    )
    return Cohort(adapter, found, _space(described["labels"]))


def folds_to_parquet(pool: Pool, splits: Sequence[Split], held: Mapping[str, HeldOut]) -> bytes:
    """The file of a pool's folds.

    Parameters
    ----------
    held
        Fold to those who are held out in it to choose an epoch; empty unless a trial asks.
    """
    import pyarrow as pa

    sides: list[tuple[str, str, str, NDArray[np.int64]]] = []
    for split in splits:
        sides.append((split.fold, "train", "", pool.positions(split.train)))
        sides += [
            (split.fold, "test", name, pool.positions(ids)) for name, ids in split.tests.items()
        ]
        sides.append((split.fold, "validation", "", pool.positions(split.validation)))
        if split.fold in held:
            own = pool.positions(held[split.fold].validation)
            sides.append((split.fold, HELD, "", own))
    each = [len(side[3]) for side in sides]
    columns = {
        name: pa.array(np.repeat([side[at] for side in sides], each).tolist(), pa.string())
        for at, name in enumerate(("fold", "side", "test"))
    }
    rows = np.concatenate([side[3] for side in sides]).astype(np.int32)
    return parquet.to_bytes({**columns, "row": pa.array(rows)})


def folds_from_parquet(
    pool: Pool, content: bytes, where: str
) -> tuple[tuple[Split, ...], dict[str, HeldOut]]:
    """Read folds back: all of them in their order, and who is held out in each.

    Raises
    ------
    StoreError
        If the file is no such table, or names places that the pool has not.
    """
    columns = "fold, side, test, row"
    sides: dict[tuple[str, str, str], list[str]] = {}
    with parquet.read(content, where, what="a table of folds", columns=columns) as table:
        keys = zip(*(parquet.texts(table, name) for name in ("fold", "side", "test")), strict=True)
        for key, row in zip(keys, table.column("row").to_pylist(), strict=True):
            if not 0 <= row < len(pool.utterances):
                raise StoreError(f"{where} names the utterance {row} of {len(pool.utterances)}")
            sides.setdefault(key, []).append(pool.utterances[row].id)
    splits = []
    held = {}
    for fold in dict.fromkeys(key[0] for key in sides):
        tests = {
            test: tuple(ids)
            for (f, side, test), ids in sides.items()
            if (f, side) == (fold, "test")
        }
        one = {
            side: tuple(sides.get((fold, side, ""), ())) for side in ("train", "validation", HELD)
        }
        splits.append(Split(fold, one["train"], tests, one["validation"]))
        if one[HELD]:
            held[fold] = _held_out(pool, splits[-1], one[HELD])
    return tuple(splits), held


def _held_out(pool: Pool, split: Split, held: tuple[str, ...]) -> HeldOut:
    """As :func:`serbench.validation.held_out` gave it."""
    apart = frozenset(held)
    speakers = sorted({(u.corpus, u.speaker) for u in pool.at(held)})
    names = ["/".join(one) for one in speakers]
    return HeldOut(
        tuple(name for name in split.train if name not in apart),
        held,
        tuple(sorted(names) if held == split.validation else names),
    )


def _space(record: Mapping[str, Any]) -> LabelSpace:
    """A label space as it stands in a trial."""
    return LabelSpace(
        name=record["name"],
        title="",
        task=None if record["task"] is None else task_of(record["task"]),
        merge=record["merge"],
        where={name: tuple(values) for name, values in record["where"].items()},
        label_field=record["label_field"],
        repeat=record["repeat"],
    )


def _assembled(size: int, columns: Mapping[str, Any]) -> tuple[Utterance, ...]:
    lacking = {field.name for field in dataclasses.fields(Utterance)} ^ set(columns)
    if lacking:
        raise StoreError(f"a table of utterances without {', '.join(sorted(lacking))}")
    return assembled(size, columns)
