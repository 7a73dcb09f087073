"""Splits written for other tools."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from serbench.interchange.emobox import write_emobox
from serbench.interchange.nkululeko import write_nkululeko
from serbench.interchange.sounds import Sounds
from serbench.interchange.table import write_table_file
from serbench.listing import Listing

WRITERS = {"csv": write_table_file, "emobox": write_emobox, "nkululeko": write_nkululeko}


def write(
    listing: Listing, path: Path, format_: str, roots: Mapping[str, Path] | None = None
) -> None:
    """Write splits as a CSV file, or as a folder that EmoBox or nkululeko reads.

    :func:`serbench.interchange.reading.read` reads back equal folds: their names in natural order,
    and in each corpus the order of the ids.

    Parameters
    ----------
    path
        A file, or a folder for ``emobox`` and ``nkululeko``. Files of the same names are replaced.
    format_
        ``csv``, ``emobox`` or ``nkululeko``.
    roots
        The folders of the corpora on this machine. Files are named from there, as they stand on
        the disk; without, as the corpora's authors distribute them.

    Raises
    ------
    StoreError
        If it cannot be written.
    """
    WRITERS[format_](listing, path, Sounds(roots or {}))
