"""A normalised corpus as Parquet that ``datasets.load_dataset`` reads back.

Hugging Face's ``datasets`` finds its types (``ClassLabel``, ``Audio``) in the metadata of the
Parquet schema, key "huggingface". They are written there, so that a file reads back as
:func:`serbench.load` gives it, and without torchcodec. The key "serbench" beside it says in JSON
which corpus, release and label space it is.
"""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from serbench.corpus import Utterance
from serbench.errors import AudioError
from serbench.exports.columns import AUDIO, Normalised, path_of
from serbench.writing import cannot_write

if TYPE_CHECKING:
    import pyarrow as pa
    from datasets import Features

Sound = Literal["path", "embed"]
# Utterances a row group: as many are held in memory at once, with their sound if it is embedded.
BATCH = {"path": 1000, "embed": 100}


def features(corpus: Normalised) -> Features:
    """The columns as types of ``datasets``."""
    from datasets import Audio, ClassLabel, Features, List, Value

    special = {
        "class": ClassLabel(names=list(corpus.classes)),
        # A list and not a mapping: labels differ from utterance to utterance.
        "votes": List({"label": Value("string"), "raters": Value("float64")}),
        "tags": List(Value("string")),
    }
    types = {name: special.get(kind) or Value(kind) for name, kind in corpus.columns.items()}
    # Decoding needs torchcodec, which has no build for every machine; a path does without.
    return Features(types | {AUDIO: Audio(decode=False)})


def schema(corpus: Normalised) -> pa.Schema:
    """The columns as types of Arrow, with what ``datasets`` and people are to know of them."""
    types = features(corpus).arrow_schema
    said = json.dumps(corpus.record(), ensure_ascii=False).encode()
    return types.with_metadata({**types.metadata, b"serbench": said})


def tables(corpus: Normalised, sound: Sound = "path") -> Iterator[pa.Table]:
    """The corpus in batches of utterances, in the order of their ids.

    Parameters
    ----------
    sound
        "path": the column ``audio`` names the file on this machine, whole; a segment of it is
        given by ``start`` and ``end``. "embed": the column holds the bytes of the file, or of a WAV
        file of the segment alone.

    Raises
    ------
    AudioError
        If a sound that is to be embedded cannot be read.
    CorpusError
        If the path of a sound is no UTF-8.
    """
    import pyarrow as pa

    types = schema(corpus)
    number = {name: i for i, name in enumerate(corpus.classes)}
    rows: list[dict[str, Any]] = []
    for utterance, row in zip(corpus.utterances, corpus.rows(), strict=True):
        emotion = row["emotion"]
        row["emotion"] = None if emotion is None else number[emotion]
        row["votes"] = _votes(utterance.votes)
        row[AUDIO] = _audio(utterance, sound)
        rows.append(row)
        if len(rows) == BATCH[sound]:
            yield pa.Table.from_pylist(rows, schema=types)
            rows = []
    if rows or not corpus.utterances:
        yield pa.Table.from_pylist(rows, schema=types)


def write_parquet(
    corpus: Normalised,
    path: Path,
    sound: Sound = "path",
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write one file, whole or not at all.

    Parameters
    ----------
    sound
        As for :func:`tables`.
    progress
        Called with (utterances written, utterances).

    Raises
    ------
    StoreError
        If it cannot be written.
    AudioError, CorpusError
        As :func:`tables`.
    """
    from pyarrow.parquet import ParquetWriter

    aside = path.with_name(f".{path.name}.tmp")
    done = 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with ParquetWriter(aside, schema(corpus)) as file:
            for table in tables(corpus, sound):
                file.write_table(table)
                done += len(table)
                if progress is not None:
                    progress(done, len(corpus.utterances))
        aside.replace(path)
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)


def _votes(votes: Mapping[str, float] | None) -> list[dict[str, Any]] | None:
    if votes is None:
        return None
    return [{"label": label, "raters": float(raters)} for label, raters in votes.items()]


def _audio(utterance: Utterance, sound: Sound) -> dict[str, Any]:
    if sound == "path":
        return {"bytes": None, "path": path_of(utterance)}
    if utterance.start is None and utterance.end is None:
        try:
            return {"bytes": utterance.audio.read_bytes(), "path": utterance.audio.name}
        except OSError as error:
            raise AudioError(f"{utterance.audio} cannot be read: {error.strerror}") from error
    name = utterance.id.rpartition("/")[2]
    return {"bytes": _segment(utterance), "path": f"{name}.wav"}


def _segment(utterance: Utterance) -> bytes:
    """The samples of a segment as a WAV file, all channels, rate and depth as they are."""
    import soundfile

    buffer = io.BytesIO()
    try:
        with soundfile.SoundFile(utterance.audio) as file:
            # As serbench.audio cuts a segment.
            first = max(0, round((utterance.start or 0.0) * file.samplerate))
            last = file.frames
            if utterance.end is not None:
                last = min(last, round(utterance.end * file.samplerate))
            kinds = soundfile.available_subtypes("WAV")
            subtype = file.subtype if file.subtype in kinds else "FLOAT"
            file.seek(first)
            kind = "int32" if subtype.startswith("PCM") else "float64"
            samples = file.read(last - first, dtype=kind, always_2d=True)
            soundfile.write(buffer, samples, file.samplerate, subtype=subtype, format="WAV")
    except (OSError, soundfile.LibsndfileError) as error:
        raise AudioError(f"{utterance.audio} cannot be read: {error}") from error
    return buffer.getvalue()
