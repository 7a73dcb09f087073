"""Fetching a file that may be fetched by anyone, going on where a broken connection left off.

What has arrived stands in ``NAME.part``, and beside it in ``NAME.part.json`` what the server said
of the file. A later call asks for the rest only (RFC 9110, section 14: ``Range``), on condition
that the file is still the same (``If-Range``); a server that cannot do so, or has another file by
now, sends it from the start. ``pooch`` holds the whole against its checksum.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from serbench.connecting import DownloadError, in_words, refused
from serbench.corpus import Download
from serbench.errors import StoreError
from serbench.writing import cannot_write, write_aside

if TYPE_CHECKING:
    import requests

Progress = Callable[[int, int], None]
TIMEOUT = (15.0, 60.0)  # seconds to connect, and between two packets
TRIES = 4  # connections in a row that bring nothing, after one that brought something
PAUSE = 2.0  # seconds before the next one, doubled each time
PIECE = 16 * 1024  # bytes; less than one is lost where a connection breaks


class _Broken(Exception):
    """A connection that ended before the file did; what arrived is kept."""


class _Changed(Exception):
    """The server has another file than the one that a part is here of."""


def file_name(url: str) -> str:
    """The name of the file that a URL leads to.

    Examples
    --------
    >>> file_name("https://zenodo.org/records/1/files/A%20b.zip?download=1")
    'A b.zip'
    """
    name = PurePosixPath(unquote(urlsplit(url).path)).name.replace("\\", "_")
    return "download" if name in {"", ".", ".."} else name


def fetch(
    download: Download,
    folder: Path,
    *,
    progress: Progress | None = None,
    timeout: tuple[float, float] = TIMEOUT,
    pause: float = PAUSE,
) -> Path:
    """Fetch a file into a folder, unless it is there already.

    Parameters
    ----------
    download
        What to fetch. Without a checksum, only its length is known to be right.
    folder
        Where to; created if need be.
    progress
        Called with (bytes here, bytes in all; as many as are here where the server does not say).
    timeout
        Seconds to connect, and to wait for more.
    pause
        Seconds before a broken connection is tried again.

    Returns
    -------
    The file, named as in the URL.

    Raises
    ------
    DownloadError
        If it cannot be had, is not of the size or checksum that it should be, or the disk is too
        small for it. A part of it is kept for the next call, but not one of a wrong checksum.
    """
    import pooch

    pooch.get_logger().setLevel("WARNING")
    name = file_name(download.url)
    resuming = _Resuming(download, folder / f"{name}.part", progress, timeout, pause)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        there = pooch.retrieve(
            download.url,
            known_hash=download.checksum or None,
            fname=name,
            path=folder,
            downloader=resuming,
        )
    except ValueError as error:  # of a checksum
        resuming.forget()
        raise DownloadError(
            f"{download.url} is not the file that it should be: {error}",
            expected=download.checksum,
            advice="run the same command again: it starts anew. If that fails too, the file behind "
            "the address has changed, and nothing of it was used",
        ) from error
    except OSError as error:
        raise cannot_write(folder / name, error) from error
    resuming.forget()
    return Path(there)


@dataclass
class _Resuming:
    """A downloader for pooch: called with the URL, and the file to leave the whole in."""

    download: Download
    part: Path
    progress: Progress | None
    timeout: tuple[float, float]
    pause: float
    _known: dict[str, Any] = field(default_factory=dict)  # what the server said of the file

    def __call__(self, url: str, output_file: str, pooch: object) -> None:
        del pooch
        self._known = self._remembered()
        idle = 0  # connections in a row that brought nothing
        begun = False
        while True:
            before = self._here()
            try:
                self._connect(url)
                break
            except _Changed:
                self.forget()
                self._known = {}
            except _Broken as error:
                gained = self._here() > before
                begun |= gained
                idle = 0 if gained else idle + 1
                if not begun or idle >= TRIES:
                    raise self._gave_up(str(error)) from error
                time.sleep(self.pause * 2**idle)
        self.part.replace(output_file)

    def forget(self) -> None:
        for path in (self.part, self._notes):
            path.unlink(missing_ok=True)

    @property
    def _notes(self) -> Path:
        return self.part.with_name(f"{self.part.name}.json")

    def _here(self) -> int:
        return self.part.stat().st_size if self.part.exists() else 0

    def _remembered(self) -> dict[str, Any]:
        with contextlib.suppress(OSError, ValueError):
            notes = json.loads(self._notes.read_bytes())
            if isinstance(notes, dict) and notes.get("url") == self.download.url:
                return notes
        return {}

    def _connect(self, url: str) -> None:
        """Ask for what is missing and write what comes."""
        import requests
        import urllib3

        here = self._here()
        if here and here == self._known.get("total"):
            return
        headers = {"Accept-Encoding": "identity", "User-Agent": "serbench"} | self._condition(here)
        try:
            with requests.get(url, headers=headers, stream=True, timeout=self.timeout) as answer:
                self._receive(answer, here if "Range" in headers else 0)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise _Broken(in_words(error, url, self.timeout)) from error

    def _condition(self, here: int) -> dict[str, str]:
        """Ask for the rest, if the file is the one that the part is of."""
        validator = self._known.get("validator")
        if not here or not (validator or (self._known and self.download.checksum)):
            return {}  # nothing would tell if the rest were of another file
        return {"Range": f"bytes={here}-"} | ({"If-Range": validator} if validator else {})

    def _receive(self, answer: requests.Response, here: int) -> None:
        said: dict[str, Any] = {
            "url": self.download.url,
            "validator": _validator(answer.headers),
            "total": _total(answer),
        }
        if answer.status_code == 206 and here and self._goes_on(answer, said, here):
            mode = "ab"
        elif answer.status_code == 200:
            here, mode = 0, "wb"
            self._known = {}
        elif answer.status_code in {206, 416} and here:
            raise _Changed
        else:
            raise refused(answer, self.download.url)
        total = said["total"]
        self._check_size(total, here)
        self._known |= {key: value for key, value in said.items() if value is not None}
        write_aside(self._notes, json.dumps(self._known).encode())
        with self.part.open(mode) as file:
            while piece := answer.raw.read(PIECE, decode_content=False):
                file.write(piece)
                here += len(piece)
                if self.progress is not None:
                    self.progress(here, total if total is not None else here)
        if total is not None and here != total:
            raise _Broken(f"the connection ended after {here} of {total} bytes")
        self._known["total"] = here

    def _goes_on(self, answer: requests.Response, said: Mapping[str, Any], here: int) -> bool:
        """Whether a partial answer begins where the part ends, and is of the same file."""
        span = answer.headers.get("Content-Range", "")
        same = all(
            said[key] is None or self._known.get(key) in (None, said[key])
            for key in ("validator", "total")
        )
        return span.startswith(f"bytes {here}-") and same

    def _check_size(self, total: int | None, here: int) -> None:
        if total is None:
            return
        if self.download.size is not None and total != self.download.size:
            raise DownloadError(
                f"{self.download.url} has {total} bytes",
                expected=f"{self.download.size}",
                advice="the file behind the address has changed; nothing of it was used",
            )
        need = total - here + total  # the rest of it, and at least as much again once unpacked
        free = shutil.disk_usage(self.part.parent).free
        if free < need:
            raise StoreError(
                f"{self.part.parent} has {megabytes(free)} free",
                expected=f"{megabytes(need)}, to fetch {self.part.stem} and to unpack it",
                advice="free some space, or name a folder on another disk",
            )

    def _gave_up(self, reason: str) -> DownloadError:
        kept = ""
        if self._here():
            kept = f"what has arrived ({megabytes(self._here())}) is kept: "
        return DownloadError(
            f"{self.download.url} cannot be fetched: {reason}",
            advice=f"{kept}run the same command again once the connection stands",
        )


def megabytes(size: int) -> str:
    """Bytes for people, 1 MB being a million.

    Examples
    --------
    >>> megabytes(208_468_073)
    '208.5 MB'
    """
    return f"{size / 1e6:,.1f} MB"


def _validator(headers: Mapping[str, str]) -> str | None:
    """What ``If-Range`` may hold: a strong entity tag, or else a date."""
    tag = headers.get("ETag", "")
    return tag if tag.startswith('"') else headers.get("Last-Modified")


def _total(answer: requests.Response) -> int | None:
    """The bytes of the whole file, where the server says."""
    if answer.status_code == 206:
        length = answer.headers.get("Content-Range", "").rpartition("/")[2]
    else:
        length = answer.headers.get("Content-Length", "")
    return int(length) if length.isdecimal() else None
