"""Where a table's files stand, and where files of their names stand instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from serbench.tabled.disk import Disk, Mislaid


def mislaid(
    root: Path, there: tuple[str, ...], named: tuple[str, ...], files_in: str = ""
) -> Mislaid | None:
    for file in there:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).touch()
    return Disk(root).mislaid(named, "m.csv", files_in)


def test_all_of_them_below_one_folder(tmp_path: Path) -> None:
    found = mislaid(tmp_path, ("wav/a.wav", "wav/ann/b.WAV", "noise.wav"), ("a.wav", "ann/b.wav"))
    assert found is not None
    assert found.files_in == "wav"
    assert found.stand == {"a.wav", "ann/b.wav"}
    assert found.said == (
        "2 of 2 files of m.csv do not exist (a.wav, ann/b.wav); files of these names stand in wav/"
    )
    assert found.advice("w/corpus.toml") == (
        'set files_in = "wav" in w/corpus.toml, above its first section'
    )


def test_of_two_copies_the_shorter_path(tmp_path: Path) -> None:
    there = ("copy/wav/a.wav", "wav/a.wav", "wav/b.wav", "copy/wav/b.wav")
    found = mislaid(tmp_path, there, ("a.wav", "b.wav"))
    assert found is not None
    assert found.files_in == "wav"


def test_some_of_them(tmp_path: Path) -> None:
    """One is where the table says, one nowhere: no folder is right for all."""
    found = mislaid(tmp_path, ("a.wav", "wav/b.wav"), ("a.wav", "b.wav", "c.wav"))
    assert found is not None
    assert found.files_in is None
    assert found.lost == ("b.wav", "c.wav")
    assert found.stand == {"b.wav"}
    assert "2 of 3 files of m.csv do not exist" in found.said
    assert "files of 1 of these names stand in wav/" in found.said
    assert "name each by its path" in found.advice("corpus.toml")


def test_in_folders_of_their_own(tmp_path: Path) -> None:
    named = tuple(f"{who}{n}.wav" for who in "abcde" for n in (1, 2))
    found = mislaid(tmp_path, tuple(f"{file[0]}/{file}" for file in named), named)
    assert found is not None
    assert found.files_in is None
    assert "stand in a/, b/, c/ and 2 other folders" in found.said


def test_a_renamed_folder(tmp_path: Path) -> None:
    found = mislaid(tmp_path, ("audio/a.wav", "audio/b.wav"), ("wav/a.wav", "wav/b.wav"))
    assert found is not None
    assert found.files_in is None
    assert "stand in audio/" in found.said


@pytest.mark.parametrize(
    ("there", "files_in", "meant", "words"),
    [
        ("wav/a.wav", "wave", "wav", 'set files_in = "wav"'),
        ("a.wav", "wav", "", "take files_in out of"),
    ],
)
def test_another_files_in(
    tmp_path: Path, there: str, files_in: str, meant: str, words: str
) -> None:
    found = mislaid(tmp_path, (there,), (f"{files_in}/a.wav",), files_in)
    assert found is not None
    assert found.files_in == meant
    assert words in found.advice("corpus.toml")


@pytest.mark.parametrize(
    ("there", "named"),
    [
        (("wav/a.wav",), ("wav/a.wav",)),
        (("wav/a.wav",), ("WAV/a.flac",)),  # nearly its name
        (("wav/b.wav",), ("a.wav",)),  # nowhere
        (("wav/a.mp3",), ("wav/a.mp3",)),  # there, and no sound that can be read
        (("a.wav", "a.flac"), ("A.wav",)),  # a choice of two
        # A common name in another person's folder is no trace of one that is missing.
        (("eve/1.wav", "bob/1.wav"), ("ann/1.wav", "bob/1.wav")),
    ],
)
def test_nothing_to_say(tmp_path: Path, there: tuple[str, ...], named: tuple[str, ...]) -> None:
    assert mislaid(tmp_path, there, named) is None


def test_a_file_that_the_table_names_stands_for_no_other_row(tmp_path: Path) -> None:
    """a.wav, A.wav and a.flac are three rows: where one file is left, two are lost."""
    (tmp_path / "a.wav").write_bytes(b"")
    files = ["a.wav", "A.wav", "a.flac"]
    disk = Disk(tmp_path, files)
    assert [disk.path(file).exists() for file in files] == [True, False, False]
    assert disk.lost(files) == ["A.wav", "a.flac"]
