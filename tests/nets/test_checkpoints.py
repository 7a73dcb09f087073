from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from serbench.nets.checkpoints import MAGIC
from serbench.nets.training import train
from serbench.session import Session

CPU = Session(device="cpu")


def _session(**settings):
    return Session(device="cpu", **settings)


class Killed(BaseException):
    """What a lost machine looks like from within."""


def _killed_after(epoch):
    def progress(done, total, note):
        if done == epoch:
            raise Killed

    return progress


@pytest.mark.parametrize("epoch", [1, 3, 5])
def test_resumed_is_undisturbed(epoch, speech, tiny, tmp_path):
    data, probes = speech(30), {"test": speech(20, seed=1)}
    undisturbed = tiny()
    stages = train(undisturbed, data, seed=3, session=_session(probes=probes))

    def settings(progress):
        return _session(
            probes=probes,
            checkpoint=tmp_path / "checkpoint",
            checkpoint_seconds=0,
            progress=progress,
        )

    with pytest.raises(Killed):
        train(tiny(), data, seed=3, session=settings(_killed_after(epoch)))
    torch.rand(17)  # another process has other random numbers
    told = []
    resumed = tiny()
    again = train(resumed, data, seed=3, session=settings(lambda *what: told.append(what)))

    assert told[1] == (epoch, 6, "goes on from a checkpoint")
    assert [done for done, _, _ in told[2:]] == list(range(epoch + 1, 7))
    assert [(s.epoch, s.loss, s.accuracy) for s in again] == [
        (s.epoch, s.loss, s.accuracy) for s in stages
    ]
    for ours, theirs in zip(again, stages, strict=True):
        assert ours.probabilities["test"].dtype == np.float16
        assert np.array_equal(ours.probabilities["test"], theirs.probabilities["test"])
    for (name, ours), theirs in zip(
        resumed.module_.state_dict().items(), undisturbed.module_.state_dict().values(), strict=True
    ):
        assert torch.equal(ours, theirs), name


@pytest.fixture
def interrupted(speech, tiny, tmp_path):
    """A checkpoint after three of six epochs."""
    path = tmp_path / "checkpoint"
    session = _session(checkpoint=path, checkpoint_seconds=0, progress=_killed_after(3))
    with pytest.raises(Killed):
        train(tiny(), speech(30), seed=3, session=session)
    assert [p.name for p in tmp_path.iterdir()] == ["checkpoint"]
    return path


def _first_epoch(net, data, path, seed=3, **settings):
    """The first epoch that is trained where this checkpoint lies; there it ends."""
    trained = []

    def progress(done, total, note):
        if note.startswith("loss"):
            trained.append(done)
            raise Killed

    session = _session(checkpoint=path, progress=progress, **settings)
    with pytest.raises(Killed):
        train(net, data, seed=seed, session=session)
    return trained[0]


def test_a_checkpoint_is_gone_on_from(interrupted, speech, tiny):
    assert _first_epoch(tiny(), speech(30), interrupted) == 4


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: whole[:1000],
        lambda whole: b"",
        lambda whole: whole[:-1],
        lambda whole: whole[:2000] + bytes([whole[2000] ^ 1]) + whole[2001:],
        lambda whole: whole + b"more",
        lambda whole: b"something else altogether",
    ],
)
def test_a_torn_checkpoint_is_none(damage, interrupted, speech, tiny):
    interrupted.write_bytes(damage(interrupted.read_bytes()))
    assert _first_epoch(tiny(), speech(30), interrupted) == 1


def test_beside_a_torn_checkpoint_all_is_trained(interrupted, speech, tiny):
    interrupted.write_bytes(interrupted.read_bytes()[:-1])
    net, undisturbed = tiny(), tiny()
    stages = train(net, speech(30), seed=3, session=_session(checkpoint=interrupted))
    train(undisturbed, speech(30), seed=3, session=CPU)
    test = speech(20, seed=1)
    assert np.array_equal(net.predict_proba(test), undisturbed.predict_proba(test))
    assert len(stages) == 6


def test_another_trainings_checkpoint_is_none(interrupted, speech, tiny):
    class Renamed(tiny):
        pass

    class Wider(tiny):
        def build(self, task):
            module = super().build(task)
            module.extra = nn.Linear(2, 2)
            return module

    Wider.__qualname__, Wider.__module__ = tiny.__qualname__, tiny.__module__
    data, relabelled = speech(30), speech(30)
    relabelled.y = np.roll(relabelled.y, 1)
    others = [
        (tiny(), relabelled, {}),
        (tiny(learning_rate=0.01), data, {}),
        (tiny(epochs=7), data, {}),
        (tiny(), data, {"seed": 4}),
        (tiny(), speech(33), {}),
        (tiny(), speech(30, seed=8), {}),
        (tiny(), data, {"probes": {"test": speech(9)}}),
        (tiny(), data, {"keep": "last"}),
        (tiny(), data, {"precision": "bfloat16"}),
        (Renamed(), data, {}),
        (Wider(), data, {}),
    ]
    for net, other, settings in others:
        assert _first_epoch(net, other, interrupted, **settings) == 1


def test_checkpoints_are_not_written_more_often_than_asked(speech, tiny, tmp_path):
    path = tmp_path / "checkpoint"
    train(tiny(), speech(30), seed=0, session=_session(checkpoint=path, checkpoint_seconds=60))
    assert not path.exists()


def test_a_checkpoint_holds_no_code(interrupted):
    body = interrupted.read_bytes()[len(MAGIC) + 32 :]
    interrupted.write_bytes(body)
    assert torch.load(interrupted, weights_only=True)["epoch"] == 3


@pytest.mark.gpu
def test_cuda_goes_on_from_a_checkpoint(speech, tiny, tmp_path):
    data, test = speech(60), speech(20, seed=1)
    undisturbed, resumed = tiny(), tiny()
    train(undisturbed, data, seed=0, session=Session(device="cuda"))
    settings = {"device": "cuda", "checkpoint": tmp_path / "c", "checkpoint_seconds": 0}
    with pytest.raises(Killed):
        train(tiny(), data, seed=0, session=Session(**settings, progress=_killed_after(3)))
    torch.cuda.manual_seed(1)
    train(resumed, data, seed=0, session=Session(**settings))
    assert np.allclose(resumed.predict_proba(test), undisturbed.predict_proba(test), atol=1e-5)
