"""Nets end to end: executors agree, stages are kept, seeds are trials of their own."""

import dataclasses
import shutil

import numpy as np
import pytest

from serbench.predictions import from_parquet
from serbench.store import Store

NET = ("dblmm", {"hidden": "4", "epochs": "2", "batch": "16"})
MODELS = [NET, ("svm-mfcc", {})]
PREDICTIONS = "predictions-savee.parquet"


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    return tmp_path_factory.mktemp("finished") / "results"


@pytest.fixture
def finished(once, request_for, run):
    """Results of a net and an SVM, run once in this process. Not to be written to."""
    if not once.exists():
        assert run(request_for(MODELS, results=once)).done == 8
    return Store(once)


@pytest.fixture
def nets(finished):
    """The trials of the net among them."""
    return [i for i in finished.ids() if finished.trial(i).model["name"] == "dblmm"]


def test_serial_and_processes_agree(request_for, run, finished, tmp_path):
    apart = request_for(MODELS, results=tmp_path / "apart", executor="processes", workers=2)
    outcome = run(apart)
    assert outcome.done == 8
    for trial_id in finished.ids():
        one, other = (
            store.read(trial_id, PREDICTIONS) for store in (finished, Store(apart.results))
        )
        np.testing.assert_allclose(
            from_parquet(one, "").probabilities, from_parquet(other, "").probabilities, atol=1e-5
        )


def test_stages_are_kept_or_not(finished, nets):
    assert len(nets) == 4
    for trial_id in finished.ids():
        kept = "stages-savee.parquet" in finished.record(trial_id)["files"]
        assert kept == (trial_id in nets)
    assert all(finished.record(i)["provenance"]["parameters"] > 0 for i in nets)


def test_keeping_stages_changes_no_prediction(request_for, run, finished, nets, tmp_path):
    request = request_for([NET], keep="last", results=tmp_path / "last")
    run(request)
    store = Store(request.results)
    assert sorted(store.ids()) == sorted(nets)
    for trial_id in nets:
        assert store.read(trial_id, PREDICTIONS) == finished.read(trial_id, PREDICTIONS)


@pytest.fixture
def seeds(once, finished, tmp_path):
    """The same results, to be added to."""
    return shutil.copytree(once, tmp_path / "seeds")


def test_more_seeds_asked_for_do_not_unmake_the_finished_ones(request_for, run, rows, seeds):
    one = request_for([NET], seeds=1, results=seeds)
    before = rows(one)["dblmm"].ua
    two = run(dataclasses.replace(one, seeds=2, models=[NET, ("prior", {})]))
    assert two.planned == 4 * 2 + 4  # the prior has nothing to seed
    assert (two.found, two.done) == (4, 8)
    assert rows(one)["dblmm"].n_seeds == 2
    store = Store(one.results)
    for trial_id in list(store.ids()):
        if store.trial(trial_id).seed == 1 and store.trial(trial_id).fold != "DC":
            store.set_aside(trial_id)
    row = rows(one)["dblmm"]
    assert (row.ua, row.n_seeds, row.trials_done, row.trials_planned) == (before, 1, 5, 8)
