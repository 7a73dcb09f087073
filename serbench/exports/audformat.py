"""A normalised corpus as an audformat database, as nkululeko, audb and others read it.

Tables are ``files`` (an utterance a file) and ``segments`` (several utterances a file), whichever
the corpus has. The sound is not copied: the tables name the files as they stand below the corpus's
folder, and the database can link to them.

Format: https://audeering.github.io/audformat/ (read with version 1.4).
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serbench.corpus import Utterance
from serbench.errors import CorpusError, MissingExtra
from serbench.exports.authors import author_of
from serbench.exports.columns import Normalised
from serbench.writing import cannot_write

if TYPE_CHECKING:
    import audformat

# The columns that audformat has a place of its own for.
_ELSEWHERE = ("file", "start", "end", "gender", "rate", "channels")
_MOST_NAMED = 5  # segments that an error message spells out


def require() -> None:
    """Find out before any work whether the package audformat is there.

    Raises
    ------
    MissingExtra
        If it is not installed.
    """
    try:
        import audformat  # noqa: F401
    except ImportError as error:
        raise MissingExtra("audformat", "audformat", "the format audformat") from error


def write_audformat(
    corpus: Normalised,
    folder: Path,
    *,
    link: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write a database into a folder that does not exist yet, whole or not at all.

    Parameters
    ----------
    link
        Put symbolic links to the corpus's sound files where the tables name them, so that the
        database can be used on this machine. Without, its tables are to be read with the corpus's
        folder as the root of their files.
    progress
        Called with (links made, links).

    Raises
    ------
    MissingExtra
        If the package audformat is not installed.
    CorpusError
        If a sound stands outside the corpus's folder, or two utterances are one segment.
    StoreError
        If the folder cannot be written.
    """
    database = to_audformat(corpus)
    aside = folder.with_name(f".{folder.name}.tmp")
    try:
        shutil.rmtree(aside, ignore_errors=True)
        # Not as CSV: there a text "NA" or "null" would be read back as no text.
        database.save(str(aside), storage_format="parquet")
        if link:
            _link(corpus, aside, progress)
        if folder.exists():  # empty: whoever calls has looked
            folder.rmdir()
        aside.replace(folder)
    except OSError as error:
        raise cannot_write(folder, error) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def to_audformat(corpus: Normalised) -> audformat.Database:
    """The corpus as ``audformat.Database``, in memory.

    Raises
    ------
    MissingExtra, CorpusError
        As :func:`write_audformat`.
    """
    require()
    import audformat

    card = corpus.card
    database = audformat.Database(
        card.name,
        source=card.how_to_get,
        # The card's words are not reduced to one of audformat's; they stand under license.
        usage=audformat.define.Usage.OTHER,
        languages=_languages(card.language),
        description=_description(corpus),
        author=author_of(card.citation),
        license=card.licence,
        meta={
            **corpus.record(),
            "citation": card.citation.strip(),
            "language": card.language,
        },
    )
    whole = [u.start is None and u.end is None for u in corpus.utterances]
    rows = list(corpus.rows())
    columns = _schemes(database, corpus, rows)
    for name, kind in (("files", True), ("segments", False)):
        chosen = [i for i, is_file in enumerate(whole) if is_file is kind]
        if chosen:
            utterances = [corpus.utterances[i] for i in chosen]
            index = _index(corpus, utterances, kind)
            medium = _medium(database, name, utterances)
            table = database[name] = audformat.Table(index, media_id=medium)
            for column in columns:
                table[column] = audformat.Column(scheme_id=column)
                table[column].set([_value(column, rows[i][column]) for i in chosen])
    return database


def _description(corpus: Normalised) -> str:
    return (
        f"{corpus.card.title} as serbench reads it: {len(corpus.utterances)} utterances, "
        f"{corpus.scan.release}. {corpus.labelled} The files are named as they stand below "
        f"{corpus.scan.root}, which held the corpus when this was written; their sound is not part "
        "of this database."
    )


