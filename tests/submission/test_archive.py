"""The file of a submission: one way to write it, and nothing else is read."""

import hashlib
import io
import tarfile

import pytest

from serbench.errors import StoreError
from serbench.submission.archive import CARD, STATEMENT, unpack, write

ID = "ab" + "0" * 62
CONTENTS = {
    CARD: b"{}\n",
    f"results/trials/ab/{ID}/predictions-emo-db.v2+x.parquet": b"PAR1" * 300,
    f"results/trials/ab/{ID}/trial.json": b"",
    STATEMENT: b"{}",
}


@pytest.fixture
def whole(tmp_path):
    path = tmp_path / "whole.tar"
    write(path, sorted(CONTENTS.items()))
    return path


def taken(path, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    return unpack(path, folder)


def foreign(path, name, content=b"x", **fields):
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as made:
        info = tarfile.TarInfo(name)
        info.size, info.mode = len(content), 0o644
        for field, value in fields.items():
            setattr(info, field, value)
        made.addfile(info, io.BytesIO(content))
    return path


def test_there_and_back(whole, tmp_path):
    found = taken(whole, tmp_path)
    assert found == {name: hashlib.sha256(c).hexdigest() for name, c in CONTENTS.items()}
    for name, content in CONTENTS.items():
        assert (tmp_path / "out" / name).read_bytes() == content
    with tarfile.open(whole) as opened:  # any tar can read it
        assert opened.getnames() == sorted(CONTENTS)


def test_the_same_bytes_each_time(whole, tmp_path):
    write(tmp_path / "again.tar", sorted(CONTENTS.items()))
    assert (tmp_path / "again.tar").read_bytes() == whole.read_bytes()


def test_every_byte_counts(whole, tmp_path):
    """Headers, padding and the end hold nothing that is not known beforehand."""
    content, body = whole.read_bytes(), {}
    for name, part in CONTENTS.items():
        at = content.find(part) if part else 0
        body[name] = range(at, at + len(part))
    within = {at for name, part in body.items() for at in part if CONTENTS[name]}
    for at in range(0, len(content), 97):
        if at in within:
            continue
        torn = bytearray(content)
        torn[at] ^= 1
        path = tmp_path / "torn.tar"
        path.write_bytes(torn)
        folder = tmp_path / f"at{at}"
        folder.mkdir()
        with pytest.raises(StoreError):
            unpack(path, folder)


@pytest.mark.parametrize("cut", [1, 511, 512, 1500, 10239])
def test_cut_short(whole, tmp_path, cut):
    whole.write_bytes(whole.read_bytes()[:-cut])
    with pytest.raises(StoreError, match="at byte"):
        taken(whole, tmp_path)


def test_something_behind_the_end(whole, tmp_path):
    whole.write_bytes(whole.read_bytes() + bytes(512))
    with pytest.raises(StoreError, match="behind the last file"):
        taken(whole, tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        "../card.json", "/card.json", "results/../../x.json", "results/trials/ab/x/trial.json",
        f"results/trials/ab/{ID}/../../x", f"results/trials/ab/{ID}/model.pt", "results/failed/x",
        f"results/trials/ab/{ID}/predictions-../x.parquet", "evil.py", "card.json\n",
    ],
)  # fmt: skip
def test_names_that_lead_elsewhere(tmp_path, name):
    with pytest.raises(StoreError, match="the name"):
        taken(foreign(tmp_path / "x.tar", name), tmp_path)
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize(
    "fields",
    [
        {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"}, {"type": tarfile.LNKTYPE},
        {"mtime": 1}, {"uid": 7}, {"uname": "me"}, {"mode": 0o777}, {"type": tarfile.DIRTYPE},
    ],
)  # fmt: skip
def test_headers_of_another_kind(tmp_path, fields):
    with pytest.raises(StoreError):
        taken(foreign(tmp_path / "x.tar", CARD, **fields), tmp_path)


def test_one_name_twice(tmp_path):
    path = tmp_path / "x.tar"
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as made:
        for content in (b"1", b"2"):
            info = tarfile.TarInfo(CARD)
            info.size, info.mode = 1, 0o644
            made.addfile(info, io.BytesIO(content))
    with pytest.raises(StoreError, match="stands after"):
        taken(path, tmp_path)


def test_no_archive_at_all(tmp_path):
    (tmp_path / "x.tar").write_bytes(b"PK\x03\x04" * 300)
    with pytest.raises(StoreError, match="no header"):
        taken(tmp_path / "x.tar", tmp_path)
    with pytest.raises(StoreError, match="cannot be read"):
        unpack(tmp_path / "none.tar", tmp_path)


def test_nothing_half_written_is_left(tmp_path):
    with pytest.raises(StoreError, match="cannot stand in a submission"):
        write(tmp_path / "x.tar", [("evil.py", b"")])
    assert not list(tmp_path.iterdir())
