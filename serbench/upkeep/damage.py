"""What in a results folder is not what was written, file by file.

Finished trials, in folders and in shards, plans, what stands beside boards, planes, checkpoints and
the indexes of shards: each is held to the SHA-256 that it carries or is named by. A claim, a mark
and the reason of a failure carry none: a score hangs on none of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from serbench import record as records
from serbench.background import CANARIES, VERDICT
from serbench.canonical import digest
from serbench.errors import StoreError
from serbench.inventory import ID
from serbench.planned import read_plan
from serbench.shards.index import SHA
from serbench.shards.shard import Checker, index_path
from serbench.store import Store
from serbench.trial import Trial

Kind = Literal["folder", "packed", "plan", "board", "plane", "checkpoint", "index"]
CHECKPOINT = b"serbench checkpoint"  # what a checkpoint's first line begins with
Tell = Callable[[int, int], None]
THEN: dict[Kind, str] = {
    "folder": "the trial goes to superseded/; the next `serbench run` of its command computes it",
    "packed": "the trial is marked as set aside; the next `serbench run` of its command computes "
    "it",
    "plan": "it goes to superseded/; the next `serbench run` of its command writes it again",
    "board": "it goes to superseded/; the next `serbench run` on that board works it out again",
    "plane": "it goes to superseded/; `serbench plot embedding --keep` draws it again",
    "checkpoint": "it goes to superseded/; that training begins anew",
    "index": "it is written again from its shard",
}


@dataclass(frozen=True)
class Damage:
    """A file that is not what was written.

    Parameters
    ----------
    path
        Below the results folder; of a file in a shard, the shard and what the file is called in it.
    why
        What is wrong.
    kind
        What it is part of, by which it is mended.
    whole
        The trial's id, or the path of what is mended as one.
    """

    path: str
    why: str
    kind: Kind
    whole: str

    @property
    def then(self) -> str:
        """What `serbench results repair` does about it."""
        return THEN[self.kind]

    def record(self) -> dict[str, Any]:
        """As JSON values."""
        return {**asdict(self), "then": self.then}


def damages(store: Store, tell: Tell = lambda done, total: None) -> Iterator[Damage]:
    """Look through a results folder. Nothing is written.

    Parameters
    ----------
    tell
        Hears how many trials are done, of how many.

    Raises
    ------
    OtherFormat
        If another version of serbench wrote some of it in another way.
    OSError
        If the folder cannot be read.
    """
    yield from _indexes(store)
    loose = store.loose_ids()
    packed = sorted({*store.packed.ids()} - {one for one in loose if store.loose(one)})
    total = len(loose) + len(packed)
    for done, name in enumerate(loose, 1):
        yield from _in_folder(store, name)
        tell(done, total)
    yield from _in_shards(store, packed)
    tell(total, total)
    yield from _beside(store)


def _in_folder(store: Store, name: str) -> Iterator[Damage]:
    folder = store.folder(name)

    def damaged(file: str, why: str) -> Damage:
        return Damage(_below(store, folder / file), why, "folder", name)

    if not ID.fullmatch(name) or not folder.is_dir():
        yield damaged("", "its name is no trial's id")
        return
    try:
        record = records.read((folder / "record.json").read_bytes(), str(folder / "record.json"))
    except (OSError, ValueError) as error:
        yield damaged("record.json", _why(error))
        return
    if record["trial"] != name:
        yield damaged("record.json", "it is of another trial")
    named = {*record["files"], "trial.json", *_predictions(folder)}
    for file in sorted(named):
        try:
            if _sha256(folder / file) != record["files"].get(file):
                yield damaged(file, "its SHA-256 is not the recorded one")
            elif file == "trial.json" and digest(json.loads((folder / file).read_bytes())) != name:
                yield damaged(file, "its SHA-256 is not its folder's name")
        except (OSError, ValueError) as error:
            yield damaged(file, _why(error))


def _predictions(folder: Path) -> set[str]:
    """The files that a trial must have, as far as it can be read."""
    try:
        trial = Trial.from_record(json.loads((folder / "trial.json").read_bytes()), str(folder))
    except (OSError, ValueError, AttributeError, StoreError):
        return set()
    return {f"predictions-{test}.parquet" for test in trial.tests}


def _in_shards(store: Store, trials: list[str]) -> Iterator[Damage]:
    for shard, places in store.packed.known(trials).items():
        broken = set(Checker(shard).broken(places, stages=True))
        for place in places:
            name = shard.index.trials[place]
            files = shard.index.entry(place).files
            torn = [
                (file, "its SHA-256 is not the recorded one")
                for file, held in (files.items() if place in broken else ())
                if not held.holds(shard.content(held))
            ]
            if not torn and not store.whole(name):
                torn = [("record.json", "it is not what was written, or a file is missing")]
            for file, why in torn:
                inside = f"trials/{name[:2]}/{name}/{file}"
                yield Damage(f"{_below(store, shard.path)}: {inside}", why, "packed", name)


def _indexes(store: Store) -> Iterator[Damage]:
    """Of shards; looked at before they are read, since who reads a torn one writes it again."""
    for tar in sorted(store.packed.folder.glob("*.tar")):
        for beside in sorted(tar.parent.glob(f"{tar.stem}.*.parquet")):
            if index_path(tar, beside.read_bytes()) != beside:
                where = _below(store, beside)
                yield Damage(where, "its SHA-256 is not in its name", "index", _below(store, tar))


def _beside(store: Store) -> Iterator[Damage]:
    for path in sorted(store.root.glob("plans/*.json")):
        try:
            read_plan(path)
        except (OSError, ValueError) as error:
            yield Damage(_below(store, path), _why(error), "plan", _below(store, path))
    for folder in sorted(store.root.glob("boards/*")):
        if (found := _board(folder)) is not None:
            file, reason = found
            yield Damage(_below(store, folder / file), reason, "board", _below(store, folder))
    for path in sorted(store.root.glob("planes/*/*.json")):
        if not _carries_digest(path):
            why = "its SHA-256 is not the one in it"
            yield Damage(_below(store, path), why, "plane", _below(store, path))
    for path in sorted(store.root.glob("unfinished/*/checkpoint.pt")):
        if not _is_checkpoint(path):
            why = "its SHA-256 is not the one in it"
            yield Damage(_below(store, path), why, "checkpoint", _below(store, path.parent))


def _board(folder: Path) -> tuple[str, str] | None:
    """The file of a board's background that is damaged, and why; None: both are whole."""
    if not (folder / VERDICT).exists():
        return None  # the canaries are written first: a run may be about to write it
    if not _carries_digest(folder / VERDICT):
        return VERDICT, "its SHA-256 is not the one in it"
    try:
        if _sha256(folder / CANARIES) != json.loads((folder / VERDICT).read_bytes())[CANARIES]:
            return CANARIES, "its SHA-256 is not the one in verdict.json"
    except (OSError, KeyError) as error:
        return CANARIES, _why(error)
    return None


def _carries_digest(path: Path) -> bool:
    """Whether a JSON object is what the digest in it is of."""
    try:
        record = json.loads(path.read_bytes())
        return bool(record.pop("digest") == digest(record))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _is_checkpoint(path: Path) -> bool:
    """Whether it is what :mod:`serbench.nets.checkpoints` wrote, which is not read here."""
    line, _, rest = path.read_bytes().partition(b"\n")
    return line.startswith(CHECKPOINT) and hashlib.sha256(rest[SHA:]).digest() == rest[:SHA]


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _below(store: Store, path: Path) -> str:
    return str(path.relative_to(store.root))


def _why(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error) or type(error).__name__
