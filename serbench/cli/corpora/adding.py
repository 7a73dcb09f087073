"""``serbench corpora add``: remember where a corpus is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from serbench.cli.corpora.reading import list_findings, scan_folder
from serbench.cli.options import AllowPartial

Name = Annotated[
    str,
    typer.Argument(
        help="A corpus, as `serbench corpora list` names it, or as the corpus.toml in its folder "
        "does."
    ),
]

EXAMPLES = """
[bold]Examples[/bold]

serbench corpora add emodb /data/EMO-DB

serbench corpora add whispers /data/whispers
"""


def add(
    name: Name,
    folder: Annotated[Path, typer.Argument(help="Its folder, as it was unpacked.")],
    allow_partial: AllowPartial = False,
) -> None:
    """Remember where a corpus is, once it has been read whole."""
    from serbench.adapters import adapter
    from serbench.folders import add_corpus

    corpus = adapter(name, folder)
    found = scan_folder(corpus, folder, allow_partial)
    add_corpus(name, folder)
    speakers = len({u.speaker for u in found.utterances})
    typer.echo(
        f"{name}: {len(found.utterances)} utterances of {speakers} speakers in {folder.resolve()} "
        f"({found.release})"
    )
    list_findings(found)
