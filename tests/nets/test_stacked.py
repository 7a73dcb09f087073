"""Many trainings as one computation, held against each of them alone."""

from __future__ import annotations

import contextlib
import random
import shutil
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest
import torch
from torch import nn

from serbench.data import LabelledUtterances, Utterances
from serbench.errors import ModelError, TrainingDiverged
from serbench.labels import Classes, Scale, Tags
from serbench.nets.replica import Replica
from serbench.nets.stackable import why_not
from serbench.nets.stacked import train_stacked
from serbench.nets.training import train
from serbench.session import Session

SIZES = (30, 19, 9)  # batches of 8 8 8 6; 8 8 3; and 9: one left over joins the last
EPOCHS = 4
FLOAT64 = {"device": "cpu", "precision": "float64"}
TASKS = {
    "classes": Classes(("a", "b", "c")),
    "scale": Scale(-3.0, 3.0),
    "tags": Tags(("a", "b", "c")),
}


def answers(task, rows):
    rng = np.random.default_rng(len(rows))
    if isinstance(task, Classes):
        return rows % 3
    if isinstance(task, Scale):
        return (rows % 3 + rng.normal(0, 0.5, len(rows))).astype(np.float32)
    return (rng.random((len(rows), 3)) < 0.4) | (rows[:, None] % 3 == np.arange(3))


class Asking:
    """What a replica is made of, anew each time: a net, sounds of its own, test sets."""

    def __init__(self, speech, tiny, task="classes"):
        self.task = TASKS[task]
        self.source = lambda seed: speech(1, seed=seed)._source
        self.tiny = tiny

    def data(self, size, seed=0, y=None):
        rows = np.arange(size) + 3 * seed  # folds of one corpus
        y = answers(self.task, rows) if y is None else y
        return LabelledUtterances(self.task, self.source(0), rows, y=y, speakers=rows % 4)

    def probe(self, size):
        return Utterances(self.task, self.source(1), np.arange(size))

    def replicas(self, sizes=SIZES, *, probes=None, y=None, net=None, **session):
        probes = probes or [{"test": 5 + at, "own": 9 * (at > 0)} for at in range(len(sizes))]
        return [
            Replica(
                (net or self.tiny)(),
                self.data(size, at, None if y is None else y[at]),
                at,
                Session(
                    **FLOAT64
                    | {"probes": {name: self.probe(count) for name, count in probes[at].items()}}
                    | {n: value(at) if callable(value) else value for n, value in session.items()}
                ),
            )
            for at, size in enumerate(sizes)
        ]


@pytest.fixture(scope="module")
def tiny(tiny):
    """The small net, over sounds of 2 to 6 frames."""

    @dataclass(kw_only=True, eq=False)
    class Brief(tiny):
        epochs: int = EPOCHS

        def arrays(self, data, i):
            return {name: array[:6] for name, array in super().arrays(data, i).items()}

    return Brief


@pytest.fixture(scope="module")
def asking(speech, tiny):
    return lambda task="classes": Asking(speech, tiny, task)


def one_by_one(replicas):
    return [train(r.net, r.data, seed=r.seed, session=r.session) for r in replicas]


def expect_alike(one, other, within=1e-10):
    """Two replicas' nets hold the same weights and statistics."""
    state = other.net.module_.state_dict()
    for name, tensor in one.net.module_.state_dict().items():
        assert torch.allclose(tensor, state[name], rtol=0, atol=within), name


def expect_same_stages(one, other):
    assert [stage.epoch for stage in one] == [stage.epoch for stage in other]
    for a, b in zip(one, other, strict=True):
        assert a.loss == pytest.approx(b.loss, abs=1e-12)
        assert a.accuracy == b.accuracy
        assert [*a.probabilities] == [*b.probabilities]
        for name, said in a.probabilities.items():
            assert said.dtype == np.float16
            assert said.shape == b.probabilities[name].shape
            assert np.allclose(said, b.probabilities[name], rtol=0, atol=1e-3)


@pytest.mark.parametrize(
    ("task", "optimiser"), [("classes", "adam"), ("scale", "sgd"), ("tags", "rmsprop")]
)
def test_each_ends_where_it_ends_alone(task, optimiser, asking, tiny):
    made = [asking(task).replicas(net=lambda: tiny(optimiser=optimiser)) for _ in range(2)]
    alone, stages = made[0], one_by_one(made[0])
    ended = train_stacked(made[1])
    for one, other, before, after in zip(alone, made[1], stages, ended, strict=True):
        expect_alike(one, other)
        expect_same_stages(before, after)
        assert other.net.task_ == TASKS[task]
        assert not other.net.module_.training
        shown = asking(task).probe(12)
        ask = "predict" if task == "scale" else "predict_proba"
        said = getattr(one.net, ask)(shown), getattr(other.net, ask)(shown)
        assert np.allclose(*said, rtol=0, atol=2e-7)
    assert len({stages[-1].loss for stages in ended}) == len(SIZES)


