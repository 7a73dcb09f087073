"""``serbench corpora show``: a corpus's card, and what its folder holds."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from serbench.cli.corpora.reading import Name, list_findings, roots_for, scan_folder
from serbench.cli.options import CorpusRoot, JsonFlag, print_json
from serbench.errors import ProtocolError

if TYPE_CHECKING:
    from serbench.corpus import Corpus, Release
    from serbench.figures.counts import Counts
    from serbench.scan import Scan

EXAMPLES = """
[bold]Examples[/bold]

serbench corpora show iemocap

serbench corpora show emodb --corpus-root emodb=data/EMO-DB --figure emodb.svg

serbench corpora show ravdess --json
"""


def show(
    name: Name,
    figure: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Draw its counts and durations: .svg, .png, .pdf, or .html (one file, needs no "
            "network). A file that is there already is overwritten.",
        ),
    ] = None,
    corpus_root: CorpusRoot = [],  # noqa: B006
    json: JsonFlag = False,
) -> None:
    """A corpus's card, and where its folder is known, what is counted in it."""
    from serbench.adapters import adapter
    from serbench.folders import corpus_folder, find_corpus

    roots = roots_for([name], corpus_root)
    folder = find_corpus(name, roots)
    corpus = adapter(name, folder)
    if figure is not None:
        from serbench.figures.saving import check

        check(figure)
        corpus_folder(name, roots, corpus.card.how_to_get)  # there is nothing to draw without
    if json:
        found = None if folder is None else scan_folder(corpus, folder, allow_partial=True)
        print_json(_record(corpus, folder, found))
    else:
        found = _print(corpus, folder)
    if figure is not None and found is not None:
        from serbench.cli.progress import Screen
        from serbench.figures.corpus import draw
        from serbench.figures.saving import save

        save(draw(corpus.card, found), figure, f"{corpus.card.title}: {found.release}")
        Screen().note(f"drawn in {figure}")


def _print(corpus: Corpus, folder: Path | None) -> Scan | None:
    from serbench.cli.corpora.describing import console, print_card, print_counts
    from serbench.figures.counts import Counts

    screen = console()
    print_card(corpus, None if folder is None else str(folder), screen)
    if folder is None:
        return None
    found: Scan = scan_folder(corpus, folder, allow_partial=True)
    counts = Counts.of(found.utterances)
    spaces = [
        f"{space['name']}: {space['utterances']} of {len(found.utterances)} utterances"
        + _in_classes(space)
        for space in _label_spaces(corpus, found)
    ]
    screen.print()
    print_counts(counts, found, spaces, screen)
    list_findings(found)
    return found


def _in_classes(space: dict[str, Any]) -> str:
    """How many classes a label space has, and how many of them occur where some are empty."""
    classes, occur = space["classes"], space["classes_found"]
    if classes is None:
        return ""
    return f" in {classes} classes" if occur == classes else f" in {occur} of {classes} classes"


def _record(corpus: Corpus, folder: Path | None, found: Scan | None) -> dict[str, Any]:
    card = corpus.card
    record: dict[str, Any] = {
        "name": card.name,
        "title": card.title,
        "language": card.language,
        "licence": card.licence,
        "how_to_get": card.how_to_get,
        "layouts": list(card.layouts),
        "labels": {
            key: None if value is None else str(value) for key, value in corpus.labels.items()
        },
        "releases": [_release(release) for release in card.releases],
        "citation": card.citation.strip(),
        "folder": None if folder is None else str(folder),
    }
    if found is not None:
        from serbench.figures.counts import Counts

        record["found"] = _found(corpus, found, Counts.of(found.utterances))
    return record


def _release(release: Release) -> dict[str, Any]:
    return {
        "name": release.name,
        "utterances": release.utterances,
        "counts": dict(release.counts),
        "speakers": dict(release.speakers),
        "defects": [
            {"kind": defect.kind, "files": list(defect.files), "note": defect.note}
            for defect in release.defects
        ],
        "downloads": [
            {"url": one.url, "checksum": one.checksum, "size": one.size}
            for one in release.downloads
        ],
    }


def _found(corpus: Corpus, found: Scan, counts: Counts) -> dict[str, Any]:
    from serbench.figures.counts import Quantiles

    return {
        "release": found.release,
        "partial": found.partial,
        "utterances": len(found.utterances),
        "speakers": len(counts.speakers),
        "genders": dict(Counter(counts.genders.get(s, "unknown") for s in counts.speakers)),
        "hours": round(counts.hours, 4),
        "emotions": dict(Counter(u.emotion for u in found.utterances)),
        "counts": {
            "by": counts.by,
            "rows": {
                row: {emotion: counts.cells[row, emotion] for emotion in counts.emotions}
                for row in counts.rows
            },
        },
        "utterances_per_speaker": Quantiles.of(list(counts.speakers.values())).record(),
        "seconds": Quantiles.of([u.duration for u in found.utterances]).record(),
        "seconds_by_emotion": {name: q.record() for name, q in counts.durations.items()},
        "rates": dict(Counter(str(u.rate) for u in found.utterances)),
        "channels": dict(Counter(str(u.channels) for u in found.utterances)),
        "label_spaces": _label_spaces(corpus, found),
        "fingerprint": found.fingerprint,
        "findings": [finding.message for finding in found.findings],
    }


def _label_spaces(corpus: Corpus, found: Scan) -> list[dict[str, Any]]:
    """What each label space that fits the corpus keeps of it, "own" first."""
    from serbench.cohort import Cohort
    from serbench.labels import Classes
    from serbench.registry import load, registered

    kept = []
    for name in sorted(registered("labels"), key=lambda name: (name != "own", name)):
        try:
            cohort = Cohort(corpus, found, load("labels", name))
        except ProtocolError:
            continue  # of another corpus, or of a whole one where this is a part
        counts = cohort.counts() if isinstance(cohort.task, Classes) else None
        kept.append(
            {
                "name": name,
                "utterances": len(cohort.table()),
                "classes": None if counts is None else len(counts),
                "classes_found": None if counts is None else sum(n > 0 for n in counts.values()),
            }
        )
    return kept
