"""Where the files of a table stand on this disk, and where files of their names stand instead."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from serbench.corpus import audio_files
from serbench.errors import few
from serbench.tabled.rows import sound_suffix

_FEW = 3  # folders that a message spells out


class Disk:
    """The sound files below a folder, by the names that a table may have for them."""

    def __init__(self, root: Path, named: Iterable[str] = ()) -> None:
        """Look at a folder.

        Parameters
        ----------
        named
            The files that the table names: each stands where it says, or where nothing else does.
        """
        self._root = root
        own = len(root.parts)
        self._files = {"/".join(path.parts[own:]): path for path in audio_files(root)}
        self._alike: dict[str, list[Path]] = defaultdict(list)
        for name, path in self._files.items():
            self._alike[folded(name)].append(path)
        self._named = {self._files[name] for name in named if name in self._files}

    def path(self, file: str) -> Path:
        """Where a file stands, or should stand."""
        return self._found(file) or self._root / file

    def lost(self, files: Iterable[str]) -> list[str]:
        """Those files that are not there, whether as a sound that can be read or as anything."""
        return [
            file for file in files if self._found(file) is None and not (self._root / file).exists()
        ]

    def mislaid(self, files: Collection[str], table: str, files_in: str = "") -> Mislaid | None:
        """What a table names, and what stands in another folder than it says.

        Parameters
        ----------
        files
            The files that the table names, each once, below the corpus's folder.
        table
            The table's name, for messages.
        files_in
            The folder that ``corpus.toml`` has put before each.

        Returns
        -------
        None where no file that is missing stands anywhere else.
        """
        lost = self.lost(files)
        if not lost:
            return None
        taken = {self.path(file) for file in files}
        names: dict[str, list[str]] = defaultdict(list)  # of free files, by folded base name
        for name, path in self._files.items():
            if path not in taken:
                names[folded(name).rpartition("/")[2]].append(name)
        below: dict[str, list[str]] = {}  # of a lost file: the folders that it stands below
        # Where the base name of another one stands, if only once. Names such as 1.wav are common:
        # it counts where no file is as the table says, as after a folder was renamed.
        renamed: dict[str, str] = {}
        for file in lost:
            written = file.removeprefix(f"{files_in}/") if files_in else file
            wanted, depth = folded(written), written.count("/") + 1
            # Two that are alike where the table says are a choice, and not elsewhere.
            same = folded(file)
            alike = [
                name for name in names.get(wanted.rpartition("/")[2], []) if folded(name) != same
            ]
            ends = [name for name in alike if f"/{folded(name)}".endswith(f"/{wanted}")]
            if ends:
                below[file] = ["/".join(name.split("/")[:-depth]) for name in ends]
            elif len(alike) == 1 and len(lost) == len(files):
                renamed[file] = alike[0].rpartition("/")[0]
        if not below and not renamed:
            return None
        counted = Counter(folder for folders in below.values() for folder in set(folders))
        # The one that most stand below; of two copies of all, that with the shorter path.
        best = min(counted, key=lambda folder: (-counted[folder], len(folder), folder), default="")
        places = Counter(renamed.values())
        places.update(best if best in folders else folders[0] for folders in below.values())
        return Mislaid(
            table=table,
            files=len(files),
            lost=tuple(lost),
            stand=frozenset((*below, *renamed)),
            places=tuple(place for place, _ in places.most_common()),
            files_in=best if counted[best] == len(files) else None,
        )

    def _found(self, file: str) -> Path | None:
        if file in self._files:
            return self._files[file]
        alike = self._alike.get(folded(file), [])
        # A file that the table names in so many words is no other row's as well.
        if len(alike) == 1 and alike[0] not in self._named:
            return alike[0]
        return None


@dataclass(frozen=True)
class Mislaid:
    """Files that a table names by another folder than they stand in."""

    table: str
    files: int  # that the table names
    lost: tuple[str, ...]  # those that do not exist
    stand: frozenset[str]  # those of them whose name stands elsewhere
    places: tuple[str, ...]  # the folders where they do, the one that holds most of them first
    files_in: str | None  # the folder that each file of the table stands below, if there is one

    @property
    def said(self) -> str:
        """What was found: "30 of 30 files of metadata.csv do not exist; ..."."""
        where = ", ".join(f"{place or '.'}/" for place in self.places[:_FEW])
        if len(self.places) > _FEW:
            where += f" and {len(self.places) - _FEW} other folders"
        those = "" if len(self.stand) == len(self.lost) else f"{len(self.stand)} of "
        return (
            f"{len(self.lost)} of {self.files} files of {self.table} do not exist "
            f"({few(self.lost)}); files of {those}these names stand in {where}"
        )

    def advice(self, description: str) -> str:
        """How it is mended, in the ``corpus.toml`` of this path or in the table."""
        if self.files_in:
            return f'set files_in = "{self.files_in}" in {description}, above its first section'
        if self.files_in == "":
            return f"take files_in out of {description}"
        return f"let {self.table} name each by its path below the corpus's folder"


def folded(file: str) -> str:
    """A file's name without what differs between disks: capitals, composed accents, FLAC or WAV."""
    stem = file[: -len(suffix)] if (suffix := sound_suffix(file)) else file
    return unicodedata.normalize("NFC", stem).casefold()
