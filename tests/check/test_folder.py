"""The check of a folder: every state that a file can be in, planted."""

from __future__ import annotations

import shutil

import pytest
import soundfile

from serbench.check import KnownSounds, check_folder
from serbench.check.contents import contents
from serbench.check.report import STATES
from serbench.scan import scan


def test_intact(folder, toy):
    report = folder.report(toy)
    assert report.verdict == "whole"
    assert report.basis == "checksums"
    assert report.counts["intact"] == 8
    assert not folder.states(report)
    assert report.record()["files"] == []
    assert report.record()["counts"] == {"expected": 8, **dict.fromkeys(STATES, 0), "intact": 8}
    assert report.reason == "of 8 files: 8 intact"
    assert (report.corpus, report.folder, report.release) == ("toy", str(folder.root), "Toy 1")


def test_a_lossless_copy_is_whole(folder, toy):
    first, second, third, *_ = folder.files
    flac = (folder.root / first).with_suffix(".flac")
    soundfile.write(flac, folder.sound(first), 16000, "PCM_16")
    (folder.root / first).unlink()
    folder.add_chunk(second)
    content = bytearray((folder.root / third).read_bytes())
    content[28] ^= 1  # the byte rate, which no decoder heeds: as long as the original
    (folder.root / third).write_bytes(content)
    report = folder.report(toy)
    assert report.verdict == "whole"
    assert folder.states(report) == {
        first: ("lossless-copy", "FLAC file"),
        second: ("lossless-copy", "other header or chunks"),
        third: ("lossless-copy", "other header or chunks"),
    }
    assert report.reason == "of 8 files: 5 intact, 3 lossless-copy"


def test_quick_compares_no_bytes(folder, toy):
    folder.add_chunk(folder.files[0])
    report = folder.report(toy, quick=True)
    assert report.verdict == "whole"
    assert report.counts["same-sound"] == 8
    assert "bytes were not compared" in report.notes[0]
    assert not folder.report(toy).notes


def test_one_flipped_sample(folder, toy):
    name = folder.files[3]
    samples = folder.sound(name)
    samples[100] ^= 1
    folder.write(name, samples)
    for quick, good in ((False, "intact"), (True, "same-sound")):
        report = folder.report(toy, quick=quick)
        assert report.verdict == "altered"
        assert not report.partial
        told = folder.states(report)[name]
        assert told == ("altered", "other samples of the same rate, channels and length")
        assert report.reason == f"of 8 files: 7 {good}, 1 altered"


def test_swapped_files(folder, toy):
    first, second = folder.files[0], folder.files[5]
    folder.write(first, folder.sound(second))
    folder.write(second, folder.sound(first))
    report = folder.report(toy)
    assert report.verdict == "altered"
    assert folder.states(report) == {
        first: ("altered", f"holds the sound of {second}"),
        second: ("altered", f"holds the sound of {first}"),
    }
    assert report.duplicates == ()


@pytest.mark.parametrize(("name", "state"), [("bob_sad_9", "surplus"), ("new", "unclaimed")])
def test_renamed_file(folder, toy, name, state):
    first = folder.files[0]
    (folder.root / first).rename(folder.root / f"{name}.wav")
    report = folder.report(toy)
    assert report.verdict == "not whole"
    assert not report.partial
    assert folder.states(report) == {
        first: ("missing", f"its sound stands under {name}.wav"),
        f"{name}.wav": (state, f"holds the sound of {first}"),
    }


@pytest.mark.parametrize("length", [0, 20, 400])
def test_damaged_file(folder, toy, length):
    path = folder.root / folder.files[2]
    path.write_bytes(path.read_bytes()[:length])
    report = folder.report(toy)
    assert report.verdict == "not whole"
    assert not report.partial
    ((file, (state, detail)),) = folder.states(report).items()
    assert (file, state) == (path.name, "damaged")
    assert detail.startswith("is ")
    assert str(folder.root) not in detail


def test_missing_files(folder, toy):
    for name in folder.files[:5]:
        (folder.root / name).unlink()
    report = folder.report(toy)
    assert report.verdict == "not whole"
    assert report.partial
    assert folder.states(report) == dict.fromkeys(folder.files[:5], ("missing", ""))
    assert report.findings == ()
    assert report.reason == "of 8 files: 3 intact, 5 missing"


def test_named_by_annotations_and_not_there(folder, toy):
    first = folder.files[0]
    (folder.root / first).unlink()
    (folder.root / "list.txt").write_text(f"{first} ann_happy_8.wav")
    assert folder.states(folder.report(toy)) == {
        first: ("missing", ""),
        "ann_happy_8.wav": ("missing", "the annotations name it, the release does not"),
    }


def test_files_of_another_corpus(folder, toy, other):
    owner = folder.corpus(other.release("Other"), name="other")
    for source, target in (
        ("x1.wav", "ann_sad_7.wav"),
        ("x2.wav", "stray.wav"),
        ("x1.wav", folder.files[7]),
        ("x2.wav", "noise.wav"),  # the corpus says that it is its own
    ):
        shutil.copy(other.root / source, folder.root / target)
    report = folder.report(toy, KnownSounds([toy, owner]))
    assert folder.states(report) == {
        folder.files[7]: ("altered", "holds the sound of other x1.wav"),
        "ann_sad_7.wav": ("surplus", "holds the sound of other x1.wav"),
        "stray.wav": ("unclaimed", "holds the sound of other x2.wav"),
    }
    assert report.duplicates == (("toy/ann_sad_7", "toy/bob_sad_2"),)


