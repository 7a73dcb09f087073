"""The tar of a shard: where files lie in it, and what can be had from one that is torn."""

import io
import tarfile

import pytest

from serbench import record
from serbench.shards.entry import UNREADABLE
from serbench.shards.tar import BLOCK, Writer, walk
from serbench.trial import Trial

FILES = {"predictions-toy.parquet": b"p" * 700, "stages-toy.parquet": b"s" * 3000}


def trial(seed):
    return Trial(
        protocol={}, labels={}, task={}, corpora={}, split="s", folds=1, fold="1", train={},
        tests={"toy": {}}, validation=None, target=None, model={}, recipes=(), seed=seed,
    )  # fmt: skip


def contents(one):
    files = {"trial.json": one.json().encode(), **FILES}
    return {**files, "record.json": record.written(one.id, files, {})}


@pytest.fixture
def written(tmp_path):
    """A tar of three trials, and what its writer says of it."""
    path = tmp_path / "shard.tar"
    with path.open("wb") as file:
        writer = Writer(file)
        for seed in range(3):
            writer.add(trial(seed).id, contents(trial(seed)), when=1e9)
        writer.close()
    return path, writer.entries


def test_every_file_lies_where_the_writer_says(written):
    path, entries = written
    held = path.read_bytes()
    for seed, entry in enumerate(entries):
        files = {
            name: held[file.offset : file.offset + file.size] for name, file in entry.files.items()
        }
        assert files == contents(trial(seed))
        assert (entry.facts.seed, entry.facts.tests) == (seed, ("toy",))


def test_stages_lie_behind_what_every_board_reads(written):
    _, entries = written
    ends = [
        (name.startswith("stages-"), file.offset) for e in entries for name, file in e.files.items()
    ]
    assert max(at for stages, at in ends if not stages) < min(at for stages, at in ends if stages)


def test_a_walk_finds_what_was_written(written):
    path, entries = written
    assert walk(path) == entries


def test_names_of_any_length_and_script(tmp_path):
    name = f"predictions-{'κόρπους' * 40}.parquet"
    with (tmp_path / "shard.tar").open("wb") as file:
        writer = Writer(file)
        writer.add(trial(0).id, {**contents(trial(0)), name: b"x"}, when=0)
        writer.close()
    (entry,) = walk(tmp_path / "shard.tar")
    assert entry == writer.entries[0]
    assert name in entry.files


def test_a_torn_tar_gives_what_it_has(written):
    path, entries = written
    end = entries[1].files["record.json"].offset
    path.write_bytes(path.read_bytes()[: end + 10])
    found = walk(path)
    assert found[0].trial == entries[0].trial
    assert found[0].files["trial.json"] == entries[0].files["trial.json"]
    assert found[1].facts == UNREADABLE


def test_a_header_that_is_none_costs_its_file_alone(written):
    path, entries = written
    held = bytearray(path.read_bytes())
    held[entries[1].files["predictions-toy.parquet"].offset - BLOCK] ^= 1
    path.write_bytes(held)
    found = {entry.trial: entry for entry in walk(path)}
    assert found[entries[0].trial] == entries[0]
    assert found[entries[2].trial] == entries[2]
    assert set(entries[1].files) - set(found[entries[1].trial].files) == {"predictions-toy.parquet"}


def test_what_is_no_file_of_a_trial_is_passed_over(tmp_path):
    with tarfile.open(tmp_path / "other.tar", "w") as tar:
        for name in ("trials/ab/notes.txt", "../../etc/passwd", f"trials/ab/{'a' * 64}/x/y"):
            info = tarfile.TarInfo(name)
            info.size = 1
            tar.addfile(info, io.BytesIO(b"x"))
    assert walk(tmp_path / "other.tar") == []