def test_more_seeds_than_one_of_the_same_data(asking):
    """Equal data, other seeds: other starts, other batches, other masks."""
    rows = asking().data(19)
    first, second, third = (
        Replica(asking().tiny(), rows, seed, Session(**FLOAT64)) for seed in (4, 5, 4)
    )
    train_stacked([first, second, third])
    expect_alike(first, third, within=0)
    with pytest.raises(AssertionError):
        expect_alike(first, second, within=1e-3)


def test_of_one_it_is_that_one(asking):
    alone, beside = asking().replicas((19,)), asking().replicas((19,))
    stages, ended = one_by_one(alone), train_stacked(beside)
    expect_alike(alone[0], beside[0])
    expect_same_stages(stages[0], ended[0])


def test_probes_may_differ_in_name_number_and_size(asking):
    probes = [{}, {"a": 3, "b": 20, "c": 0}, {"b": 1}]
    alone, beside = (asking().replicas(probes=probes) for _ in range(2))
    stages, ended = one_by_one(alone), train_stacked(beside)
    for before, after in zip(stages, ended, strict=True):
        expect_same_stages(before, after)
    assert [[*one[0].probabilities] for one in ended] == [[], ["a", "b", "c"], ["b"]]
    without = asking().replicas(probes=[{}, {}, {}])
    train_stacked(without)
    for one, other in zip(beside, without, strict=True):
        expect_alike(one, other, within=0)


def test_who_keeps_the_last_stage_alone_is_not_probed(asking):
    replicas = asking().replicas(keep=lambda at: "last" if at == 1 else "all")
    ended = train_stacked(replicas)
    assert [len(stages) for stages in ended] == [EPOCHS, 1, EPOCHS]
    assert ended[1][0].epoch == EPOCHS
    assert not ended[1][0].probabilities


@pytest.mark.parametrize("broken", [0, 1])
def test_one_that_diverges_ends_alone(broken, asking):
    task = TASKS["scale"]
    y = [answers(task, np.arange(size) + 3 * at) for at, size in enumerate(SIZES)]
    y[broken] = y[broken].copy()
    y[broken][4] = np.nan
    heard = {at: [] for at in range(3)}
    told = {"progress": lambda at: lambda *said: heard[at].append(said)}
    replicas = asking("scale").replicas(y=y, **told)
    ended = train_stacked(replicas)
    assert isinstance(ended[broken], TrainingDiverged)
    assert not hasattr(replicas[broken].net, "module_")
    alone = asking("scale").replicas(y=y)
    with pytest.raises(TrainingDiverged) as error:
        train(alone[broken].net, alone[broken].data, seed=broken, session=alone[broken].session)
    assert str(ended[broken]) == str(error.value)
    for at in {0, 1, 2} - {broken}:
        stages = train(alone[at].net, alone[at].data, seed=at, session=alone[at].session)
        expect_alike(alone[at], replicas[at])
        expect_same_stages(stages, ended[at])
        assert [said[:2] for said in heard[at]] == [(n, EPOCHS) for n in range(EPOCHS + 1)]
    assert [said[0] for said in heard[broken]] == [0]


def test_one_may_diverge_late(asking, tiny):
    """Of all trainings the third epoch's loss is broken; those that have passed it are not."""

    class Late(tiny):
        def schedule(self, epoch):
            self.now = epoch
            return 1.0

        def loss(self, outputs, answers):
            wrong = torch.where(answers["y"] > 50, torch.inf, 1.0)
            return super().loss(outputs, answers) * (wrong.mean() if self.now == 3 else 1.0)

    task = TASKS["scale"]
    y = [answers(task, np.arange(size) + 3 * at) for at, size in enumerate(SIZES)]
    y[1] = np.where(np.arange(SIZES[1]) == 2, 99.0, y[1]).astype(np.float32)
    replicas = asking("scale").replicas(y=y, net=Late)
    ended = train_stacked(replicas)
    assert [isinstance(one, TrainingDiverged) for one in ended] == [False, True, False]
    assert "epoch 3 of 4" in str(ended[1])


