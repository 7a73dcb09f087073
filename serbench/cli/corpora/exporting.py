"""``serbench corpora export``: the normalised utterance table."""

from __future__ import annotations

import csv
import sys
from typing import Annotated

import typer

from serbench.cli.corpora.reading import Name, scan_folder
from serbench.cli.options import AllowPartial, CorpusRoot
from serbench.errors import UsageError

EXPORTED = (
    "id", "file", "speaker", "emotion", "native", "gender", "session", "dialogue", "scenario",
    "style", "sentence", "text", "start", "end", "duration", "rate", "channels", "samples",
)  # fmt: skip


def export(
    name: Name,
    format_: Annotated[str, typer.Option("--format", help="csv")] = "csv",
    corpus_root: CorpusRoot = [],  # noqa: B006
    allow_partial: AllowPartial = False,
) -> None:
    """Write the normalised utterance table to standard output."""
    from serbench.folders import corpus_folder, corpus_roots
    from serbench.registry import load

    if format_ != "csv":
        raise UsageError(f"--format {format_}", expected="csv")
    corpus = load("corpora", name)()
    folder = corpus_folder(name, corpus_roots(corpus_root), corpus.card.how_to_get)
    found = scan_folder(corpus, folder, allow_partial)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(EXPORTED)
    for utterance in found.utterances:
        values = (getattr(utterance, column) for column in EXPORTED)
        writer.writerow("" if value is None else value for value in values)
