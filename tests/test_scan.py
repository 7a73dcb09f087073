"""From a folder to utterances: nothing dropped in silence, every fault named with its path."""

import dataclasses
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from serbench.audio import inspect
from serbench.cohort import Cohort
from serbench.corpus import Finding, audio_files
from serbench.errors import CorpusError, ProtocolError
from serbench.inspected import Inspected
from serbench.labels import OWN, Classes, LabelSpace
from serbench.registry import load
from serbench.scan import scan


@pytest.fixture
def savee():
    return load("corpora", "savee")()


@pytest.fixture
def tree(forged_savee_whole, tmp_path):
    """A copy of a whole forged SAVEE, to be spoilt."""
    return Path(shutil.copytree(forged_savee_whole, tmp_path / "savee"))


def first(tree):
    return next(iter(audio_files(tree)))


def refusal(savee, tree):
    with pytest.raises(CorpusError) as caught:
        scan(savee, tree)
    return str(caught.value)


def test_whole_corpus(savee, forged_savee_whole):
    found = scan(savee, forged_savee_whole)
    assert len(found.utterances) == 480
    assert not found.partial
    assert [finding.kind for finding in found.findings] == ["altered"]  # forged, and says so
    ids = [utterance.id for utterance in found.utterances]
    assert ids == sorted(ids)
    one = found.utterances[0]
    assert one.id == "savee/DC/a01"
    assert (one.speaker, one.emotion, one.rate, one.channels) == ("DC", "anger", 16000, 1)
    assert one.duration == pytest.approx(inspect(one.audio).duration)


def test_fingerprint_is_of_the_content_and_not_the_layout(savee, tree, tmp_path):
    flat = tmp_path / "flat"
    flat.mkdir()
    for path in audio_files(tree):
        shutil.copy(path, flat / f"{path.parent.name}_{path.name}")
    assert scan(savee, tree).fingerprint == scan(savee, flat).fingerprint


def test_fingerprint_moves_with_a_single_sample(savee, tree):
    before = scan(savee, tree).fingerprint
    samples, rate = soundfile.read(first(tree), dtype="int16")
    samples[5] ^= 1
    soundfile.write(first(tree), samples, rate, subtype="PCM_16")
    assert scan(savee, tree).fingerprint != before


def test_missing_file_is_counted(savee, tree):
    first(tree).unlink()
    message = refusal(savee, tree)
    assert "label a: 59 utterances, 60 in" in message
    assert "speaker DC: 119 utterances, 120 in" in message
    found = scan(savee, tree, allow_partial=True)
    assert found.partial
    assert len(found.utterances) == 479


@pytest.mark.parametrize("damage", ["empty", "cut", "text", "zero"])
def test_damaged_file_is_named(savee, tree, damage):
    path = first(tree)
    whole = path.read_bytes()
    if damage == "zero":
        soundfile.write(path, np.zeros(0), 16000)
    else:
        path.write_bytes({"empty": b"", "cut": whole[:1000], "text": b"x" * 500}[damage])
    assert str(path) in refusal(savee, tree)
    found = scan(savee, tree, allow_partial=True)
    assert [f.kind for f in found.findings if str(path) in f.message] == ["damaged"]


def test_two_files_of_one_id(savee, tree):
    path = first(tree)
    other = tree / "copy" / path.parent.name / path.name
    other.parent.mkdir(parents=True)
    shutil.copy(path, other)
    message = refusal(savee, tree)
    assert "2 files of one id 'DC/a01'" in message
    assert str(path) in message
    assert str(other) in message


def test_a_mirrored_tree_is_read_once_and_said(savee, tree):
    """As some copies of SAVEE and RAVDESS hold it: every file twice."""
    mirror = tree / "AudioData" / "AudioData"
    for path in list(audio_files(tree)):
        target = mirror / path.parent.name / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    found = scan(savee, tree)
    assert len(found.utterances) == 480
    assert [finding.kind for finding in found.findings] == ["mirrored", "altered"]
    assert not found.partial
    samples, rate = soundfile.read(first(tree), dtype="int16")
    soundfile.write(first(tree), samples[:-1], rate, subtype="PCM_16")
    assert "2 files of one id" in refusal(savee, tree)


def test_foreign_sound_files_are_named(savee, tree):
    stray = tree / "AudioData" / "interview.wav"
    shutil.copy(first(tree), stray)
    assert str(stray) in refusal(savee, tree)