def test_progress_is_told_of_each(asking):
    heard = {at: [] for at in range(3)}
    replicas = asking().replicas(progress=lambda at: lambda *said: heard[at].append(said))
    ended = train_stacked(replicas)
    for at, stages in enumerate(ended):
        assert heard[at][0] == (0, EPOCHS, "reading features")
        assert heard[at][1:] == [(s.epoch, EPOCHS, f"loss {s.loss:.3f}") for s in stages]


def test_each_reads_its_own_features_under_its_own_eyes(asking, tiny):
    watched, seen = [], []

    class Watched(tiny):
        def arrays(self, data, i):
            seen.append((watched[-1] if watched else None, len(data)))
            return super().arrays(data, i)

    @contextlib.contextmanager
    def watch(at):
        watched.append(at)
        yield
        watched.pop()

    made = asking().replicas(net=Watched, probes=[{"t": 2 + at} for at in range(3)])
    replicas = [replace(one, reading=lambda at=at: watch(at)) for at, one in enumerate(made)]
    train_stacked(replicas)
    for at, size in enumerate(SIZES):
        assert sorted(n for who, n in seen if who == at) == sorted(
            [size] * size + [2 + at] * (2 + at)
        )
    assert {who for who, _ in seen} == {0, 1, 2}


class Killed(BaseException):
    """What ends a process, such as KeyboardInterrupt."""


def killed_after(epoch):
    def progress(done, total, note):
        if done == epoch and note.startswith("loss"):
            raise Killed

    return lambda at: progress


@pytest.fixture(scope="module")
def undisturbed(asking):
    """Three that nobody stopped, and the stages that they went through."""
    replicas = asking().replicas()
    return replicas, train_stacked(replicas)


@pytest.fixture(scope="module")
def killed(asking, tmp_path_factory):
    """The checkpoints of a stack that was killed after its third epoch. Not to be written to."""
    folder = tmp_path_factory.mktemp("killed")
    kept = {"checkpoint": lambda at: folder / f"{at}.ckpt", "checkpoint_seconds": 0.0}
    with pytest.raises(Killed):
        train_stacked(asking().replicas(**kept, progress=killed_after(3)))
    return folder


@pytest.mark.parametrize("then", ["the same stack", "another stack", "alone"])
def test_a_killed_stack_goes_on(then, asking, undisturbed, killed, tmp_path):
    shutil.copytree(killed, tmp_path, dirs_exist_ok=True)
    kept = {"checkpoint": lambda at: tmp_path / f"{at}.ckpt", "checkpoint_seconds": 0.0}
    undisturbed, stages = undisturbed
    heard = {at: [] for at in range(3)}
    kept["progress"] = lambda at: lambda *said: heard[at].append(said)
    replicas = asking().replicas(**kept)
    if then == "the same stack":
        order = [0, 1, 2]
        ended = train_stacked(replicas)
    elif then == "another stack":
        order = [2, 1]
        ended = train_stacked([replicas[at] for at in order])
    else:
        order = [1]
        ended = one_by_one([replicas[1]])
    for at, after in zip(order, ended, strict=True):
        assert (2, EPOCHS, "goes on from a checkpoint") in heard[at]
        assert [said[0] for said in heard[at] if said[2].startswith("loss")] == [3, 4]
        expect_alike(undisturbed[at], replicas[at])
        expect_same_stages(stages[at], after)


def test_one_begun_alone_goes_on_beside_others_that_are_elsewhere(asking, tmp_path):
    """Three trainings of one stack, after 3, 0 and 1 epochs."""
    kept = {"checkpoint": lambda at: tmp_path / f"{at}.ckpt", "checkpoint_seconds": 0.0}
    undisturbed = asking().replicas()
    stages = one_by_one(undisturbed)
    for at, epoch in {0: 4, 2: 2}.items():
        begun = asking().replicas(**kept, progress=killed_after(epoch))[at]
        with pytest.raises(Killed):
            train(begun.net, begun.data, seed=at, session=begun.session)
    order = []
    kept["progress"] = lambda at: lambda done, total, note: order.append((at, done))
    replicas = asking().replicas(**kept)
    ended = train_stacked(replicas)
    assert [(at, done) for at, done in order if at == 0][-2:] == [(0, 3), (0, 4)]
    for at in range(3):
        expect_alike(undisturbed[at], replicas[at])
        expect_same_stages(stages[at], ended[at])


