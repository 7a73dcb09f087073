"""A corpus as people read it in a terminal: its card, and what was counted in its folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from serbench.cli.corpora.counting import tables

if TYPE_CHECKING:
    from serbench.corpus import Corpus, Release
    from serbench.figures.counts import Counts
    from serbench.scan import Scan

PADDING = 2  # blanks between the columns of a table


def console() -> Console:
    """Standard output; paths and labels are no markup."""
    return Console(highlight=False, markup=False)


def print_card(corpus: Corpus, folder: str | None, screen: Console) -> None:
    """What is known of a corpus before anyone has it."""
    card = corpus.card
    screen.print(Text.assemble((card.title, "bold"), f" ({card.name})"))
    defects = dict.fromkeys(d.note for release in card.releases for d in release.defects)
    rows: list[tuple[str, RenderableType]] = [
        ("language", card.language),
        ("licence", card.licence),
        ("folder", folder or "not here"),
        ("to get it", _how_to_get(corpus)),
        ("layouts", "\n".join(card.layouts)),
        ("labels", _labels(corpus)),
        ("releases", "\n".join(_release(release) for release in card.releases)),
        ("known defects", "\n".join(defects)),
    ]
    print_grid(rows, screen)
    screen.print()
    screen.print(card.citation.strip(), soft_wrap=True)


def print_grid(rows: Iterable[tuple[str, RenderableType]], screen: Console) -> None:
    """Names and what they stand for, the latter wrapped beside the former."""
    grid = Table.grid(padding=(0, PADDING))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in rows:
        if value:
            grid.add_row(name, value)
    screen.print(grid)


def print_guests(guests: Sequence[Mapping[str, str]], group: str, screen: Console) -> None:
    """What other distributions have registered: their code runs when it is asked for by name."""
    if guests:
        screen.print(f"\nof other packages (serbench {group} show NAME imports one)")
        rows = [(one["name"], Text(f"{one['target']} from {one['owner']}")) for one in guests]
        print_grid(rows, screen)


def print_counts(counts: Counts, found: Scan, spaces: Sequence[str], screen: Console) -> None:
    """What stands in the folder.

    Parameters
    ----------
    spaces
        A line for each label space that fits the corpus.
    """
    for i, table in enumerate(tables(counts, screen.width)):
        if i:
            screen.print()
        screen.print(table)
    screen.print()
    print_grid(_measures(counts, found, spaces), screen)


def _measures(counts: Counts, found: Scan, spaces: Sequence[str]) -> list[tuple[str, str]]:
    from serbench.figures.counts import Quantiles

    lengths = Quantiles.of([utterance.duration for utterance in counts.utterances])
    low, q05, _, median, _, q95, high = lengths.values
    each = Quantiles.of(list(counts.speakers.values()))
    genders = Counter(counts.genders.get(speaker, "unknown") for speaker in counts.speakers)
    known = f" ({_listed(genders)})" if set(genders) != {"unknown"} else ""
    speakers = f"{len(counts.speakers)}{known}"
    fewest, most = each.values[0], each.values[-1]
    if fewest == most:
        speakers += f", {most:.0f} utterances each"
    else:
        speakers += f", {fewest:.0f} to {most:.0f} utterances each, median {each.median:g}"
    rates = Counter(f"{utterance.rate} Hz" for utterance in counts.utterances)
    channels = Counter(_channels(utterance.channels) for utterance in counts.utterances)
    durations = (
        f"{counts.hours:.3f} h; {low:.2f} to {high:.2f} s, median {median:.2f}, "
        f"nine in ten from {q05:.2f} to {q95:.2f}"
    )
    return [
        ("speakers", speakers),
        ("durations", durations),
        ("sound", f"{_listed(rates)}; {_listed(channels)}"),
        ("release", f"{found.release}, fingerprint {found.fingerprint[:12]}"),
        ("label spaces", "\n".join(spaces)),
    ]


def _listed(counted: Counter[str]) -> str:
    """One thing by its name, several with their numbers."""
    if len(counted) == 1:
        return next(iter(counted))
    return ", ".join(f"{name} {count}" for name, count in counted.most_common())


def _channels(number: int) -> str:
    return {1: "mono", 2: "stereo"}.get(number, f"{number} channels")


def _how_to_get(corpus: Corpus) -> str:
    command = f"\nserbench corpora get {corpus.card.name}" if downloadable(corpus) else ""
    return corpus.card.how_to_get + command


def downloadable(corpus: Corpus) -> bool:
    """Whether anyone may fetch it, in one release or another."""
    return any(release.downloads for release in corpus.card.releases)


def _labels(corpus: Corpus) -> str:
    """Each label as written, its emotion, and how many of it the usual release has."""
    counts = corpus.card.standard.counts
    return ", ".join(
        f"{native} {'(left out)' if emotion is None else emotion} {counts.get(native, 0)}"
        for native, emotion in corpus.labels.items()
    )


def _release(release: Release) -> str:
    speakers = f", {len(release.speakers)} speakers" if release.speakers else ""
    return f"{release.name}: {release.utterances} utterances{speakers}"
