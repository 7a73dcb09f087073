"""What was read, held against the card: which release it is, and where it differs."""

import dataclasses
import shutil
from typing import ClassVar

import pytest

from serbench.corpus import Corpus, CorpusCard, Defect, Release, Utterance
from serbench.reconcile import reconcile
from serbench.registry import load
from serbench.scan import scan

RELEASE = Release("Toy 1", {"a": 2, "b": 1}, {"ann": 2, "bob": 1})


def toy(*releases):
    class Toy(Corpus):
        card = CorpusCard("toy", "Toy", "-", "-", "-", "@misc{toy,}", releases)
        labels: ClassVar = {"a": "anger", "b": "boredom"}

        def entries(self, root):
            raise NotImplementedError

    return Toy()


def said(file, speaker, native, samples, channels=1):
    return Utterance(
        id=f"toy/{file}", audio=None, file=file, speaker=speaker, native=native, corpus="toy",
        emotion="-", rate=8000, channels=channels, duration=1.0, samples=samples,
    )  # fmt: skip


WHOLE = [said("1", "ann", "a", "x"), said("2", "bob", "a", "y"), said("3", "ann", "b", "z")]


def found(utterances, *releases):
    release, findings = reconcile(toy(*releases), utterances)
    return release.name, [(f.kind, f.message, f.grave) for f in findings]


def test_whole():
    assert found(WHOLE, RELEASE) == ("Toy 1", [])


def test_the_nearest_release_is_named():
    larger = Release("Toy 2", {"a": 20, "b": 10}, {"ann": 30})
    assert found(WHOLE, larger, RELEASE)[0] == "Toy 1"


def test_counts_that_differ():
    _, findings = found(WHOLE[:2], RELEASE)
    assert findings == [
        ("count", "label b: 0 utterances, 1 in Toy 1", True),
        ("count", "speaker ann: 1 utterances, 2 in Toy 1", True),
    ]


def test_numbers_that_nobody_published_are_not_held_against_anyone():
    unknown = dataclasses.replace(RELEASE, speakers={"ann": None, "bob": 1})
    assert found(WHOLE, unknown) == ("Toy 1", [])
    assert found(WHOLE, dataclasses.replace(RELEASE, speakers={})) == ("Toy 1", [])
    stranger = [*WHOLE[:2], said("3", "eve", "b", "z")]
    assert ("count", "speaker eve: 1 utterances, 0 in Toy 1", True) in found(stranger, unknown)[1]


def test_a_sound_under_two_ids():
    twice = [*WHOLE[:2], said("3", "ann", "b", "x")]
    ((kind, message, grave),) = found(twice, RELEASE)[1]
    assert (kind, grave) == ("duplicate", False)
    assert "2 utterances" in message
    assert "1 = 3" in message
    known = dataclasses.replace(
        RELEASE, defects=(Defect("duplicate", ("3", "1"), "1 and 3 are one take"),)
    )
    assert found(twice, known)[1] == [("known-defect", "1 and 3 are one take", False)]
    assert found(WHOLE, known)[1] == []


def test_files_with_other_channels():
    stereo = [*WHOLE[:2], said("3", "ann", "b", "z", channels=2)]
    ((kind, message, grave),) = found(stereo, RELEASE)[1]
    assert (kind, grave) == ("altered", False)
    assert "1 files have another number of channels" in message
    known = dataclasses.replace(RELEASE, defects=(Defect("channels", ("3",), "3 is stereo"),))
    assert found(stereo, known)[1] == [("known-defect", "3 is stereo", False)]


@pytest.fixture
def savee():
    return load("corpora", "savee")()


def test_a_missing_and_a_foreign_file_do_not_cancel_out(savee, forged_savee_whole, tmp_path):
    """Counts alone would call this folder whole."""
    tree = shutil.copytree(forged_savee_whole, tmp_path / "savee")
    gone = tree / "AudioData" / "DC" / "a07.wav"
    gone.rename(gone.with_name("a77.wav"))
    findings = scan(savee, tree, allow_partial=True).findings
    assert [(f.kind, f.grave) for f in findings] == [
        ("missing", True), ("surplus", True), ("altered", False),
    ]  # fmt: skip
    assert "DC/a07.wav" in findings[0].message
    assert "DC/a77.wav" in findings[1].message


def test_altered_sounds_are_counted(savee, forged_savee_whole):
    (finding,) = scan(savee, forged_savee_whole).findings
    assert finding.kind == "altered"
    assert finding.message.startswith("480 of 480 sounds are not those of SAVEE")


def test_a_part_of_a_release_is_not_taken_for_a_smaller_one():
    """Four actors of RAVDESS's speech have fewer files than its songs, and labels songs lack."""
    smaller = Release("Toy 0", {"a": 2}, {"ann": 2})
    larger = Release("Toy 9", {"a": 4, "b": 4}, {"ann": 8})
    assert found(WHOLE, smaller, larger)[0] == "Toy 9"


def test_a_part_of_the_odd_files_is_not_the_known_defect():
    odd = dataclasses.replace(RELEASE, defects=(Defect("channels", ("2", "3"), "both stereo"),))
    stereo = [*WHOLE[:2], said("3", "ann", "b", "z", channels=2)]
    assert [kind for kind, _, _ in found(stereo, odd)[1]] == ["altered"]
