"""What is done, running, failed and missing, counted from what lies in a results folder."""

import json
import os
import time
from pathlib import Path

import pytest

from serbench import claims
from serbench.alive import Process
from serbench.claim import Claim
from serbench.errors import StoreError, UsageError
from serbench.pace import SAMPLE
from serbench.reasons import failed_trial
from serbench.record import written
from serbench.status import status_of
from serbench.store import Plan, Store
from serbench.trial import Trial


def trial(seed=0, model="m", protocol="loso", corpus="toy"):
    return Trial(
        protocol={"name": protocol, "corpora": [corpus]}, labels={"name": "own"},
        task={"kind": "classes", "names": ["a", "b"]}, corpora={corpus: "f"}, split="s", folds=1,
        fold="s1", train={"digest": "b", "size": 1}, tests={corpus: {"digest": "c", "size": 3}},
        validation=None, target=None, model={"name": model, "version": "1", "settings": {}},
        recipes=(), seed=seed,
    )  # fmt: skip


def plan(store, trials, **variant):
    store.plan(Plan(trials[0].row, {"variant": variant}, tuple(one.id for one in trials)))


def claim(store, one, *, silent=0.0, seconds=0.0, pid=4242, **changes):
    """As a worker on another machine left it."""
    made = Claim(
        one.id, one.title, "node7", Process(pid, "elsewhere", "1"), "cuda:0", "", "", seconds,
        **changes,
    )  # fmt: skip
    path = claims.folder(store.root) / f"{one.id}.node7.{pid}.ab.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(made.json())
    os.utime(path, (time.time() - silent,) * 2)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path)


@pytest.fixture
def every(store):
    """Ten trials: three done in 10 s each, two running, one failed, one interrupted."""
    trials = [trial(seed) for seed in range(10)]
    plan(store, trials, hidden=64)
    for one in trials[:3]:
        store.save(one, {}, {"seconds": 10.0})
    for one in trials[3:5]:
        claim(store, one, seconds=4.0)
    store.fail(trials[5], "ValueError: no", "Traceback")
    claim(store, trials[6], silent=600, seconds=30.0, done=7, total=50)
    store.checkpoint(trials[6].id).parent.mkdir(parents=True)
    store.checkpoint(trials[6].id).write_bytes(b"?")
    return trials


def counts(line):
    return line.done, line.running, line.failed, line.missing


def test_every_trial_is_counted_once(store, every):
    found = status_of(store)
    (line,) = found.lines
    assert counts(line) == (3, 2, 1, 4)
    assert line.planned == 10 == sum(counts(line))
    assert (line.resumable, line.name.settings, line.version) == (1, "hidden=64", "1")
    assert not found.whole
    assert {one.claim.trial for one in found.running} == {every[3].id, every[4].id}
    assert [one.claim.trial for one in found.interrupted] == [every[6].id]
    assert found.interrupted[0].claim.done == 7
    assert found.resumable == {every[6].id}
    assert found.failed == (every[5].id,)
    assert found.strange == ()


def test_time_left_is_by_what_finished_ones_took_over_the_workers(store, every):
    # one worker: 4 missing of 10 s, and two of 10 s that it began 4 s ago, one after the other
    assert status_of(store).workers == 1
    assert status_of(store).left == pytest.approx(4 * 10 + 2 * 10 - 4, abs=2)
    claim(store, every[4], seconds=4.0, pid=4343)
    (claims.folder(store.root) / f"{every[4].id}.node7.4242.ab.json").unlink()
    assert status_of(store).workers == 2
    assert status_of(store).left == pytest.approx((4 * 10 + 2 * 6) / 2, abs=2)


def test_time_left_is_by_epochs_where_they_are_told(store):
    trials = [trial(seed) for seed in range(3)]
    plan(store, trials)
    assert status_of(store).left is None
    assert status_of(store).left_at_least == 0
    claim(store, trials[0], seconds=100.0, done=10, total=50)
    # 500 s a trial: 400 s of this one, twice 500 s of those that nobody is at
    assert status_of(store).left == pytest.approx(1400, rel=0.05)


