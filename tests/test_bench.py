"""The main job end to end, on a forged corpus: run, resume, retry, refuse."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from serbench import bench
from serbench.boards import boards
from serbench.errors import SerbenchError, UsageError
from serbench.request import Request
from serbench.store import Store

NET = {"hidden": "4", "epochs": "2", "batch": "16"}


class Quiet:
    """A watcher that remembers its notes."""

    def __init__(self):
        from serbench.cli.progress import Screen

        self.notes = []
        self._screen = Screen(quiet=True)
        self.step, self.trials = self._screen.step, self._screen.trials

    def note(self, text):
        self.notes.append(text)


@pytest.fixture
def request_for(forged_savee, tmp_path):
    def make(models=(("svm-mfcc", {}),), protocol="loso", **changes):
        request = Request(
            models=list(models), protocols=[protocol], corpora=["savee"],
            results=tmp_path / "results", cache=tmp_path / "cache",
            roots={"savee": forged_savee}, allow_partial=True,
        )  # fmt: skip
        return dataclasses.replace(request, **changes)

    return make


def rows(request):
    return {row.model: row for board in boards(Store(request.results)) for row in board.rows}


def test_run_then_run_again(request_for):
    request = request_for([("svm-mfcc", {}), ("prior", {})])
    first = bench.run(request, Quiet())
    assert (first.planned, first.found, first.done, first.failures) == (8, 0, 8, {})
    again = bench.run(request, Quiet())
    assert (again.planned, again.found, again.done) == (8, 8, 0)
    shown = rows(request)
    assert shown["prior"].ua == pytest.approx(1 / 7)
    assert shown["svm-mfcc"].ua > 0.3
    assert shown["svm-mfcc"].n_folds == 4
    assert shown["svm-mfcc"].trials_done == shown["svm-mfcc"].trials_planned == 4


def test_partial_corpus_is_said(request_for):
    watcher = Quiet()
    bench.run(request_for([("prior", {})]), watcher)
    assert any("partial" in note for note in watcher.notes)
    with pytest.raises(SerbenchError, match="is not SAVEE"):
        bench.run(request_for([("prior", {})], allow_partial=False), Quiet())


def test_serial_and_processes_agree(request_for, tmp_path):
    models = [("dblmm", NET), ("svm-mfcc", {})]
    serial = request_for(models, results=tmp_path / "serial")
    bench.run(serial, Quiet())
    apart = request_for(models, results=tmp_path / "apart", executor="processes", workers=2)
    outcome = bench.run(apart, Quiet())
    assert outcome.done == 8
    for trial_id in Store(serial.results).ids():
        name = "predictions-savee.parquet"
        one, other = (Store(r.results).read(trial_id, name) for r in (serial, apart))
        from serbench.predictions import from_parquet

        np.testing.assert_allclose(
            from_parquet(one, "").probabilities, from_parquet(other, "").probabilities, atol=1e-5
        )


def test_stages_are_kept_or_not(request_for, tmp_path):
    bench.run(request_for([("dblmm", NET)]), Quiet())
    store = Store(tmp_path / "results")
    for trial_id in store.ids():
        assert "stages-savee.parquet" in store.record(trial_id)["files"]
    assert store.record(trial_id)["provenance"]["parameters"] > 0


def test_keeping_stages_changes_no_prediction(request_for, tmp_path):
    both = []
    for keep in ("all", "last"):
        request = request_for([("dblmm", NET)], keep=keep, results=tmp_path / keep)
        bench.run(request, Quiet())
        store = Store(request.results)
        both.append([store.read(i, "predictions-savee.parquet") for i in store.ids()])
    assert both[0] == both[1]


def test_seeds_are_trials_of_their_own(request_for):
    request = request_for([("dblmm", NET), ("prior", {})], seeds=2)
    outcome = bench.run(request, Quiet())
    assert outcome.planned == 4 * 2 + 4  # the prior has nothing to seed
    assert rows(request)["dblmm"].n_seeds == 2


def test_a_failing_model_is_kept_with_its_reason_and_tried_again(request_for, tmp_path):
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
    outcome = bench.run(request, Quiet())
    assert len(outcome.failures) == 4
    assert all("the moon is wrong" in reason for reason in outcome.failures.values())
    row = rows(request)["Fickle"]
    assert (row.ua, row.trials_failed) == (None, 4)
    flag.touch()
    assert bench.run(request, Quiet()).done == 4
    assert rows(request)["Fickle"].trials_failed == 0


@pytest.mark.parametrize(
    ("body", "match"),
    [
        ("np.full((len(test), 3), 1 / 3)", "shape"),
        ("np.full((len(test), 7), np.nan)", "NaN"),
        ("np.ones((len(test), 7))", "not probabilities"),
    ],
)
def test_broken_predictions_fail_the_trial(request_for, tmp_path, body, match):
    file = tmp_path / "bad.py"
    file.write_text(
        "import numpy as np\n"
        "class Bad:\n"
        "    def fit(self, train, *, seed):\n        return self\n"
        f"    def predict_proba(self, test):\n        return {body}\n"
    )
    outcome = bench.run(request_for([(f"{file}:Bad", {})]), Quiet())
    assert outcome.done == 0
    assert all(match in reason for reason in outcome.failures.values())


@pytest.mark.parametrize("error", ["BrokenPipeError()", "EOFError()", "SystemExit(0)"])
@pytest.mark.parametrize("executor", ["serial", "processes"])
def test_whatever_a_model_raises_fails_its_trial_alone(request_for, tmp_path, error, executor):
    file = tmp_path / "raiser.py"
    file.write_text(
        "import numpy as np\n"
        "class Raiser:\n"
        "    def fit(self, train, *, seed):\n"
        "        self.seed = seed\n"
        f"        if seed == 0:\n            raise {error}\n"
        "        return self\n"
        "    def predict_proba(self, test):\n        return np.full((len(test), 7), 1 / 7)\n"
    )
    request = request_for([(f"{file}:Raiser", {})], seeds=2, executor=executor, workers=2)
    outcome = bench.run(request, Quiet())
    assert outcome.done == 4
    assert len(outcome.failures) == 4
    name = error.partition("(")[0]
    assert all(name in reason for reason in outcome.failures.values())


def test_a_result_without_its_record_is_set_aside_and_run_again(request_for):
    request = request_for([("prior", {})])
    bench.run(request, Quiet())
    store = Store(request.results)
    victim = next(store.ids())
    (store.folder(victim) / "record.json").unlink()
    assert bench.run(request, Quiet()).done == 1
    assert store.whole(victim)
    assert bench.run(request, Quiet()).found == 4


def test_a_corrected_label_is_another_trial(request_for, monkeypatch):
    from serbench.registry import load

    savee = load("corpora", "savee")
    bench.run(request_for([("prior", {})]), Quiet())
    monkeypatch.setattr(savee, "labels", {**savee.labels, "su": "fear", "f": "surprise"})
    again = bench.run(request_for([("prior", {})]), Quiet())
    assert again.found == 0
    assert len(boards(Store(request_for().results))) == 2


def test_undefined_ua_is_said_and_wa_is_shown(request_for, forged_savee, tmp_path):
    import shutil

    spoilt = tmp_path / "spoilt"
    shutil.copytree(forged_savee, spoilt)
    for path in spoilt.rglob("su*.wav"):
        path.unlink()
    request = request_for([("prior", {})], roots={"savee": spoilt})
    bench.run(request, Quiet())
    row = rows(request)["prior"]
    assert row.complete
    assert row.ua is None
    assert row.wa is not None
    assert "undefined" in row.flags


def test_more_seeds_asked_for_do_not_unmake_the_finished_ones(request_for, tmp_path):
    one = request_for([("dblmm", NET)], seeds=1)
    bench.run(one, Quiet())
    before = rows(one)["dblmm"].ua
    store = Store(one.results)
    bench.run(dataclasses.replace(one, seeds=2), Quiet())
    for trial_id in list(store.ids()):
        if store.trial(trial_id).seed == 1 and store.trial(trial_id).fold != "DC":
            store.set_aside(trial_id)
    row = rows(one)["dblmm"]
    assert (row.ua, row.n_seeds, row.trials_done, row.trials_planned) == (before, 1, 5, 8)


def test_notes_of_a_partial_corpus_survive_without_plans(request_for):
    import shutil

    request = request_for([("svm-mfcc", {"c": "2"})])
    bench.run(request, Quiet())
    shutil.rmtree(request.results / "plans")
    (board,) = boards(Store(request.results))
    assert board.partial
    assert board.speaker_independent
    assert board.rows[0].variant == "c=2.0"


def test_a_plan_that_claims_anothers_trials_is_not_believed(request_for):
    import json

    request = request_for([("prior", {})])
    bench.run(request, Quiet())
    (path,) = (request.results / "plans").glob("*.json")
    plan = json.loads(path.read_text())
    plan["row"]["model"]["name"] = "wonder"
    path.write_text(json.dumps(plan))
    row = rows(request)["wonder"]
    assert (row.ua, row.trials_done, row.trials_damaged) == (None, 0, 4)


def test_a_refused_request_leaves_no_row(request_for):
    with pytest.raises(SerbenchError):
        bench.run(request_for([("svm-mfcc", {"coefficients": "0"})]), Quiet())
    assert boards(Store(request_for().results)) == []


def test_damaged_result_runs_again_and_nothing_else(request_for, tmp_path):
    request = request_for()
    bench.run(request, Quiet())
    store = Store(request.results)
    victim = next(store.ids())
    path = store.folder(victim) / "predictions-savee.parquet"
    path.write_bytes(path.read_bytes()[:-10])
    watcher = Quiet()
    outcome = bench.run(request, watcher)
    assert (outcome.found, outcome.done) == (3, 1)
    assert any("damaged" in note for note in watcher.notes)
    assert store.whole(victim)


def test_changed_code_wants_a_word(request_for, monkeypatch):
    request = request_for([("prior", {})])
    bench.run(request, Quiet())
    monkeypatch.setattr(bench, "code_digest", lambda factory: "0" * 64)
    with pytest.raises(UsageError, match="another code"):
        bench.run(request, Quiet())
    assert bench.run(dataclasses.replace(request, reuse=True), Quiet()).found == 4
    assert bench.run(dataclasses.replace(request, rerun=True), Quiet()).done == 4


def test_a_file_model_is_another_model_after_an_edit(request_for, tmp_path):
    file = tmp_path / "mine.py"
    source = (
        "import numpy as np\n"
        "class Mine:\n"
        "    def fit(self, train, *, seed):\n        return self\n"
        "    def predict_proba(self, test):\n        return np.full((len(test), 7), 1 / 7)\n"
    )
    for text in (source, source + "# another thought\n"):
        file.write_text(text)
        code = (
            "import sys; from pathlib import Path; from serbench import bench;"
            "from serbench.request import Request;"
            "from serbench.cli.progress import Screen; d = Path(sys.argv[1]);"
            f"r = Request([('{file}:Mine', {{}})], ['loso'], ['savee'], d / 'results',"
            " d / 'cache', roots={'savee': Path(sys.argv[2])}, allow_partial=True);"
            "print(bench.run(r, Screen(quiet=True)).done)"
        )
        root = request_for().roots["savee"]
        ran = subprocess.run(
            [sys.executable, "-c", code, tmp_path, root], capture_output=True, text=True, check=True
        )
        assert ran.stdout.strip() == "4"
    shown = boards(Store(tmp_path / "results"), canaries=False)
    assert len({row.version for board in shown for row in board.rows}) == 2


def test_another_corpus_under_the_worker_is_refused(request_for, monkeypatch):
    """Planned on one release, run where there is another: nothing is trained."""
    from serbench import work

    real = work.scan

    def other(*args, **kwargs):
        found = real(*args, **kwargs)
        return dataclasses.replace(found, fingerprint="0" * 64)

    work._folds.cache_clear()
    monkeypatch.setattr(work, "scan", other)
    outcome = bench.run(request_for([("prior", {})]), Quiet())
    work._folds.cache_clear()
    assert outcome.done == 0
    assert all("not those of the trial" in reason for reason in outcome.failures.values())


def test_a_killed_run_goes_on(request_for, forged_savee, tmp_path):
    """Kill the whole process in the middle; the same command runs only what is missing."""
    command = [
        sys.executable, "-m", "serbench", "run", "--model", "dblmm", "--protocol", "loso",
        "--corpus", "savee", "--corpus-root", f"savee={forged_savee}", "--allow-partial",
        "--set", "hidden=4", "--set", "epochs=40", "--json",
    ]  # fmt: skip
    environment = dict(
        os.environ,
        SERBENCH_RESULTS=str(tmp_path / "results"),
        SERBENCH_CACHE=str(tmp_path / "cache"),
    )
    victim = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    store = Store(tmp_path / "results")
    deadline = time.monotonic() + 120
    while not any(store.ids()) and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(victim.pid, signal.SIGKILL)
    victim.wait()
    before = {i: (store.folder(i) / "record.json").stat().st_mtime_ns for i in store.ids()}
    assert 0 < len(before) < 4
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    (row,) = json.loads(ran.stdout)
    assert (row["trials_done"], row["trials_planned"]) == (4, 4)
    for trial_id, written in before.items():
        assert (store.folder(trial_id) / "record.json").stat().st_mtime_ns == written


def test_a_damaged_cache_is_named_and_repaired(request_for, tmp_path):
    """One flipped byte in the middle of one cached array; the other folds' results are kept."""
    from serbench.features.cache import FeatureCache

    request = request_for()
    with_cache = bench.run(request, Quiet())
    assert with_cache.done == 4
    victim = sorted((tmp_path / "cache").rglob("*.array"))[7]
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.write_bytes(content)
    other = dataclasses.replace(request, results=tmp_path / "other")
    outcome = bench.run(other, Quiet())
    assert outcome.failures
    assert all(str(victim) in reason for reason in outcome.failures.values())
    assert all("serbench cache repair" in reason for reason in outcome.failures.values())
    assert FeatureCache(tmp_path / "cache").repair() == [victim]
    again = bench.run(other, Quiet())
    assert (again.found, again.done, again.failures) == (outcome.done, len(outcome.failures), {})


def test_full_disk_stops_the_run_and_keeps_what_is_finished(request_for, monkeypatch):
    import os

    from serbench.errors import StoreError

    request = request_for()
    real = os.fsync

    def full(handle):
        if len(list(Store(request.results).ids())) >= 2:
            raise OSError(28, "No space left on device")
        real(handle)

    monkeypatch.setattr("serbench.writing.os.fsync", full)
    with pytest.raises(StoreError, match="no space is left"):
        bench.run(request, Quiet())
    monkeypatch.undo()
    kept = list(Store(request.results).ids())
    assert 0 < len(kept) < 4
    assert bench.run(request, Quiet()).found == len(kept)