def test_a_stray_that_nobody_knows(folder, toy):
    (folder.root / "stray.wav").write_bytes(b"RIFF")
    folder.write("tone.wav", folder.sound("tone"))
    assert folder.states(folder.report(toy)) == {
        "stray.wav": ("unclaimed", "cannot be decoded"),
        "tone.wav": ("unclaimed", ""),
    }


def test_a_label_that_the_adapter_does_not_know(folder, toy):
    folder.copy(folder.files[0], "bob_odd_1.wav")
    report = folder.report(toy)
    assert report.verdict == "not whole"
    assert folder.states(report) == {
        "bob_odd_1.wav": ("surplus", f"holds the sound of {folder.files[0]}")
    }
    assert [finding.kind for finding in report.findings] == ["unknown-label"]


def test_second_copies(folder, toy):
    first, second, third, *_ = folder.files
    folder.copy(first, f"more/{first}")
    folder.write(f"more/{second}", folder.sound(second)[:-2])
    folder.copy(third, "more/again.wav")
    report = folder.report(toy)
    assert report.verdict == "not whole"
    assert not report.partial
    assert report.counts["intact"] == 8
    assert folder.states(report) == {
        first: ("repeated", f"again as more/{first}: intact"),
        second: (
            "repeated",
            f"again as more/{second}: altered, 0.050 s instead of 0.050 s (2 samples fewer)",
        ),
        "more/again.wav": ("unclaimed", f"holds the sound of {third}"),
    }


@pytest.mark.parametrize("suffix", [".WAV", ".flac"])
def test_of_two_names_of_a_sound_the_other_is_extra(folder, toy, suffix):
    """Whichever the scan has taken: the one that comes first by its path."""
    first = folder.files[0]
    extra = first.replace(".wav", suffix)
    if suffix == ".WAV":
        folder.copy(first, extra)
    else:
        soundfile.write(folder.root / extra, folder.sound(first), 16000, "PCM_16")
    (used,) = (
        u.audio.name
        for u in scan(toy, folder.root, allow_partial=True).utterances
        if u.file == first
    )
    assert used == extra  # or the test would show nothing
    report = folder.report(toy)
    assert report.counts["intact"] == 8
    state = "intact" if suffix == ".WAV" else "lossless-copy, FLAC file"
    assert folder.states(report) == {first: ("repeated", f"again as {extra}: {state}")}


@pytest.mark.parametrize("suffix", [".wav", ".WAV"])
def test_of_two_sounds_of_a_name_that_which_the_scan_took(folder, toy, suffix):
    """What is measured is what is judged, whatever it is called."""
    first = folder.files[0]
    folder.copy(first, first.replace(".wav", ".WAV"))
    folder.write(first.replace(".wav", suffix), folder.sound("another"))
    found = scan(toy, folder.root, allow_partial=True)
    (taken,) = (u.audio for u in found.utterances if u.file == first)
    here = contents(toy, found)
    assert [one.path for one in here.used if one.file == first] == [taken]
    assert [one.path for one in here.repeated] != [taken]


def test_a_mirrored_tree_is_whole(folder, toy):
    shutil.copytree(folder.root, folder.root / "again")
    report = folder.report(toy)
    assert report.verdict == "whole"
    assert report.counts["intact"] == 8
    assert [finding.kind for finding in report.findings] == ["mirrored"]


def test_forged(folder, toy):
    for name in folder.files:
        folder.write(name, folder.sound(f"forged {name}", 700), 8000)
    report = folder.report(toy)
    assert report.verdict == "altered"
    assert report.counts["altered"] == 8
    assert report.reason == (
        "no sound here is the release's: all 8 of its names that are here are forged, resampled, "
        "cut, re-encoded or swapped (0.087 s instead of 0.050 s, 8000 Hz instead of 16000)"
    )


def test_an_adapter_that_finds_sounds_altered(folder):
    """As that of a table with checksums does."""
    (folder.root / "said.txt").write_text("altered: its SHA-256 is another one")
    assert folder.report(folder.corpus(folder.release(manifest=False))).verdict == "altered"


@pytest.mark.parametrize("kind", ["missing", "repeated", "surplus", "damaged", "annotation"])
@pytest.mark.parametrize("checksums", [True, False])
def test_what_the_adapter_says_is_kept(folder, toy, kind, checksums):
    """Beside the files that are missing, repeated and so on by themselves."""
    corpus = toy if checksums else folder.corpus(folder.release(manifest=False))
    (folder.root / "said.txt").write_text(f"{kind}: a page was torn out")
    report = folder.report(corpus)
    assert [(one.kind, one.message) for one in report.findings] == [(kind, "a page was torn out")]
    assert report.verdict == "not whole"
    assert report.partial == (kind == "missing")


def test_progress_ends_at_the_whole(folder, toy):
    seen = []
    folder.write("tone.wav", folder.sound("tone"))
    found = scan(toy, folder.root, allow_partial=True)
    check_folder(toy, found, KnownSounds([]), progress=lambda *done: seen.append(done))
    assert seen[0] == (1, 9)  # the stray one is read, then all nine are compared
    assert seen[-1] == (10, 10)
    assert seen == sorted(seen)


def test_what_could_not_be_compared_is_said(folder, toy, tmp_path):
    broken = folder.corpus(folder.release("Broken"), name="broken")
    broken.card.standard.manifest.write_text("nothing")
    folder.write("tone.wav", folder.sound("tone"))
    (note,) = folder.report(toy, KnownSounds([broken])).notes
    assert note.startswith("its sounds were not compared: ")
    assert "Broken.csv" in note
