"""What is dead goes, after a look; what a board, a plan or a worker needs stays."""

import hashlib
import os
import time

import pytest
from filelock import FileLock

from serbench import claims
from serbench.alive import Process
from serbench.claim import Claim
from serbench.errors import StoreError
from serbench.packing import pack
from serbench.store import Plan, Store
from serbench.trial import Trial
from serbench.upkeep import garbage as module
from serbench.upkeep.garbage import garbage

FILES = {"predictions-toy.parquet": b"said" * 100}
DAY = 86400.0


def trial(seed=0):
    return Trial(
        protocol={"name": "loso", "corpora": ["toy"]}, labels={"name": "own"}, task={},
        corpora={"toy": "f"}, split="s", folds=1, fold="1", train={}, tests={"toy": {}},
        validation=None, target=None, model={"name": "m"}, recipes=(), seed=seed,
    )  # fmt: skip


@pytest.fixture
def store(tmp_path):
    """Two finished trials and their plan."""
    store = Store(tmp_path)
    for seed in range(2):
        store.save(trial(seed), FILES, {})
    store.plan(Plan(trial().row, {}, (trial(0).id, trial(1).id, trial(2).id)))
    return store


@pytest.fixture
def later(monkeypatch):
    """``later(seconds)``: let time pass on the machine that keeps the folder."""
    clock = module.clock_of

    def set_to(seconds):
        monkeypatch.setattr(module, "clock_of", lambda folder: clock(folder) + seconds)

    return set_to


def write(path, size=10):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    return path


def claim(root, pid, born):
    one = Claim(trial().id, "t", "h", Process(pid, Process.own().kernel, born), "cpu", "", "", 1.0)
    path = claims.folder(root) / f"{trial().id}.h.{pid}.{0:08x}.json"
    write(path).write_text(one.json())
    return path


def everything(root):
    return {path.relative_to(root): path.stat().st_size for path in root.rglob("*")}


def test_nothing_is_dead_in_a_sound_folder(store):
    found = garbage(store.root)
    assert (found.dead, found.recovered, found.bytes) == ((), (), 0)


def test_what_is_dead_is_shown_first_and_then_removed(store, later):
    root, one = store.root, trial().id
    dead = {
        write(root / f"trials/{one[:2]}/.{'a' * 64}.7.0123abcd.tmp/trial.json").parent: 10,
        write(root / f"failed/.{one}.json.7.0123abcd.tmp"): 10,
        write(root / "boards" / ("b" * 64) / ".verdict.json.7.0123abcd.tmp").parent: 10,
        write(root / "unfinished" / one / "checkpoint.pt", 500).parent: 500,
        write(root / "failed" / f"{one}.json"): 10,
        write(root / "planes" / ("c" * 64) / "toy.json").parent: 10,
        claim(root, 7, "1"): None,
    }
    kept = [
        write(root / "unfinished" / trial(2).id / "checkpoint.pt"),
        write(root / "failed" / f"{trial(2).id}.json"),
        claim(root, os.getpid(), Process.own().born),
        write(root / "superseded" / f"{one}.0123abcd" / "trial.json"),
        write(root / "planes" / one / "toy.json"),
    ]
    later(2 * 3600)
    before = everything(root)
    found = garbage(root)
    assert everything(root) == before
    sizes = {root / each.path: each.bytes for each in found.dead}
    assert {path for path in sizes if not path.name.endswith(".tmp")} == {
        path for path in dead if not path.name.endswith(".tmp")
    }
    assert all(size in (None, sizes[path]) for path, size in dead.items())
    assert found.bytes == sum(sizes.values())
    assert garbage(root, remove=True) == found
    assert not [path for path in dead if path.exists()]
    assert all(path.exists() for path in kept)
    assert list(Store(root).ids()) == sorted(trial(seed).id for seed in range(2))
    assert not list(root.rglob("*.tmp"))


