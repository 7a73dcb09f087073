"""A release fetched, unpacked aside and renamed: whole or not at all."""

import contextlib
import functools
import hashlib
import threading
import zipfile
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from filelock import FileLock

from serbench import obtaining
from serbench.connecting import DownloadError
from serbench.corpus import Download, Release
from serbench.obtaining import obtain


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder and the address that it is served under."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    folder = tmp_path / "site"
    folder.mkdir()
    handler = functools.partial(Quiet, directory=folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@contextlib.contextmanager
def silent(title):
    del title
    yield lambda done, total: None


def offered(site, name, files):
    folder, address = site
    with zipfile.ZipFile(folder / name, "w") as archive:
        for file, content in files.items():
            archive.writestr(file, content)
    digest = hashlib.md5((folder / name).read_bytes()).hexdigest()
    return Download(f"{address}/{name}", f"md5:{digest}")


def release(*downloads):
    return Release("Whispers 1.0", {"a": 1}, {"ann": 1}, downloads=downloads)


def beside(folder):
    return sorted(path.name for path in folder.parent.iterdir() if path.name != "site")


def test_two_archives_become_one_folder(site, tmp_path):
    speech = offered(site, "speech.zip", {"Actor_01/a.wav": "1"})
    song = offered(site, "song.zip", {"Actor_01/b.wav": "2"})
    folder = tmp_path / "whispers"
    titles = []

    def step(title):
        titles.append(title)
        return silent(title)

    obtain(release(speech, song), folder, step)
    assert [path.read_text() for path in sorted(folder.rglob("*.wav"))] == ["1", "2"]
    assert beside(folder) == ["whispers"]
    assert titles == ["fetching speech.zip (MB)", "fetching song.zip (MB)",
                      "unpacking speech.zip (MB)", "unpacking song.zip (MB)"]  # fmt: skip


def test_empty_folder_is_filled(site, tmp_path):
    folder = tmp_path / "new" / "whispers"
    folder.mkdir(parents=True)
    obtain(release(offered(site, "a.zip", {"a.wav": "1"})), folder, silent)
    assert (folder / "a.wav").read_text() == "1"


def test_interrupted_unpacking_leaves_no_folder(site, tmp_path, monkeypatch):
    """And the next call fetches nothing again."""
    one = offered(site, "a.zip", {"a.wav": "1", "b.wav": "2"})
    folder = tmp_path / "whispers"
    real = obtaining.unpack

    def stopped(archive, place, progress):
        real(archive, place, progress)
        raise KeyboardInterrupt

    monkeypatch.setattr(obtaining, "unpack", stopped)
    with pytest.raises(KeyboardInterrupt):
        obtain(release(one), folder, silent)
    monkeypatch.undo()
    assert beside(folder) == [".whispers.download"]
    (site[0] / "a.zip").unlink()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    obtain(release(one), folder, silent)
    assert sorted(path.name for path in folder.iterdir()) == ["a.wav", "b.wav"]
    assert beside(folder) == ["whispers"]


def test_archive_that_must_not_be_unpacked(site, tmp_path):
    bad = offered(site, "a.zip", {"a.wav": "1", "../b.wav": "2"})
    folder = tmp_path / "whispers"
    with pytest.raises(DownloadError, match="leads out"):
        obtain(release(bad), folder, silent)
    assert not folder.exists()
    assert list(tmp_path.rglob("*.wav")) == []
    assert not (tmp_path / ".whispers.download").exists()


def test_web_page_in_place_of_the_archive(site, tmp_path):
    """No checksum gives it away; once the archive is back, the same call gets it."""
    (site[0] / "a.zip").write_text("<html>Sorry, we have moved.</html>")
    wanted = Download(f"{site[1]}/a.zip", "")
    folder = tmp_path / "whispers"
    with pytest.raises(DownloadError, match="it begins b'<html>"):
        obtain(release(wanted), folder, silent)
    offered(site, "a.zip", {"a.wav": "1"})
    obtain(release(wanted), folder, silent)
    assert (folder / "a.wav").read_text() == "1"


def test_nothing_stays_where_nothing_came(tmp_path):
    folder = tmp_path / "new" / "whispers"
    with pytest.raises(DownloadError, match="none of http"):
        obtain(release(Download("file:///a.zip", "")), folder, silent)
    assert list((tmp_path / "new").iterdir()) == []


def test_one_of_two_is_gone(site, tmp_path):
    good = offered(site, "a.zip", {"a.wav": "1"})
    folder = tmp_path / "whispers"
    with pytest.raises(DownloadError, match="any more"):
        obtain(release(good, Download(f"{site[1]}/b.zip", "")), folder, silent)
    assert not folder.exists()


def test_two_processes(site, tmp_path):
    one = offered(site, "a.zip", {"a.wav": "1"})
    folder = tmp_path / "whispers"
    aside = tmp_path / ".whispers.download"
    aside.mkdir()
    (aside / "0").mkdir()
    (aside / "0" / "a.zip.part").write_text("half")
    with FileLock(aside / "lock"), pytest.raises(DownloadError, match="another process"):
        obtain(release(one), folder, silent)
    assert (aside / "0" / "a.zip.part").read_text() == "half"
    obtain(release(one), folder, silent)
    assert folder.is_dir()
