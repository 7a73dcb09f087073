"""Fetching over HTTP from a loopback server that does what real ones do wrong."""

import hashlib
import json
import random
import re
import socket
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from serbench import download as downloads
from serbench.connecting import DownloadError
from serbench.corpus import Download
from serbench.download import fetch, file_name
from serbench.errors import StoreError

CONTENT = random.Random(0).randbytes(300_000)
OTHER = random.Random(1).randbytes(300_000)


@dataclass
class Served:
    """A file on a server, and how the server treats whoever asks for it."""

    content: bytes = CONTENT
    etag: str | None = '"one"'
    modified: str | None = None
    ranges: bool = True  # understands Range
    conditions: bool = True  # understands If-Range
    length: bool = True  # says how long the file is
    status: int = 200
    cuts: list[int] = field(default_factory=list)  # bytes after which answers break off, in turn
    asked: list[dict[str, str]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/files/corpus.zip?download=1"

    @property
    def checksum(self):
        return "sha256:" + hashlib.sha256(self.content).hexdigest()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def served():
    file = Served()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def do_GET(self):
            file.asked.append(dict(self.headers))
            self.close_connection = True
            if file.status != 200:
                self.send_error(file.status)
                return
            body, start = file.content, 0
            span = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
            condition = self.headers.get("If-Range")
            fresh = not file.conditions or condition in (None, file.etag, file.modified)
            if span and file.ranges and fresh:
                start = int(span[1])
                if start >= len(body):
                    self.send_response(416)
                    self.send_header("Content-Range", f"bytes */{len(body)}")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
            else:
                self.send_response(200)
            if file.length:
                self.send_header("Content-Length", str(len(body) - start))
            else:
                self.send_header("Connection", "close")
            if file.etag:
                self.send_header("ETag", file.etag)
            if file.modified:
                self.send_header("Last-Modified", file.modified)
            self.end_headers()
            cut = file.cuts.pop(0) if file.cuts else None
            self.wfile.write(body[start:][:cut])
            self.wfile.flush()
            if cut is not None:
                self.connection.shutdown(socket.SHUT_RDWR)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    file.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield file
    server.shutdown()
    server.server_close()


def get(served, folder, checksum=None, size=None, **options):
    wanted = Download(served.url, served.checksum if checksum is None else checksum, size)
    return fetch(wanted, folder, pause=0.0, **options)


def left(folder):
    return sorted(path.name for path in folder.iterdir())


def interrupted(served, folder, after, monkeypatch, **options):
    """A call of a program that is stopped after so many bytes."""
    served.cuts = [after] * downloads.TRIES
    monkeypatch.setattr(downloads, "TRIES", 0)
    with pytest.raises(DownloadError, match="is kept"):
        get(served, folder, **options)
    monkeypatch.undo()
    served.cuts = []
    served.asked.clear()
    return (folder / "corpus.zip.part").stat().st_size


def test_whole(served, tmp_path):
    told = []
    path = get(served, tmp_path / "new", progress=lambda done, total: told.append((done, total)))
    assert path == tmp_path / "new" / "corpus.zip"
    assert path.read_bytes() == CONTENT
    assert left(tmp_path / "new") == ["corpus.zip"]
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert [done for done, _ in told] == sorted({done for done, _ in told})
    assert get(served, tmp_path / "new") == path  # no second request
    assert len(served.asked) == 1


def test_broken_connection_goes_on_by_itself(served, tmp_path):
    served.cuts = [100_000, 50_000]
    assert get(served, tmp_path).read_bytes() == CONTENT
    assert len(served.asked) == 3
    starts = [int(asked["Range"][6:-1]) for asked in served.asked[1:]]
    assert 0 < starts[0] <= 100_000 < starts[1] <= 150_000
    assert {asked["If-Range"] for asked in served.asked[1:]} == {'"one"'}
    assert left(tmp_path) == ["corpus.zip"]


def test_next_call_goes_on(served, tmp_path, monkeypatch):
    here = interrupted(served, tmp_path, 200_000, monkeypatch)
    assert 0 < here <= 200_000
    told = []
    get(served, tmp_path, progress=lambda done, total: told.append(done))
    assert [asked["Range"] for asked in served.asked] == [f"bytes={here}-"]
    assert here < told[0] <= here + downloads.PIECE
    assert (tmp_path / "corpus.zip").read_bytes() == CONTENT


def test_date_where_there_is_no_strong_tag(served, tmp_path, monkeypatch):
    served.etag, served.modified = 'W/"weak"', "Mon, 01 Jan 2024 00:00:00 GMT"
    interrupted(served, tmp_path, 200_000, monkeypatch)
    assert get(served, tmp_path).read_bytes() == CONTENT
    assert [asked["If-Range"] for asked in served.asked] == [served.modified]


def test_server_without_ranges_starts_again(served, tmp_path, monkeypatch):
    served.ranges = False
    interrupted(served, tmp_path, 200_000, monkeypatch)
    assert get(served, tmp_path).read_bytes() == CONTENT
    assert len(served.asked) == 1


@pytest.mark.parametrize("conditions", [True, False])
def test_another_file_by_now_starts_again(served, tmp_path, monkeypatch, conditions):
    """Also from a server that heeds Range and not If-Range: its tag gives it away."""
    interrupted(served, tmp_path, 200_000, monkeypatch)
    served.content, served.etag, served.conditions = OTHER, '"two"', conditions
    assert get(served, tmp_path).read_bytes() == OTHER
    assert len(served.asked) == (1 if conditions else 2)


def test_another_shorter_file_by_now(served, tmp_path, monkeypatch):
    interrupted(served, tmp_path, 200_000, monkeypatch)
    served.content, served.etag, served.conditions = OTHER[:50_000], '"two"', False
    assert get(served, tmp_path).read_bytes() == OTHER[:50_000]


def test_without_tag_and_checksum_nothing_is_joined(served, tmp_path, monkeypatch):
    served.etag = None
    interrupted(served, tmp_path, 200_000, monkeypatch, checksum="")
    assert get(served, tmp_path, checksum="").read_bytes() == CONTENT
    assert "Range" not in served.asked[0]


def test_without_tag_the_checksum_guards(served, tmp_path, monkeypatch):
    served.etag = None
    here = interrupted(served, tmp_path, 200_000, monkeypatch)
    assert get(served, tmp_path).read_bytes() == CONTENT
    assert served.asked[0]["Range"] == f"bytes={here}-"
    assert "If-Range" not in served.asked[0]


def test_part_of_another_address_is_not_used(served, tmp_path, monkeypatch):
    interrupted(served, tmp_path, 200_000, monkeypatch)
    notes = tmp_path / "corpus.zip.part.json"
    notes.write_text(json.dumps(json.loads(notes.read_text()) | {"url": "http://elsewhere/"}))
    (tmp_path / "corpus.zip.part").write_bytes(OTHER[:200_000])
    assert get(served, tmp_path).read_bytes() == CONTENT
    assert "Range" not in served.asked[0]


def test_killed_between_the_last_byte_and_the_checksum(served, tmp_path, monkeypatch):
    interrupted(served, tmp_path, 200_000, monkeypatch)
    (tmp_path / "corpus.zip.part").write_bytes(CONTENT)
    assert get(served, tmp_path).read_bytes() == CONTENT
    assert served.asked == []


def test_wrong_checksum_leaves_nothing(served, tmp_path):
    wrong = "md5:" + "0" * 32
    with pytest.raises(DownloadError, match="is not the file that it should be") as caught:
        get(served, tmp_path, checksum=wrong)
    assert caught.value.expected == wrong
    assert left(tmp_path) == []


def test_without_length(served, tmp_path):
    served.length = False
    told = []
    get(served, tmp_path, progress=lambda done, total: told.append((done, total)))
    assert (tmp_path / "corpus.zip").read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT))


