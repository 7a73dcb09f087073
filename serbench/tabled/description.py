"""``corpus.toml``: the name of a corpus of one's own, its table, and what its labels mean."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serbench.annotations import read_bytes
from serbench.errors import CorpusError
from serbench.labels import Emotion
from serbench.registry import nearest
from serbench.tabled.emotions import intended
from serbench.tabled.paths import DESCRIPTION, files_folder, table_path

UNDECIDED = "?"  # what `serbench corpora new` writes for a label that it cannot guess
# What one row of a table may hold. The first three must be there.
REQUIRED = ("file", "speaker", "emotion")
OPTIONAL = ("id", "gender", "session", "dialogue", "scenario", "style", "sentence", "text",
            "intended", "start", "end", "fold", "sha256")  # fmt: skip

_TEXTS = ("name", "title", "language", "licence", "citation", "how_to_get", "table", "encoding",
          "files_in")  # fmt: skip
_LISTS = ("attributes", "emotions", "passed_over")
_SECTIONS = ("labels", "columns")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_BIBTEX = re.compile(r"\s*@\w+\s*\{\s*[^\s,]+\s*,")


@dataclass(frozen=True)
class Description:
    """A ``corpus.toml`` as read, every value checked.

    Parameters
    ----------
    columns
        Our name of a column to the table's; an empty one: the table's column is passed over.
    files_in
        The folder below which the table's files stand, where the table does not say so: "wav", or
        "" where it does.
    attributes
        Columns of numbers, such as valence, on whatever scale the corpus has.
    passed_over
        Patterns of sound files that are no utterances: ``noise/*``, where * holds slashes too.
    """

    path: Path  # of corpus.toml
    name: str
    title: str
    language: str
    licence: str
    citation: str
    how_to_get: str
    table: Path
    encoding: str  # "": UTF-8
    labels: Mapping[str, Emotion | str | None]
    columns: Mapping[str, str]
    files_in: str
    attributes: tuple[str, ...]
    passed_over: tuple[str, ...]


def described_name(folder: Path) -> str | None:
    """The name of the corpus that a folder's ``corpus.toml`` describes; None if there is none.

    A file of another program that happens to be called so describes nothing.
    """
    try:
        content = read_bytes(folder / DESCRIPTION)
        name = tomllib.loads(content.decode("utf-8-sig")).get("name")
    except (CorpusError, ValueError, RecursionError):
        return None
    return name if isinstance(name, str) else None


def read_description(folder: Path) -> Description:
    """Read the ``corpus.toml`` of a folder.

    Raises
    ------
    CorpusError
        If it is missing, no TOML, lacks a key, or has one that does not fit; with its place.
    """
    path = folder / DESCRIPTION
    content = _parse(path)
    for key in content:
        _known(path, "key", key, (*_TEXTS, *_LISTS, *_SECTIONS))
    text = {key: _text(path, content, key) for key in _TEXTS}
    lists = {key: _list(path, content, key) for key in _LISTS}
    for key in ("name", "table"):
        if not text[key]:
            raise CorpusError(
                f"{path} has no {key}",
                expected=f'{key} = "{"whispers" if key == "name" else "metadata.csv"}"',
            )
    name = check_name(text["name"], str(path))
    title = text["title"] or name
    if text["citation"] and not _BIBTEX.match(text["citation"]):
        raise CorpusError(
            f"{path}: citation begins {text['citation'][:40]!r}",
            expected='a BibTeX entry, such as "@misc{whispers, title={Whispers}, year={2026}}"',
        )
    reserved = [name for name in lists["attributes"] if name in (*REQUIRED, *OPTIONAL)]
    if reserved:
        raise CorpusError(
            f"{path}: {', '.join(reserved)} cannot be an attribute: that column has a meaning",
            expected='columns of numbers, such as attributes = ["valence", "arousal"]',
        )
    names = (*REQUIRED, *OPTIONAL, *lists["attributes"])
    return Description(
        path=path,
        name=name,
        title=title,
        language=text["language"] or "not stated",
        licence=text["licence"] or "not stated",
        citation=text["citation"] or f"@misc{{{name}, title={{{title}}}}}",
        how_to_get=text["how_to_get"]
        or f"from whoever made {title}: a folder of sound files with {DESCRIPTION} and its table",
        table=table_path(path, text["table"]),
        encoding=_encoding(path, text["encoding"]),
        labels=_labels(path, _section(path, content, "labels"), lists["emotions"]),
        columns=_columns(path, _section(path, content, "columns"), names),
        files_in=files_folder(path, text["files_in"]),
        attributes=lists["attributes"],
        passed_over=lists["passed_over"],
    )


def check_name(name: str, where: str) -> str:
    """The name of a corpus, if it is one.

    Raises
    ------
    CorpusError
        If it is not.
    """
    if not _NAME.fullmatch(name):
        raise CorpusError(
            f"{where}: a corpus cannot be called {name!r}",
            expected="lower-case letters, digits, - and _, such as whispers",
        )
    return name


def _parse(path: Path) -> dict[str, Any]:
    if not path.parent.is_dir():
        raise CorpusError(
            f"{path.parent} is not a folder"
            if path.parent.exists()
            else f"{path.parent} does not exist",
            expected=f"the folder that holds the sounds, their table and {DESCRIPTION}",
        )
    try:
        content = read_bytes(path)
    except CorpusError as error:
        raise CorpusError(
            error.found,
            expected=f"a {DESCRIPTION} beside the table",
            advice=f"serbench corpora new NAME {path.parent} --table TABLE",
        ) from error
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise CorpusError(
            f"{path}, line {line}: not UTF-8", expected="TOML, which is UTF-8", advice="save it so"
        ) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise CorpusError(
            f"{path} is no TOML: {error}",
            expected='lines of the form key = "text", and the headings [labels] and [columns]',
        ) from error


def _known(path: Path, what: str, key: str, known: tuple[str, ...]) -> None:
    if key not in known:
        hint = nearest(key, known)
        raise CorpusError(
            f"{path}: the {what} {key!r} is unknown",
            expected="one of " + ", ".join(known),
            advice=f"did you mean {hint!r}?" if hint else "",
        )


def _text(path: Path, content: Mapping[str, Any], key: str) -> str:
    value = content.get(key, "")
    if not isinstance(value, str):
        raise CorpusError(f"{path}: {key} is {value!r}", expected=f'a text: {key} = "..."')
    return value.strip()


def _list(path: Path, content: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = content.get(key, [])
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise CorpusError(
            f"{path}: {key} is {value!r}", expected=f'a list of texts: {key} = ["...", "..."]'
        )
    return tuple(dict.fromkeys(value))


def _section(path: Path, content: Mapping[str, Any], key: str) -> dict[str, str]:
    """A section of texts. A dot in an unquoted key makes a section within it, which is none."""
    section = content.get(key, {})
    if not isinstance(section, dict):
        raise CorpusError(f"{path}: {key} is {section!r}", expected=f"a section headed [{key}]")
    for name, value in section.items():
        if not isinstance(value, str):
            raise CorpusError(
                f"{path}: [{key}] {name} is {value!r}",
                expected=f'a text: {name} = "..."',
                advice=f"quote a name that has a dot or a blank in it, and keep the keys that are "
                f"not of [{key}] above its heading",
            )
    return {name.strip(): value.strip() for name, value in section.items()}


def _encoding(path: Path, encoding: str) -> str:
    if not encoding:
        return ""
    try:
        b"text".decode(encoding, "ignore")
    except (LookupError, ValueError) as error:
        raise CorpusError(
            f"{path}: the encoding {encoding!r} is unknown",
            expected="the name of one, such as gbk, shift_jis or cp1251",
            advice="leave it out if the table is UTF-8",
        ) from error
    return encoding


def _labels(
    path: Path, section: Mapping[str, str], own: tuple[str, ...]
) -> dict[str, Emotion | str | None]:
    if not section:
        raise CorpusError(
            f"{path} has no labels",
            expected='a section [labels] with a line for each label as written, ang = "anger"',
            advice='"" leaves the utterances of a label out',
        )
    undecided = [label for label, word in section.items() if word == UNDECIDED]
    if undecided:
        raise CorpusError(
            f'{path}: nobody has said yet which emotion is meant by {", ".join(undecided)} ("?")',
            expected="an emotion: " + ", ".join(Emotion) + ", or another lower-case name",
            advice='write it in place of the "?"; "" leaves the utterances of a label out',
        )
    return {label: _emotion(path, label, word, own) for label, word in section.items()}


def _emotion(path: Path, label: str, word: str, own: tuple[str, ...]) -> Emotion | str | None:
    if not word:
        return None
    if word in own and word == word.lower():
        return word
    meant = intended(word)
    if meant is not None and word == meant:
        return meant
    if meant is not None or word != word.lower() or not word.isprintable():
        hint = str(meant) if meant is not None else word.lower()
        raise CorpusError(
            f"{path}: label {label!r} is mapped to {word!r}",
            expected="an emotion: " + ", ".join(Emotion) + ", or another lower-case name",
            advice=f'did you mean "{hint}"? If not, and another emotion of that name is meant, '
            f'list it: emotions = ["{word.lower()}"]',
        )
    return word


def _columns(path: Path, section: Mapping[str, str], names: tuple[str, ...]) -> dict[str, str]:
    for name, column in section.items():
        _known(path, "column", name, names)
        if not column and name in REQUIRED:
            raise CorpusError(
                f"{path}: [columns] {name} is empty", expected=f"the table's column of the {name}"
            )
    return dict(section)
