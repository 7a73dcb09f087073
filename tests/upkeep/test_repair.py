"""Damage is named file by file, steps aside, and is computed again; nothing else is touched."""

import hashlib

import pytest

from serbench.background import CANARIES, VERDICT
from serbench.canonical import canonical, digest
from serbench.errors import StoreError
from serbench.packing import pack
from serbench.store import Plan, Store
from serbench.trial import Trial
from serbench.upkeep.damage import damages
from serbench.upkeep.mending import mend
from serbench.writing import write_aside

FILES = {"predictions-toy.parquet": b"said" * 100, "stages-toy.parquet": b"before" * 100}


def trial(seed=0):
    return Trial(
        protocol={"name": "loso", "corpora": ["toy"]}, labels={"name": "own"}, task={},
        corpora={"toy": "f"}, split="s", folds=1, fold="1", train={}, tests={"toy": {}},
        validation=None, target=None, model={"name": "m"}, recipes=(), seed=seed,
    )  # fmt: skip


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path)
    for seed in range(3):
        store.save(trial(seed), FILES, {"host": "here"})
    store.plan(Plan(trial().row, {}, tuple(trial(seed).id for seed in range(3))))
    return store


def spoil(path, old=b"sai", new=b"SAI"):
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, 1))


def mended(store):
    found = list(damages(store))
    mend(store, found)
    assert list(damages(Store(store.root))) == []
    return found


def test_a_sound_folder(store):
    assert list(damages(store)) == []
    pack(store.root)
    assert list(damages(Store(store.root))) == []


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("predictions-toy.parquet", b"sai", b"SAI"),
        ("stages-toy.parquet", b"bef", b"BEF"),
        ("trial.json", b"loso", b"lost"),
        ("record.json", b"here", b"hare"),
        ("record.json", b'"digest"', b'"digesd"'),
        ("record.json", b'"files"', b'"filed"'),
    ],
)
def test_a_damaged_trial_steps_aside(store, name, old, new):
    folder = store.folder(trial(1).id)
    spoil(folder / name, old, new)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert store.whole(trial(1).id) is False
    found = mended(store)
    assert f"trials/{trial(1).id[:2]}/{trial(1).id}/{name}" in {one.path for one in found}
    assert {one.kind for one in found} == {"folder"}
    assert set(store.ids()) == {trial(0).id, trial(2).id}
    (aside,) = store.root.glob("superseded/*")
    assert {path.name: path.read_bytes() for path in aside.iterdir()} == before
    store.save(trial(1), FILES, {})  # as the next run does
    assert store.whole(trial(1).id)


def test_a_missing_file(store):
    (store.folder(trial(1).id) / "predictions-toy.parquet").unlink()
    (one,) = mended(store)
    assert one.path.endswith("predictions-toy.parquet")
    assert "No such file" in one.why


def test_a_folder_that_is_no_trial(store):
    (store.root / "trials" / "no" / "nothing").mkdir(parents=True)
    (one,) = mended(store)
    assert one.why == "its name is no trial's id"


def test_a_damaged_trial_in_a_shard_is_marked(store):
    pack(store.root)
    (tar,) = store.packed.folder.glob("*.tar")
    spoil(tar)
    size = tar.stat().st_size
    store = Store(store.root)
    (one,) = mended(store)
    assert one.kind == "packed"
    assert one.path.startswith(f"packed/{tar.name}: trials/{one.whole[:2]}/{one.whole}/")
    assert one.whole not in set(Store(store.root).ids())
    assert len(set(Store(store.root).ids())) == 2
    assert tar.stat().st_size == size


def test_a_sound_copy_in_a_shard_counts_instead_of_a_damaged_folder(store):
    """Killed when the shard stood and the folder was not yet removed."""
    folder = store.folder(trial(1).id)
    held = {path.name: path.read_bytes() for path in folder.iterdir()}
    pack(store.root)
    folder.mkdir(parents=True)
    for name, content in held.items():
        (folder / name).write_bytes(content)
    spoil(folder / "predictions-toy.parquet")
    (one,) = mended(Store(store.root))
    assert one.kind == "folder"
    assert Store(store.root).whole(trial(1).id)


def test_what_stands_beside_the_trials(store):
    (plan,) = store.root.glob("plans/*.json")
    spoil(plan, b"toy", b"tog")
    folder = store.root / "boards" / ("b" * 64)
    record = {"version": 1, CANARIES: hashlib.sha256(b"sang").hexdigest()}
    write_aside(folder / CANARIES, b"song")
    write_aside(folder / VERDICT, canonical({**record, "digest": digest(record)}).encode())
    plane = write_aside(store.root / "planes" / trial().id / "toy.json", b'{"digest": "x"}')
    assert plane is None
    write_aside(store.checkpoint(trial(7).id), b"serbench checkpoint 1\n" + b"x" * 40)
    with pytest.raises(StoreError, match="serbench results repair"):
        list(store.plans())
    found = mended(store)
    assert [(one.kind, one.path.split("/")[-1]) for one in found] == [
        ("plan", plan.name),
        ("board", CANARIES),
        ("plane", "toy.json"),
        ("checkpoint", "checkpoint.pt"),
    ]
    assert list(store.plans()) == []
    assert len(list(store.root.glob("superseded/*"))) == 4


def test_a_torn_index_is_written_again(store):
    pack(store.root)
    (index,) = store.packed.folder.glob("*.parquet")
    whole = index.read_bytes()
    index.write_bytes(whole[: len(whole) // 2])
    (one,) = mended(Store(store.root))
    assert one.kind == "index"
    assert index.read_bytes() == whole


def test_looking_changes_nothing(store):
    spoil(store.folder(trial(1).id) / "trial.json", b"loso", b"lost")
    before = {path: path.stat().st_mtime_ns for path in store.root.rglob("*")}
    assert len(list(damages(store))) == 1
    assert {path: path.stat().st_mtime_ns for path in store.root.rglob("*")} == before
