"""Results taken home: examined one by one, nothing replaced, nothing lost."""

import dataclasses
import gzip
import hashlib
import io
import json
import os
import shutil
import tarfile

import pytest
from typer.testing import CliRunner

from serbench.boards import boards
from serbench.cli.results.merging import merge as command
from serbench.errors import UsageError
from serbench.merging.merge import merge
from serbench.nets.checkpoints import MAGIC
from serbench.offsite.returning import LEDGER, pack
from serbench.predictions import from_parquet, to_parquet
from serbench.store import Store


@pytest.fixture
def results(home, worked, tmp_path):
    """The results folder at home, which knows the plan and has none of its trials."""
    assert {path.name for path in home.plan.results.iterdir()} == {"plans", "boards"}
    return shutil.copytree(home.plan.results, tmp_path / "at-home")


@pytest.fixture
def archives(worked, tmp_path):
    copy = Store(shutil.copytree(worked / "results", tmp_path / "far"))
    (copy.root / LEDGER).unlink(missing_ok=True)
    return pack(copy, tmp_path / "out", most_mib=0.06).archives


def timeless(board):
    """What a board says, but for the time that each of two runs took."""
    took = ("train_seconds", "train_seconds_sum")
    return [{k: v for k, v in one.items() if k not in took} for one in board.records()]


def test_the_board_is_the_one_of_a_direct_run(results, archives, direct):
    merged = merge(results, archives)
    assert (len(archives) > 1, len(merged.taken), merged.clean) == (True, 12, True)
    (here,), (there,) = boards(Store(results)), boards(Store(direct))
    assert repr(timeless(here)) == repr(timeless(there))
    assert sum(not row.canary for row in here.rows) == 3
    again = merge(results, archives)
    assert (again.taken, len(again.equal), again.clean) == ([], 12, True)


def test_a_bundle_folder_and_a_folder_of_archives_do_as_well(results, worked, archives):
    assert len(merge(results, [worked]).taken) == 12
    assert len(merge(results, [archives[0].parent]).equal) == 12


def test_what_no_plan_knows_is_left_unless_asked_for(tmp_path, archives):
    merged = merge(tmp_path / "other", archives)
    assert (merged.taken, len(merged.unplanned), merged.clean) == ([], 12, False)
    assert len(merge(tmp_path / "other", archives, every=True).taken) == 12


def test_other_answers_are_kept_aside(results, worked, tmp_path):
    merge(results, [worked])
    far = Store(shutil.copytree(worked / "results", tmp_path / "far"))
    name = next(iter(far.ids()))
    trial, record = far.trial(name), far.record(name)
    (test,) = trial.tests
    file = f"predictions-{test}.parquet"
    other = next(o for o in far.ids() if far.trial(o).fold == trial.fold and o != name)
    files = {k: far.read(name, k) for k in record["files"] if k != "trial.json"}
    shutil.rmtree(far.folder(name))
    far.save(trial, {**files, file: far.read(other, file)}, record["provenance"])
    before = Store(results).read(name, file)
    for _ in range(2):  # the second time it is kept already
        merged = merge(results, [far.root])
        (conflict,) = merged.conflicts
        assert (conflict.trial, len(merged.equal), merged.clean) == (name, 11, False)
        assert conflict.difference > 0
    assert Store(results).read(name, file) == before
    assert len(list((results / "superseded").iterdir())) == 1


def test_what_is_damaged_is_refused_with_the_reason(results, worked, tmp_path):
    far = Store(shutil.copytree(worked / "results", tmp_path / "far"))
    torn, lying, cut = sorted(far.ids())[:3]
    path = next(far.folder(torn).glob("predictions-*"))
    path.write_bytes(path.read_bytes()[:-9])
    record = far.record(lying)
    record["files"]["../../../../../etc/hostname"] = "0" * 64
    (far.folder(lying) / "record.json").write_text(json.dumps(record))
    trial = json.loads((far.folder(cut) / "trial.json").read_text())
    trial["seed"] = 7
    (far.folder(cut) / "trial.json").write_text(json.dumps(trial))
    merged = merge(results, [far.root])
    reasons = {refusal.what: refusal.reason for refusal in merged.refused}
    assert len(merged.taken) == 9
    assert "SHA-256 is not the recorded one" in reasons[f"trial {torn}"]
    assert "its record names" in reasons[f"trial {lying}"]
    assert "SHA-256 is not" in reasons[f"trial {cut}"]


def test_answers_for_other_utterances_or_classes_are_refused(results, worked, tmp_path):
    far = Store(shutil.copytree(worked / "results", tmp_path / "far"))
    swapped, relabelled = sorted(far.ids())[:2]
    for name in (swapped, relabelled):
        trial, record = far.trial(name), far.record(name)
        (test,) = trial.tests
        file = f"predictions-{test}.parquet"
        files = {k: far.read(name, k) for k in record["files"] if k != "trial.json"}
        said = from_parquet(files[file], file)
        if name == swapped:
            said = dataclasses.replace(said, ids=(f"{said.ids[0]}-x", *said.ids[1:]))
        else:
            said = dataclasses.replace(said, truth=(said.truth + 1) % len(said.classes))
        shutil.rmtree(far.folder(name))
        far.save(trial, {**files, file: to_parquet(said)}, record["provenance"])
    merged = merge(results, [far.root])
    assert len(merged.taken) == 10
    assert {refusal.what for refusal in merged.refused} == {
        f"trial {swapped}", f"trial {relabelled}"
    }  # fmt: skip
    assert all("answers for other utterances" in one.reason for one in merged.refused)


