"""``serbench corpora get``: fetch a corpus that anyone may fetch."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from serbench.cli.corpora.reading import Name, list_findings, scan_folder
from serbench.errors import CorpusError, UsageError

if TYPE_CHECKING:
    from serbench.corpus import Corpus, CorpusCard, Release
    from serbench.scan import Scan

EXAMPLES = """
[bold]Examples[/bold]

serbench corpora get emodb

serbench corpora get ravdess data/RAVDESS --yes

serbench corpora get ravdess --release "speech and song"
"""


def get(
    name: Name,
    folder: Annotated[
        Path | None,
        typer.Argument(
            help="Where to put it. Default: $SERBENCH_CORPORA/NAME, or else the user's data folder."
        ),
    ] = None,
    release: Annotated[
        str | None, typer.Option(help="Which edition, or a part of its name. Default: the usual.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing, for scripts.")] = False,
) -> None:
    """Fetch a corpus whose licence lets anyone do so, unpack it, and read it.

    A download that was interrupted goes on where it stopped when the same command is run again.
    The folder appears when all of it is there.
    """
    from serbench.adapters import adapter
    from serbench.cli.progress import Screen
    from serbench.connecting import DownloadError
    from serbench.obtaining import obtain

    corpus = adapter(name, None)
    chosen = _release(corpus.card, release)
    target = (folder.expanduser() if folder is not None else _default(name)).absolute()
    if _holds_something(target):
        _keep(corpus, chosen, target)
        return
    _announce(corpus.card, chosen, target)
    if not yes:
        _ask(name)
    screen = Screen()
    try:
        obtain(chosen, target, screen.step)
    except KeyboardInterrupt:
        screen.note("stopped. What has arrived is kept; the same command goes on from there.")
        raise typer.Exit(130) from None
    except DownloadError as error:
        by_hand = f"by hand: {corpus.card.how_to_get}; then: serbench corpora add {name} FOLDER"
        advice = f"{error.advice}; or {by_hand}" if error.advice else by_hand
        raise DownloadError(error.found, expected=error.expected, advice=advice) from error
    found = scan_folder(corpus, target, allow_partial=False)
    _refuse_another(found, chosen, target)
    _add(found, chosen, target)


def _release(card: CorpusCard, wanted: str | None) -> Release:
    """The release to fetch: the first that may be, or the one whose name is meant."""
    free = [release for release in card.releases if release.downloads]
    if not free:
        raise UsageError(
            f"{card.title} is not there for anyone to fetch",
            expected="a corpus with a free download",
            advice=f"{card.how_to_get}; then: serbench corpora add {card.name} FOLDER",
        )
    if wanted is None:
        return free[0]
    words = wanted.casefold()
    named = [release for release in free if release.name.casefold() == words]
    named = named or [release for release in free if words in release.name.casefold()]
    if len(named) != 1:
        raise UsageError(
            f"--release {wanted!r} names {len(named)} releases of {card.title} that can be fetched",
            expected="one of: " + "; ".join(release.name for release in named or free),
        )
    return named[0]


def _default(name: str) -> Path:
    parent = os.environ.get("SERBENCH_CORPORA")
    if parent:
        return Path(parent, name)
    import platformdirs

    return Path(platformdirs.user_data_dir("serbench"), "corpora", name)


def _holds_something(folder: Path) -> bool:
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file", expected="a folder, new or empty")
    return folder.is_dir() and any(folder.iterdir())


def _keep(corpus: Corpus, release: Release, folder: Path) -> None:
    """Take a folder that holds the corpus already; refuse one that holds anything else."""
    try:
        found = scan_folder(corpus, folder, allow_partial=False)
        _refuse_another(found, release, folder)
    except CorpusError as error:
        raise CorpusError(
            f"{folder} is not empty, and not {release.name}: {error.found}",
            expected="a new or an empty folder, or the whole corpus",
            advice="name another folder, or delete this one",
        ) from error
    typer.echo("It is here already; nothing was fetched.")
    _add(found, release, folder)


def _announce(card: CorpusCard, release: Release, folder: Path) -> None:
    from serbench.cli.corpora.describing import console, print_grid
    from serbench.download import megabytes

    screen = console()
    sources = [
        download.url + (f" ({megabytes(download.size)})" if download.size else "")
        for download in release.downloads
    ]
    print_grid(
        [
            ("corpus", release.name),
            ("licence", card.licence),
            ("from", "\n".join(sources)),
            ("into", str(folder)),
        ],
        screen,
    )
    screen.print("\nWho uses it cites:\n")
    screen.print(card.citation.strip() + "\n", soft_wrap=True)


def _ask(name: str) -> None:
    if not _terminal():
        raise UsageError(
            "there is no terminal to ask on whether to fetch it",
            expected="--yes, for scripts",
            advice=f"serbench corpora get {name} --yes",
        )
    typer.confirm("Fetch it?", default=True, abort=True)


def _terminal() -> bool:
    return sys.stdin.isatty()


def _refuse_another(found: Scan, release: Release, folder: Path) -> None:
    if found.release != release.name:
        raise CorpusError(f"{folder} is {found.release}", expected=release.name)
    altered = [finding.message for finding in found.findings if finding.kind == "altered"]
    if altered:
        raise CorpusError(
            f"{folder} holds other sounds than {release.name}: {altered[0]}",
            expected="the sounds of its manifest",
            advice=f"delete {folder}; the archive behind the address is another one by now",
        )


def _add(found: Scan, release: Release, folder: Path) -> None:
    from serbench.folders import add_corpus

    add_corpus(found.corpus, folder)
    speakers = len({utterance.speaker for utterance in found.utterances})
    typer.echo(
        f"{found.corpus}: {len(found.utterances)} utterances of {speakers} speakers in {folder} "
        f"({found.release})"
    )
    if release.manifest is not None:
        typer.echo("Each sound was held against the release's manifest, and is the one in it.")
    elif not all(download.checksum for download in release.downloads):
        typer.echo(
            "Nobody has published a checksum of it: its names and counts agree, that is all."
        )
    list_findings(found)
