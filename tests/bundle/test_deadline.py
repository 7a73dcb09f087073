"""Time that runs out: what is begun, what is stopped, and where it goes on."""

import time

import pytest

from serbench.errors import UsageError
from serbench.executors.serial import Serial
from serbench.jobs import Advanced, Ended, Started
from serbench.offsite.deadline import Deadline, OutOfTime
from serbench.offsite.working import MORE_TO_DO, unpacked, work_through
from serbench.store import Store


@pytest.fixture
def clock(monkeypatch):
    """A clock that is set by hand."""
    now = [1000.0]
    monkeypatch.setattr("serbench.offsite.deadline.time.monotonic", lambda: now[0])
    return now


@pytest.fixture
def jobs(home):
    return home.jobs("prior")


def test_a_trial_is_begun_only_where_the_time_suffices(clock, jobs):
    heard = []
    one, two, three = (job.trial.id for job in jobs[:3])
    deadline = Deadline(100.0, jobs, {two: 30.0, three: 10.0}, heard.append)
    deadline(Started(one))  # the first always
    clock[0] += 40
    deadline(Ended(one, 40.0))
    deadline(Started(two))  # all of one kind: 40 s, and 60 are left
    clock[0] += 21
    deadline(Ended(two, 21.0))
    with pytest.raises(OutOfTime):
        deadline(Started(three))  # 39 s are left, and the longest took 40
    assert [type(event) for event in heard] == [Started, Ended, Started, Ended]
    with pytest.raises(UsageError, match="minutes"):
        Deadline(0.0, jobs, {}, heard.append)


def test_a_training_stops_when_the_next_epoch_would_be_too_late(clock, jobs):
    name = jobs[0].trial.id
    deadline = Deadline(100.0, jobs, {}, lambda event: None)
    deadline(Started(name))
    for epoch in range(1, 5):
        clock[0] += 20
        if epoch == 4:  # 20 s are left: the fifth would end with the time
            with pytest.raises(OutOfTime):
                deadline(Advanced(name, epoch, 9, ""))
        else:
            deadline(Advanced(name, epoch, 9, ""))


def test_a_training_stops_at_a_fresh_checkpoint_near_the_end(clock, jobs, tmp_path):
    import dataclasses

    job = dataclasses.replace(jobs[0], results=tmp_path)
    name = job.trial.id
    deadline = Deadline(100.0, [job], {}, lambda event: None)
    deadline(Started(name))
    clock[0] += 75
    deadline(Advanced(name, 0, 900, "reading features"))
    clock[0] += 1
    deadline(Advanced(name, 1, 900, ""))  # near the end, and nothing saved: on
    path = Store(tmp_path).checkpoint(name)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"")
    clock[0] += 1
    with pytest.raises(OutOfTime):
        deadline(Advanced(name, 3, 900, ""))


def test_an_alarm_stops_what_tells_nothing(jobs):
    deadline = Deadline(0.05, jobs, {}, lambda event: None)
    with pytest.raises(OutOfTime), deadline.alarm():
        time.sleep(5)


def test_what_is_left_is_said_by_the_status_and_done_the_next_time(home, tmp_path):
    home.bundle("timed", home.jobs("prior"))
    parts = unpacked(home.folder / "timed", tmp_path)
    stopped = work_through(parts, Serial(), lambda event: None, seconds=1e-6)
    assert stopped.status == MORE_TO_DO
    assert len(stopped.left) == 4
    assert stopped.failures == {}
    done = work_through(parts, Serial(), lambda event: None, seconds=60)
    assert (done.status, len(done.done)) == (0, 4)
    assert work_through(parts, Serial(), lambda event: None).done == []
