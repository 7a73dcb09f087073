"""``serbench corpora show``: a corpus's card, and what its folder holds."""

from __future__ import annotations

from collections import Counter
from typing import Any

import typer

from serbench.cli.corpora.reading import Name, list_findings, print_table, scan_folder
from serbench.cli.options import CorpusRoot, JsonFlag, print_json


def show(
    name: Name,
    corpus_root: CorpusRoot = [],  # noqa: B006
    json: JsonFlag = False,
) -> None:
    """A corpus's card, and where its folder is known, its counts by emotion and speaker."""
    from serbench.folders import corpus_roots, find_corpus
    from serbench.registry import load

    corpus = load("corpora", name)()
    card = corpus.card
    folder = find_corpus(name, corpus_roots(corpus_root))
    facts: dict[str, Any] = {
        "name": card.name,
        "title": card.title,
        "language": card.language,
        "licence": card.licence,
        "how_to_get": card.how_to_get,
        "layouts": list(card.layouts),
        "labels": {
            key: None if value is None else str(value) for key, value in corpus.labels.items()
        },
        "releases": [
            {"name": r.name, "counts": dict(r.counts), "speakers": dict(r.speakers)}
            for r in card.releases
        ],
        "citation": card.citation.strip(),
        "folder": None if folder is None else str(folder),
    }
    found = None if folder is None else scan_folder(corpus, folder, allow_partial=True)
    if found is not None:
        facts["found"] = {
            "release": found.release,
            "utterances": len(found.utterances),
            "hours": round(sum(u.duration for u in found.utterances) / 3600, 4),
            "emotions": dict(Counter(u.emotion for u in found.utterances)),
            "rates": dict(Counter(str(u.rate) for u in found.utterances)),
            "channels": dict(Counter(str(u.channels) for u in found.utterances)),
            "fingerprint": found.fingerprint,
            "findings": [finding.message for finding in found.findings],
        }
    if json:
        print_json(facts)
        return
    for key in ("title", "language", "licence", "how_to_get", "folder"):
        typer.echo(f"{key.replace('_', ' ')}: {facts[key] or 'not here'}")
    typer.echo("layouts: " + "; ".join(card.layouts))
    typer.echo(facts["citation"])
    if found is None:
        print_table(
            ("label", "emotion", "utterances"),
            [
                (label, facts["labels"].get(label), count)
                for label, count in card.standard.counts.items()
            ],
        )
        return
    emotions = sorted({u.emotion for u in found.utterances})
    speakers = sorted({u.speaker for u in found.utterances})
    cells = Counter((u.speaker, u.emotion) for u in found.utterances)
    print_table(
        ("speaker", *emotions, "all"),
        [
            (s, *(cells[s, e] for e in emotions), sum(cells[s, e] for e in emotions))
            for s in speakers
        ]
        + [("all", *(sum(cells[s, e] for s in speakers) for e in emotions), len(found.utterances))],
    )
    lengths = sorted(u.duration for u in found.utterances)
    typer.echo(
        f"{facts['found']['hours']:.3f} h, {lengths[0]:.2f} to {lengths[-1]:.2f} s; "
        f"rates {facts['found']['rates']} Hz, channels {facts['found']['channels']}; "
        f"{found.release}, fingerprint {found.fingerprint[:12]}"
    )
    list_findings(found)
