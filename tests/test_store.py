"""The results folder: there means whole, whoever else writes, whenever we are killed."""

import json
import multiprocessing
import os
import signal
import time

import numpy as np
import pytest

from serbench.errors import StoreError
from serbench.predictions import (
    Predictions,
    from_parquet,
    stages_from_parquet,
    stages_to_parquet,
    to_parquet,
)
from serbench.session import Stage
from serbench.store import Plan, Store
from serbench.trial import Trial

CLASSES = ("anger", "neutral")


def trial(seed=0):
    return Trial(
        protocol={"name": "loso", "corpora": ["toy"]}, labels={"name": "own"},
        task={"kind": "classes", "names": list(CLASSES)}, corpora={"toy": "f"}, split="s", folds=1,
        fold="s1", train={"digest": "b", "size": 1}, tests={"toy": {"digest": "c", "size": 3}},
        validation=None, target=None, model={"name": "m", "version": "1", "settings": {}},
        recipes=(), seed=seed,
    )  # fmt: skip


def predictions():
    return Predictions(
        CLASSES,
        ("toy/c", "toy/a", "toy/b"),
        ("s1", "s1", "s2"),
        np.array([1, 0, 0]),
        np.array([[0.25, 0.75], [1, 0], [0.5, 0.5]], dtype=np.float32),
    )


def files():
    return {"predictions-toy.parquet": to_parquet(predictions())}


def test_save_and_read_back(tmp_path):
    store = Store(tmp_path)
    assert not store.has(trial().id)
    store.save(trial(), files(), {"host": "here"})
    assert store.has(trial().id)
    assert store.whole(trial().id)
    assert store.trial(trial().id) == trial()
    assert store.record(trial().id)["provenance"] == {"host": "here"}
    assert list(store.ids()) == [trial().id]


def test_predictions_come_back_in_the_order_of_ids():
    read = from_parquet(to_parquet(predictions()), "x")
    assert read.ids == ("toy/a", "toy/b", "toy/c")
    assert read.speakers == ("s1", "s2", "s1")
    assert read.truth.tolist() == [0, 0, 1]
    np.testing.assert_array_equal(read.probabilities, [[1, 0], [0.5, 0.5], [0.25, 0.75]])


def test_predictions_are_bytewise_reproducible():
    assert to_parquet(predictions()) == to_parquet(predictions())


def test_stages_round_trip():
    said = np.array([[0.5, 0.5], [0.25, 0.75], [1, 0]], dtype=np.float16)
    stages = [Stage(1, 0.7, 0.5, {"toy": said}), Stage(2, 0.6, 0.6, {"toy": said[::-1]})]
    order = np.array([1, 2, 0])
    read = stages_from_parquet(stages_to_parquet(stages, "toy", order), "toy", 2, "x")
    assert [(s.epoch, s.loss, s.accuracy) for s in read] == [(1, 0.7, 0.5), (2, 0.6, 0.6)]
    np.testing.assert_array_equal(read[0].probabilities["toy"], said[order])
    last = [Stage(9, 0.1, 1.0)]
    assert stages_from_parquet(stages_to_parquet(last, "toy", order), "toy", 2, "x") == last


def test_not_a_predictions_file():
    with pytest.raises(StoreError, match="not a Parquet file"):
        from_parquet(b"hello", "x.parquet")