def test_what_is_being_written_is_left_alone(store):
    aside = write(store.root / f"trials/aa/.{'a' * 64}.7.0123abcd.tmp/trial.json").parent
    write(store.root / "boards" / ("b" * 64) / "verdict.json")  # its plan comes after it
    assert garbage(store.root, remove=True).dead == ()
    assert aside.exists()


def test_a_trial_that_lacked_nothing_but_its_name_is_put_in_its_place(store, later):
    """Its writer was killed between the last byte and the renaming."""
    folder = store.folder(trial(1).id)
    aside = folder.with_name(f".{trial(1).id}.7.0123abcd.tmp")
    folder.rename(aside)
    assert not store.has(trial(1).id)
    later(2 * 3600)
    found = garbage(store.root)
    assert (found.dead, found.recovered) == ((), (trial(1).id,))
    assert aside.exists()
    garbage(store.root, remove=True)
    assert store.whole(trial(1).id)
    assert not aside.exists()


def test_the_next_run_puts_it_in_its_place_too(store):
    aside = store.folder(trial(1).id).with_name(f".{trial(1).id}.7.0123abcd.tmp")
    store.folder(trial(1).id).rename(aside)
    os.utime(aside, (0, 0))
    store.sweep()
    assert store.whole(trial(1).id)


def test_an_aside_of_a_trial_that_stands_is_dead(store, later):
    """Two finished it; the second was killed before it saw the first."""
    whole = store.folder(trial(1).id)
    aside = whole.with_name(f".{trial(1).id}.7.0123abcd.tmp")
    aside.mkdir()
    for path in whole.iterdir():
        (aside / path.name).write_bytes(path.read_bytes())
    later(2 * 3600)
    assert [one.path for one in garbage(store.root, remove=True).dead] == [
        str(aside.relative_to(store.root))
    ]


def test_what_was_set_aside_goes_after_as_many_days_as_are_asked_for(store, later):
    kept = store.set_aside(trial(1).id)
    later(8 * DAY)
    assert garbage(store.root).dead == ()
    (one,) = garbage(store.root, days=7, remove=True).dead
    assert store.root / one.path == kept
    assert not kept.exists()


def test_a_mark_stays_as_long_as_its_shard_holds_the_result(store, later):
    pack(store.root)
    store.set_aside(trial(1).id)
    stray = write(store.packed.folder / "set-aside" / f"{'d' * 64}.{'e' * 32}", 0)
    lost = write(store.packed.folder / "20200101T000000-00000000.0f.parquet")
    later(2 * 3600)
    found = {store.root / one.path for one in garbage(store.root, remove=True).dead}
    assert found == {stray, lost}
    assert not Store(store.root).has(trial(1).id)


def test_a_folder_that_is_being_packed(store, later):
    pack(store.root)
    write(store.packed.folder / ".x.tar.tmp")
    later(2 * 3600)
    with FileLock(store.packed.folder / ".lock"):
        found = garbage(store.root, remove=True)
    assert found.packing
    assert found.dead == ()
    assert [one.path for one in garbage(store.root).dead] == ["packed/.x.tar.tmp"]


def test_without_a_plan_that_can_be_read_nothing_is_dead(store):
    (path,) = store.root.glob("plans/*.json")
    content = path.read_bytes()
    path.write_bytes(content.replace(b"toy", b"tog"))
    with pytest.raises(StoreError, match="its SHA-256 is not its name"):
        garbage(store.root, remove=True)
    assert hashlib.sha256(content).hexdigest() == path.stem


def test_a_clock_that_was_set_back_keeps_no_garbage_for_ever(store):
    aside = write(store.root / f"trials/aa/.{'a' * 64}.7.0123abcd.tmp/trial.json").parent
    ahead = time.time() + 400 * DAY
    os.utime(aside, (ahead, ahead))
    assert len(garbage(store.root, remove=True).dead) == 1
    assert not aside.exists()
