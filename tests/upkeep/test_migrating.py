"""Another format: a newer one is refused in words, an older one moves through a chain of steps.

There never was a format 0. The one here is forged: its trials called the model "net", its records
the files "hashes", and its plans the trials "ids".
"""

import hashlib
import json

import pytest

from serbench import migration
from serbench.canonical import canonical, digest
from serbench.errors import StoreError
from serbench.gathered import all_plans
from serbench.migration import NewerFormat, OlderFormat, Step, migrated
from serbench.packing import pack
from serbench.shards.index import Index, index_of
from serbench.shards.packed import _read_shard
from serbench.store import Plan, Store
from serbench.trial import Trial
from serbench.upkeep.damage import damages
from serbench.upkeep.migrating import migrate

FILES = {"predictions-toy.parquet": b"said" * 100}
SEEDS = 3


def trial(seed=0):
    return Trial(
        protocol={"name": "loso", "corpora": ["toy"]}, labels={"name": "own"}, task={},
        corpora={"toy": "f"}, split="s", folds=1, fold="1", train={}, tests={"toy": {}},
        validation=None, target=None, model={"name": "m"}, recipes=(), seed=seed,
    )  # fmt: skip


def renamed(record, old, new):
    return {(new if name == old else name): value for name, value in record.items()}


def of_plan(plan):
    return {**renamed(plan, "ids", "trials"), "row": renamed(plan["row"], "net", "model")}


STEP = Step(
    trial=lambda one: renamed(one, "net", "model"),
    record=lambda one: renamed(one, "hashes", "files"),
    plan=of_plan,
)


def forge(root):
    """A folder as format 0 would have had it."""
    ids = []
    for seed in range(SEEDS):
        old = {**renamed(trial(seed).record, "model", "net"), "format": 0}
        contents = {"trial.json": canonical(old).encode(), **FILES}
        hashes = {name: hashlib.sha256(one).hexdigest() for name, one in contents.items()}
        record = {"format": 0, "trial": digest(old), "hashes": hashes, "provenance": {"n": seed}}
        contents["record.json"] = json.dumps(record).encode()
        folder = root / "trials" / digest(old)[:2] / digest(old)
        folder.mkdir(parents=True)
        for name, content in contents.items():
            (folder / name).write_bytes(content)
        ids.append(digest(old))
    row = {**renamed(trial().row, "model", "net"), "format": 0}
    plan = canonical({"format": 0, "row": row, "notes": {"seeds": 3}, "ids": [*ids, "f" * 64]})
    (root / "plans").mkdir()
    (root / "plans" / f"{hashlib.sha256(plan.encode()).hexdigest()}.json").write_text(plan)
    return ids


@pytest.fixture
def old(tmp_path, monkeypatch):
    monkeypatch.setitem(migration.STEPS, 0, STEP)
    forge(tmp_path)
    return Store(tmp_path)


def test_the_chain_is_of_pure_functions(old):
    record = {**renamed(trial().record, "model", "net"), "format": 0}
    before = canonical(record)
    assert Trial.from_record(migrated("trial", record, "x")) == trial()
    assert canonical(record) == before
    assert migrated("trial", trial().record, "x") == trial().record


def test_an_older_folder_is_refused_with_the_way_out(old):
    name = next(old.ids())
    for asked in (
        lambda: old.trial(name), lambda: old.whole(name), lambda: list(old.plans()),
        lambda: list(all_plans(old)), lambda: list(damages(old)),
    ):  # fmt: skip
        with pytest.raises(OlderFormat, match="serbench results repair --migrate"):
            asked()


def test_an_older_folder_moves(old):
    before = set(old.ids())
    found = migrate(old)
    assert set(found.trials) == before
    assert set(found.trials.values()) == {trial(seed).id for seed in range(SEEDS)}
    assert found.refused == ()
    assert list(damages(old)) == []
    assert set(old.ids()) == {trial(seed).id for seed in range(SEEDS)}
    for seed in range(SEEDS):
        assert old.trial(trial(seed).id) == trial(seed)
        assert old.read(trial(seed).id, "predictions-toy.parquet") == b"said" * 100
        assert old.record(trial(seed).id)["provenance"]["n"] == seed
    (plan,) = old.plans()
    assert plan.notes == {"seeds": 3}
    assert canonical(plan.row) == canonical(trial().row)
    assert set(plan.trials) == {*(trial(seed).id for seed in range(SEEDS)), "f" * 64}
    assert len(list(old.root.glob("superseded/*"))) == SEEDS + 1
    again = migrate(old)
    assert (again.trials, again.plans) == ({}, ())


