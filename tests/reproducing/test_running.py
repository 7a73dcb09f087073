"""What ``--run`` would run of a paper's table, and how one failure leaves the others alone."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from serbench import bench
from serbench.errors import CorpusError, UsageError
from serbench.literature import literature
from serbench.reproducing.running import agenda, run
from serbench.reproducing.shelf import find
from serbench.reproducing.wanted import soughts
from serbench.request import Request


class Silent:
    def note(self, text: str) -> None:
        pass


def request(store, **roots) -> Request:
    return Request(
        models=(), protocols=(), corpora=(), results=store.root, cache=store.root / "cache",
        roots={name: Path(root) for name, root in roots.items()},
    )  # fmt: skip


def titles(name, asked, *more, **options):
    found = agenda(name, soughts(find(name), literature()), asked, *more, **options)
    return [one.title for one in found.run], found


def test_what_is_here_is_run_and_what_is_not_says_so(store, tmp_path):
    run_, found = titles("dblmm-table3", request(store, emodb=tmp_path))
    assert run_ == [
        "bilstm-logmel epochs=100 under loso on emodb",
        "bilstm-lld epochs=100 under loso on emodb",
        "dblmm epochs=100 under loso on emodb",
    ]
    assert ("dblmm epochs=100 under loso on savee", "savee not here") in found.left_out
    assert len(found.left_out) == 3


def test_what_is_measured_is_not_run_again(add, store, tmp_path):
    add("dblmm", lambda _: 10, settings={"epochs": 100})
    run_, _ = titles("dblmm-table3", request(store, emodb=tmp_path))
    assert len(run_) == 2
    add("bilstm-lld", lambda _: 10, settings={"epochs": 5}, variant={"epochs": 5})
    assert len(titles("dblmm-table3", request(store, emodb=tmp_path))[0]) == 2


def test_one_training_serves_the_last_epoch_and_the_best(store, tmp_path):
    run_, _ = titles("timnet-table1", request(store, emodb=tmp_path), models=["timnet"])
    assert run_ == ["timnet epochs=500 under last-epoch on emodb"]


def test_a_figure_takes_one_training_a_panel(store, tmp_path):
    run_, found = titles("timnet-fig3", request(store, casia=tmp_path))
    assert run_ == [
        "gmtcnet epochs=500 under holdout on casia",
        "timnet epochs=500 under holdout on casia",
    ]
    run_, found = titles("timnet-fig2", request(store, emodb=tmp_path))
    assert run_ == ["timnet epochs=500 under last-epoch on emodb"]
    assert len(found.left_out) == 5


def test_only_some(store, tmp_path):
    here = request(store, emodb=tmp_path, savee=tmp_path)
    run_, found = titles("dblmm-table3", here, corpora=["savee"], models=["dblmm"])
    assert run_ == ["dblmm epochs=100 under loso on savee"]
    assert found.left_out == ()
    with pytest.raises(UsageError, match="dblmm-table3 has no corpus 'casia'"):
        titles("dblmm-table3", here, corpora=["casia"])
    with pytest.raises(UsageError, match="did you mean 'dblmm'"):
        titles("dblmm-table3", here, models=["dblm"])


def test_settings_in_place_of_the_papers(store, tmp_path):
    here = request(store, emodb=tmp_path)
    run_, _ = titles("dblmm-table3", here, [("", "epochs", "5"), ("dblmm", "hidden", "8")])
    assert run_ == [
        "bilstm-logmel epochs=5 under loso on emodb",
        "bilstm-lld epochs=5 under loso on emodb",
        "dblmm epochs=5 hidden=8 under loso on emodb",
    ]


def test_a_setting_that_no_model_has_is_refused_before_anything_runs(store, tmp_path):
    with pytest.raises(UsageError, match="no parameter 'epoch'"):
        titles("dblmm-table3", request(store, emodb=tmp_path), [("dblmm", "epoch", "5")])


def test_label_space_and_access_are_the_papers(store, tmp_path, monkeypatch):
    asked = []

    def fake(one, watcher):
        asked.append(one)
        if one.models[0][0] == "timnet-tcn":
            raise CorpusError("a file is missing")
        return bench.Outcome(50, 20, 29, {"id": "caam: diverged"}, [], ("last",), 1.0)

    monkeypatch.setattr(bench, "run", fake)
    five = ("casia", "emodb", "emovo", "ravdess", "savee")
    here = dataclasses.replace(
        request(store, **dict.fromkeys(five, tmp_path)), devices=("cuda",), seeds=None
    )
    found = agenda("timnet-table2", soughts(find("timnet-table2"), literature()), here)
    came = run(found, here, Silent())  # type: ignore[arg-type]
    assert [one.models[0][0] for one in asked] == ["timnet-tcn", "caam", "timnet"]
    assert {tuple(one.corpora) for one in asked} == {five}
    assert {one.labels for one in asked} == {"shared5"}
    assert [one.access for one in asked] == [None, "unlabelled", None]
    assert {tuple(one.devices) for one in asked} == {("cuda",)}
    assert (came.done, came.found) == (58, 40)
    assert len(came.failures) == 3
    assert "a file is missing" in came.failures[0]
