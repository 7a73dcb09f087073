"""How exported splits name sound files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from serbench.listing import Item


@dataclass(frozen=True)
class Sounds:
    """Where the corpora stand.

    Parameters
    ----------
    roots
        Corpus to its folder on this machine. A file is told from there, as it stands on the disk;
        of a corpus that is not named, as its authors distribute it.
    """

    roots: Mapping[str, Path] = field(default_factory=dict)

    def file(self, item: Item) -> str:
        """The path of an item's sound below its corpus's folder; "" if none is known."""
        root = self.roots.get(item.corpus)
        if root is not None and item.path is not None and item.path.is_relative_to(root):
            return item.path.relative_to(root).as_posix()
        return item.file
