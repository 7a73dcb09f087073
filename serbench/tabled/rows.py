"""From one row of a table to an entry, each cell read once."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from serbench.annotations import number
from serbench.corpus import AUDIO_SUFFIXES, Entry
from serbench.tabled.paths import plain_path

# What programs write where they mean nothing. Read as they stand, all utterances of unknown people
# would be one speaker called nan.
_NOTHING = frozenset({"nan", "NaN", "NaT", "None", "NULL", "null", "<NA>", "N/A", "n/a", "NA"})
_AS_WRITTEN = frozenset({"emotion", "text", "intended"})  # "None" may be a label or be spoken
# A formula that was not computed, or the error that it came to.
_FORMULA = re.compile(r"=.+|#(REF!|N/A|VALUE!|NAME\?|DIV/0!|NUM!|NULL!)", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_FOLDS = {"train": "train", "training": "train", "valid": "valid", "validation": "valid",
          "val": "valid", "dev": "valid", "development": "valid", "test": "test"}  # fmt: skip
GENDERS = {"f": "female", "female": "female", "woman": "female", "w": "female",
           "m": "male", "male": "male", "man": "male"}  # fmt: skip


class Fault(Exception):
    """Why a row cannot be an entry."""


class RowReader:
    """Makes entries of rows whose cells are named as ours.

    Parameters
    ----------
    root
        The corpus's folder.
    labels
        The labels that are known.
    attributes
        Cells that are numbers on the corpus's own scale.
    files_in
        The folder that the files stand below, where the table does not say so.
    """

    def __init__(
        self, root: Path, labels: Collection[str], attributes: Sequence[str], files_in: str = ""
    ) -> None:
        self._root = root
        self._files_in = f"{files_in}/" if files_in else ""
        self._labels = labels
        self._attributes = attributes
        self._sounds: dict[str, Path] = {}  # a file may hold many segments

    def entry(self, cells: Mapping[str, str]) -> Entry:
        """The entry of a row, its sound where the table says.

        Raises
        ------
        Fault
            If a cell is not what its column is for.
        """
        _refuse_formulas(cells)
        if not cells["file"]:
            raise Fault("file is empty")
        native = cells["emotion"]
        if not native and native not in self._labels:
            raise Fault('emotion is empty; give it a label, and map that to "" to leave it out')
        file = self.file(cells)
        start, end = _seconds(cells, "start"), _seconds(cells, "end")
        if end is not None and end <= (start or 0.0):
            raise Fault(f"ends at {end} s and starts at {start or 0.0} s")
        if file not in self._sounds:
            self._sounds[file] = self._root / file
        measured = {name: _number(cells, name) for name in self._attributes}
        return Entry(
            id=cells.get("id") or _default_id(file, start, end),
            audio=self._sounds[file],
            file=file,
            speaker=cells["speaker"],
            native=native,
            gender=GENDERS.get(cells.get("gender", "").lower()),
            session=cells.get("session") or None,
            dialogue=cells.get("dialogue") or None,
            scenario=cells.get("scenario") or None,
            style=cells.get("style") or None,
            sentence=cells.get("sentence") or None,
            text=cells.get("text") or None,
            intended=cells.get("intended") or None,
            start=start,
            end=end,
            attributes={name: value for name, value in measured.items() if value is not None},
            fold=_fold(cells.get("fold", "")),
        )

    def file(self, cells: Mapping[str, str]) -> str:
        """The file of a row, below the corpus's folder."""
        return self._files_in + plain_path(cells["file"])


def tidy(cells: Mapping[str, str]) -> dict[str, str]:
    """Cells without the words that mean nothing."""
    return {
        name: "" if cell in _NOTHING and name not in _AS_WRITTEN else cell
        for name, cell in cells.items()
    }


def checksum(cells: Mapping[str, str]) -> str:
    """The SHA-256 of the file that a row names; empty where it gives none.

    Raises
    ------
    Fault
        If it is none.
    """
    written = cells.get("sha256", "").lower()
    if written and not _SHA256.fullmatch(written):
        raise Fault(f"sha256 is {written[:80]!r}, and not 64 hexadecimal digits")
    return written


def sound_suffix(file: str) -> str:
    """``.wav`` or ``.flac`` as written; empty for a file with neither."""
    suffix = file[file.rfind(".") :]
    return suffix if suffix.lower() in AUDIO_SUFFIXES else ""


def _refuse_formulas(cells: Mapping[str, str]) -> None:
    together = "".join(cells.values())
    if together.isprintable() and "=" not in together and "#" not in together:
        return  # most rows, at one look
    for name, cell in cells.items():
        if name == "text":
            continue  # anything may be spoken
        if _FORMULA.fullmatch(cell):
            raise Fault(f"{name} is a formula or its error, {cell[:40]!r}; save the table's values")
        if _CONTROL.search(cell):
            raise Fault(f"{name} holds a line break or another control character, {cell[:40]!r}")


def _default_id(file: str, start: float | None, end: float | None) -> str:
    """The file without its suffix; of a segment, its start as well."""
    stem = file[: -len(suffix)] if (suffix := sound_suffix(file)) else file
    return stem if start is None and end is None else f"{stem}#{start or 0.0:.3f}"


def _number(cells: Mapping[str, str], name: str) -> float | None:
    try:
        return number(cells[name]) if name in cells else None
    except ValueError:
        raise Fault(f"{name} is {cells[name][:40]!r}, which is no number") from None


def _seconds(cells: Mapping[str, str], name: str) -> float | None:
    seconds = _number(cells, name)
    if seconds is not None and seconds < 0:
        raise Fault(f"{name} is {seconds} s, before the file begins; the first sample is at 0")
    return seconds


def _fold(fold: str) -> str | None:
    if fold and fold.lower() not in _FOLDS:
        raise Fault(
            f'fold is {fold!r}, and not train, valid or test; [columns] fold = "" passes it over'
        )
    return _FOLDS.get(fold.lower())
