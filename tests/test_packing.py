"""Packing: trials move from folders into shards, and never between the two."""

import errno
import io
import json
import os
import shutil
import sys
import tarfile

import numpy as np
import pandas as pd
import pytest
from filelock import FileLock

from serbench.errors import StoreError
from serbench.packing import pack
from serbench.predictions import Predictions, to_parquet
from serbench.store import Store
from serbench.trial import Trial

CLASSES = ("anger", "neutral")
NAME = "predictions-toy.parquet"


def trial(seed=0):
    return Trial(
        protocol={"name": "loso", "corpora": ["toy"]}, labels={"name": "own"},
        task={"kind": "classes", "names": list(CLASSES)}, corpora={"toy": "f"}, split="s", folds=1,
        fold="s1", train={"digest": "b", "size": 1}, tests={"toy": {"digest": "c", "size": 3}},
        validation=None, target=None, model={"name": "m", "version": "1", "settings": {}},
        recipes=(), seed=seed,
    )  # fmt: skip


def files(seed=0):
    said = np.random.default_rng(seed).dirichlet(np.ones(2), 3).astype(np.float32)
    ids, speakers = ("toy/a", "toy/b", "toy/c"), ("s1", "s1", "s2")
    predictions = Predictions(CLASSES, ids, speakers, np.array([1, 0, 0]), said)
    return {NAME: to_parquet(predictions), "stages-toy.parquet": b"stages" * (seed + 1)}


def fill(root, seeds=range(3)):
    store = Store(root)
    for seed in seeds:
        store.save(trial(seed), files(seed), {"host": "here", "behaviour": None})
    return store


