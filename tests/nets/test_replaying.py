from __future__ import annotations

import torch

from serbench.nets.replaying import MOST, WARM, Replayed


class Adder:
    """A step of sums, and a recorder that repeats the call, as a device's graph would."""

    def __init__(self):
        self.calls, self.recordings = [], 0

    def take(self, inputs, rate, real=None, *, low=False):
        self.calls.append((tuple(inputs["x"].shape), real is None, low))
        total = inputs["x"].sum(1) * rate
        return total if real is None else total * real, total * 0 + low

    def record(self, call):
        self.recordings += 1
        result = call()

        def repeat():
            for stands, new in zip(result, call(), strict=True):
                stands.copy_(new)

        return repeat, result


def given(rows, value, rate=2.0):
    return {"x": torch.full((3, rows), value)}, torch.tensor(rate)


def test_what_it_says_is_what_the_step_says():
    adder = Adder()
    step = Replayed(adder.take, adder.record)
    said = [step(*given(4, float(n), rate=n + 1.0))[0].tolist() for n in range(8)]
    assert said == [[4.0 * n * (n + 1)] * 3 for n in range(8)]
    assert adder.recordings == 1


def test_a_result_is_the_callers_own():
    adder = Adder()
    step = Replayed(adder.take, adder.record)
    kept = [step(*given(4, float(n)))[0] for n in range(WARM + 3)]
    assert [float(one[0]) for one in kept] == [8.0 * n for n in range(WARM + 3)]


def test_each_shape_and_precision_and_mask_has_a_recording():
    adder = Adder()
    step = Replayed(adder.take, adder.record)
    real = torch.tensor([1.0, 0.0, 1.0])
    for _ in range(WARM + 2):
        step(*given(4, 1.0))
        step(*given(4, 1.0), low=True)
        masked = step(*given(4, 1.0), real)
        step(*given(5, 1.0))
    assert adder.recordings == 4
    assert masked[0].tolist() == [8.0, 0.0, 8.0]


def test_ever_new_shapes_are_not_recorded():
    adder = Adder()
    step = Replayed(adder.take, adder.record)
    for _ in range(WARM + 1):
        for rows in range(1, MOST + 5):
            losses, _ = step(*given(rows, 1.0))
            assert losses.tolist() == [2.0 * rows] * 3
    assert adder.recordings == MOST


def test_a_step_that_cannot_be_recorded_is_taken_as_usual():
    adder = Adder()

    def refuse(call):
        raise RuntimeError("operation not permitted when stream is capturing\nand more")

    step = Replayed(adder.take, refuse)
    for _ in range(WARM + 3):
        losses, _ = step(*given(4, 1.0))
        assert losses.tolist() == [8.0] * 3
    assert step.failure == "operation not permitted when stream is capturing"
