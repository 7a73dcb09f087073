"""What a results folder holds at one moment, seen once for all rows of all boards."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Collection, Iterable, Sequence

from serbench.canonical import canonical
from serbench.errors import StoreError
from serbench.shards.entry import STAGES, Facts, in_order
from serbench.shards.index import Told
from serbench.shards.shard import Checker, Shard
from serbench.store import Store


class Snapshot:
    """A results folder as it was when this was made.

    ``failed`` are the ids of trials that failed.
    """

    def __init__(self, store: Store) -> None:
        store.packed.refresh()
        self.store = store
        self.failed = store.failed_ids()
        self._loose = frozenset(store.loose_ids())
        self._checkers: dict[Shard, Checker] = {}

    def go_ahead(self, ids: Iterable[str] | None = None) -> None:
        """Begin to read these trials where they lie in shards, or all: they will be asked for."""
        places: dict[Shard, Sequence[int]]
        if ids is None:
            places = {shard: range(len(shard.index.trials)) for shard in self.store.packed.shards}
        else:
            places = dict(self._places(ids))
        asked = [(self._checker(shard), at) for shard, at in places.items()]

        def read() -> None:
            with contextlib.suppress(OSError):  # who asks will meet it too
                for checker, at in asked:
                    checker.read(at)

        # Hashing leaves the interpreter to others. Where the command ends before, so may this.
        threading.Thread(target=read, daemon=True).start()

    def finished(self, ids: Collection[str], *, stages: bool) -> list[Told] | None:
        """Those of these trials that are finished, in the order of their ids.

        None if a file of any of them is not what was written: then it takes more than this to say
        what there is.

        Parameters
        ----------
        stages
            Hold their stages against what was written too; without, nothing is known of these.
        """
        found: list[Told] = []
        for trial_id in self._loose.intersection(ids):
            one = self._in_folder(trial_id, stages)
            if one is None:
                return None
            found.append(one)
        for shard, asked in self._places(ids).items():
            if self._checker(shard).broken(asked, stages=stages):
                return None
            found += shard.index.told(asked)
        return sorted(found)

    def _places(self, ids: Iterable[str]) -> dict[Shard, list[int]]:
        """Where those of these trials lie that have no folder of their own."""
        return self.store.packed.known(one for one in ids if one not in self._loose)

    def _checker(self, shard: Shard) -> Checker:
        if shard not in self._checkers:
            self._checkers[shard] = Checker(shard)
        return self._checkers[shard]

    def _in_folder(self, trial_id: str, stages: bool) -> Told | None:
        """A trial that has a folder of its own; None if a file is not what was written."""
        folder = self.store.folder(trial_id)
        try:
            record = self.store.record(trial_id)
            facts = Facts.of(self.store.trial(trial_id), record)
            hashes = {name: bytes.fromhex(sha) for name, sha in record["files"].items()}
            for name, sha in hashes.items():
                asked = stages or not name.startswith(STAGES)
                if asked and hashlib.sha256((folder / name).read_bytes()).digest() != sha:
                    return None
            own = (folder / "record.json").read_bytes()
            hashes["record.json"] = hashlib.sha256(own).digest()  # as an index has it
        except (StoreError, OSError, ValueError, TypeError):
            return None
        names = in_order(hashes)
        return Told(
            trial_id,
            facts.row,
            facts.seed,
            facts.fold,
            canonical(list(facts.tests)),
            facts.behaviour,
            canonical(names),
            b"".join(hashes[name] for name in names),
        )