def test_other_size_is_refused_before_it_is_fetched(served, tmp_path):
    with pytest.raises(DownloadError, match="has 300000 bytes"):
        get(served, tmp_path, size=299_999)
    assert left(tmp_path) == []
    assert get(served, tmp_path, size=300_000).read_bytes() == CONTENT


def test_disk_too_small(served, tmp_path, monkeypatch):
    usage = type(downloads.shutil.disk_usage(tmp_path))
    monkeypatch.setattr(downloads.shutil, "disk_usage", lambda _: usage(10**6, 0, 599_999))
    with pytest.raises(StoreError, match=r"0\.6 MB free"):
        get(served, tmp_path)
    monkeypatch.setattr(downloads.shutil, "disk_usage", lambda _: usage(10**6, 0, 600_000))
    assert get(served, tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (404, "no file at .* any more"),
        (410, "no file at .* any more"),
        (403, "refuses to send it"),
        (503, "cannot answer now"),
    ],
)
def test_status(served, tmp_path, status, words):
    served.status = status
    with pytest.raises(DownloadError, match=f"(?s){words}.*HTTP {status}"):
        get(served, tmp_path)
    assert len(served.asked) == 1
    assert left(tmp_path) == []


def test_server_that_always_breaks_off(served, tmp_path):
    """Each answer brings nothing new: it is tried some times, and the part is kept."""
    served.ranges = False
    served.cuts = [100_000] * 50
    with pytest.raises(DownloadError, match="broke off") as caught:
        get(served, tmp_path)
    assert len(served.asked) == 1 + downloads.TRIES
    assert "is kept" in caught.value.advice


def test_nobody_answers(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(DownloadError, match=r"127\.0\.0\.1 refuses the connection"):
        fetch(Download(f"http://127.0.0.1:{port}/a.zip", ""), tmp_path, pause=0.0)


def test_name_that_nobody_knows(tmp_path):
    with pytest.raises(DownloadError, match=r"name corpus\.invalid is not known"):
        fetch(Download("http://corpus.invalid/a.zip", ""), tmp_path, pause=0.0)


def test_silent_server(tmp_path):
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/a.zip"
        with pytest.raises(DownloadError, match="silent"):
            fetch(Download(url, ""), tmp_path, timeout=(5.0, 0.2), pause=0.0)


def test_proxy_that_is_not_there(tmp_path, monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
    with pytest.raises(DownloadError, match="proxy"):
        fetch(Download("http://corpus.example/a.zip", ""), tmp_path, pause=0.0)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/a.zip", "no address"])
def test_addresses_that_are_no_http(tmp_path, url):
    with pytest.raises(DownloadError, match="none of http or https"):
        fetch(Download(url, ""), tmp_path, pause=0.0)


def test_file_name():
    zenodo = "https://zenodo.org/records/1188976/files/Audio_Speech_Actors_01-24.zip?download=1"
    assert file_name(zenodo) == "Audio_Speech_Actors_01-24.zip"
    assert file_name("http://host/a/%2e%2e") == "download"
    assert file_name("http://host/..%2f..%5cx.zip") == ".._x.zip"
    assert file_name("http://host") == "download"
