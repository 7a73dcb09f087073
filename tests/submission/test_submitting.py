"""Rows of a results folder, packed: all of each, the same bytes each time, or a refusal."""

import json
import shutil
import tarfile

import pytest

from serbench.bench import run
from serbench.cli.progress import Screen
from serbench.errors import UsageError
from serbench.packing import pack
from serbench.request import Request
from serbench.store import Store
from serbench.submission.archive import CARD, SEAL, STATEMENT
from serbench.submission.card import Card
from serbench.submission.statement import read_statement, seal_of
from serbench.submission.submitting import chosen_rows, submit


@pytest.fixture(scope="module")
def results(forged_savee, tmp_path_factory):
    folder = tmp_path_factory.mktemp("submitting")
    request = Request(
        [("prior", {})], ["loso"], ["savee"], folder / "results",
        folder / "cache", roots={"savee": forged_savee}, allow_partial=True,
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SERBENCH_CONFIG", str(folder / "config"))
        patch.delenv("SERBENCH_CORPORA", raising=False)
        run(request, Screen(quiet=True))
    return folder / "results"


@pytest.fixture
def store(results, tmp_path):
    shutil.copytree(results, tmp_path / "results")
    return Store(tmp_path / "results")


def packed(store, path, **asked):
    return submit(path, store, chosen_rows(store), Card({"title": "A"}), **asked)


def test_all_of_a_row(store, tmp_path):
    told = []
    done = packed(store, tmp_path / "a.tar", progress=lambda *at: told.append(at))
    assert told[-1] == (4, 4)
    with tarfile.open(done.path) as opened:
        files = {one.name: opened.extractfile(one).read() for one in opened}
    statement = read_statement(files[STATEMENT])
    assert (statement.id, files[SEAL]) == (done.id, seal_of(files[STATEMENT]))
    (row,) = statement.rows
    assert row.trials == tuple(store.ids())
    assert (row.planned, row.partial, row.stages) == (4, False, False)
    assert row.claimed["scores"]["ua"] == pytest.approx(1 / 7)
    assert row.claimed["n_speakers"] == 4
    for name in row.trials:
        folder = store.folder(name)
        for file in folder.iterdir():
            assert files[f"results/trials/{name[:2]}/{name}/{file.name}"] == file.read_bytes()
    assert sorted(files) == sorted({*statement.files, STATEMENT, SEAL})
    assert any(name.endswith("canaries.parquet") for name in files)
    (model,) = json.loads(files[CARD])["models"]
    assert (model["name"], model["title"], model["pretraining"]) == ("prior", "A", [])
    assert statement.environment["trials"] == 4


def test_the_same_bytes_from_folders_and_from_shards(store, tmp_path):
    first = packed(store, tmp_path / "a.tar")
    again = packed(store, tmp_path / "b.tar")
    assert (tmp_path / "a.tar").read_bytes() == (tmp_path / "b.tar").read_bytes()
    pack(store.root)
    assert not list(store.loose_ids())
    shards = packed(Store(store.root), tmp_path / "c.tar")
    assert (tmp_path / "a.tar").read_bytes() == (tmp_path / "c.tar").read_bytes()
    assert first.id == again.id == shards.id


def test_a_row_that_lacks_a_trial(store, tmp_path):
    name = next(iter(store.ids()))
    store.set_aside(name)
    with pytest.raises(UsageError, match="of 4 trials 1 unfinished"):
        packed(store, tmp_path / "a.tar")
    assert not (tmp_path / "a.tar").exists()
    (row,) = packed(store, tmp_path / "a.tar", partial=True).rows
    assert (len(row.trials), row.planned, row.partial) == (3, 4, True)
    assert row.claimed["scores"] is None


def test_a_trial_that_failed_or_is_damaged(store, tmp_path):
    first, second, *_ = store.ids()
    trial = store.trial(first)
    store.set_aside(first)
    store.fail(trial, "no memory", "")
    said = store.folder(second) / "predictions-savee.parquet"
    said.write_bytes(said.read_bytes()[:-1] + b"?")
    with pytest.raises(UsageError, match="1 failed, 1 damaged"):
        packed(store, tmp_path / "a.tar")
    (row,) = packed(store, tmp_path / "a.tar", partial=True).rows
    assert len(row.trials) == 2


def test_no_such_row(store):
    with pytest.raises(UsageError, match="holds no row of dblmm"):
        chosen_rows(store, models=["dblmm"])