def test_companions_and_hidden_folders_are_passed_over(savee, tree):
    path = first(tree)
    (path.parent / f"._{path.name}").write_bytes(b"apple")
    for folder in ("__MACOSX", ".trash"):
        (tree / folder / "DC").mkdir(parents=True)
        shutil.copy(path, tree / folder / "DC" / path.name)
    assert len(scan(savee, tree).utterances) == 480


def test_a_loop_of_links_ends(savee, tree):
    (tree / "AudioData" / "again").symlink_to(tree)
    assert len(scan(savee, tree).utterances) == 480


def test_wrong_folders(savee, tmp_path):
    with pytest.raises(CorpusError, match="does not exist"):
        scan(savee, tmp_path / "none")
    (tmp_path / "file").touch()
    with pytest.raises(CorpusError, match="not a folder"):
        scan(savee, tmp_path / "file")
    (tmp_path / "empty").mkdir()
    with pytest.raises(CorpusError, match="holds no file of"):
        scan(savee, tmp_path / "empty", allow_partial=True)


def test_unreadable_folder(savee, tree):
    """As a user who is not root, since root may open anything."""
    (tree / "AudioData" / "JE").chmod(0)
    code = (
        "import os\n"
        "from pathlib import Path\n"
        "from serbench.corpus import Finding, audio_files\n"
        "if os.geteuid() == 0:\n    os.setgid(65534); os.setuid(65534)\n"
        "try:\n    list(audio_files(Path('.')))\n"
        "except Exception as error:\n    print(type(error).__name__, error)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=tree, capture_output=True, text=True, check=True
    )
    (tree / "AudioData" / "JE").chmod(0o755)
    assert ran.stdout.startswith("CorpusError")
    assert "cannot be opened: Permission denied" in ran.stdout


def test_index_forgets_what_changed(tmp_path):
    path = tmp_path / "a.wav"
    rng = np.random.default_rng(0)
    soundfile.write(path, rng.uniform(-0.5, 0.5, 1000), 16000)
    index = Inspected(tmp_path / "cache", tmp_path)
    before = index.sound(path, None, None)
    index.save()
    times = path.stat()
    again = Inspected(tmp_path / "cache", tmp_path)
    assert again.sound(path, None, None) == before
    # Same size, and the modification time set back: only the status-change time tells.
    soundfile.write(path, rng.uniform(-0.5, 0.5, 1000), 16000)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert Inspected(tmp_path / "cache", tmp_path).sound(path, None, None) != before


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"x": 3}'])
def test_torn_index_is_an_empty_one(tmp_path, content):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.zeros(100), 16000)
    index = Inspected(tmp_path / "cache", tmp_path)
    index.sound(path, None, None)
    index.save()
    (file,) = (tmp_path / "cache" / "sounds").iterdir()
    file.write_bytes(content)
    assert Inspected(tmp_path / "cache", tmp_path).sound(path, None, None).frames == 100


def test_cohort_fixes_classes_by_the_card(savee, tree):
    for path in list(audio_files(tree)):
        if path.name.startswith("d"):
            path.unlink()
    cohort = Cohort(savee, scan(savee, tree, allow_partial=True), OWN)
    assert "disgust" in cohort.task.names
    assert len(cohort.utterances) == 420


def test_label_space_merges_and_leaves_out(savee, forged_savee_whole):
    space = LabelSpace(
        "three", "", merge={"fear": "low", "sadness": "low", "surprise": None},
        task=Classes(("low", "anger", "neutral")),
    )  # fmt: skip
    cohort = Cohort(savee, scan(savee, forged_savee_whole), space)
    assert cohort.task.names == ("low", "anger", "neutral")
    assert np.bincount(cohort.y).tolist() == [120, 60, 120]


def test_label_space_of_one_class_is_refused(savee, forged_savee_whole):
    with pytest.raises(ProtocolError, match="leaves 1 class"):
        Cohort(
            savee, scan(savee, forged_savee_whole), LabelSpace("one", "", task=Classes(("anger",)))
        )


@pytest.mark.corpus("EMO-DB")
def test_real_emodb(real_corpus):
    corpus = load("corpora", "emodb")()
    found = scan(corpus, real_corpus("EMO-DB"))
    assert len(found.utterances) == 535
    assert found.findings == ()
    cohort = Cohort(corpus, found, OWN)
    assert cohort.task.names == (
        "fear", "disgust", "happiness", "boredom", "neutral", "sadness", "anger",
    )  # fmt: skip
    assert np.bincount(cohort.y).tolist() == [69, 46, 71, 81, 79, 62, 127]


