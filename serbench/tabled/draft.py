"""A first ``corpus.toml`` for a table: its columns found, its labels listed.

Whatever takes a decision is left to whoever knows the corpus: a label that is no English word for
an emotion is written as ``"?"``, which no corpus is read with.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from serbench.errors import CorpusError
from serbench.registry import nearest
from serbench.tabled.columns import own_name, suggested, usual
from serbench.tabled.description import OPTIONAL, REQUIRED, UNDECIDED
from serbench.tabled.emotions import guess
from serbench.tabled.encoded import read_encoded
from serbench.tabled.paths import outside, plain_path

MOST_LABELS = 100  # a column with more holds no emotions; the richest corpora have some thirty
_BARE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Draft:
    """What a table was found to hold."""

    columns: Mapping[str, str]  # our name to the table's
    unused: tuple[str, ...]  # columns of the table that nothing is read from
    labels: Mapping[str, int]  # rows per label
    files: tuple[str, ...]  # that the table names, each once and below the corpus's folder
    text: str  # of corpus.toml

    @property
    def undecided(self) -> tuple[str, ...]:
        return tuple(label for label in self.labels if guess(label) is None)


def draft(
    path: Path,
    facts: Mapping[str, str],
    named: Mapping[str, str],
) -> Draft:
    """Look through a table.

    Parameters
    ----------
    path
        The table.
    facts
        ``name``, ``table`` (as ``corpus.toml`` is to name it) and what else is known: ``title``,
        ``language``, ``licence``, ``encoding``, ``files_in``. Empty ones are left out.
    named
        Our name of a column to the table's, where they were given.

    Raises
    ------
    CorpusError
        If the table cannot be read, has no row, no such column, or no column of emotions.
    """
    rows = [
        cells
        for _, cells in read_encoded(
            path, facts.get("encoding", ""), "--encoding gbk, cp1252 or another"
        )
    ]
    if not rows:
        raise CorpusError(f"{path} has no row", expected="a heading, and a row an utterance")
    heading = list(rows[0])
    found = {name: named.get(name) or usual(name, heading) for name in (*REQUIRED, *OPTIONAL)}
    chosen = {name: column for name, column in found.items() if column is not None}
    columns = _refuse_missing(path, heading, chosen)
    labels = Counter(cells[columns["emotion"]] for cells in rows)
    if len(labels) > MOST_LABELS:
        few = ", ".join(map(repr, list(labels)[:3]))
        raise CorpusError(
            f"{path}: the column {columns['emotion']!r} has {len(labels)} different labels, such "
            f"as {few[:200]}",
            expected=f"emotions, {MOST_LABELS} at most",
            advice="name the column that has them: --emotion-column",
        )
    ordered = dict(sorted(labels.items()))
    renamed = {
        name: column for name, column in columns.items() if own_name(name, heading) != column
    }
    return Draft(
        columns=columns,
        unused=tuple(column for column in heading if column not in columns.values()),
        labels=ordered,
        files=_files(rows, columns["file"], facts.get("files_in", "")),
        text=_text(facts, ordered, renamed),
    )


def _files(rows: list[dict[str, str]], column: str, files_in: str) -> tuple[str, ...]:
    """The files that a table names; those elsewhere are left to the reading to refuse."""
    written = dict.fromkeys(cells[column] for cells in rows)
    before = f"{files_in}/" if files_in else ""
    return tuple(before + plain_path(file) for file in written if file and not outside(file))


def _refuse_missing(path: Path, heading: list[str], chosen: dict[str, str]) -> dict[str, str]:
    """The chosen columns, each of which is there."""
    listed = ", ".join(column or "(no name)" for column in heading)[:500]
    for name, column in chosen.items():
        if column not in heading:
            hint = nearest(column, heading)
            raise CorpusError(
                f"{path} has no column {column!r} for the {name}",
                expected=f"one of {listed}",
                advice=f"did you mean {hint!r}?" if hint else "",
            )
    missing = [name for name in REQUIRED if name not in chosen]
    if missing:
        options = (f"--{name}-column {suggested(name, heading) or 'COLUMN'}" for name in missing)
        raise CorpusError(
            f"{path}: none of its columns is called {', '.join(missing)}: {listed}",
            expected=", ".join(REQUIRED),
            advice="say which they are: " + " ".join(options),
        )
    return chosen


def _text(facts: Mapping[str, str], labels: Mapping[str, int], renamed: Mapping[str, str]) -> str:
    """The file, whose keys before the first section are the corpus's own."""
    lines = [f"{key} = {_quoted(value)}" for key, value in facts.items() if value]
    lines += [
        f'# {key} = "{example}"'
        for key, example in (
            ("language", "English"),
            ("licence", "CC BY 4.0"),
            ("citation", "@misc{key, title={...}, author={...}, year={...}}"),
            ("how_to_get", "..."),
        )
        if not facts.get(key)
    ]
    lines += ["", '[labels]  # label as written = emotion; "" leaves its utterances out']
    for label, count in labels.items():
        emotion = guess(label)
        rows = f"{count} row{'s' if count > 1 else ''}"
        note = rows if emotion is not None else f"{rows}: which emotion is it?"
        lines.append(f"{_key(label)} = {_quoted(emotion or UNDECIDED)}  # {note}")
    if renamed:
        lines += ["", "[columns]  # our name = the table's"]
        lines += [f"{name} = {_quoted(column)}" for name, column in renamed.items()]
    return "\n".join(lines) + "\n"


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _quoted(name)


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's escapes are among TOML's, which wants DEL escaped as well."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
