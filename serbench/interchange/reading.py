"""Which format somebody's splits are in, and what they are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from serbench.errors import few
from serbench.interchange import emobox, nkululeko, table
from serbench.interchange.lines import SplitsError, plain
from serbench.interchange.parts import parts_of
from serbench.listing import Listing

READERS: dict[str, Callable[[Path], Listing]] = {
    "csv": table.read_table,
    "emobox": emobox.read_emobox,
    "nkululeko": nkululeko.read_nkululeko,
}
FORMATS = tuple(READERS)


def read(path: Path, format_: str | None = None) -> Listing:
    """Somebody's splits, in whichever of the formats they are.

    What the splits do not say of an utterance, its speaker for example, is filled in where an
    installed corpus knows the file (:mod:`serbench.interchange.recognising`).

    Parameters
    ----------
    format_
        One of ``FORMATS``; None: as :func:`format_of` finds.

    Raises
    ------
    SplitsError
        If there are no splits, or they cannot be read, with the line.

    Examples
    --------
    >>> listing = read(Path("EmoBox/data/emodb"))  # doctest: +SKIP
    >>> len(listing.splits), len(listing.items), listing.items[0].speaker  # doctest: +SKIP
    (5, 535, '03')
    """
    try:
        there = path.expanduser()
        resolved = there.resolve()
    except (OSError, RuntimeError) as error:  # links that lead to each other, an unknown ~user
        raise SplitsError(f"{path} cannot be opened: {error}", expected="splits") from error
    # A linked file is called as it was asked for, a folder ("..") by its own name.
    here = there.absolute() if resolved.is_file() else resolved
    if here.exists() and not (here.is_file() or here.is_dir()):
        raise SplitsError(f"{path} is neither a file nor a folder", expected="splits")
    plain(str(here), "path", "splits")
    return READERS[format_ or format_of(here)](here)


def format_of(path: Path) -> str:
    """The format of a file or a folder.

    Raises
    ------
    SplitsError
        If it is none of them.
    """
    if path.is_file():
        if path.suffix.lower() in table.SUFFIXES:
            return "csv"
        if path.suffix.lower() == emobox.SUFFIX:
            return "emobox"
        raise SplitsError(f"{path} is no table of splits", expected="a .csv, .tsv or .jsonl file")
    if not path.is_dir():
        raise SplitsError(f"{path} does not exist", expected="a file or folder of splits")
    lines, lists = parts_of(path, {emobox.SUFFIX})
    tables, _ = parts_of(path, table.SUFFIXES)
    if lines and tables:
        raise SplitsError(
            f"{path} holds splits of two formats: {few(one.path.name for one in lines)} and "
            f"{few(one.path.name for one in tables)}",
            expected="a folder for each",
        )
    if tables:
        return "nkululeko"
    if lines or any(one.parent == path for one in lists):
        return "emobox"
    inner = _inside(path)
    raise SplitsError(
        f"{path} holds no splits" + (f"; in it stand {few(inner)}" if inner else ""),
        expected="fold_1/NAME_train_fold_1.jsonl as EmoBox has them, NAME_train.csv and "
        "NAME_test.csv as nkululeko has them, or one table as a .csv file",
        advice=f"if one of these has them: {path / inner[0]}" if inner else "",
    )


def _inside(folder: Path) -> list[str]:
    """Folders, and files that may be splits, by name."""
    suffixes = {*table.SUFFIXES, emobox.SUFFIX}
    return sorted(
        one.name
        for one in folder.iterdir()
        if one.name[0] != "." and (one.is_dir() or one.suffix.lower() in suffixes)
    )