def content(root, seeds=range(3)):
    """Every file of every trial, from wherever it is."""
    store = Store(root)
    return {
        (seed, name): store.read(trial(seed).id, name)
        for seed in seeds
        for name in store.record(trial(seed).id)["files"]
    }


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A folder of three trials, to be copied."""
    root = tmp_path_factory.mktemp("finished")
    fill(root)
    return root


@pytest.fixture
def root(tmp_path, finished):
    return shutil.copytree(finished, tmp_path / "results")


def shard(root):
    (path,) = (root / "packed").glob("*.tar")
    return path


def test_what_is_packed_is_read_as_before(root):
    before, provenance = content(root), Store(root).record(trial().id)
    outcome = pack(root)
    assert (outcome.packed, len(outcome.shards), outcome.left) == (3, 1, ())
    store = Store(root)
    assert store.loose_ids() == []
    assert list(store.ids()) == sorted(trial(seed).id for seed in range(3))
    assert all(store.has(trial(seed).id) and store.whole(trial(seed).id) for seed in range(3))
    assert store.trial(trial(2).id) == trial(2)
    assert store.record(trial().id) == provenance
    assert content(root) == before
    assert not store.has(trial(9).id)
    with pytest.raises(StoreError, match=r"nothing\.parquet is damaged"):
        store.read(trial().id, "nothing.parquet")


def test_a_store_that_is_open_sees_what_others_pack(root):
    store = Store(root)
    assert store.whole(trial().id)
    pack(root)
    assert store.whole(trial().id)
    fill(root, [3])
    assert store.has(trial(3).id)
    pack(root)
    assert store.whole(trial(3).id)
    assert len(list(store.ids())) == 4


def test_nothing_to_pack(tmp_path):
    outcome = pack(tmp_path)
    assert (outcome.packed, outcome.shards) == (0, ())
    assert list((tmp_path / "packed").glob("*.tar")) == []


def test_a_shard_is_read_without_serbench(root, tmp_path):
    before = {path.name: path.read_bytes() for path in Store(root).folder(trial().id).iterdir()}
    pack(root)
    (index,) = (root / "packed").glob("*.parquet")
    row = pd.read_parquet(index).set_index("trial").loc[trial().id]
    with tarfile.open(shard(root)) as tar:
        member = tar.extractfile(f"trials/{trial().id[:2]}/{trial().id}/{NAME}")
        assert pd.read_parquet(io.BytesIO(member.read())).id.tolist() == ["toy/a", "toy/b", "toy/c"]
        tar.extractall(tmp_path / "again", filter="data")
    at = json.loads(row.files).index(NAME)
    with shard(root).open("rb") as file:
        file.seek(row.offset[at])
        assert file.read(row["size"][at]) == before[NAME]
    folder = Store(tmp_path / "again").folder(trial().id)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert Store(tmp_path / "again").whole(trial().id)


def test_a_shard_ends_where_it_is_large_enough(root):
    assert len(pack(root, limit=1).shards) == 3
    assert len(list(Store(root).ids())) == 3


def test_what_is_not_whole_stays_as_it_is(root):
    store = Store(root)
    (store.folder(trial(0).id) / NAME).write_bytes(b"torn")
    (store.folder(trial(1).id) / "folder").mkdir()
    (store.folder(trial(2).id) / "beside.txt").write_text("a note")
    outcome = pack(root)
    assert outcome.left == tuple(sorted([trial(0).id, trial(1).id]))
    assert outcome.packed == 1
    assert (store.folder(trial(0).id) / NAME).read_bytes() == b"torn"
    assert store.packed.content(trial(2).id, "beside.txt") == b"a note"
    assert "2 folders left as they are" in "".join(outcome.lines())


def test_every_flipped_byte_costs_at_most_the_trial_that_it_is_of(root):
    before = content(root)
    pack(root)
    path = shard(root)
    bytes_, state = path.read_bytes(), path.stat()
    for place in range(100, len(bytes_), 797):
        path.write_bytes(bytes_[:place] + bytes([bytes_[place] ^ 1]) + bytes_[place + 1 :])
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))  # not even the clock tells
        store = Store(root)
        damaged = [seed for seed in range(3) if not store.whole(trial(seed).id)]
        assert len(damaged) <= 1
        of = [
            seed
            for seed in range(3)
            for file in store.packed.entry(trial(seed).id).files.values()
            if file.offset <= place < file.offset + file.size
        ]
        assert damaged == of
        assert content(root, set(range(3)) - set(of)) == {
            key: value for key, value in before.items() if key[0] not in of
        }


@pytest.mark.parametrize("what", ["removed", "torn", "flipped"])
def test_an_index_is_made_anew_from_its_tar(root, what):
    before = content(root)
    pack(root)
    (index,) = (root / "packed").glob("*.parquet")
    bytes_ = index.read_bytes()
    index.unlink()
    if what != "removed":
        middle = len(bytes_) // 2
        flipped = bytes([bytes_[middle] ^ 1]) + bytes_[middle + 1 :]
        index.write_bytes(bytes_[:middle] + (b"" if what == "torn" else flipped))
    os.utime(shard(root), ns=(1, 1))  # else this process knows the shard already
    assert content(root) == before
    assert index.read_bytes() == bytes_


def test_damage_does_not_vouch_for_itself_in_a_new_index(root):
    pack(root)
    entry = Store(root).packed.entry(trial(1).id)
    place = entry.files[NAME].offset
    (index,) = (root / "packed").glob("*.parquet")
    index.unlink()
    with shard(root).open("r+b") as file:
        file.seek(place)
        file.write(b"X")
    os.utime(shard(root), ns=(1, 1))
    store = Store(root)
    assert [store.whole(trial(seed).id) for seed in range(3)] == [True, False, True]


def test_what_is_run_again_counts_in_place_of_what_was_packed(root):
    pack(root)
    store = Store(root)
    where = store.set_aside(trial(1).id)
    assert where == shard(root)
    assert not store.has(trial(1).id)
    assert not Store(root).has(trial(1).id)
    assert len(list(store.ids())) == 2
    store.save(trial(1), {**files(1), "stages-toy.parquet": b"anew"}, {"host": "there"})
    for _ in range(2):
        assert Store(root).record(trial(1).id)["provenance"] == {"host": "there"}
        assert Store(root).read(trial(1).id, "stages-toy.parquet") == b"anew"
        assert len(list(Store(root).ids())) == 3
        pack(root)
    assert Store(root).loose_ids() == []
    with tarfile.open(where) as tar:  # and nothing is lost
        assert sum(trial(1).id in name for name in tar.getnames()) == 4


def test_what_is_set_aside_while_it_is_packed_stays_set_aside(root, monkeypatch):
    def publish(aside, path, rename=os.rename):
        if path.endswith(".tar"):
            Store(root).set_aside(trial(1).id)
            again = Store(root)
            again.set_aside(trial(2).id)
            again.save(trial(2), files(2), {"host": "there"})
        rename(aside, path)

    monkeypatch.setattr(os, "rename", lambda aside, path: publish(str(aside), str(path)))
    assert pack(root).packed == 1
    monkeypatch.undo()
    store = Store(root)
    assert list(store.ids()) == sorted([trial(0).id, trial(2).id])
    assert store.loose_ids() == [trial(2).id]
    assert store.record(trial(2).id)["provenance"] == {"host": "there"}
    assert pack(root).packed == 1
    assert Store(root).record(trial(2).id)["provenance"] == {"host": "there"}


def test_of_a_folder_and_a_shard_the_folder_counts(root):
    """Another machine finished a trial that was packed meanwhile: both are right, one stays."""
    pack(root)
    Store(root).save(trial(0), files(0), {"host": "there"})
    assert Store(root).record(trial(0).id)["provenance"] == {"host": "there"}
    assert len(list(Store(root).ids())) == 3
    assert pack(root).packed == 1
    assert Store(root).record(trial(0).id)["provenance"] == {"host": "there"}
    assert len(list(Store(root).ids())) == 3


def test_a_folder_stays_where_its_shard_is_damaged(root):
    copy = shutil.copytree(root / "trials", root / "copy")
    pack(root)
    with shard(root).open("r+b") as file:
        file.seek(Store(root).packed.entry(trial(1).id).files[NAME].offset)
        file.write(b"X")
    shutil.rmtree(root / "trials")
    copy.rename(root / "trials")
    assert pack(root).doubles == 2
    store = Store(root)
    assert store.loose_ids() == [trial(1).id]
    assert store.whole(trial(1).id)


def test_two_at_once(root):
    (root / "packed").mkdir()
    with FileLock(root / "packed" / ".lock"), pytest.raises(StoreError, match="already"):
        pack(root)
    children = [in_a_child(root), in_a_child(root)]
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    assert len(list(Store(root).ids())) == 3
    assert Store(root).loose_ids() == []
    assert len(list((root / "packed").glob("*.tar"))) == 1


def test_a_full_disk_is_said_and_loses_nothing(root, monkeypatch):
    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="no space is left"):
        pack(root)
    monkeypatch.undo()
    assert [path.name for path in (root / "packed").iterdir()] == [".lock"]
    assert len(content(root)) == 9


def in_a_child(root):
    child = os.fork()
    if child == 0:
        try:
            pack(root)
        except StoreError:  # the other one is at it
            os._exit(0)
        except BaseException:
            os._exit(1)
        os._exit(0)
    return child


CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir"}


def killed_before(root, change):
    """Pack in a child that is killed before so many changes to the folder; whether it was."""
    child = os.fork()
    if child == 0:
        left = [change]

        def kill(event, arguments):
            writes = event == "open" and isinstance(arguments[1], str) and "w" in arguments[1]
            if event in CHANGES or (writes and str(root) in str(arguments[0])):
                left[0] -= 1
                if left[0] < 0:
                    os._exit(9)

        sys.addaudithook(kill)
        pack(root, limit=1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


def test_killed_between_any_two_steps_nothing_is_lost_and_nothing_counts_twice(tmp_path):
    fill(tmp_path / "finished", range(2))
    before, change = content(tmp_path / "finished", range(2)), 0
    while True:
        root = shutil.copytree(tmp_path / "finished", tmp_path / str(change))
        killed = killed_before(root, change)
        store = Store(root)
        ids = sorted(trial(seed).id for seed in range(2))
        assert list(store.ids()) == ids
        assert all(store.whole(one) for one in ids)
        assert content(root, range(2)) == before
        pack(root)  # and the next one brings it to its end
        assert Store(root).loose_ids() == []
        assert list(Store(root).ids()) == ids
        assert content(root, range(2)) == before
        names = {path.name.partition(".")[0] for path in (root / "packed").glob("*.*")} - {""}
        tars = {path.stem for path in (root / "packed").glob("*.tar")}
        assert names == tars
        shutil.rmtree(root)
        change += 1
        if not killed:
            break
    assert change > 20  # or the child was killed for something else
