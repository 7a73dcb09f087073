"""Which release a folder is, where no checksums are known, and sounds that corpora share."""

from __future__ import annotations

import shutil

from serbench.check import KnownSounds, shared_sounds
from serbench.corpus import Release
from serbench.manifest import read_manifest
from serbench.registry import load
from serbench.scan import scan


def test_without_checksums(folder, other):
    corpus = folder.corpus(folder.release(manifest=False))
    report = folder.report(corpus)
    assert report.verdict == "whole"
    assert report.basis == "names and counts"
    assert report.notes == (
        "no manifest is known of Toy 1: held against its card and its label files alone",
    )
    assert report.reason == "of 8 utterances: 8 readable"
    assert report.record()["files"] == []

    first = folder.files[0]
    shutil.copy(other.root / "x1.wav", folder.root / first)
    owner = folder.corpus(other.release("Other"), name="other")
    told = folder.report(corpus, KnownSounds([corpus, owner]))
    assert told.verdict == "whole"
    assert told.record()["files"] == [
        {"file": first, "state": "readable", "detail": "holds the sound of other x1.wav"}
    ]


def test_missing_and_damaged_without_checksums(folder):
    corpus = folder.corpus(folder.release(manifest=False))
    first, second, third, *_ = folder.files
    (folder.root / first).unlink()
    missing = folder.report(corpus)
    assert missing.verdict == "not whole"
    assert missing.partial
    assert {finding.kind for finding in missing.findings} == {"count"}
    (folder.root / "list.txt").write_text(first)
    (folder.root / second).write_bytes(b"")
    folder.copy(third, f"more/{third}")
    folder.write("tone.wav", folder.sound("tone"))
    worse = folder.report(corpus)
    assert not worse.partial
    assert {one.file: one.state for one in worse.states if one.state != "readable"} == {
        first: "missing", second: "damaged", third: "repeated", "tone.wav": "unclaimed",
    }  # fmt: skip


def test_more_than_the_release_has_is_not_partial(folder):
    corpus = folder.corpus(folder.release(manifest=False))
    (folder.root / folder.files[7]).unlink()
    assert folder.report(corpus).partial
    folder.write("ann_happy_3.wav", folder.sound("more"))
    more = folder.report(corpus)
    assert more.verdict == "not whole"
    assert not more.partial


def test_the_same_file_of_another_release_is_no_news(folder, toy):
    """What a release without checksums shares with one that has them, under the same name."""
    folder.copy(folder.files[0], "ann_happy_3.wav")
    for take in (3, 4, 5):
        folder.write(f"bob_happy_{take}.wav", folder.sound(f"more {take}"))
    later = Release("Toy 2", {"happy": 8, "sad": 4}, {"ann": 5, "bob": 7})
    corpus = folder.corpus(toy.card.standard, later)
    report = folder.report(corpus, KnownSounds([corpus]))
    assert report.release == "Toy 2"
    assert report.notes[1] == "8 of 12 sounds are those of another release, by name and sound"
    assert report.record()["files"] == [
        {
            "file": "ann_happy_3.wav",
            "state": "altered",
            "detail": f"holds the sound of toy {folder.files[0]}",
        }
    ]
    assert report.verdict == "altered"  # two of the corpus's sounds were swapped, or one copied


def test_names_and_sounds_tell_releases_of_the_same_counts(folder, toy):
    renamed = [name.replace("_1", "_3") for name in folder.files]
    for name, new in zip(folder.files, renamed, strict=True):
        (folder.root / name).rename(folder.root / new)
    thirds = folder.release("Thirds")
    for name in folder.files:
        if not (folder.root / name).exists():
            (folder.root / name.replace("_1", "_3")).rename(folder.root / name)
        folder.write(name, folder.sound(name)[::2], 8000)
    slow = folder.release("Slow")
    nobody = Release("Another", {"happy": 9, "sad": 0}, {"ann": 9})
    corpus = folder.corpus(nobody, toy.card.standard, slow, thirds)

    assert (folder.report(corpus).release, folder.report(corpus).verdict) == ("Slow", "whole")
    folder.write(folder.files[0], folder.sound("another"))
    assert folder.report(corpus).release == "Slow"
    for name in folder.files:
        folder.write(name, folder.sound(name))
    assert (folder.report(corpus).release, folder.report(corpus).verdict) == ("Toy 1", "whole")
    for name, new in zip(folder.files, renamed, strict=True):
        (folder.root / name).rename(folder.root / new)
    (folder.root / folder.files[1]).unlink()
    report = folder.report(corpus)
    assert (report.release, report.partial) == ("Thirds", True)


def test_sounds_that_two_corpora_share(folder, toy, other):
    for name in folder.files[1:]:
        shutil.copy(folder.root / name, other.root / name)
    second = folder.corpus(folder.release(manifest=False), name="other")
    scans = [
        scan(corpus, one.root, allow_partial=True)
        for corpus, one in ((toy, folder), (second, other))
    ]
    shared = shared_sounds(utterance for found in scans for utterance in found.utterances)
    assert shared == [(f"other/{name[:-4]}", f"toy/{name[:-4]}") for name in folder.files[1:]]
    assert shared_sounds(scans[0].utterances) == []


def test_known_sounds(folder, toy):
    broken = folder.corpus(folder.release("Broken"), name="broken")
    broken.card.standard.manifest.write_text("nothing")
    silent = folder.corpus(folder.release(manifest=False), name="silent")
    known = KnownSounds([broken, toy, silent])
    assert known.unread == []  # nothing is read before it is asked
    manifest = read_manifest(toy.card.standard.manifest)
    held = known.holding(manifest[folder.files[0]].samples)
    assert [str(one) for one in held] == [f"toy {folder.files[0]}"]
    assert known.holding("0" * 64) == ()
    assert len(known.unread) == 1
    assert "Broken.csv" in known.unread[0]


def test_known_sounds_of_every_registered_corpus():
    for name, file in (("emodb", "03a01Fa.wav"), ("savee", "DC/a01.wav")):
        manifest = load("corpora", name).card.standard.manifest
        (held,) = KnownSounds().holding(read_manifest(manifest)[file].samples)
        assert (held.corpus, held.file) == (name, file)
