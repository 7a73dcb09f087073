"""A stranger's archive writes nothing outside of its folder, and nothing without end."""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from serbench.connecting import DownloadError
from serbench.merging import arriving
from serbench.unpacking import unpack

TRIAL = f"trials/ab/ab{'0' * 62}/trial.json"


def tar(path: Path, *members: tuple[tarfile.TarInfo, bytes], mode: str = "w") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for member, content in members:
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", mode: int = 0o644):
    made = tarfile.TarInfo(name)
    made.type, made.linkname, made.mode = kind, link, mode
    return made


def arrived(path: Path) -> tuple[dict[str, bytes], list[str]]:
    """What a merge takes of an archive, and what it refuses."""
    refused: list[str] = []
    taken: dict[str, bytes] = {}
    for folder in arriving.arriving(path, lambda what, why: refused.append(f"{what}: {why}")):
        for file in folder.rglob("*"):
            assert not file.is_symlink()
            if file.is_file():
                assert not file.stat().st_mode & (stat.S_ISUID | stat.S_IXUSR)
                taken[str(file.relative_to(folder))] = file.read_bytes()
    return taken, refused


@pytest.mark.parametrize(
    "odd",
    [
        member("../../escaped.json"), member("/tmp/escaped.json"), member(f"../{TRIAL}"),
        member(f"a/../../{TRIAL}"), member(TRIAL.replace("trial.json", "../../../x.json")),
        member(TRIAL, tarfile.SYMTYPE, "/etc/passwd"), member(TRIAL, tarfile.LNKTYPE, "../x"),
        member(TRIAL, tarfile.CHRTYPE), member(TRIAL, tarfile.BLKTYPE),
        member(TRIAL, tarfile.FIFOTYPE),
        member("trials/ab", tarfile.SYMTYPE, "/tmp"),
    ],
    ids=lambda one: f"{one.type!r} {one.name[:30]}",
)  # fmt: skip
def test_a_tar_brings_plain_files_of_results_alone(tmp_path, odd):
    good = member(TRIAL.replace("ab", "cd"))
    path = tar(tmp_path / "a.tar", (odd, b""), (good, b"{}"))
    taken, refused = arrived(path)
    assert taken == {TRIAL.replace("ab", "cd"): b"{}"}
    assert len(refused) == 1
    assert "a.tar" in refused[0]
    assert [file.name for file in tmp_path.iterdir()] == ["a.tar"]


def test_modes_are_not_taken_over(tmp_path):
    taken, refused = arrived(tar(tmp_path / "a.tar", (member(TRIAL, mode=0o4777), b"{}")))
    assert taken == {TRIAL: b"{}"}
    assert not refused


def test_a_compressed_tar_of_nothing_but_blanks_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(arriving, "ALWAYS", 1 << 20)
    path = tar(tmp_path / "a.tar.gz", (member(TRIAL), bytes(1 << 25)), mode="w:gz")
    assert path.stat().st_size < 1 << 16
    taken, (refused,) = arrived(path)
    assert not taken
    assert "far more bytes" in refused
    assert str(path) in refused


@pytest.mark.parametrize("name", ["../out.wav", "/out.wav", "a/../../out.wav", "C:\\out.wav"])
def test_a_zip_writes_nothing_outside(tmp_path, name):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("in.wav", b"1")
        archive.writestr(name, b"2")
    with pytest.raises(DownloadError, match="leads out"):
        unpack(tmp_path / "a.zip", tmp_path / "here" / "there")
    assert not list(tmp_path.rglob("*.wav"))


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO])
def test_a_zip_holds_plain_files_alone(tmp_path, kind):
    info = zipfile.ZipInfo("a.wav")
    info.create_system, info.external_attr = 3, (kind | 0o4777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(info, b"/etc/passwd")
    with pytest.raises(DownloadError, match=r"is a link|is no file"):
        unpack(tmp_path / "a.zip", tmp_path / "here")


def test_a_file_from_a_zip_is_not_executable(tmp_path):
    info = zipfile.ZipInfo("a.wav")
    info.create_system, info.external_attr = 3, (stat.S_IFREG | 0o4777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(info, b"sound")
    unpack(tmp_path / "a.zip", tmp_path / "here")
    assert not (tmp_path / "here" / "a.wav").stat().st_mode & (stat.S_ISUID | stat.S_IXUSR)
