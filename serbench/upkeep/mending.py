"""What is damaged steps aside, so that the same command computes it again. No byte is removed."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterable
from pathlib import Path

from serbench.shards.shard import Shard
from serbench.store import Store
from serbench.upkeep.damage import Damage
from serbench.writing import cannot_write


def mend(store: Store, found: Iterable[Damage]) -> None:
    """Do about each damage what it says that is done.

    Raises
    ------
    StoreError
        If the folder cannot be written.
    """
    for kind, whole in dict.fromkeys((one.kind, one.whole) for one in found):
        if kind == "folder":
            _mend_folder(store, whole)
        elif kind == "packed":
            store.set_aside(whole)
        elif kind == "index":
            with contextlib.suppress(FileNotFoundError):
                Shard.load(store.root / whole)
        else:
            put_aside(store, store.root / whole)


def _mend_folder(store: Store, trial_id: str) -> None:
    """Put a trial's folder aside. The same result in a shard, if it is whole, counts from then."""
    if store.packed.whole(trial_id) or not store.folder(trial_id).exists():
        put_aside(store, store.folder(trial_id))
    else:
        store.set_aside(trial_id)


def put_aside(store: Store, path: Path) -> None:
    """Move a file or a folder to where nothing reads it."""
    target = store.root / "superseded" / f"{path.name}.{uuid.uuid4().hex[:8]}"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)
    except FileNotFoundError:  # somebody else was there first
        return
    except OSError as error:
        raise cannot_write(target, error) from error