def test_trials_that_are_trained_at_once_take_their_time_once(store):
    trials = [trial(seed) for seed in range(12)]
    plan(store, trials)
    for one in trials[:4]:
        claim(store, one, seconds=100.0, done=10, total=50)
    for one in trials[4:6]:
        claim(store, one, seconds=100.0)
    # 400 s for the four, then two that wait and six missing at the same share of 500 s / 4
    assert status_of(store).workers == 1
    assert status_of(store).left == pytest.approx(400 + 8 * 125, rel=0.05)


def test_the_last_trial_takes_its_time_however_many_run(store):
    trials = [trial(seed) for seed in range(2)]
    plan(store, trials)
    claim(store, trials[0], seconds=100.0, done=10, total=20, pid=1)
    claim(store, trials[1], seconds=100.0, done=99, total=100, pid=2)
    assert status_of(store).left == pytest.approx(100, abs=5)


def test_what_is_done_is_done_whatever_else_lies_there(store):
    one, other = trial(0), trial(1)
    plan(store, [one, other])
    store.save(one, {}, {})
    store.fail(one, "from a machine that was slower", "")
    claim(store, one)
    store.fail(other, "it is being tried again", "")
    claim(store, other)
    found = status_of(store)
    assert counts(found.lines[0]) == (1, 1, 0, 0)
    assert (found.failures, found.interrupted) == ((), ())
    assert [seen.claim.trial for seen in found.running] == [other.id]
    assert found.workers == 1


def test_a_row_that_was_planned_twice_is_one(store):
    plan(store, [trial(seed) for seed in range(3)])
    plan(store, [trial(seed) for seed in range(5)])
    (line,) = status_of(store).lines
    assert (line.planned, len(line.plans)) == (5, 2)


def test_filters_choose_rows_and_what_belongs_to_them(store):
    a, b = trial(model="a", corpus="x"), trial(model="b", protocol="kfold", corpus="y")
    for one in (a, b):
        plan(store, [one])
        store.fail(one, f"of {one.model['name']}", "")
    stray = trial(model="c")
    store.fail(stray, "of no plan", "")
    store.save(trial(model="d"), {}, {})
    for chosen in ({"models": ["a"]}, {"protocols": ["loso"]}, {"corpora": ["x"]}):
        found = status_of(store, **chosen)
        assert [line.name.model for line in found.lines] == ["a"]
        assert [reason.text for reason in found.failures] == ["of a"]
        assert found.unplanned == 0
    assert status_of(store, models=["z"]).lines == ()
    whole = status_of(store)
    assert {reason.text for reason in whole.failures} == {"of a", "of b", "of no plan"}
    assert whole.unplanned == 1


def test_reasons_are_told_once(store):
    trials = [trial(seed) for seed in range(6)]
    plan(store, trials)
    for one in trials[:4]:
        store.fail(one, f"the loss is NaN at epoch {one.seed + 3}, weights at 0x7f{one.seed}a", "")
    store.fail(trials[4], "out of memory", "")
    (Path(store.root) / "failed" / f"{trials[5].id}.json").write_text("{")
    most, *others = status_of(store).failures
    assert (most.text, most.varies) == ("the loss is NaN at epoch 3, weights at 0x7f0a", True)
    assert [one.trial for one in most.trials] == [one.id for one in trials[:4]]
    assert most.trials[1].title == "m loso toy s1 seed 1"
    told = {reason.text: [one.trial for one in reason.trials] for reason in others}
    assert told["out of memory"] == [trials[4].id]
    assert told["its record cannot be read"] == [trials[5].id]


@pytest.mark.parametrize(
    "content",
    ["[]", "7", '{"a": 1}', "[" * 50000, '{"trial": 1, "title": {}, "reason": null, "log": [1]}'],
)
def test_a_damaged_failure_is_a_failure_all_the_same(store, content):
    plan(store, [trial()])
    (store.root / "failed").mkdir()
    (store.root / "failed" / f"{trial().id}.json").write_text(content)
    found = status_of(store)
    assert found.lines[0].failed == 1
    assert len(found.failures) == 1