def _languages(name: str) -> list[str]:
    """The ISO 639-3 code of a language's name, if there is one."""
    from audformat.utils import map_language

    try:
        return [map_language(name)]
    except ValueError:
        return []


def _schemes(
    database: audformat.Database, corpus: Normalised, rows: Sequence[dict[str, Any]]
) -> list[str]:
    """Declare the type of every column that holds anything; their names."""
    import audformat

    genders: dict[str, dict[str, str]] = {}
    for utterance in corpus.utterances:
        known = genders.setdefault(utterance.speaker, {})
        if utterance.gender is not None:
            known["gender"] = utterance.gender
    labels: dict[str, Any] = {
        "emotion": list(corpus.classes),
        "speaker": dict(sorted(genders.items())),
        "fold": ["train", "valid", "test"],
    }
    for name in ("native", "intended"):
        labels[name] = sorted({row[name] for row in rows if row[name] is not None})
    held = [
        name
        for name in corpus.columns
        if name not in _ELSEWHERE and any(row[name] is not None for row in rows)
    ]
    for name in held:
        kind = corpus.columns[name]
        if name == "duration":
            scheme = audformat.Scheme("time")
        elif kind == "float64":
            scheme = audformat.Scheme("float")
        else:
            scheme = audformat.Scheme("str", labels=labels.get(name))
        database.schemes[name] = scheme
    database.schemes["id"].description = "unique across corpora"
    if "votes" in held:
        database.schemes["votes"].description = "JSON: label or word to number of raters"
    return held


def _value(column: str, value: Any) -> Any:
    import pandas as pd

    if column == "duration":
        return pd.to_timedelta(value, unit="s")
    if isinstance(value, Mapping):
        return json.dumps(dict(value), ensure_ascii=False)
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    return value


def _index(corpus: Normalised, utterances: Sequence[Utterance], whole: bool) -> Any:
    import audformat
    import pandas as pd

    files = [_portable(utterance, corpus.scan.root) for utterance in utterances]
    keys = list(zip(files, (u.start for u in utterances), (u.end for u in utterances), strict=True))
    twice = [key for key, times in Counter(keys).items() if times > 1]
    if twice:
        named = "; ".join(
            f"{file} from {start} to {end} s" for file, start, end in twice[:_MOST_NAMED]
        )
        raise CorpusError(
            f"{len(twice)} segments belong to several utterances each: {named}",
            expected="each once: an audformat table cannot hold a segment twice",
            advice="--format csv or parquet can",
        )
    if whole:
        return audformat.filewise_index(files)
    return audformat.segmented_index(
        files,
        [pd.to_timedelta(u.start or 0.0, unit="s") for u in utterances],
        [pd.NaT if u.end is None else pd.to_timedelta(u.end, unit="s") for u in utterances],
    )


def _portable(utterance: Utterance, root: Path) -> str:
    """Where the sound stands below the corpus's folder, with forward slashes."""
    try:
        return utterance.audio.relative_to(root).as_posix()
    except ValueError as error:
        raise CorpusError(
            f"{utterance.audio} stands outside {root}",
            expected="every sound below the corpus's folder: audformat names files relative to it",
        ) from error


def _medium(
    database: audformat.Database, table: str, utterances: Sequence[Utterance]
) -> str | None:
    """Declare what the sound files of a table are, if they are all alike; the name of it."""
    import audformat

    kinds = {(u.audio.suffix[1:].lower(), u.rate, u.channels) for u in utterances}
    if len(kinds) != 1:
        return None
    suffix, rate, channels = kinds.pop()
    database.media[table] = audformat.Media(
        type=audformat.define.MediaType.AUDIO,
        format=suffix,
        sampling_rate=rate,
        channels=channels,
    )
    return table


def _link(corpus: Normalised, folder: Path, progress: Callable[[int, int], None] | None) -> None:
    sounds = sorted({utterance.audio for utterance in corpus.utterances})
    for done, sound in enumerate(sounds, 1):
        place = folder / sound.relative_to(corpus.scan.root)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(sound.absolute())
        if progress is not None:
            progress(done, len(sounds))
