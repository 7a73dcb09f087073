"""What copying and unpacking leave in the folder of any corpus, and how to find a file in it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import ClassVar

from serbench.corpus import audio_files
from serbench.errors import UsageError
from serbench.testing.forgery import Forgery

# An AppleDouble header (RFC 1740, appendix A): magic number, version 2, filler, no entries.
_APPLE_DOUBLE = bytes.fromhex("00051607 00020000") + b"Mac OS X".ljust(16) + bytes(2)


class Unpacked(Forgery):
    """A corpus whose tree can bear the traces of the machines that it has passed through."""

    defects: ClassVar[Mapping[str, str]] = {
        "apple-double": "a companion ._name of each file, beside it and in __MACOSX/",
        "symlink-loop": "a link in the corpus's folder that leads back to it",
    }

    def spoil(self, root: Path, defect: str) -> None:
        if defect == "apple-double":
            _leave_companions(root)
        elif defect == "symlink-loop":
            (root / "loop").symlink_to(".", target_is_directory=True)
        else:
            super().spoil(root, defect)

    def sounds(self, root: Path, stems: Iterable[str]) -> list[Path]:
        """Every sound file of these names (without suffix), wherever it stands below ``root``.

        Raises
        ------
        UsageError
            If one of them was not forged.
        """
        wanted = set(stems)
        found = [path for path in audio_files(root) if path.stem in wanted]
        lost = sorted(wanted - {path.stem for path in found})
        if lost:
            raise UsageError(
                f"the forged {self.corpus.card.title} below {root} has no {', '.join(lost)}, "
                "where this defect is planted",
                expected="a tree that holds it",
                advice="forge the corpus in full, without a number of utterances per cell",
            )
        return found


def _leave_companions(root: Path) -> None:
    files = [Path(folder, name) for folder, _, names in os.walk(root) for name in names]
    for path in files:
        name = f"._{path.name}"
        archived = root / "__MACOSX" / path.parent.relative_to(root) / name
        archived.parent.mkdir(parents=True, exist_ok=True)
        for companion in (path.with_name(name), archived):
            companion.write_bytes(_APPLE_DOUBLE)
