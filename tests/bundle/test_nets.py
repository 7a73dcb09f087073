"""Nets of a bundle: far away from everything but torch, and stopped in the middle."""

import dataclasses
from functools import partial

import pytest

from serbench import bundling
from serbench.cli.progress import Screen
from serbench.errors import UsageError
from serbench.executors.serial import Serial
from serbench.jobs import Advanced
from serbench.merging.merge import merge
from serbench.offsite.returning import pack
from serbench.offsite.working import packs_of, unpacked, work_through
from serbench.planfile import PlanFile
from serbench.preparing import prepare
from serbench.request import Means
from serbench.store import Store

pytestmark = pytest.mark.slow
NET = {"filters": "4", "blocks": "2", "epochs": "40"}


@pytest.fixture(scope="module")
def net(home, tmp_path_factory):
    """One training of a net, and where it is planned."""
    folder = tmp_path_factory.mktemp("net")
    request = dataclasses.replace(
        home.request, models=[("timnet", NET)], results=folder / "results"
    )
    prepared = prepare(request, Screen(quiet=True))
    plan = PlanFile(request.results, request.cache, tuple(prepared.plans), tuple(prepared.jobs))
    plan = plan.only(plan.jobs[:1])

    def bundled(name):
        bundling.write(folder / name, plan, prepared.boards, Screen(quiet=True), workers=1)
        return folder / name

    return bundled


def test_a_net_stopped_in_the_middle_goes_on_elsewhere_to_the_same_end(net, monkeypatch, tmp_path):
    whole = unpacked(net("undisturbed"), tmp_path / "undisturbed")
    (name,) = work_through(whole, Serial(), lambda event: None).done
    monkeypatch.setattr("serbench.offsite.working.EVERY", 0.0)  # a checkpoint every epoch
    monkeypatch.setattr("serbench.offsite.deadline.EVERY", 1e9)  # the end is always near
    heard = []
    first = unpacked(net("first"))
    errand = work_through(first, Serial(), heard.append, seconds=600)
    assert (errand.left, errand.failures) == ([name], {})
    assert max(event.done for event in heard if isinstance(event, Advanced)) < 40
    sent = pack(first.store, tmp_path / "out")
    assert (sent.trials, sent.checkpoints) == (0, 1)
    home = first.folders[0].parent / "results"
    assert merge(home, sent.archives).checkpoints == [name]
    monkeypatch.undo()
    heard.clear()
    second = unpacked(net("second"))  # with the checkpoint that came home
    assert work_through(second, Serial(), heard.append).done == [name]
    assert min(event.done for event in heard if isinstance(event, Advanced) and event.done) > 0
    assert any("checkpoint" in event.note for event in heard if isinstance(event, Advanced))
    there, here = second.store, whole.store
    assert there.record(name)["files"] == here.record(name)["files"]
    assert merge(home, [second.folders[0]]).taken == [name]
    assert not Store(home).checkpoint(name).exists()


def test_a_device_that_is_not_there_is_refused_before_any_trial_fails(net, tmp_path):
    parts = unpacked(net("nowhere"), tmp_path / "results")
    means = Means(results=parts.plan.results, cache=parts.plan.cache, devices=("cuda:99",))
    packed = partial(packs_of, means=means, executor=Serial())
    with pytest.raises(UsageError, match="cuda:99"):
        work_through(parts, Serial(), lambda event: None, packed=packed)
    assert parts.store.failed_ids() == frozenset()


def test_a_net_needs_torch_numpy_and_pyarrow_alone(net, far_away):
    done = far_away(net("far"), "--device", "cpu")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 trials done, 0 failed, 0 left" in done.stdout