def test_every_flipped_byte_is_found(tmp_path):
    store = Store(tmp_path)
    store.save(trial(), files(), {"host": "here", "seconds": 1.5})
    for path in sorted(store.folder(trial().id).iterdir()):
        whole = path.read_bytes()
        for at in range(0, len(whole), max(1, len(whole) // 25)):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            assert not store.whole(trial().id), (path, at)
        path.write_bytes(whole[: len(whole) // 2])
        assert not store.whole(trial().id), path
        path.write_bytes(whole)
    assert store.whole(trial().id)


def test_second_writer_of_one_trial_is_right_too(tmp_path):
    Store(tmp_path).save(trial(), files(), {"host": "one"})
    Store(tmp_path).save(trial(), files(), {"host": "two"})
    assert Store(tmp_path).record(trial().id)["provenance"] == {"host": "one"}
    assert [p.name for p in (tmp_path / "trials" / trial().id[:2]).iterdir()] == [trial().id]


def test_sweep_takes_only_what_is_old(tmp_path):
    store = Store(tmp_path)
    store.save(trial(), files(), {})
    aside = store.folder(trial().id).with_name(".x.1.tmp")
    aside.mkdir()
    store.sweep()
    assert aside.exists()
    os.utime(aside, (0, 0))
    store.sweep()
    assert not aside.exists()
    assert store.whole(trial().id)


def test_failure_is_kept_until_success(tmp_path):
    store = Store(tmp_path)
    store.fail(trial(), "NaN in epoch 3", "log")
    assert store.failure(trial().id).reason == "NaN in epoch 3"
    store.save(trial(), files(), {})
    assert store.failure(trial().id) is None


def test_a_folder_that_goes_while_a_checkpoint_is_written(tmp_path, monkeypatch):
    """Another writer finishes the same trial at this very moment, and clears its checkpoints."""
    from serbench import writing

    write, path = writing.write_through, Store(tmp_path).checkpoint(trial().id)
    gone = []

    def late(aside, content):
        if not gone:
            gone.append(aside)
            aside.parent.rmdir()
        write(aside, content)

    monkeypatch.setattr(writing, "write_through", late)
    writing.write_aside(path, b"epoch 3")
    assert gone
    assert path.read_bytes() == b"epoch 3"


def test_a_record_of_before_it_had_a_digest(tmp_path):
    store = Store(tmp_path)
    store.save(trial(), files(), {"host": "here"})
    path = store.folder(trial().id) / "record.json"
    record = json.loads(path.read_bytes())
    assert len(record.pop("digest")) == 64
    path.write_text(json.dumps(record))
    assert store.whole(trial().id)
    assert store.record(trial().id)["provenance"] == {"host": "here"}
    path.write_text(json.dumps({**record, "digesd": "x"}))
    with pytest.raises(StoreError, match="digesd"):
        store.record(trial().id)


def test_success_clears_the_checkpoint(tmp_path):
    store = Store(tmp_path)
    path = store.checkpoint(trial().id)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x")
    store.save(trial(), files(), {})
    assert not path.parent.exists()


def test_set_aside_loses_nothing(tmp_path):
    store = Store(tmp_path)
    store.save(trial(), files(), {})
    kept = store.set_aside(trial().id)
    assert not store.has(trial().id)
    assert (kept / "trial.json").is_file()


def test_plans(tmp_path):
    plan = Plan(trial().row, {"variant": {}}, (trial().id,))
    store = Store(tmp_path)
    store.plan(plan)
    store.plan(plan)
    assert list(store.plans()) == [plan]


def test_full_disk_is_said_and_leaves_nothing(tmp_path, monkeypatch):
    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("serbench.writing.os.fsync", full)
    store = Store(tmp_path)
    with pytest.raises(StoreError, match="no space is left"):
        store.save(trial(), files(), {})
    with pytest.raises(StoreError, match="no space is left"):
        store.fail(trial(), "x", "")
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def _write_forever(folder):
    seed = 0
    while True:
        Store(folder).save(trial(seed % 50), files(), {"seed": seed})
        seed += 1


def test_killed_writers_leave_only_whole_trials(tmp_path):
    """Two writers of the same trials, killed with -9 again and again."""
    context = multiprocessing.get_context("fork")
    for round_ in range(6):
        writers = [context.Process(target=_write_forever, args=(tmp_path,)) for _ in range(2)]
        for writer in writers:
            writer.start()
        time.sleep(0.05 + 0.03 * round_)
        for writer in writers:
            os.kill(writer.pid, signal.SIGKILL)
            writer.join()
    store = Store(tmp_path)
    ids = list(store.ids())
    assert ids
    assert all(store.whole(i) for i in ids)