def test_fingerprint_moves_with_what_a_label_means(savee, forged_savee_whole, monkeypatch):
    """Two maps of one corpus are two questions, whatever stands in the files."""
    before = scan(savee, forged_savee_whole).fingerprint
    monkeypatch.setattr(type(savee), "labels", {**savee.labels, "su": "excitement"})
    assert scan(savee, forged_savee_whole).fingerprint != before


def test_the_many_findings_of_one_kind_do_not_hide_the_cause(savee, tree):
    for number in range(30):
        shutil.copy(first(tree), tree / f"noise{number}.wav")
    (tree / "AudioData" / "DC" / "a01.wav").write_bytes(b"RIFF")
    message = refusal(savee, tree)
    assert "damaged: " in message
    assert "unclaimed: and 26 more" in message
    assert message.index("damaged: ") < message.index("unclaimed: ")


def test_a_partial_corpus_has_a_fingerprint_of_its_own(savee, tree):
    """A stray file costs no utterance, and yet the results of that folder stand apart."""
    whole = scan(savee, tree).fingerprint
    shutil.copy(first(tree), tree / "noise.wav")
    found = scan(savee, tree, allow_partial=True)
    assert len(found.utterances) == 480
    assert found.fingerprint != whole
    elsewhere = Path(shutil.copytree(tree, tree.with_name("elsewhere")))
    assert scan(savee, elsewhere, allow_partial=True).fingerprint == found.fingerprint


@pytest.mark.corpus("EMO-DB")
def test_of_two_copies_the_releases_own_is_used(real_corpus, tmp_path):
    """A mirror in which a file was cut: the other copy is whole, and all others are named."""
    emodb = load("corpora", "emodb")()
    tree = tmp_path / "emodb"
    for part in ("wav", "a/b/wav"):
        shutil.copytree(real_corpus("EMO-DB") / "wav", tree / part)
    for path in tree.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    samples, rate = soundfile.read(tree / "wav" / "03a01Fa.wav", dtype="int16")
    soundfile.write(tree / "wav" / "03a01Fa.wav", samples[100:], rate)
    found = scan(emodb, tree, allow_partial=True)
    assert [(f.kind, f.grave) for f in found.findings] == [("mirrored", False), ("repeated", True)]
    assert "534 of 535 files" in found.findings[0].message
    assert found.utterances[0].audio == tree / "a/b/wav/03a01Fa.wav"


def test_what_is_no_file_is_not_waited_for(savee, tree):
    os.mkfifo(tree / "AudioData" / "DC" / "a99.wav")
    assert "a99.wav is no regular file" in refusal(savee, tree)


def test_a_link_out_of_the_folder_is_not_followed(savee, tree):
    before = scan(savee, tree).utterances
    outside = tree.parent / "KL"
    outside.mkdir()
    shutil.copy(first(tree), outside / "n29.wav")
    (tree / "up").symlink_to(tree.parent)
    assert scan(savee, tree).utterances == before


def test_names_that_are_no_utf8(savee, tree, tmp_path):
    shutil.copy(first(tree), os.fsencode(tree) + b"/\xff\xfe.wav")
    cache = tmp_path / "cache"
    found = scan(savee, tree, allow_partial=True, cache=cache)
    (stray,) = [f for f in found.findings if f.kind == "unclaimed"]
    stray.message.encode()
    assert scan(savee, tree, allow_partial=True, cache=cache) == found


def test_numbers_that_are_none_are_refused(savee, tree, monkeypatch):
    real = type(savee).entries

    def entries(self, root):
        for entry in real(self, root):
            yield dataclasses.replace(entry, attributes={"valence": float("nan")})

    monkeypatch.setattr(type(savee), "entries", entries)
    with pytest.raises(CorpusError, match="nan"):
        scan(savee, tree)


def test_a_kind_that_a_guest_made_up_is_listed(savee, tree, monkeypatch):
    real = type(savee).entries

    def entries(self, root):
        yield Finding("odd", "something of my own")
        yield from real(self, root)

    monkeypatch.setattr(type(savee), "entries", entries)
    assert "odd: something of my own" in refusal(savee, tree)


@pytest.mark.parametrize("root", [".", "./", "../savee", "./AudioData/.."])
def test_a_folder_under_any_of_its_names(savee, tree, monkeypatch, root):
    expected = scan(savee, tree)
    monkeypatch.chdir(tree)
    found = scan(savee, Path(root))
    assert found.fingerprint == expected.fingerprint
    assert [finding.kind for finding in found.findings] == ["altered"]
