"""The scripts at sizes that mean nothing: that they run, and that what they say adds up."""

from __future__ import annotations

import json
import math
import sys

import numpy as np
import pytest


def run(module, monkeypatch, tmp_path, *arguments):
    path = tmp_path / "figures.json"
    words = [module.__name__, "--json", str(path), "--small", "--device", "cpu", *arguments]
    monkeypatch.setattr(sys, "argv", words)
    module.main()
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture
def counted(script, monkeypatch):
    """Operations of a forward pass, without the seconds that it takes to import their counter."""
    monkeypatch.setattr(script("floors"), "macs", lambda net, task, inputs: 1000)


@pytest.mark.slow
def test_legs_of_a_case(script, monkeypatch, tmp_path, capsys, counted):
    stacking = script("stacking")
    legs = ("stacked", "one by one", "plain")
    words = [word for leg in legs for word in ("--leg", leg)]
    told = run(stacking, monkeypatch, tmp_path, "--noise", "--seconds", "0", "--stacked-seconds",
               "99", "--case", "dblmm-loso", *words)  # fmt: skip
    case = told["cases"]["dblmm-loso"]
    assert tuple(case["legs"]) == legs
    for name, leg in case["legs"].items():
        assert leg["whole_s"] > leg["epoch_s"] > 0
        assert leg["peak_mib"] > 1
        assert leg["extrapolated"] is (name != "stacked")  # which had the time to end
    assert case["floor"]["seconds"] < case["legs"]["plain"]["whole_s"]
    said = capsys.readouterr().out
    assert "~" in said
    assert "dblmm-loso: 2 trainings of 4 epochs, noise of EMO-DB's size" in said


def test_every_case_can_be_made(script):
    cases = script("cases")
    for name in cases.CASES:
        case = cases.make(name, {}, small=True)
        assert len({len(one.train) for one in case.trainings}) >= 1
        for one in case.trainings:
            arrays = case.net.arrays(one.train, 0)
            shapes = {recipe.name: recipe.dims for recipe in case.net.recipes}
            assert [a.shape[1] for a in arrays.values()] == list(shapes.values())


def test_a_source_each(script):
    cases, legs, watching = script("cases"), script("training_legs"), script("watching")
    import torch

    case = cases.make("timnet-cross", {}, small=True)
    assert {name: len(each) for name, each in case.groups().items()} == dict.fromkeys(
        ("emodb", "ravdess", "casia", "emovo", "savee"), 2
    )
    seen = watching.Watched([1.0, 3.0, 2.0], spent=12.0, done=5, epochs=100, peak_mib=7.0)
    assert seen.whole == 12 + 95 * 2
    assert seen.start == 2.0
    how = watching.How(torch.device("cpu"))
    leg = legs.in_turn(case, how, lambda training, how: seen)
    sizes = [legs.frames(case, one) for one in case.trainings]
    assert leg.epoch_s == pytest.approx(2.0 * len(sizes))  # both seeds of a source are as long
    assert leg.whole_s == pytest.approx(202.0 * len(sizes))


def test_a_watch_ends_a_training_after_its_steady_epochs(script):
    watching = script("watching")
    import torch

    watch = watching.Watch(watching.How(torch.device("cpu"), seconds=0.0))
    epochs = []

    def training():
        watch(0, 100, "reading features")
        for epoch in range(1, 101):
            epochs.append(epoch)
            watch(epoch, 100)

    seen = watch.run(training)
    assert len(epochs) == watching.WARM + watching.LEAST
    assert len(seen.steady) == watching.LEAST
    assert (seen.done, seen.epochs, seen.extrapolated) == (5, 100, True)
    whole = watching.Watch(watching.How(torch.device("cpu"), seconds=math.inf))
    assert not whole.run(lambda: [whole(n, 5) for n in range(1, 6)]).extrapolated


def test_what_is_carried_comes_back(script, tmp_path):
    carried = script("carried")
    rng = np.random.default_rng(0)
    features = {
        case: [{"mfcc": rng.normal(0, 50, (9 + i, 4)).astype(np.float32)} for i in range(5)]
        for case in ("timnet-emodb", "timnet-cross")
    }
    numbers = np.arange(5)
    corpora = {"emodb": carried.Corpus(numbers % 3, numbers % 2, numbers % 4, features)}
    carried.write(tmp_path / "new" / "features.npz", corpora)
    back = carried.read(tmp_path / "new" / "features.npz")["emodb"]
    assert np.array_equal(back.y, numbers % 3)
    assert np.array_equal(back.folds, numbers % 4)
    for case, utterances in features.items():
        for one, other in zip(utterances, back.features[case], strict=True):
            assert one["mfcc"].shape == other["mfcc"].shape
            assert np.abs(one["mfcc"] - other["mfcc"]).max() < 1.0  # of some 300 in 255 steps


def test_floor_counts_what_it_says(script, counted):
    cases, floors = script("cases"), script("floors")
    case = cases.make("sdcaff-5fold", {}, small=True)
    found = floors.floor(case, floors.Rates(operations=1e9, bytes=1e9, product=""))
    net = case.twin()
    net.task_ = case.trainings[0].train.task
    weights = sum(p.numel() for p in net.build(net.task_).parameters())
    moved = operations = 0
    for one in case.trainings:
        steps = math.ceil(len(one.train) / net.batch)
        features = net.reads.frames * net.reads.dims * 4 * (len(one.train) + len(one.test))
        moved += case.epochs * (weights * 4 * 8 * steps + features)
        operations += case.epochs * 2 * 1000 * (3 * len(one.train) + len(one.test))
    assert (found.bytes, found.operations) == (moved, operations)
    assert found.seconds == max(moved, operations) / 1e9
