"""``serbench corpora``: what is known of each corpus, where it is, and whether it is whole."""

from __future__ import annotations

import csv
import sys
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from serbench.cli.options import AllowPartial, CorpusRoot, JsonFlag, print_json
from serbench.errors import SerbenchError, UsageError

app = typer.Typer(help="Speech emotion corpora: what there is, where it is.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="A corpus, as `serbench corpora list` names it.")]

EXPORTED = (
    "id", "file", "speaker", "emotion", "native", "gender", "session", "dialogue", "scenario",
    "style", "sentence", "text", "start", "end", "duration", "rate", "channels", "samples",
)  # fmt: skip


@app.command("list")
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
    _table(
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


@app.command()
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
    found = None if folder is None else _scan(corpus, folder, allow_partial=True)
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
        _table(
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
    _table(
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
    _list_findings(found)


@app.command()
def add(
    name: Name,
    folder: Annotated[Path, typer.Argument(help="Its folder, as it was unpacked.")],
    allow_partial: AllowPartial = False,
) -> None:
    """Remember where a corpus is, once it has been read whole."""
    from serbench.folders import add_corpus
    from serbench.registry import load

    corpus = load("corpora", name)()
    found = _scan(corpus, folder, allow_partial)
    add_corpus(name, folder)
    speakers = len({u.speaker for u in found.utterances})
    typer.echo(
        f"{name}: {len(found.utterances)} utterances of {speakers} speakers in {folder.resolve()} "
        f"({found.release})"
    )
    _list_findings(found)


@app.command()
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
    found = _scan(corpus, folder, allow_partial=True)
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
        _list_findings(found)
    if found.partial:
        raise typer.Exit(1)


@app.command()
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
    found = _scan(corpus, folder, allow_partial)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(EXPORTED)
    for utterance in found.utterances:
        values = (getattr(utterance, column) for column in EXPORTED)
        writer.writerow("" if value is None else value for value in values)


def _scan(corpus: Any, folder: Path, allow_partial: bool) -> Any:
    from serbench.bench import read_corpus
    from serbench.cli.progress import Screen
    from serbench.folders import cache_folder

    return read_corpus(corpus, folder, cache_folder(), allow_partial, Screen())


def _list_findings(found: Any) -> None:
    for finding in found.findings:
        typer.echo(f"  {finding.kind}: {finding.message}")


def _table(headings: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    Console(highlight=False, markup=False).print(table)
