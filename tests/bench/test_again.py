"""The same request again: what stands is kept, what is damaged or changed runs once more."""

import dataclasses
import subprocess
import sys

import pytest

from serbench.boards import boards
from serbench.errors import UsageError
from serbench.registry import load
from serbench.store import Store


def test_a_result_without_its_record_is_set_aside_and_run_again(request_for, run):
    request = request_for([("prior", {})])
    run(request)
    store = Store(request.results)
    victim = next(store.ids())
    (store.folder(victim) / "record.json").unlink()
    assert run(request).done == 1
    assert store.whole(victim)
    assert run(request).found == 4


def test_damaged_result_runs_again_and_nothing_else(request_for, run, tmp_path, watcher):
    request = request_for()
    run(request)
    store = Store(request.results)
    victim = next(store.ids())
    path = store.folder(victim) / "predictions-savee.parquet"
    path.write_bytes(path.read_bytes()[:-10])
    watcher.notes.clear()
    outcome = run(request)
    assert (outcome.found, outcome.done) == (3, 1)
    assert any("damaged" in note for note in watcher.notes)
    assert store.whole(victim)


def test_a_corrected_label_is_another_trial(request_for, run, monkeypatch):
    savee = load("corpora", "savee")
    run(request_for([("prior", {})]))
    monkeypatch.setattr(savee, "labels", {**savee.labels, "su": "fear", "f": "surprise"})
    again = run(request_for([("prior", {})]))
    assert again.found == 0
    assert len(boards(Store(request_for().results))) == 2


def test_changed_code_wants_a_word(request_for, run, monkeypatch):
    request = request_for([("prior", {})])
    run(request)
    monkeypatch.setattr("serbench.standing.code_digest", lambda factory: "0" * 64)
    with pytest.raises(UsageError, match="another code"):
        run(request)
    assert run(dataclasses.replace(request, reuse=True)).found == 4
    assert run(dataclasses.replace(request, rerun=True)).done == 4


def test_a_file_model_is_another_model_after_an_edit(request_for, run, tmp_path):
    file = tmp_path / "mine.py"
    source = (
        "import numpy as np\n"
        "class Mine:\n"
        "    def fit(self, train, *, seed):\n        return self\n"
        "    def predict_proba(self, test):\n        return np.full((len(test), 7), 1 / 7)\n"
    )
    file.write_text(source)
    request = request_for([(f"{file}:Mine", {})])
    assert run(request).done == 4
    file.write_text(source + "# another thought\n")
    code = (  # this process has read the file
        "import sys; from pathlib import Path; from serbench import bench;"
        "from serbench.request import Request;"
        "from serbench.cli.progress import Screen; d = Path(sys.argv[1]);"
        f"r = Request([('{file}:Mine', {{}})], ['loso'], ['savee'], d / 'results',"
        " d / 'cache', roots={'savee': Path(sys.argv[2])}, allow_partial=True);"
        "print(bench.run(r, Screen(quiet=True)).done)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, tmp_path, request.roots["savee"]],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ran.stdout.strip() == "4"
    shown = boards(Store(tmp_path / "results"), canaries=False)
    assert len({row.version for board in shown for row in board.rows}) == 2
