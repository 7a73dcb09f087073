"""Manifests: what is read, what is refused, and that those that ship are of the real corpora."""

from __future__ import annotations

import csv
import importlib.util
import lzma
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from serbench.audio import inspect
from serbench.corpus import Corpus, Entry, Release
from serbench.errors import CorpusError
from serbench.manifest import COLUMNS, Fingerprint, read_manifest
from serbench.registry import load, registered

REPOSITORY = Path(__file__).resolve().parents[1]
SHIPPED = REPOSITORY / "corpora" / "serbench_corpora" / "manifests"
# facts/corpora.md, section 1: files, and those of each format (Hz, channels).
FORMATS = {
    "casia": {(16000, 1): 1200},
    "emodb": {(16000, 1): 535},
    "emovo": {(48000, 2): 587, (48000, 1): 1},
    "ravdess": {(48000, 1): 1435, (48000, 2): 5},
    "savee": {(44100, 1): 480},
}
ONE = ("DC/a01.wav", "44", "ab" * 32, "16000", "1", "10", "cd" * 32)
TWO = ("DC/a02.wav", "46", "ef" * 32, "16000", "2", "11", "cd" * 32)


def write(path: Path, *rows: tuple[str, ...], heading: tuple[str, ...] = COLUMNS) -> Path:
    text = "".join(",".join(row) + "\n" for row in (heading, *rows)).encode()
    path.write_bytes(lzma.compress(text) if path.suffix == ".xz" else text)
    return path


@pytest.mark.parametrize("name", ["some.csv", "some.csv.xz"])
def test_what_is_read(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, TWO, ONE)
    manifest = read_manifest(path)
    assert list(manifest) == ["DC/a02.wav", "DC/a01.wav"]
    assert manifest["DC/a01.wav"] == Fingerprint(
        file="DC/a01.wav", bytes=44, sha256="ab" * 32, rate=16000, channels=1, frames=10,
        samples="cd" * 32,
    )  # fmt: skip
    assert manifest["DC/a02.wav"].duration == 11 / 16000
    assert "DC/a03.wav" not in manifest
    assert manifest.holding("cd" * 32) == ("DC/a02.wav", "DC/a01.wav")
    assert manifest.holding("ef" * 32) == ()
    assert read_manifest(path) is manifest


def test_names_with_commas(tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([COLUMNS, ("a, b.wav", *ONE[1:])])
    assert list(read_manifest(path)) == ["a, b.wav"]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (ONE[:-1], "is no fingerprint"),
        ((*ONE, "more"), "is no fingerprint"),
        (("", *ONE[1:]), "is no fingerprint"),
        (("DC/a03.wav", "many", *ONE[2:]), "is no fingerprint"),
        (("DC/a03.wav", "0", *ONE[2:]), "is no fingerprint"),
        (("DC/a03.wav", "44", "ab" * 31, *ONE[3:]), "is no fingerprint"),
        (("DC/a03.wav", "44", "AB" * 32, *ONE[3:]), "is no fingerprint"),
        ((*ONE[:-1], "xy" * 32), "is no fingerprint"),
        (ONE, "names its file again"),
    ],
)
def test_bad_rows_are_refused(tmp_path: Path, row: tuple[str, ...], fault: str) -> None:
    path = write(tmp_path / "some.csv.xz", ONE, row)
    with pytest.raises(CorpusError, match=fault) as error:
        read_manifest(path)
    assert f"{path}, line 3" in str(error.value)
    assert "install" in error.value.advice


def test_another_table_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "some.csv", ONE, heading=("path", *COLUMNS[1:]))
    with pytest.raises(CorpusError, match="heading is 'path,bytes"):
        read_manifest(path)


def test_damaged_ones_are_refused(tmp_path: Path) -> None:
    whole = write(tmp_path / "whole.csv.xz", ONE, TWO).read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    broken = {
        "cut.csv.xz": whole[:-20],
        "flipped.csv.xz": bytes(flipped),
        "empty.csv.xz": b"",
        "text.csv.xz": b"file,bytes\n",
        "latin.csv": b"\xff\xfe\x00",
        "bare.csv.xz": lzma.compress(",".join(COLUMNS).encode() + b"\n"),
    }
    for name, content in broken.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(CorpusError, match=r"cannot be read|heading") as error:
            read_manifest(tmp_path / name)
        assert name in str(error.value)
    with pytest.raises(CorpusError, match="No such file"):
        read_manifest(tmp_path / "none.csv.xz")


