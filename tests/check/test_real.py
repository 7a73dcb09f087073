"""The check on real corpora, and on a forged one of full size."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import soundfile

from serbench.check import check_folder
from serbench.registry import load
from serbench.scan import scan

MANIFESTS = Path(__file__).parents[2] / "corpora" / "serbench_corpora" / "manifests"


def report(name, folder):
    """A report, where the adapter's usual release has its manifest."""
    corpus = load("corpora", name)()
    return check_folder(corpus, scan(corpus, folder, allow_partial=True))


def test_forged_savee(forged_savee_whole):
    found = report("savee", forged_savee_whole)
    assert found.verdict == "altered"
    assert found.counts["altered"] == 480
    assert "forged" in found.reason
    assert "16000 Hz instead of 44100" in found.reason


@pytest.mark.corpus("EMO-DB")
def test_emodb(real_corpus):
    found = report("emodb", real_corpus("EMO-DB"))
    assert found.verdict == "whole"
    assert found.counts["intact"] == 535
    assert found.release == "EMO-DB (Burkhardt et al., 2005)"


@pytest.mark.corpus("RAVDESS")
def test_ravdess(real_corpus):
    found = report("ravdess", real_corpus("RAVDESS"))
    assert found.verdict == "whole"
    assert found.counts["intact"] == 6
    assert found.counts["lossless-copy"] == 1434
    assert {one.kind: one.state for one in found.known_defects} == {
        "duplicate": "verified",
        "channels": "verified",
    }
    assert found.duplicates == ()
    assert found.findings == ()


@pytest.mark.corpus("EMOVO-excerpt")
def test_emovo_excerpt(real_corpus):
    found = report("emovo", real_corpus("EMOVO-excerpt"))
    assert found.verdict == "not whole"
    assert found.partial
    assert found.counts["intact"] == 10
    assert found.counts["missing"] == 578
    defects = {one.kind: one.state for one in found.known_defects}
    assert defects["channels"] == "verified"
    assert defects["identical-channels"] == "unknown"


@pytest.mark.corpus("EMO-DB")
def test_emodb_with_faults(real_corpus, tmp_path):
    """Real files, one of each treated as it happens to them."""
    source = real_corpus("EMO-DB") / "wav"
    names = ("03a01Fa", "03a01Nc", "03a01Wa", "08a01Ab", "08a01Fd", "16b10Wb", "08a01Na")
    for name in names:
        shutil.copyfile(source / f"{name}.wav", tmp_path / f"{name}.wav")
    intact, flipped, cut, renamed, recoded, slow, covered = names

    def rewrite(name, samples, rate, suffix=".wav"):
        (tmp_path / f"{name}.wav").unlink()
        soundfile.write(tmp_path / f"{name}{suffix}", samples, rate, "PCM_16")

    def samples(name):
        return soundfile.read(tmp_path / f"{name}.wav", dtype="int16")[0]

    one_off = samples(flipped)
    one_off[5000] ^= 1
    rewrite(flipped, one_off, 16000)
    (tmp_path / f"{cut}.wav").write_bytes((source / f"{cut}.wav").read_bytes()[:20000])
    rewrite(recoded, samples(recoded), 16000, ".flac")
    rewrite(slow, samples(slow)[::2], 8000)
    (tmp_path / f"{renamed}.wav").rename(tmp_path / f"{covered}.wav")
    found = report("emodb", tmp_path)
    states = {one.file: (one.state, one.detail) for one in found.states}
    assert states[f"{intact}.wav"][0] == "intact"
    assert states[f"{flipped}.wav"][0] == "altered"
    assert states[f"{cut}.wav"][0] == "damaged"
    assert states[f"{recoded}.wav"] == ("lossless-copy", "FLAC file")
    assert states[f"{slow}.wav"] == ("altered", "8000 Hz instead of 16000")
    assert states[f"{covered}.wav"] == ("altered", f"holds the sound of {renamed}.wav")
    assert states[f"{renamed}.wav"] == ("missing", f"its sound stands under {covered}.wav")
    assert found.counts["missing"] == 535 - 6
    assert found.verdict == "altered"
