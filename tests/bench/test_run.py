"""The main job end to end, on a forged corpus: what is run, shown and refused."""

import dataclasses
import json
import shutil

import pytest

from serbench import rebuilding
from serbench.boards import boards
from serbench.errors import SerbenchError
from serbench.merging.examined import examine
from serbench.store import Plan, Store


def test_run_then_run_again(request_for, run, rows):
    request = request_for([("svm-mfcc", {}), ("prior", {})])
    first = run(request)
    assert (first.planned, first.found, first.done, first.failures) == (8, 0, 8, {})
    again = run(request)
    assert (again.planned, again.found, again.done) == (8, 8, 0)
    shown = rows(request)
    assert shown["prior"].ua == pytest.approx(1 / 7)
    assert shown["svm-mfcc"].ua > 0.3
    assert shown["svm-mfcc"].n_folds == 4
    assert shown["svm-mfcc"].trials_done == shown["svm-mfcc"].trials_planned == 4


def test_partial_corpus_is_said(request_for, run, watcher):
    run(request_for([("prior", {})]))
    assert any("partial" in note for note in watcher.notes)
    with pytest.raises(SerbenchError, match="is not SAVEE"):
        run(request_for([("prior", {})], allow_partial=False))


def test_notes_of_a_partial_corpus_survive_without_plans(request_for, run):
    request = request_for([("svm-mfcc", {"c": "2"})])
    run(request)
    shutil.rmtree(request.results / "plans")
    (board,) = boards(Store(request.results))
    assert board.partial
    assert board.speaker_independent
    assert board.rows[0].variant == "c=2.0"


def test_undefined_ua_is_said_and_wa_is_shown(request_for, run, rows, forged_savee, tmp_path):
    spoilt = tmp_path / "spoilt"
    shutil.copytree(forged_savee, spoilt)
    for path in spoilt.rglob("su*.wav"):
        path.unlink()
    request = request_for([("prior", {})], roots={"savee": spoilt})
    run(request)
    row = rows(request)["prior"]
    assert row.complete
    assert row.ua is None
    assert row.wa is not None
    assert "undefined" in row.flags


def test_a_plan_that_claims_anothers_trials_is_not_believed(request_for, run, rows):
    request = request_for([("prior", {})])
    run(request)
    (path,) = (request.results / "plans").glob("*.json")
    plan = json.loads(path.read_text())
    plan["row"]["model"]["name"] = "wonder"
    path.unlink()
    Store(request.results).plan(Plan(plan["row"], plan["notes"], tuple(plan["trials"])))
    row = rows(request)["wonder"]
    assert (row.ua, row.trials_done, row.trials_damaged) == (None, 0, 4)


def test_a_refused_request_leaves_no_row(request_for, run):
    with pytest.raises(SerbenchError):
        run(request_for([("svm-mfcc", {"coefficients": "0"})]))
    assert boards(Store(request_for().results)) == []


def test_another_corpus_under_the_worker_is_refused(request_for, run, monkeypatch):
    """Planned on one release, run where there is another: nothing is trained."""
    real = rebuilding.scan

    def other(*args, **kwargs):
        found = real(*args, **kwargs)
        return dataclasses.replace(found, fingerprint="0" * 64)

    rebuilding._ground.cache_clear()
    monkeypatch.setattr(rebuilding, "scan", other)
    outcome = run(request_for([("prior", {})]))
    rebuilding._ground.cache_clear()
    assert outcome.done == 0
    assert all("not those of the trial" in reason for reason in outcome.failures.values())


@pytest.mark.parametrize("protocol", ["loso", "kfold", "last-epoch"])
def test_what_is_kept_is_what_the_trial_names_in_whatever_order_it_is_dealt(
    request_for, run, protocol
):
    """So that it can be taken home and held to its record."""
    request = request_for([("prior", {})], protocol=protocol)
    assert run(request).done
    store = Store(request.results)
    assert all(examine(store, trial_id) for trial_id in store.ids())
