"""What a release is known to have wrong with it is no fault of a folder."""

from __future__ import annotations

import numpy as np
import pytest

from serbench.corpus import Defect


@pytest.fixture
def odd(folder):
    """A toy corpus with defects as its authors distribute it."""
    files = folder.files
    folder.copy(files[0], files[1])
    folder.write(files[4], folder.sound(files[4], channels=2))
    defects = (
        Defect("duplicate", files[:2], "two takes are one recording"),
        Defect("channels", (files[4],), "one file is stereo"),
        Defect("level", files[6:], "two are quiet"),
        Defect("lore", (), "they were tired"),
    )
    return folder.corpus(folder.release("Odd 1", defects=defects))


def known(report):
    return {defect.kind: defect.state for defect in report.known_defects}


def test_seen_and_stated(folder, odd):
    report = folder.report(odd)
    assert report.verdict == "whole"
    assert not folder.states(report)
    assert report.duplicates == ()
    assert report.findings == ()
    assert known(report) == {
        "duplicate": "verified", "channels": "verified", "level": "stated", "lore": "general",
    }  # fmt: skip
    assert report.record()["known_defects"][0] == {
        "kind": "duplicate", "note": "two takes are one recording",
        "files": list(folder.files[:2]), "state": "verified",
    }  # fmt: skip


def test_bytes_that_were_not_compared(folder, odd):
    """All is here; what only the bytes tell was not looked at, and is no fault of the folder."""
    assert known(folder.report(odd, quick=True)) == {
        "duplicate": "verified", "channels": "verified", "level": "unlooked", "lore": "general",
    }  # fmt: skip
    (folder.root / folder.files[7]).unlink()
    assert known(folder.report(odd, quick=True))["level"] == "unknown"


def test_mended(folder, odd):
    first, second, stereo, quiet = (folder.files[number] for number in (0, 1, 4, 7))
    folder.write(second, folder.sound(second))
    folder.write(stereo, folder.sound(stereo))
    folder.add_chunk(quiet)
    report = folder.report(odd)
    assert report.verdict == "altered"
    assert known(report) == {
        "duplicate": "absent", "channels": "absent", "level": "unknown", "lore": "general",
    }  # fmt: skip
    assert folder.states(report)[stereo] == ("altered", "1 channel instead of 2")
    assert first not in folder.states(report)


def test_missing(folder, odd):
    for number in (0, 4, 6):
        (folder.root / folder.files[number]).unlink()
    report = folder.report(odd)
    assert report.partial
    assert known(report) == {
        "duplicate": "unknown", "channels": "unknown", "level": "unknown", "lore": "general",
    }  # fmt: skip


def test_usual_is_what_the_release_has_and_not_what_the_rest_has(folder, odd):
    """The stereo file alone, of a mono corpus."""
    for name in folder.files:
        if name != folder.files[4]:
            (folder.root / name).unlink()
    assert known(folder.report(odd))["channels"] == "verified"


def test_a_known_duplicate_hides_no_third_one(folder, odd):
    first, second, third, *_ = folder.files
    folder.copy(first, third)
    report = folder.report(odd)
    assert report.duplicates == (("toy/ann_happy_1", "toy/ann_happy_2", "toy/ann_sad_1"),)
    assert folder.states(report)[third] == ("altered", f"holds the sound of {first} = {second}")


def test_everything_in_stereo_is_no_oddity_of_a_few(folder, odd):
    for name in folder.files:
        folder.write(name, np.stack([folder.sound(name)] * 2, axis=1))
    states = {one.kind: one.state for one in folder.report(odd).known_defects}
    assert states["channels"] == "absent"