def test_an_archive_cannot_lead_out_or_bring_anything_else(results, archives, tmp_path):
    evil = tmp_path / "evil.tar"
    with tarfile.open(archives[0]) as good, tarfile.open(evil, "w") as bad:
        for member in good:
            bad.addfile(member, good.extractfile(member))
        beside = "planes/ab/toy.json", "submission.json", "card.json"  # passed over, not refused
        for name in (
            "../outside", "/tmp/outside", "trials/ab/../../../outside", "model.pkl", *beside,
        ):  # fmt: skip
            member = tarfile.TarInfo(name)
            member.size = 3
            bad.addfile(member, io.BytesIO(b"abc"))
        link = tarfile.TarInfo(f"failed/{'0' * 64}.json")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        bad.addfile(link)
    merged = merge(results, [evil])
    assert len(merged.refused) == 5
    assert merged.taken
    short = tmp_path / "short.tar"
    short.write_bytes(evil.read_bytes()[:2000])
    assert any("cut short" in refusal.reason for refusal in merge(results, [short]).refused)
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize("damage", ["header", "boundary", "gzip"])
def test_an_archive_that_is_damaged_in_its_middle_is_not_taken_for_a_shorter_one(
    results, archives, tmp_path, damage
):
    whole = archives[0].read_bytes()
    with tarfile.open(archives[0]) as opened:
        middle = opened.getmembers()[len(opened.getmembers()) // 2].offset
    torn = tmp_path / "torn.tar"
    if damage == "header":  # tarfile takes this for the end of the archive
        torn.write_bytes(whole[:middle] + b"\xff" * 100 + whole[middle + 100 :])
    elif damage == "boundary":
        torn.write_bytes(whole[:middle])
    else:
        packed = bytearray(gzip.compress(whole, mtime=0))
        packed[len(packed) // 2 : len(packed) // 2 + 400] = b"\xa5" * 400
        torn.write_bytes(packed)
    merged = merge(results, [torn])
    assert not merged.clean
    assert any("cut short, damaged" in refusal.reason for refusal in merged.refused)


def test_a_folder_that_was_packed_by_its_name_is_taken(results, worked, tmp_path):
    far = shutil.copytree(worked / "results", tmp_path / "far" / "results")
    (far / "running").mkdir(exist_ok=True)
    (far / "running" / "somebody.json").write_text("{}")
    with tarfile.open(tmp_path / "far.tar", "w") as archive:
        archive.add(far, "lab/results")
    merged = merge(results, [tmp_path / "far.tar"])
    assert (len(merged.taken), merged.clean, merged.refused) == (12, True, [])


def test_checkpoints_and_failures_come_along(results, home, tmp_path):
    far = Store(tmp_path / "far")
    going, failed, torn = (job.trial for job in home.plan.jobs[:3])
    body = b"weights"
    whole = MAGIC + hashlib.sha256(body).digest() + body
    for trial, content in ((going, whole), (torn, whole[:-1])):
        far.checkpoint(trial.id).parent.mkdir(parents=True)
        far.checkpoint(trial.id).write_bytes(content)
    far.fail(failed, "it was too dark", "")
    sent = pack(far, tmp_path / "out")
    merged = merge(results, sent.archives)
    assert (merged.checkpoints, merged.failures) == ([going.id], [failed.id])
    assert [refusal.what for refusal in merged.refused] == [f"checkpoint {torn.id}"]
    assert Store(results).failure(failed.id).reason == "it was too dark"
    assert Store(results).checkpoint(going.id).read_bytes() == whole
    assert merge(results, sent.archives).checkpoints == []  # no farther than the one here
    # The next bundle takes it along, and whoever works on it goes on from there.
    assert pack(far, tmp_path / "again").archives == ()  # gone already


def test_of_two_checkpoints_of_one_size_the_later_is_gone_on_from(results, home, tmp_path):
    """As of a training across corpora, which keeps its last epoch alone."""
    trial = home.plan.jobs[0].trial
    sent = []
    for day, body in ((2, b"epoch 2"), (1, b"epoch 1")):
        far = Store(tmp_path / f"far-{day}")
        path = far.checkpoint(trial.id)
        path.parent.mkdir(parents=True)
        path.write_bytes(MAGIC + hashlib.sha256(body).digest() + body)
        os.utime(path, (day * 86400, day * 86400))
        sent += pack(far, tmp_path / f"out-{day}").archives
    assert merge(results, sent).checkpoints == [trial.id]
    assert Store(results).checkpoint(trial.id).read_bytes().endswith(b"epoch 2")
    assert merge(results, [tmp_path / "far-1"]).checkpoints == []


def test_only_so_much_goes_and_the_rest_the_next_time(worked, tmp_path):
    far = Store(shutil.copytree(worked / "results", tmp_path / "far"))
    (far.root / LEDGER).unlink(missing_ok=True)
    first = pack(far, tmp_path / "1", most_mib=0.06, most_files=1)
    assert 0 < first.trials < 12
    assert len(first.left) == 12 - first.trials
    assert all(path.stat().st_size <= 0.06 * 2**20 for path in first.archives)
    with pytest.raises(UsageError, match="already"):
        pack(far, tmp_path / "1")
    second = pack(far, tmp_path / "2")
    assert first.trials + second.trials == 12


def test_the_command_says_what_came_and_exits_so(results, archives, tmp_path):
    import typer

    app = typer.Typer()
    app.command()(command)
    here = ["--results", str(results)]
    done = CliRunner().invoke(app, [*map(str, archives), *here])
    assert (done.exit_code, "12 trials taken" in done.output) == (0, True)
    record = CliRunner().invoke(app, [str(archives[0]), "--json", *here])
    assert json.loads(record.stdout)["taken"] == []
    assert CliRunner().invoke(app, [str(tmp_path / "nothing"), *here]).exit_code != 0
