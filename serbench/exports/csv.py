"""The normalised utterance table as CSV."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from typing import Any, TextIO

from serbench.exports.columns import LABELS, PATH, Normalised, path_of
from serbench.printable import FORMULA, name_cell


def write_csv(corpus: Normalised, file: TextIO) -> None:
    """Write a heading and a line an utterance, lines ended by LF.

    What is not known is an empty cell. Votes are a JSON object, label to number of raters; tags
    a JSON list. A ``text`` that a spreadsheet would compute is preceded by an apostrophe, which it
    swallows. So are ids, files and other names that it would run (``=...``), and not those that
    only begin with a minus sign (video names of CMU-MOSEI do): whoever joins two tables by them
    needs them as they are.

    The last column is ``path``, the sound file on this machine; before it stands ``labels``, the
    name of the label space in every row, where one was asked for.

    Raises
    ------
    CorpusError
        If a path is no UTF-8.
    """
    space = {} if corpus.labels is None else {LABELS: corpus.labels.name}
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([*corpus.columns, *space, PATH])
    for utterance, row in zip(corpus.utterances, corpus.rows(), strict=True):
        cells = [_cell(name, value) for name, value in row.items()]
        writer.writerow([*cells, *space.values(), name_cell(path_of(utterance))])


def _cell(name: str, value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, Mapping | list):
        return json.dumps(dict(value) if isinstance(value, Mapping) else value, ensure_ascii=False)
    if name == "text" and value.startswith(FORMULA):
        return "'" + value
    return name_cell(value) if isinstance(value, str) else value
