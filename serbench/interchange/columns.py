"""What tools call the things that are known of an utterance, and an utterance from them."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from typing import Any

from serbench.errors import few
from serbench.interchange.lines import SplitsError, plain
from serbench.listing import Item

# Field of an item to the names of its column, ours first; in tables and in JSON alike.
NAMES: dict[str, tuple[str, ...]] = {
    "id": ("id", "key", "utterance"),
    "file": ("file", "path", "wav", "audio", "filename", "audio_path"),
    "corpus": ("corpus", "dataset", "database"),
    "label": ("emotion", "label", "emo", "class"),
    "speaker": ("speaker", "speaker_id", "spk"),
    "gender": ("gender", "sex"),
    "session": ("session",),
    "dialogue": ("dialogue", "dialog"),
    "scenario": ("scenario",),
    "style": ("style",),
    "sentence": ("sentence", "sentence_id", "text_id"),
    "text": ("text", "transcript", "transcription"),
    "parent": ("parent", "parent_id"),
    "source": ("source", "source_id"),
    "start": ("start", "start_time"),
    "end": ("end", "end_time"),
    "duration": ("duration", "length"),
    "rate": ("rate", "sample_rate", "sampling_rate"),
    "channels": ("channels",),
    "samples": ("samples",),
    "fold": ("fold",),
    "side": ("side", "split", "subset", "partition"),
    "test_set": ("test_set",),
    "label_space": ("label_space",),
    "speakers_declared": ("speakers_declared",),
}
# What folds are passed on with, beside ids and files. Texts are not: transcripts may be licensed.
TOLD = (
    "corpus", "file", "speaker", "label", "gender", "session", "dialogue", "scenario", "style",
    "sentence", "parent", "start", "end", "duration",
)  # fmt: skip

_SECONDS = ("start", "end", "duration")
_WHOLE = ("rate", "channels")
DECLARED = ("label_space", "speakers_declared")  # of the splits as a whole
PLACED = ("fold", "side", "test_set", *DECLARED)  # of a line, and of no utterance
_TIME = re.compile(r"(?:(\d+) days? )?(\d+):(\d\d):(\d\d(?:\.\d+)?)")


def fields_of(headings: Collection[str], where: str) -> dict[str, str]:
    """Heading to the field that it stands for; headings that mean nothing here are left out.

    Raises
    ------
    SplitsError
        If two headings differ in case alone, or stand for one field and neither is called as the
        field.
    """
    plainly = {heading.strip().lower(): heading for heading in headings}
    if len(plainly) != len(headings):
        raise SplitsError(f"{where}: {few(headings)} name a column twice", expected="each once")
    found: dict[str, str] = {}
    for field, names in NAMES.items():
        here = [plainly[name] for name in names if name in plainly]
        if not here:
            continue
        if len(here) > 1 and names[0] not in plainly:
            raise SplitsError(
                f"{where}: {' and '.join(here)} may each be the {field}",
                expected=f"one of them, or a column {names[0]}",
            )
        found[here[0]] = field
    return found


def item_of(values: Mapping[str, Any], where: str) -> Item:
    """An utterance from values by field; "" and None are unknown.

    Without an id, it is the file, with start and end where they are known.

    Raises
    ------
    SplitsError
        If it has neither id nor file, or a value is not what its field takes.
    """
    told: dict[str, Any] = {}
    for field, value in values.items():
        if field in PLACED or value is None or value == "":
            continue
        if field in _SECONDS:
            told[field] = _seconds(value, field, where)
        elif field in _WHOLE:
            told[field] = _whole(value, field, where)
        elif field == "text":
            told[field] = str(value)
        else:
            told[field] = name_of(value, field, where)
    if "id" not in told:
        if "file" not in told:
            raise SplitsError(
                f"{where}: neither id nor file",
                expected="one of " + ", ".join(NAMES["id"] + NAMES["file"]),
            )
        segment = "start" in told or "end" in told
        told["id"] = told["file"] + (_interval(told) if segment else "")
    return Item(**told)


def name_of(value: Any, field: str, where: str) -> str:
    """A name as text: of a table as it is, of JSON a string or a whole number."""
    if isinstance(value, str):
        return plain(value, field, where)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise SplitsError(f"{where}: {field} is {few([ascii(value)])[:80]}", expected="a text")


def seconds_told(seconds: float) -> str:
    """A time as pandas and audformat read it, whatever their version: "0 days 00:01:02.500000000".

    Plain numbers are seconds to one version and nanoseconds to another.
    """
    total = round(seconds * 10**9)
    minutes, rest = divmod(total, 60 * 10**9)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    whole, nanoseconds = divmod(rest, 10**9)
    return f"{days} days {hours:02}:{minutes:02}:{whole:02}.{nanoseconds:09}"


def _interval(told: Mapping[str, Any]) -> str:
    start, end = told.get("start", 0.0), told.get("end")
    return f"@{start:g}-" + ("" if end is None else f"{end:g}")


def _seconds(value: Any, field: str, where: str) -> float | None:
    """Seconds, or a time as pandas writes it; NaT stands for the end of the file."""
    if isinstance(value, str):
        if value.strip().lower() in ("nat", "nan"):
            return None
        clock = _TIME.fullmatch(value.strip())
        if clock:
            days, hours, minutes, seconds = (float(part or 0) for part in clock.groups())
            value = days * 86400 + hours * 3600 + minutes * 60 + seconds
    number = _number(value, field, where, "seconds, 0 or more")
    if number < 0:
        raise SplitsError(f"{where}: {field} is {value}", expected="seconds, 0 or more")
    return number


def _whole(value: Any, field: str, where: str) -> int:
    number = _number(value, field, where, "a whole number")
    if number != int(number) or number < 1:
        raise SplitsError(f"{where}: {field} is {value}", expected="a whole number, 1 or more")
    return int(number)


def _number(value: Any, field: str, where: str, expected: str) -> float:
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise SplitsError(f"{where}: {field} is {ascii(value)[:40]}", expected=expected)
    return number
