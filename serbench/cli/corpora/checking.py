"""``serbench corpora check``: hold a folder against its corpus's card."""

from __future__ import annotations

import typer

from serbench.cli.corpora.reading import Name, list_findings, scan_folder
from serbench.cli.options import CorpusRoot, JsonFlag, print_json


def check(
    name: Name,
    corpus_root: CorpusRoot = [],  # noqa: B006
    json: JsonFlag = False,
) -> None:
    """Read every file of a corpus and hold it against its card. Exits with 1 if it is not whole."""
    from serbench.folders import corpus_folder, corpus_roots
    from serbench.registry import load

    corpus = load("corpora", name)()
    folder = corpus_folder(name, corpus_roots(corpus_root), corpus.card.how_to_get)
    found = scan_folder(corpus, folder, allow_partial=True)
    if json:
        findings = [
            {"kind": f.kind, "message": f.message, "grave": f.grave} for f in found.findings
        ]
        print_json(
            {
                "corpus": name,
                "folder": str(folder),
                "release": found.release,
                "utterances": len(found.utterances),
                "fingerprint": found.fingerprint,
                "whole": not found.partial,
                "findings": findings,
            }
        )
    else:
        state = "NOT WHOLE" if found.partial else "whole"
        typer.echo(
            f"{name} in {folder}: {len(found.utterances)} utterances, {found.release}: {state}"
        )
        list_findings(found)
    if found.partial:
        raise typer.Exit(1)
