"""Work on a plan: shares together do what one run does, and nothing that was not planned."""

import dataclasses
import json
import shutil

import pytest

from serbench import bench, planfile
from serbench.cli.progress import Screen
from serbench.errors import CorpusError, ModelError, ProtocolError, UsageError
from serbench.planning import plan_out
from serbench.request import Means, Request
from serbench.share import Share
from serbench.store import Store
from serbench.working import work_off

MODEL = """
import numpy as np
class Mine:
    def fit(self, train, *, seed):
        return self
    def predict_proba(self, test):
        return np.full((len(test), 7), 1 / 7)
"""


class Notes(Screen):
    def __init__(self):
        super().__init__(quiet=True)
        self.said = []

    def note(self, text):
        self.said.append(text)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def ask(forged_savee, tmp_path, cache):
    def make(*models, **changes):
        request = Request(
            models=[(model, {}) for model in models or ("prior", "svm-mfcc")], protocols=["loso"],
            corpora=["savee"], results=tmp_path / "results", cache=cache,
            roots={"savee": forged_savee}, allow_partial=True,
        )  # fmt: skip
        return dataclasses.replace(request, **changes)

    return make


@pytest.fixture(autouse=True)
def _no_corpora_of_the_users(tmp_path, monkeypatch):
    monkeypatch.setenv("SERBENCH_CONFIG", str(tmp_path / "config"))
    monkeypatch.delenv("SERBENCH_CORPORA", raising=False)


def planned(request, tmp_path, *, every=False):
    """A request's plan, as it is read from its file."""
    path = tmp_path / "plan.jsonl"
    planfile.write(path, plan_out(request, Notes(), every=every, measure=False).file)
    return planfile.read(path)


def work(plan, share="1/1", results=None, roots=(), watcher=None, **means):
    means = Means(results or plan.results, plan.cache, **means)
    return work_off(plan, Share.parse(share), means, dict(roots), watcher or Notes())


def contents(root):
    """Every file of a results folder, without what tells of its making."""
    files = [path for path in root.rglob("*") if path.is_file() and path.name != "record.json"]
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


def test_shares_together_are_one_run(ask, tmp_path):
    whole = ask(results=tmp_path / "whole")
    bench.run(whole, Notes())
    plan = planned(ask(), tmp_path)
    assert not (tmp_path / "results").exists()  # to plan is not to run
    outcomes = [work(plan, f"{number}/3") for number in (3, 1, 2)]
    assert [outcome.done for outcome in outcomes] == [2, 3, 3]
    assert contents(tmp_path / "results") == contents(whole.results)
    assert work(plan, "2/3").found == 3  # submitted again


def test_the_first_share_writes_the_boards_and_all_rows(ask, tmp_path):
    plan = planned(ask(), tmp_path)
    work(plan, "7/8")
    store = Store(plan.results)
    assert {one.row["model"]["name"] for one in store.plans()} == {"prior", "svm-mfcc"}
    assert len(list(plan.results.glob("boards/*/verdict.json"))) == 1


def test_what_is_finished_is_left_out_unless_asked_for(ask, tmp_path):
    bench.run(ask("prior"), Notes())
    assert len(planned(ask(), tmp_path).jobs) == 4
    assert len(planned(ask(), tmp_path).plans) == 2
    every = planned(ask(), tmp_path, every=True)
    assert len(every.jobs) == 8
    assert (work(every).found, work(every).done) == (4, 0)


def test_an_empty_share(ask, tmp_path):
    plan, watcher = planned(ask("prior"), tmp_path), Notes()
    assert work(plan, "9/50", watcher=watcher).planned == 0
    assert any("share 9/50" in note and "empty" in note for note in watcher.said)


def test_corpora_at_another_place(ask, tmp_path, forged_savee, monkeypatch):
    plan = planned(ask("prior"), tmp_path)
    there = shutil.copytree(forged_savee, tmp_path / "corpora" / "savee")
    gone = plan.at(roots={"savee": tmp_path / "gone"})
    with pytest.raises(CorpusError, match="--corpus-root savee=DIR"):
        work(gone)
    assert work(gone, "1/2", roots={"savee": there}).done == 2
    monkeypatch.setenv("SERBENCH_CORPORA", str(there.parent))
    assert work(gone, "2/2").done == 2


def test_another_release_is_refused_and_nothing_stored(ask, tmp_path, forged_savee):
    plan = planned(ask("prior"), tmp_path)
    other = shutil.copytree(forged_savee, tmp_path / "other")
    min(other.rglob("*.wav")).unlink()
    with pytest.raises(ProtocolError, match="not the release that was planned"):
        work(plan, roots={"savee": other})
    assert not plan.results.exists()


def test_other_folds_are_refused_and_nothing_stored(ask, tmp_path, monkeypatch):
    plan = planned(ask("prior"), tmp_path)
    monkeypatch.setattr("serbench.replanned.split_digest", lambda splits: "0" * 64)
    with pytest.raises(ProtocolError, match="folds that loso draws here"):
        work(plan)
    assert not plan.results.exists()


def test_a_models_file_must_be_the_one_that_was_planned(ask, tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(MODEL)
    plan = planned(ask(f"{file}:Mine"), tmp_path)
    assert work(plan, "1/2").done == 2
    moved = tmp_path / "elsewhere.py"
    moved.write_text(MODEL + "# edited\n")
    there = dataclasses.replace(
        plan,
        jobs=tuple(
            dataclasses.replace(
                job, choice=dataclasses.replace(job.choice, spec=f"{moved}:Mine")
            )
            for job in plan.jobs
        ),
    )  # fmt: skip
    with pytest.raises(ModelError, match="is not the one that was planned"):
        work(there, "2/2")
    moved.unlink()
    with pytest.raises((UsageError, ModelError)):
        work(dataclasses.replace(there), "2/2")


def test_a_plan_by_another_version_is_worked_on(ask, tmp_path):
    plan = dataclasses.replace(planned(ask("prior"), tmp_path), serbench="9.9")
    watcher = Notes()
    assert work(plan, watcher=watcher).done == 4
    assert any("planned by serbench 9.9" in note for note in watcher.said)


def test_means_that_cannot_be_meant(ask, tmp_path):
    plan = planned(ask("prior"), tmp_path)
    with pytest.raises(UsageError, match="workers 0"):
        work(plan, workers=0)
    with pytest.raises(UsageError, match="--corpus-root emodb"):
        work(plan, roots={"emodb": tmp_path})
    with pytest.raises(UsageError, match="no executor"):
        work(plan, executor="abacus")


def test_seconds_of_the_plan_are_its_estimates(ask, tmp_path):
    bench.run(ask("prior"), Notes())  # tells what it takes
    plan = planned(ask("prior", seeds=1), tmp_path, every=True)
    assert len(plan.seconds) == 4
    assert all(value > 0 for value in plan.seconds.values())
    text = (tmp_path / "plan.jsonl").read_text("utf-8").splitlines()
    assert json.loads(text[-1])["seconds"] == plan.seconds[plan.jobs[-1].trial.id]