def test_foreign_files_are_named_and_nothing_else_is_lost(store, every):
    content = json.loads(next((store.root / "plans").glob("*.json")).read_text())
    wrong = {
        "a.json": "[]", "b.json": "{", "c.json": "{}", "d.txt": "", "e.json": "[" * 50000,
        "f.json": json.dumps(content | {"trials": ["x"]}),
        "g.json": json.dumps(content | {"trials": 7}),
        "h.json": json.dumps(content | {"row": {"model": "m"}}),
        "i.json": json.dumps(content | {"notes": []}),
    }  # fmt: skip
    for name, text in wrong.items():
        (store.root / "plans" / name).write_text(text)
    (store.root / "failed" / "README").write_text("")
    (store.root / "unfinished" / "x\x1b").mkdir()
    (store.root / "trials" / "ab" / "old").mkdir(parents=True)
    (store.root / "running" / "notes").write_text("")
    found = status_of(store)
    assert counts(found.lines[0]) == (3, 2, 1, 4)
    assert len(found.strange) == len(wrong) + 4
    for name in (*wrong, "failed/README", "unfinished/x?", "trials/ol/old", "running/notes"):
        assert any(name in line for line in found.strange), name


def test_names_in_a_plan_are_made_fit_for_a_terminal(store):
    one = trial(model="m\x1b[2J", protocol="lo\nso", corpus="\ud800")
    row = json.dumps(one.row)  # with the half of a pair escaped, as a foreign writer might
    (store.root / "plans").mkdir()
    content = f'{{"format": 1, "row": {row}, "notes": {{}}, "trials": []}}'
    (store.root / "plans" / "x.json").write_text(content)
    found = status_of(store)
    told = [line.name for line in found.lines]
    for name in told:
        assert all(word.isprintable() for word in (name.model, name.protocol, *name.corpora))
    assert len(told) + len(found.strange) == 1


@pytest.mark.parametrize("part", ["", "trials", "plans", "failed", "unfinished"])
def test_a_folder_that_may_not_be_read_is_said(store, every, monkeypatch, part):
    scan, closed = os.scandir, store.root / part

    def refused(path):
        if Path(path) == closed:
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", refused)
    with pytest.raises(StoreError, match="cannot be read: Permission denied"):
        status_of(store)


def test_nothing_is_opened_of_most_trials(store, monkeypatch):
    trials = [trial(seed) for seed in range(200)]
    plan(store, trials)
    for one in trials[:190]:
        folder = store.folder(one.id)
        folder.mkdir(parents=True)
        (folder / "record.json").write_bytes(written(one.id, {}, {"seconds": 2.0}))
    read, asked = Store.record, []
    monkeypatch.setattr(
        Store, "record", lambda self, trial_id: asked.append(trial_id) or read(self, trial_id)
    )
    monkeypatch.setattr(Store, "trial", None)
    monkeypatch.setattr(Store, "whole", None)
    found = status_of(store)
    assert counts(found.lines[0]) == (190, 0, 0, 10)
    assert found.left == pytest.approx(20)
    assert len(asked) == SAMPLE


def test_all_done_is_whole_and_nothing_planned_is_not(store):
    assert not status_of(store).whole
    plan(store, [trial()])
    assert not status_of(store).whole
    store.save(trial(), {}, {})
    assert status_of(store).whole
    assert status_of(store).left == 0


def test_a_failed_trial_is_found_by_the_start_of_its_id():
    ids = ["ab" * 32, "ac" * 32, "b" * 64]
    assert failed_trial(ids, "b") == "b" * 64
    assert failed_trial(ids, "AB") == "ab" * 32
    with pytest.raises(UsageError, match="2 trials that failed"):
        failed_trial(ids, "a")
    with pytest.raises(UsageError, match="no trial that failed"):
        failed_trial(ids, "")
    with pytest.raises(UsageError, match="none has"):
        failed_trial([], "a")
