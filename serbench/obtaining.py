"""Getting a corpus that anyone may fetch: its archives fetched, unpacked aside, and renamed.

The folder appears when all of it is there. Until then everything stands in a hidden folder beside
it, ``.NAME.download``, from which the same call goes on.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from serbench.connecting import DownloadError
from serbench.corpus import Release
from serbench.download import fetch, file_name
from serbench.unpacking import unpack
from serbench.writing import cannot_write, sync_folder

Step = Callable[[str], AbstractContextManager[Callable[[int, int], None]]]


def obtain(release: Release, folder: Path, step: Step) -> None:
    """Fetch and unpack a release into a folder that is empty or does not exist.

    Parameters
    ----------
    step
        Given a title, a context inside which to tell (megabytes done, megabytes in all).

    Raises
    ------
    DownloadError
        If an archive cannot be had or must not be unpacked, or another process is at it.
    StoreError
        If the disk is too small, or the folder cannot be written.
    """
    from filelock import FileLock, Timeout

    folder = folder.resolve()
    aside = folder.with_name(f".{folder.name}.download")
    try:
        aside.mkdir(parents=True, exist_ok=True)
        with FileLock(aside / "lock", timeout=0):
            try:
                _fill(release, aside / "unpacked", aside, step)
                if folder.exists():
                    folder.rmdir()
                (aside / "unpacked").rename(folder)
                sync_folder(folder.parent)
                for number in range(len(release.downloads)):
                    shutil.rmtree(aside / str(number))
            finally:
                _leave(aside)
    except Timeout as error:
        raise DownloadError(
            f"another process is fetching into {folder}", advice="wait for it, or stop it first"
        ) from error
    except OSError as error:
        raise cannot_write(Path(error.filename or folder), error) from error


def _leave(aside: Path) -> None:
    """Remove the hidden folder, unless there is something in it to go on with."""
    if not any(path.is_file() and path.name != "lock" for path in aside.rglob("*")):
        shutil.rmtree(aside, ignore_errors=True)


def _fill(release: Release, unpacked: Path, aside: Path, step: Step) -> None:
    archives = []
    for number, download in enumerate(release.downloads):
        # A folder each: nothing keeps two archives from being called alike.
        with step(f"fetching {file_name(download.url)} (MB)") as tell:
            archives.append(fetch(download, aside / str(number), progress=_in_megabytes(tell)))
    if unpacked.exists():
        shutil.rmtree(unpacked)  # what a call that was interrupted left half
    for archive in archives:
        try:
            with step(f"unpacking {archive.name} (MB)") as tell:
                unpack(archive, unpacked, _in_megabytes(tell))
        except DownloadError:
            archive.unlink()  # or the next call would take it for fetched
            raise


def _in_megabytes(tell: Callable[[int, int], None]) -> Callable[[int, int], None]:
    def told(done: int, total: int) -> None:
        tell(done // 1_000_000, -(-total // 1_000_000))

    return told
