"""``serbench corpora list``: what there is, what is here, and how to get the rest."""

from __future__ import annotations

from typing import Any

from serbench.cli.corpora.reading import print_table
from serbench.cli.options import CorpusRoot, JsonFlag, print_json
from serbench.errors import SerbenchError


def list_(corpus_root: CorpusRoot = [], json: JsonFlag = False) -> None:  # noqa: B006
    """Every corpus that an adapter is registered for, and where its folder is."""
    from serbench.folders import corpus_roots, find_corpus
    from serbench.registry import load, registered

    roots = corpus_roots(corpus_root)
    rows: list[dict[str, Any]] = []
    for name, claims in registered("corpora").items():
        owners = ", ".join(claim.owner for claim in claims)
        row: dict[str, Any] = {"name": name, "owner": owners}
        try:
            card = load("corpora", name).card
        except SerbenchError as error:
            rows.append({**row, "error": str(error)})
            continue
        folder = find_corpus(name, roots)
        rows.append(
            {
                **row,
                "title": card.title,
                "language": card.language,
                "utterances": sum(card.standard.counts.values()),
                "speakers": len(card.standard.speakers),
                "licence": card.licence,
                "folder": None if folder is None else str(folder),
                "how_to_get": card.how_to_get,
            }
        )
    if json:
        print_json(rows)
        return
    print_table(
        ("name", "title", "language", "utterances", "speakers", "owner", "folder"),
        [
            (
                row["name"],
                row.get("title", row.get("error", "")),
                row.get("language", ""),
                row.get("utterances", ""),
                row.get("speakers", ""),
                row["owner"],
                row.get("folder") or "not here: serbench corpora show " + row["name"],
            )
            for row in rows
        ],
    )
