from __future__ import annotations

import numpy as np
import pytest
import torch

from serbench.nets import shelf
from serbench.nets.training import train
from serbench.session import Session

pytestmark = pytest.mark.gpu


@pytest.mark.parametrize("precision", ["auto", "float32"])
def test_cuda_repeats_itself(precision, speech, tiny):
    data, test = speech(60), speech(20, seed=1)
    said = []
    for probes in ({}, {"test": test}, {}):
        net = tiny()
        session = Session(device="cuda", precision=precision, probes=probes)
        stages = train(net, data, seed=0, session=session)
        said.append(net.predict_proba(test))
        assert net.device_.type == "cuda"
    assert np.array_equal(said[0], said[1])
    assert np.array_equal(said[0], said[2])
    assert len(stages) == 6


def test_cuda_and_cpu_agree_in_float32(speech, tiny):
    data, test = speech(60), speech(20, seed=1)

    class NoDropout(tiny):  # the devices draw different masks
        def build(self, task):
            module = super().build(task)
            module.dropout.p = 0.0
            return module

    said = []
    for device in ("cpu", "cuda"):
        net = NoDropout(epochs=2)
        train(net, data, seed=0, session=Session(device=device, precision="float32"))
        said.append(net.predict_proba(test))
    assert np.allclose(*said, atol=1e-3)


def test_frames_that_do_not_fit_stay_in_the_cpus_memory(speech, tiny, monkeypatch):
    data, test = speech(60), speech(20, seed=1)
    resident = tiny().fit(data, seed=0).predict_proba(test)
    monkeypatch.setattr(shelf, "SHARE", 0.0)
    assert np.array_equal(tiny().fit(data, seed=0).predict_proba(test), resident)


def test_cudas_random_numbers_are_left_as_they_were(speech, tiny):
    before = torch.cuda.get_rng_state()
    tiny(epochs=1).fit(speech(30), seed=0)
    assert torch.equal(torch.cuda.get_rng_state(), before)
