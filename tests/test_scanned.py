"""The last scan of a folder: taken again while nothing has changed, never when something has."""

import os
import shutil
from pathlib import Path

import pytest
import soundfile

from serbench import scanned
from serbench.corpus import audio_files
from serbench.errors import CorpusError
from serbench.registry import load
from serbench.scan import scan
from serbench.testing.forge import forge_corpus


@pytest.fixture
def savee():
    return load("corpora", "savee")()


@pytest.fixture
def tree(savee, tmp_path):
    return forge_corpus(savee, tmp_path / "savee", per_cell=2, silent=True, seconds=(0.05, 0.1))


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def counted(monkeypatch, savee):
    """How often the folder's names were read anew."""
    calls = []
    real = type(savee).entries

    def entries(self, root):
        calls.append(root)
        return real(self, root)

    monkeypatch.setattr(type(savee), "entries", entries)
    return calls


def read(savee, tree, cache):
    return scan(savee, tree, allow_partial=True, cache=cache)


def test_read_once(savee, tree, cache, counted):
    first = read(savee, tree, cache)
    assert read(savee, tree, cache) == first
    assert len(counted) == 1
    assert first.utterances[0].audio.is_file()


def flip_last_sample(tree):
    path = next(iter(audio_files(tree)))
    times = path.stat()
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))  # as if nothing had happened


def rename(tree):
    path = next(iter(audio_files(tree)))
    path.rename(path.with_name("a77.wav"))


def add(tree):
    path = next(iter(audio_files(tree)))
    shutil.copy(path, path.with_name("a78.wav"))


def remove(tree):
    next(iter(audio_files(tree))).unlink()


def annotate(tree):
    (tree / "AudioData" / "Info.txt").write_text("read me")


@pytest.mark.parametrize("change", [flip_last_sample, rename, add, remove, annotate])
def test_any_change_is_seen(savee, tree, cache, counted, change):
    before = read(savee, tree, cache)
    change(tree)
    after = read(savee, tree, cache)
    assert len(counted) == 2
    assert after == scan(savee, tree, allow_partial=True)
    if change is not annotate:
        assert after.fingerprint != before.fingerprint


def test_other_code_reads_anew(savee, tree, cache, counted, monkeypatch):
    read(savee, tree, cache)
    monkeypatch.setattr(scanned, "VERSION", scanned.VERSION + 1)
    read(savee, tree, cache)
    assert len(counted) == 2


@pytest.mark.parametrize("damage", [b"", b"{}", b"1 abc\n{}", None])
def test_a_torn_record_is_none(savee, tree, cache, counted, damage):
    first = read(savee, tree, cache)
    (record,) = (cache / "scans").iterdir()
    content = record.read_bytes()
    record.write_bytes(content.replace(b"anger", b"angst", 1) if damage is None else damage)
    assert read(savee, tree, cache) == first
    assert len(counted) == 2


def test_a_partial_corpus_stays_refused(savee, tree, cache):
    read(savee, tree, cache)
    with pytest.raises(CorpusError, match="findings"):
        scan(savee, tree, cache=cache)


def test_a_folder_that_changes_while_it_is_read_is_not_kept(savee, tree, cache, counted):
    def progress(done, total):
        if done == total:
            annotate(tree)

    scan(savee, tree, allow_partial=True, cache=cache, progress=progress)
    read(savee, tree, cache)
    assert len(counted) == 2


def test_a_cache_that_cannot_be_written_is_done_without(savee, tree, tmp_path, counted):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    assert read(savee, tree, blocked) == read(savee, tree, blocked)
    assert len(counted) == 2


def test_what_a_record_holds_comes_back_whole(tmp_path, cache):
    """Attributes, votes, segments and texts of an annotated corpus survive the round trip."""
    corpus = load("corpora", "iemocap")()
    tree = forge_corpus(corpus, tmp_path / "i", per_cell=1, silent=True, seconds=(0.05, 0.1))
    first = scan(corpus, tree, allow_partial=True, cache=cache)
    assert first.utterances[0].attributes
    assert first.utterances[0].votes
    assert scan(corpus, tree, allow_partial=True, cache=cache) == first


def test_two_corpora_in_one_folder_have_two_records(savee, tree, cache):
    read(savee, tree, cache)
    other = load("corpora", "emodb")()
    soundfile.write(Path(tree, "03a01Fa.wav"), [0.1] * 100, 8000)
    found = scan(other, tree, allow_partial=True, cache=cache)
    assert [u.id for u in found.utterances] == ["emodb/03a01Fa"]
    assert len(read(savee, tree, cache).utterances) == 56


def test_a_renamed_link_is_seen(tmp_path, cache):
    """Two links to one folder: which of them gives the speaker depends on their names."""
    casia = load("corpora", "casia")()
    tree = forge_corpus(casia, tmp_path / "c", per_cell=1, silent=True, seconds=(0.05, 0.1))
    (tree / "zdata").mkdir()
    (tree / "wangzhe").rename(tree / "zdata" / "x")
    for name in ("wangzhe", "zzz"):
        (tree / name).symlink_to(tree / "zdata" / "x")
    before = scan(casia, tree, allow_partial=True, cache=cache)
    assert "wangzhe" in {u.speaker for u in before.utterances}
    shutil.rmtree(tree / "liuchanhg")
    (tree / "wangzhe").rename(tree / "liuchanhg")
    after = scan(casia, tree, allow_partial=True, cache=cache)
    assert after == scan(casia, tree, allow_partial=True)
    assert "wangzhe" not in {u.speaker for u in after.utterances}


def test_code_that_an_adapter_inherits_is_part_of_the_state(savee, tree):
    class Other(type(savee)):
        pass

    modules = scanned._modules(Other())
    assert {__name__, type(savee).__module__} <= set(modules)
    assert scanned.state_of(Other(), tree) != scanned.state_of(savee, tree)


def test_a_record_with_a_column_cut_short_is_none(savee, tree, cache):
    first = read(savee, tree, cache)
    (record,) = (cache / "scans").iterdir()
    content = scanned.read_sealed(record, scanned.VERSION)
    content["columns"]["audio"] = content["columns"]["audio"][:3]
    scanned.write_sealed(record, scanned.VERSION, content)
    assert read(savee, tree, cache) == first
