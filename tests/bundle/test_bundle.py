"""A bundle: what is in it, that trials from it are those from the corpora, and what is refused."""

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from serbench import bundling
from serbench.bundle import manifest
from serbench.bundle.carried import check_settings
from serbench.bundle.ground import BundleSource, opened
from serbench.bundle.manifest import parts_of, upload_folder
from serbench.cli.progress import Screen
from serbench.errors import ModelError, ProtocolError, StoreError, UsageError
from serbench.executors.serial import Serial
from serbench.jobs import Ended
from serbench.offsite.working import unpacked, work_through
from serbench.question import question_digest
from serbench.rebuilding import ground_of, split_of
from serbench.store import Store


def test_trials_of_a_bundle_are_those_of_the_corpora_to_the_last_bit(worked, direct):
    there, here = Store(worked / "results"), Store(direct)
    assert set(there.ids()) == set(here.ids())
    for name in here.ids():
        assert there.record(name)["files"] == here.record(name)["files"]


def test_where_no_library_of_sound_is(home, direct, far_away, tmp_path):
    jobs = [*home.jobs("prior"), *home.jobs("Nearest")]
    home.bundle("far", jobs)
    folder = home.folder / "far"
    done = far_away(folder, "--results", tmp_path / "far", "--tar", tmp_path / "out")
    assert done.returncode == 0, done.stderr + done.stdout
    assert "source of 1 models that came with the bundle" in done.stdout
    assert (tmp_path / "out" / "results-01.tar").is_file()
    there, here = Store(tmp_path / "far"), Store(direct)
    assert set(there.ids()) == {job.trial.id for job in jobs}
    for name in there.ids():
        assert there.record(name)["files"] == here.record(name)["files"]
        provenance = there.record(name)["provenance"]
        assert provenance["bundle"]["id"] == manifest.read(folder).id
        assert provenance["behaviour"]["checked"] == ["watch", "state", "invariance"]
        assert provenance["behaviour"]["problems"] == []
        wanted = here.record(name)["provenance"]["extractors"]
        assert provenance["extractors"] == wanted  # as computed, though librosa is not there


def test_nothing_of_this_machine_and_no_sound_is_in_it(worked, home):
    for path in worked.rglob("*"):
        if path.is_file() and "results" not in path.relative_to(worked).parts:
            content = path.read_bytes()
            assert str(home.folder).encode() not in content, path
            assert path.suffix in {".json", ".jsonl", ".npy", ".parquet", ".py"}
    told = manifest.read(worked)
    assert sum(name.endswith(".py") for name in told.files) == 1
    (cohort,) = told.cohorts.values()
    assert cohort["corpus"] == "savee"


def test_utterances_and_folds_come_back_as_they_were(worked, home):
    (board,) = home.boards
    ground = opened(worked).ground(question_digest(board.row))
    assert ground.splits == tuple(board.splits)
    np.testing.assert_array_equal(ground.pool.y, board.pool.y)
    kept = ("id", "speaker", "gender", "native", "emotion", "samples", "rate", "attributes")
    for there, here in zip(ground.pool.utterances, board.pool.utterances, strict=True):
        assert [getattr(there, k) for k in kept] == [getattr(here, k) for k in kept]
        assert there.text is None  # no model of this bundle reads it
    with pytest.raises(ModelError, match="bundle holds none"):
        BundleSource(ground.pool.utterances, opened(worked).arrays).waveform(0, None, "first")


def test_a_bundle_over_the_limit_is_split_and_each_part_stands_alone(home, monkeypatch):
    monkeypatch.setattr("serbench.bundle.packer.MARGIN", 16 * 1024)
    monkeypatch.setattr("serbench.bundle.packer.INDEXED", 4000)  # as if arrays were large
    written = home.bundle("split", most_mib=1)  # forged: 28 utterances
    monkeypatch.undo()
    whole = home.bundle("one")
    assert len(whole.parts) == 1
    assert sum(part.trials for part in written.parts) == 12
    for part in written.parts:
        assert part.bytes < 2**20
        found = unpacked(part.folder)
        assert len(found.plan.jobs) == part.trials
    assert len(unpacked(home.folder / "split").plan.jobs) == 12


def test_trials_that_share_features_travel_together():
    from serbench.bundle.pieces import Load, parcelled

    sizes = {"a": 60, "b": 60, "c": 10, "huge": 500}
    loads = [Load(frozenset(p)) for p in (["a"], ["b"], ["a", "c"], ["b"], ["huge", "a"], ["huge"])]
    parcels = parcelled(loads, sizes, 100)
    assert [parcel.trials for parcel in parcels] == [[0, 2], [1, 3], [4, 5]]
    assert [parcel.spread for parcel in parcels] == [False, False, True]
    assert [parcel.trials for parcel in parcelled(loads, sizes, None)] == [[0, 1, 2, 3, 4, 5]]


