"""A trial that fails is kept with its reason, harms no other, and is tried again."""

import dataclasses
import os

import pytest

from serbench.errors import StoreError
from serbench.features.cache import FeatureCache
from serbench.store import Store


def test_a_failing_model_is_kept_with_its_reason_and_tried_again(request_for, run, rows, tmp_path):
    file = tmp_path / "fickle.py"
    file.write_text(
        "import numpy as np\n"
        "from pathlib import Path\n"
        "class Fickle:\n"
        "    identify = staticmethod(lambda settings: {'flag': 'the moon'})\n"
        "    def __init__(self, flag=''):\n"
        "        self.flag = flag\n"
        "    def fit(self, train, *, seed):\n"
        "        if not Path(self.flag).exists() and len(train) % 2:\n"
        "            raise RuntimeError('the moon is wrong')\n"
        "        return self\n"
        "    def predict_proba(self, test):\n"
        "        return np.full((len(test), 7), 1 / 7)\n"
    )
    flag = tmp_path / "flag"
    request = request_for([(f"{file}:Fickle", {"flag": str(flag)})])
    outcome = run(request)
    assert len(outcome.failures) == 4
    assert all("the moon is wrong" in reason for reason in outcome.failures.values())
    row = rows(request)["Fickle"]
    assert (row.ua, row.trials_failed, row.chance) == (pytest.approx(1 / 7), 4, 4)
    flag.touch()
    assert run(request).done == 4
    assert rows(request)["Fickle"].trials_failed == 0


@pytest.mark.parametrize(
    ("body", "match"),
    [
        ("np.full((len(test), 3), 1 / 3)", "shape"),
        ("np.full((len(test), 7), np.nan)", "NaN"),
        ("np.ones((len(test), 7))", "not probabilities"),
    ],
)
def test_broken_predictions_fail_the_trial(request_for, run, tmp_path, body, match):
    file = tmp_path / "bad.py"
    file.write_text(
        "import numpy as np\n"
        "class Bad:\n"
        "    def fit(self, train, *, seed):\n        return self\n"
        f"    def predict_proba(self, test):\n        return {body}\n"
    )
    outcome = run(request_for([(f"{file}:Bad", {})]))
    assert outcome.done == 0
    assert all(match in reason for reason in outcome.failures.values())


@pytest.mark.parametrize("executor", ["serial", "processes"])
def test_whatever_a_model_raises_fails_its_trial_alone(request_for, run, tmp_path, executor):
    file = tmp_path / "raiser.py"
    file.write_text(
        "import builtins\nimport numpy as np\n"
        "class Raiser:\n"
        "    def __init__(self, *, error=''):\n        self.error = error\n"
        "    def fit(self, train, *, seed):\n"
        "        if seed == 0:\n            raise getattr(builtins, self.error)(0)\n"
        "        return self\n"
        "    def predict_proba(self, test):\n        return np.full((len(test), 7), 1 / 7)\n"
    )
    errors = ("BrokenPipeError", "EOFError", "SystemExit")
    models = [(f"{file}:Raiser", {"error": error}) for error in errors]
    outcome = run(request_for(models, seeds=2, executor=executor, workers=2))
    assert outcome.done == 4 * len(errors)
    assert len(outcome.failures) == 4 * len(errors)
    for error in errors:
        assert sum(error in reason for reason in outcome.failures.values()) == 4


def test_a_damaged_cache_is_named_and_repaired(request_for, run, tmp_path):
    """One flipped byte in the middle of one cached array; the other folds' results are kept."""
    request = request_for(cache=tmp_path / "cache")
    with_cache = run(request)
    assert with_cache.done == 4
    victim = sorted((tmp_path / "cache").rglob("*.array"))[7]
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.write_bytes(content)
    other = dataclasses.replace(request, results=tmp_path / "other")
    outcome = run(other)
    assert outcome.failures
    assert all(str(victim) in reason for reason in outcome.failures.values())
    assert all("serbench cache repair" in reason for reason in outcome.failures.values())
    assert FeatureCache(tmp_path / "cache").repair() == [victim]
    again = run(other)
    assert (again.found, again.done, again.failures) == (outcome.done, len(outcome.failures), {})


def test_full_disk_stops_the_run_and_keeps_what_is_finished(request_for, run, monkeypatch):
    request = request_for()
    real = os.fsync

    def full(handle):
        if len(list(Store(request.results).ids())) >= 2:
            raise OSError(28, "No space left on device")
        real(handle)

    monkeypatch.setattr("serbench.writing.os.fsync", full)
    with pytest.raises(StoreError, match="no space is left"):
        run(request)
    monkeypatch.undo()
    kept = list(Store(request.results).ids())
    assert 0 < len(kept) < 4
    assert run(request).found == len(kept)
