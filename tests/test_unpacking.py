"""Archives that a stranger may have made."""

import stat
import zipfile

import pytest

from serbench import unpacking
from serbench.connecting import DownloadError
from serbench.errors import StoreError
from serbench.unpacking import unpack


@pytest.fixture
def place(tmp_path):
    """A folder to unpack in, within one where nothing else may appear."""
    return tmp_path / "around" / "place"


def archive(tmp_path, *files, compression=zipfile.ZIP_DEFLATED):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", compression) as opened:
        for name, content in files:
            opened.writestr(name, content)
    return path


def refused(path, place, words, error=DownloadError):
    with pytest.raises(error, match=words):
        unpack(path, place)
    here = {file for file in place.parent.rglob("*") if file.is_file()}
    assert here == set()
    assert {file.name for file in path.parent.iterdir()} <= {path.name, place.parent.name}


def test_whole_tree(tmp_path, place):
    path = archive(tmp_path, ("wav/", b""), ("wav/a.wav", b"sound" * 1000), ("read\\me.txt", b"hi"))
    told = []
    unpack(path, place, lambda done, total: told.append((done, total)))
    assert (place / "wav" / "a.wav").read_bytes() == b"sound" * 1000
    assert (place / "read" / "me.txt").read_bytes() == b"hi"
    assert told[-1] == (5002, 5002)


def test_second_archive_beside_the_first(tmp_path, place):
    unpack(archive(tmp_path, ("Actor_01/a.wav", b"1")), place)
    unpack(archive(tmp_path, ("Actor_01/b.wav", b"2")), place)
    assert sorted(file.name for file in (place / "Actor_01").iterdir()) == ["a.wav", "b.wav"]
    with pytest.raises(DownloadError, match="there already"):
        unpack(archive(tmp_path, ("Actor_01/b.wav", b"3")), place)
    assert (place / "Actor_01" / "b.wav").read_bytes() == b"2"


@pytest.mark.parametrize(
    "name",
    ["../out.wav", "a/../../out.wav", "/tmp/out.wav", "..\\out.wav", "C:\\out.wav", "c:out.wav",
     "\\\\host\\share\\out.wav"],
)  # fmt: skip
def test_names_that_lead_out(tmp_path, place, name):
    refused(archive(tmp_path, ("good.wav", b"1"), (name, b"2")), place, "leads out of the folder")


@pytest.mark.parametrize(
    ("mode", "words"), [(stat.S_IFLNK, "is a link"), (stat.S_IFIFO, "is no file")]
)
def test_what_is_no_file(tmp_path, place, mode, words):
    info = zipfile.ZipInfo("link.wav")
    info.create_system = 3
    info.external_attr = (mode | 0o777) << 16
    refused(archive(tmp_path, ("good.wav", b"1"), (info, b"/etc/passwd")), place, words)


def test_bomb(tmp_path, place):
    refused(archive(tmp_path, ("a.wav", bytes(30_000_000))), place, "claim to hold 30000000")


def test_bomb_of_overlapping_files(tmp_path, place):
    """Many entries of the directory that share one packed body."""
    path = archive(tmp_path, ("a.wav", b"x" * 40))
    with zipfile.ZipFile(path, "a") as opened:
        first = opened.infolist()[0]
        for number in range(20):
            twin = zipfile.ZipInfo(f"{number}.wav")
            for name in ("header_offset", "file_size", "CRC", "compress_type"):
                setattr(twin, name, getattr(first, name))
            twin.compress_size = 60
            opened.filelist.append(twin)
            opened._didModify = True
    refused(path, place, "claim to hold")


def test_size_that_lies(tmp_path, place):
    """The directory says 10 bytes; the packed body holds far more."""
    path = archive(tmp_path, ("a.wav", b"x" * 100_000))
    content = path.read_bytes()
    at = content.rindex(b"PK\x01\x02") + 24
    path.write_bytes(content[:at] + (10).to_bytes(4, "little") + content[at + 4 :])
    with pytest.raises(DownloadError):
        unpack(path, place)
    assert sum(file.stat().st_size for file in place.rglob("*") if file.is_file()) <= 10


def test_too_many_files(tmp_path, place, monkeypatch):
    monkeypatch.setattr(unpacking, "MOST_FILES", 2)
    files = [(f"{i}.wav", b"1") for i in range(3)]
    refused(archive(tmp_path, *files), place, "holds 3 files")


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("other", ["a.wav", "A.WAV"])
def test_one_name_twice(tmp_path, place, other):
    refused(archive(tmp_path, ("a.wav", b"1"), (other, b"2")), place, "twice")


def test_file_that_is_a_folder(tmp_path, place):
    refused(archive(tmp_path, ("a", b"1"), ("a/b.wav", b"2")), place, "a file and a folder")


def test_encrypted(tmp_path, place):
    path = archive(tmp_path, ("a.wav", b"1"))
    content = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    path.write_bytes(content)
    refused(path, place, "encrypted")


def test_unusual_packing(tmp_path, place):
    path = archive(tmp_path, ("a.wav", b"1"), compression=zipfile.ZIP_BZIP2)
    refused(path, place, "packed by method 12")


def test_cut_short(tmp_path, place):
    path = archive(tmp_path, ("a.wav", bytes(range(256)) * 20))
    path.write_bytes(path.read_bytes()[:-100])
    refused(path, place, "cannot be unpacked")


def test_damaged_inside(tmp_path, place):
    path = archive(tmp_path, ("a.wav", b"1234567890"), compression=zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    content[content.index(b"5")] = 0
    path.write_bytes(content)
    with pytest.raises(DownloadError, match="CRC"):
        unpack(path, place)


def test_web_page(tmp_path, place):
    path = tmp_path / "a.zip"
    path.write_text("<!DOCTYPE html><title>Moved</title>")
    refused(path, place, "it begins b'<!DOCTYPE html>")


def test_disk_too_small(tmp_path, place, monkeypatch):
    usage = type(unpacking.shutil.disk_usage(tmp_path))
    monkeypatch.setattr(unpacking.shutil, "disk_usage", lambda _: usage(10**6, 0, 99))
    refused(archive(tmp_path, ("a.wav", b"x" * 100)), place, "free", StoreError)
