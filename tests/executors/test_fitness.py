"""What a worker finds on its machine, held against what the run needs."""

from __future__ import annotations

import dataclasses
import json

import pytest

from serbench.executors.fitness import ClusterError, asking, facts, faults, travelling


@pytest.fixture
def asked(jobs):
    with asking(jobs()) as asked:
        yield json.loads(json.dumps(asked))  # only JSON values travel


def why(asked, **changes):
    """What is wrong with a worker that is asked otherwise."""
    expected = facts(asked)
    (reason,) = faults(expected, json.loads(json.dumps(facts(asked | changes))))
    return reason


def test_this_machine_is_fit(asked):
    assert faults(facts(asked), facts(asked)) == []


def test_another_folder_under_the_same_name(asked, tmp_path):
    assert "is not the results folder of this run" in why(asked, word="another")
    (tmp_path / "empty").mkdir()
    assert "is not the results folder" in why(asked, results=[str(tmp_path / "empty")])


def test_a_folder_that_cannot_be_written(asked, tmp_path):
    (tmp_path / "file").touch()
    assert "cannot write to" in why(asked, caches=[f"{tmp_path}/file/cache"])


def test_a_model_file_that_is_another_or_is_gone(asked, tmp_path):
    (spec,) = asked["models"]
    expected, found = facts(asked), facts(asked)
    found["models"] = {spec: ["0" * 64, ""]}
    assert "another code of the model" in faults(expected, found)[0]
    lost = spec.replace("told.py", "untold.py")
    found["models"] = {spec: facts({**asked, "models": [lost]})["models"][lost]}
    assert "untold.py does not exist" in faults(expected, found)[0]


def test_a_corpus_by_the_workers_own_knowledge(asked, tmp_path, monkeypatch):
    elsewhere = asked | {"corpora": {"savee": "/nowhere/savee"}}
    assert "has no savee" in why(asked, corpora=elsewhere["corpora"])
    (tmp_path / "mine" / "savee").mkdir(parents=True)
    monkeypatch.setenv("SERBENCH_CORPORA", str(tmp_path / "mine"))
    assert facts(elsewhere)["corpora"]["savee"] == f"{tmp_path}/mine/savee"


def test_a_folder_that_a_setting_names(asked):
    assert any(place.endswith("diary") for place in asked["places"])
    assert "it has no /nowhere/diary" in why(asked, places=["/nowhere/diary"])


def test_another_version_is_all_that_is_said(asked):
    old = {"serbench": "0.0.1", "code": "x"}  # answers to other questions, for all we know
    (reason,) = faults(facts(asked), old)
    assert reason.startswith("it has serbench 0.0.1; expected:")


def test_nothing_is_left_in_the_results_folder(jobs, tmp_path):
    with asking(jobs()):
        assert list((tmp_path / "results").glob(".roll-call-*"))
    assert not list((tmp_path / "results").iterdir())


def test_a_results_folder_that_is_a_file(jobs, tmp_path):
    job = dataclasses.replace(jobs()[0], results=tmp_path / "told.py")
    with pytest.raises(ClusterError, match="cannot be written"), asking([job]):
        pass


def test_a_relative_path_travels(jobs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    job = jobs()[0]
    settings = {**job.choice.settings, "folder": "./diary"}
    choice = dataclasses.replace(job.choice, spec="told.py:Told", settings=settings)
    sent = travelling(dataclasses.replace(job, choice=choice)).choice
    assert (sent.spec, sent.settings["folder"]) == (job.choice.spec, str(tmp_path / "diary"))