def test_one_trial_over_the_limit_is_spread_and_a_missing_upload_is_named(home, monkeypatch):
    jobs = home.jobs("svm-mfcc")
    monkeypatch.setattr("serbench.bundling.MIB", 48 * 1024)  # what --max-mib 1 then means
    monkeypatch.setattr("serbench.bundle.packer.MARGIN", 2 * 1024)
    (part,) = home.bundle("spread", jobs, most_mib=1).parts
    assert part.uploads > 1
    for upload in range(1, part.uploads + 1):
        folder = upload_folder(part.folder, upload)
        assert sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()) < 56 * 1024
    errand = work_through(unpacked(home.folder / "spread"), Serial(), lambda event: None)
    assert len(errand.done) == 4
    with pytest.raises(StoreError, match=r"upload 2 of a part.*\n.*part-01,"):
        unpacked(upload_folder(part.folder, 2))
    shutil.rmtree(upload_folder(part.folder, 2))
    with pytest.raises(StoreError, match=r"part-01\.2 is missing"):
        unpacked(home.folder / "spread")


def test_a_full_disk_ends_the_work(home, tmp_path):
    parts = unpacked(home.bundle("full", home.jobs("prior")).parts[0].folder, tmp_path / "results")

    class Full(Serial):
        def run(self, packs, listen):
            listen(Ended(packs[0][0].trial.id, 1.0, "no space left", fatal=True))
            raise AssertionError("goes on")

    with pytest.raises(StoreError, match="no space left"):
        work_through(parts, Full(), lambda event: None)


def test_what_is_damaged_or_no_bundle_is_refused(worked, tmp_path):
    with pytest.raises(StoreError, match="holds no bundle"):
        parts_of(tmp_path)
    copy = tmp_path / "copy"
    shutil.copytree(worked, copy, ignore=shutil.ignore_patterns("results"))
    array = next((copy / "features").glob("*.npy"))
    content = bytearray(array.read_bytes())
    content[-1] ^= 1
    array.write_bytes(content)
    with pytest.raises(StoreError, match="is damaged"):
        unpacked(copy)
    told = json.loads((copy / manifest.NAME).read_text())
    told["part"] = 2
    (copy / manifest.NAME).write_text(json.dumps(told))
    with pytest.raises(StoreError, match="no longer what was written"):
        unpacked(copy)


@pytest.mark.parametrize("part", ["train", "tests", "split"])
def test_another_split_or_labelling_is_not_run(worked, part):
    """Whatever a bundle says, what is dealt from it is held against the trial's own record."""
    job = unpacked(worked).plan.jobs[0]
    split_of(job.trial, ground_of(job))
    other = {"train": {"digest": "0" * 64, "size": 21}, "tests": {}, "split": "0" * 64}[part]
    trial = dataclasses.replace(job.trial, **{part: other})
    with pytest.raises(ProtocolError, match="folds" if part == "split" else part):
        split_of(trial, ground_of(dataclasses.replace(job, trial=job.trial)))


def test_a_model_that_opens_the_bundle_by_itself_is_seen(home, tmp_path):
    source = (home.folder / "near.py").read_text()
    spy = source.replace(
        "x = self._vectors(train)",
        "import pathlib\n        for p in pathlib.Path(__file__).parents[1].glob('features/*'):"
        " p.read_bytes()\n        x = self._vectors(train)",
    )
    assert spy != source
    (home.folder / "spy.py").write_text(spy)
    from serbench.cli.progress import Screen
    from serbench.preparing import prepare

    request = dataclasses.replace(home.request, models=[(f"{home.folder}/spy.py:Nearest", {})])
    prepared = prepare(request, Screen(quiet=True))
    plan = dataclasses.replace(
        home.plan,
        jobs=tuple(prepared.jobs[:1]),
        plans=tuple(prepared.plans),
        results=tmp_path / "results",
    )
    spied = dataclasses.replace(home, plan=plan, boards=tuple(prepared.boards))
    spied.bundle("spied")
    errand = work_through(unpacked(home.folder / "spied"), Serial(), lambda event: None)
    (name,) = errand.done
    record = Store(home.folder / "spied" / "results").record(name)
    problems = record["provenance"]["behaviour"]["problems"]
    assert {problem["rule"] for problem in problems} == {"L22"}


def test_what_needs_files_of_this_machine_is_not_bundled(home):
    choice = home.plan.jobs[0].choice

    class Encoded(type(choice)):
        def identity(self):
            return {"settings": {**self.settings, "encoder": "wavlm:ab12"}}

    placed = Encoded(choice.spec, {**choice.settings, "encoder": "/models/wavlm"})
    with pytest.raises(UsageError, match="'encoder'"):
        check_settings(placed)


def test_the_folder_that_one_is_in_is_a_place_as_well(home, tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    plan = home.plan.only(home.jobs("prior")[:1])
    bundling.write(Path(), plan, home.boards, Screen(quiet=True), workers=1)
    monkeypatch.chdir(tmp_path)
    assert len(unpacked(tmp_path / "here").plan.jobs) == 1


def test_a_folder_with_something_in_it_is_not_written_to(home, worked):
    with pytest.raises(UsageError, match="holds something"):
        home.bundle(worked.name)
    with pytest.raises(UsageError, match="max-mib"):
        home.bundle("none", most_mib=0.1)