def test_a_checkpoint_of_another_training_is_none(asking, tmp_path):
    kept = {"checkpoint": lambda at: tmp_path / "one.ckpt", "checkpoint_seconds": 0.0}
    with pytest.raises(Killed):
        train_stacked(asking().replicas((19,), **kept, progress=killed_after(2)))
    undisturbed, replicas = asking().replicas((19, 9)), asking().replicas((19, 9), **kept)
    train_stacked(undisturbed)
    train_stacked(replicas)
    for one, other in zip(undisturbed, replicas, strict=True):
        expect_alike(one, other)


def test_parts_that_a_net_froze_stay_frozen(asking, tiny):
    class Frozen(tiny):
        def build(self, task):
            module = super().build(task)
            module.norm.eval()
            module.lstm.requires_grad_(requires_grad=False)
            return module

        @property
        def optimiser_settings(self):
            return {"weight_decay": 0.1}

    alone, beside = (asking().replicas(net=Frozen) for _ in range(2))
    one_by_one(alone)
    train_stacked(beside)
    for one, other in zip(alone, beside, strict=True):
        expect_alike(one, other)
        assert other.net.module_.norm.num_batches_tracked == 0


def test_bfloat16_is_near_float32(asking):
    losses = {}
    for precision in ("float32", "bfloat16"):
        replicas = asking().replicas(precision=precision)
        losses[precision] = [stages[-1].loss for stages in train_stacked(replicas)]
        assert {p.dtype for r in replicas for p in r.net.module_.parameters()} == {torch.float32}
    assert losses["float32"] != losses["bfloat16"]
    assert np.allclose(*losses.values(), atol=0.1)


def test_the_process_is_left_as_it_was(asking):
    torch.manual_seed(11)
    random.seed(11)
    before = torch.get_rng_state(), random.getstate(), torch.get_deterministic_debug_mode()
    train_stacked(asking().replicas())
    after = torch.get_rng_state(), random.getstate(), torch.get_deterministic_debug_mode()
    assert torch.equal(before[0], after[0])
    assert before[1:] == after[1:]


def changed(tiny, **parts):
    """The small net, with parts of its module replaced, and attributes."""

    @dataclass(kw_only=True, eq=False)
    class Changed(tiny):
        stackable: ClassVar[bool] = parts.pop("stackable", True)

        def build(self, task):
            module = super().build(task)
            for name, part in parts.items():
                setattr(module, name, part)
            return module

    return Changed


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda tiny: tiny, ""),
        (lambda tiny: changed(tiny, stackable=False), "does not say that it is stackable"),
        (lambda tiny: changed(tiny, dropout=nn.Dropout(0.4)), "Dropout is torch's own"),
        (lambda tiny: changed(tiny, dropout=nn.AlphaDropout(0.4)), "AlphaDropout is torch's own"),
        (lambda tiny: changed(tiny, norm=nn.BatchNorm1d(12)), "BatchNorm1d is torch's own"),
        (lambda tiny: type("Adapting", (tiny,), {"adapts": True}), "it adapts"),
        (lambda tiny: type("Moving", (tiny,), {"advance": lambda *_: None}), "before each step"),
    ],
)
def test_why_not(make, reason, tiny, asking):
    net = make(tiny)()
    module = net.build(TASKS["classes"])
    assert reason in why_not(net, module)
    assert bool(reason) == bool(why_not(net, module))
    if reason and not net.adapts:
        with pytest.raises(ModelError, match="cannot be stacked"):
            train_stacked(asking().replicas(net=make(tiny)))


def test_shared_weights_and_optimisers_without_a_rule_are_told(tiny):
    net = tiny()
    module = net.build(TASKS["classes"])
    module.again = module.head
    assert why_not(net, module) == ""
    module.again = nn.Linear(12, 3)
    module.again.weight = module.head.weight
    assert "stands in two places" in why_not(net, module)
    net.optimiser_of = torch.optim.Adagrad
    assert "Adagrad" in why_not(net, net.build(TASKS["classes"]))


def test_what_differs_is_not_put_into_one_stack(asking, tiny):
    first, second = asking().replicas((19, 9))
    others = {
        "kinds or settings": Replica(tiny(batch=4), second.data, 1, second.session),
        "one task": asking("scale").replicas((9,))[0],
        "one device, precision": asking().replicas((9,), precision="float32")[0],
    }
    for said, other in others.items():
        with pytest.raises(ModelError) as error:
            train_stacked([first, other])
        assert said in str(error.value)
    with pytest.raises(ModelError, match="1 utterances to train on"):
        train_stacked([first, *asking().replicas((1,))])