@pytest.mark.parametrize("name", FORMATS)
def test_shipped(name: str) -> None:
    manifest = read_manifest(SHIPPED / f"{name}.csv.xz")
    assert Counter((one.rate, one.channels) for one in manifest.values()) == FORMATS[name]
    assert list(manifest) == sorted(manifest)
    assert len({one.sha256 for one in manifest.values()}) == len(manifest) - (name == "ravdess")
    twice = [files for one in manifest.values() if len(files := manifest.holding(one.samples)) > 1]
    official = ("Actor_07/03-01-03-01-02-01-07.wav", "Actor_07/03-01-03-01-02-02-07.wav")
    assert set(twice) == ({official} if name == "ravdess" else set())


@pytest.mark.parametrize("name", FORMATS)
def test_made_anew_it_is_the_same(name: str) -> None:
    facts = REPOSITORY.parent / "shared" / "facts" / "manifests"
    if not facts.is_dir():
        pytest.skip(f"{facts} does not exist")
    spec = importlib.util.spec_from_file_location(
        "make_manifests", REPOSITORY / "corpora" / "make_manifests.py"
    )
    assert spec is not None
    assert spec.loader is not None
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    packed = maker.packed(facts / f"{name}.csv", maker.PREFIXES[name])
    assert lzma.decompress(packed) == lzma.decompress((SHIPPED / f"{name}.csv.xz").read_bytes())
    with pytest.raises(ValueError, match="does not begin with elsewhere/"):
        maker.packed(facts / f"{name}.csv", "elsewhere/")


def releases() -> list[tuple[str, Release]]:
    """Every release that is registered and has a manifest."""
    return [
        (name, release)
        for name in registered("corpora")
        if (SHIPPED / f"{name}.csv.xz").is_file()
        for release in load("corpora", name).card.releases
        if release.manifest is not None
    ]


def test_which_have_one() -> None:
    assert {"emodb", "savee"} <= {name for name, _ in releases()}


@pytest.mark.parametrize(("name", "release"), releases(), ids=lambda value: str(value)[:12])
def test_it_has_the_names_and_counts_of_its_release(
    tmp_path: Path, name: str, release: Release
) -> None:
    """Empty files of the manifest's names are, to the adapter, the release's utterances."""
    assert release.manifest is not None
    manifest = read_manifest(release.manifest)
    for file in manifest:
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    corpus: Corpus = load("corpora", name)()
    entries = list(corpus.entries(tmp_path))
    assert all(isinstance(entry, Entry) for entry in entries)
    assert sorted(entry.file for entry in entries) == sorted(manifest)
    assert Counter(entry.native for entry in entries) == release.counts
    assert Counter(entry.speaker for entry in entries) == release.speakers
    odd = {file for defect in release.defects for file in defect.files}
    assert odd <= set(manifest)
    usual = Counter(one.channels for one in manifest.values()).most_common(1)[0][0]
    for defect in release.defects:
        if defect.kind == "channels":
            others = {file for file, one in manifest.items() if one.channels != usual}
            assert set(defect.files) == others
        if defect.kind == "duplicate":
            assert set(defect.files) == set(manifest.holding(manifest[defect.files[0]].samples))


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        pytest.param("EMO-DB", "emodb", marks=pytest.mark.corpus("EMO-DB")),
        pytest.param("EMOVO-excerpt", "emovo", marks=pytest.mark.corpus("EMOVO-excerpt")),
        pytest.param("RAVDESS", "ravdess", marks=pytest.mark.corpus("RAVDESS")),
    ],
)
def test_real_sounds_have_these_digests(
    real_corpus: Callable[[str], Path], folder: str, name: str
) -> None:
    manifest = read_manifest(SHIPPED / f"{name}.csv.xz")
    files = {Path(file).stem: one for file, one in manifest.items()}
    paths = [path for path in real_corpus(folder).rglob("*.*") if path.suffix in {".wav", ".flac"}]
    assert len(paths) == {"emodb": 535, "emovo": 10, "ravdess": 1440}[name]
    # Each EMO-DB and EMOVO file; of RAVDESS, whose decoding takes seconds, every eighth and WAV.
    for number, path in enumerate(sorted(paths)):
        if name == "ravdess" and number % 8 and path.suffix == ".flac":
            continue
        one, held = files[path.stem], inspect(path)
        assert (held.rate, held.channels, held.frames, held.samples) == (
            one.rate, one.channels, one.frames, one.samples,
        ), path  # fmt: skip
        if path.suffix == ".wav":
            assert path.stat().st_size == one.bytes