@pytest.mark.parametrize("killed_after", range(SEEDS + 1))
def test_a_killed_migration_goes_on(old, monkeypatch, killed_after):
    saved, save = [], Store.save

    def dying(self, *what):
        if len(saved) == killed_after:
            raise KeyboardInterrupt
        saved.append(save(self, *what))

    monkeypatch.setattr(Store, "save", dying)
    if killed_after < SEEDS:
        with pytest.raises(KeyboardInterrupt):
            migrate(old)
    else:
        migrate(old)
    monkeypatch.setattr(Store, "save", save)
    migrate(old)
    assert set(old.ids()) == {trial(seed).id for seed in range(SEEDS)}
    (plan,) = old.plans()
    assert set(plan.trials) == {*(trial(seed).id for seed in range(SEEDS)), "f" * 64}


def test_what_is_older_and_damaged_stays_and_is_named(old):
    name = next(old.ids())
    (old.folder(name) / "predictions-toy.parquet").write_bytes(b"other")
    found = migrate(old)
    assert len(found.trials) == SEEDS - 1
    (refused,) = found.refused
    assert refused == f"trial {name[:12]}: predictions-toy.parquet is not what was written"
    assert old.folder(name).exists()


def test_a_plan_whose_row_is_not_its_trials(old, monkeypatch):
    wrong = Step(trial=STEP.trial, record=STEP.record, plan=lambda one: {
        **of_plan(one), "row": {**of_plan(one)["row"], "split": "other"}})  # fmt: skip
    monkeypatch.setitem(migration.STEPS, 0, wrong)
    (refused,) = migrate(old).refused
    assert "its row is not that of its trial" in refused


def test_without_a_way_nothing_moves(old, monkeypatch):
    monkeypatch.delitem(migration.STEPS, 0)
    before = {path: path.stat().st_mtime_ns for path in old.root.rglob("*")}
    with pytest.raises(OlderFormat, match="no way from format 0 is known"):
        migrate(old)
    assert {path: path.stat().st_mtime_ns for path in old.root.rglob("*")} == before


@pytest.mark.parametrize("packed", [False, True])
def test_a_newer_folder_is_refused_and_left_as_it_is(tmp_path, monkeypatch, packed):
    """Every reader says so; none takes it for damage and sets it aside."""
    store = Store(tmp_path)
    store.save(trial(), FILES, {})
    store.plan(Plan(trial().row, {}, (trial().id,)))
    name = trial().id
    if packed:
        pack(tmp_path)
    for module in (
        "serbench.migration",
        "serbench.planned",
        "serbench.record",
        "serbench.upkeep.migrating",
    ):
        monkeypatch.setattr(f"{module}.FORMAT", 0)
    monkeypatch.setattr("serbench.shards.index.FORMAT", 0)
    _read_shard.cache_clear()  # as in another process
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    for asked in (
        lambda: Store(tmp_path).whole(name), lambda: list(Store(tmp_path).plans()),
        lambda: list(damages(Store(tmp_path))), lambda: migrate(Store(tmp_path)),
        *([] if packed else [lambda: pack(tmp_path)]),
    ):  # fmt: skip
        with pytest.raises(NewerFormat, match="format 1, by a newer serbench") as refused:
            asked()
        assert "upgrade serbench" in refused.value.advice
    changed = {path for path, when in before.items() if path.stat().st_mtime_ns != when}
    assert {path.name for path in changed} <= {"packed", ".lock", tmp_path.name}


def test_an_index_of_an_older_format_is_none(monkeypatch):
    """The tar is what counts: whoever opens the shard makes its index anew."""
    content = index_of([], [])
    assert Index(content, "x").trials == []
    monkeypatch.setattr("serbench.shards.index.FORMAT", 2)
    with pytest.raises(StoreError, match="it is of format 1"):
        Index(content, "x")


@pytest.mark.parametrize("found", [None, "1", True, -1, 1.5])
def test_what_is_no_format(found):
    with pytest.raises(ValueError, match="its format is"):
        migration.check("trial", found, "x")
