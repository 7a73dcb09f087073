"""What it took to train a row: summed over its trials, and unknown where any of them is silent."""

import json

import pytest

from serbench.trained import Trained, hours

ONE = {"parameters": 1234, "seconds": 0.1, "device": "cuda: H100", "stacked": 5}


def test_trials_that_agree():
    found = Trained.of([ONE] * 10)
    assert found == Trained(1234, 1.0, 10, ("cuda: H100",), 5)  # to the last bit, of ten tenths
    assert found.each == 0.1


def test_trials_on_several_devices_and_of_several_sizes():
    found = Trained.of([ONE, ONE | {"device": "cpu", "parameters": 1235, "stacked": 1}])
    assert (found.parameters, found.devices, found.stacked) == (None, ("cpu", "cuda: H100"), 5)
    assert found.seconds == 0.2


def test_a_sum_of_some_is_no_sum_of_all():
    found = Trained.of([ONE, {"parameters": 1234, "device": "cuda: H100"}])
    assert (found.parameters, found.seconds, found.each, found.trials) == (1234, None, None, 2)
    assert found.devices == ("cuda: H100",)


def test_nothing_and_older_records():
    assert Trained.of([]) == Trained()
    assert Trained.of([{}]) == Trained(trials=1)
    assert Trained.of([{}]).each is None


@pytest.mark.parametrize("value", [None, "12", True, -1, float("nan"), float("inf"), 10**400, [1]])
def test_what_is_no_measurement_is_unknown(value):
    told = dict.fromkeys(("parameters", "seconds", "stacked"), value)
    found = Trained.of([told | {"device": "cpu"}])
    assert found == Trained(None, None, 1, ("cpu",), 1)


def test_a_model_without_parameters_has_none_of_them():
    assert Trained.of([ONE | {"parameters": None}]).parameters is None
    assert Trained.of([ONE | {"parameters": 0}]).parameters is None


def test_as_json_and_back():
    found = Trained.of([ONE, ONE | {"device": "cpu", "seconds": 1 / 3}])
    assert Trained.from_record(json.loads(json.dumps(found.record()))) == found
    for record in ({}, {"devices": None}, {"devices": [], "days": 1}):
        with pytest.raises((KeyError, TypeError)):
            Trained.from_record(record)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0, "<0.01"), (30, "<0.01"), (36, "0.01"), (720, "0.20"), (4175, "1.16"), (45000, "12.5"),
     (1.2e6, "333"), (1.2e7, "3333")],
)  # fmt: skip
def test_hours(seconds, text):
    assert hours(seconds) == text
