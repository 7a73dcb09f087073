"""A corpus's page: its card as its adapter tells it, and its boards with what canaries reach."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from serbench.adapters import adapter
from serbench.corpus import Corpus, CorpusCard, Release
from serbench.errors import SerbenchError
from serbench.site.atlas import Sheet, corpus_href
from serbench.site.leaders import Leaders, leaders
from serbench.site.masthead import Masthead
from serbench.site.page import page
from serbench.site.written import write


@dataclass(frozen=True)
class Edition:
    """A release with its counts: of each native label, and what emotion that stands for."""

    name: str
    utterances: int
    speakers: int
    counts: tuple[tuple[str, str, int], ...]  # native label, emotion, utterances
    defects: tuple[str, ...]


def title(name: str) -> str:
    """A corpus's title; its name where no adapter of it is installed."""
    found = _corpus(name)
    return name if found is None else found.card.title


def write_corpus(name: str, sheets: tuple[Sheet, ...], masthead: Masthead, root: Path) -> None:
    """Write the page of a corpus."""
    found = _corpus(name)
    href = corpus_href(name)
    known: CorpusCard | None = None if found is None else found.card
    editions = [] if found is None else [_edition(found, one) for one in found.card.releases]
    boards: list[Leaders] = [leaders(sheet) for sheet in sheets]
    write(
        root / href,
        page("corpus", href, masthead, name=name, card_of=known, editions=editions, boards=boards),
    )


def _corpus(name: str) -> Corpus | None:
    """Its adapter, if one is installed. A results folder names it, and brings no code."""
    try:
        return adapter(name, None)
    except SerbenchError:
        return None


def _edition(corpus: Corpus, release: Release) -> Edition:
    counts = tuple(
        (native, str(corpus.labels.get(native) or "left out"), n)
        for native, n in sorted(release.counts.items(), key=lambda item: (-item[1], item[0]))
    )
    return Edition(
        release.name,
        release.utterances,
        len(release.speakers),
        counts,
        tuple(one.note for one in release.defects),
    )
