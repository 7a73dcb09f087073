"""``serbench corpora check``: hold folders against the releases that they are copies of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from serbench.cli.options import CorpusRoot, JsonFlag, print_json
from serbench.errors import CorpusError, SerbenchError, UsageError

if TYPE_CHECKING:
    from serbench.check import KnownSounds, Report
    from serbench.cli.progress import Screen
    from serbench.corpus import Corpus
    from serbench.scan import Scan

EXAMPLES = """
[bold]Examples[/bold]

serbench corpora check

serbench corpora check ravdess --corpus-root ravdess=data/RAVDESS

serbench corpora check emodb savee --json > checked.json
"""


def check(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME]...",
            help="Corpora, as `serbench corpora list` names them. None: all whose folder is known. "
            "Sounds that several of them share are told.",
        ),
    ] = None,
    corpus_root: CorpusRoot = [],  # noqa: B006
    allow_partial: Annotated[
        bool,
        typer.Option(
            "--allow-partial",
            help="Exit with 0 where files are missing and nothing else is wrong.",
        ),
    ] = False,
    quick: Annotated[
        bool,
        typer.Option(
            "--quick",
            help="Compare sounds and no file bytes: an original is not told from a lossless copy.",
        ),
    ] = False,
    all_: Annotated[
        bool, typer.Option("--all", help="Name every file, not ten of a kind.")
    ] = False,
    json: JsonFlag = False,
) -> None:
    """Say which release each folder holds, and which of its files are not as released.

    Without a NAME: every corpus whose folder is known here.

    By checksums, a file is intact, a lossless copy (FLAC, other header),
    altered, damaged, missing, or none of the release.

    Exits with 1 unless every folder is whole; docs/check.md explains what is printed.
    """
    from serbench.check import KnownSounds, shared_sounds
    from serbench.cli.corpora import checked
    from serbench.cli.corpora.reading import roots_for
    from serbench.cli.progress import Screen

    roots = roots_for(names or None, corpus_root)
    chosen, not_here = _chosen(names or [], roots)
    known, screen = KnownSounds(), Screen()
    scans: dict[str, Scan] = {}
    records: list[dict[str, Any]] = []
    good = True
    for one in chosen:
        try:
            scans[one.name], report = _checked(one, known, quick, screen)
        except SerbenchError as error:
            good = False
            records.append(one.unreadable(error))
            if not json:
                checked.print_unreadable(one.name, error, one.forget)
            continue
        good &= report.verdict == "whole" or (allow_partial and report.partial)
        records.append(report.record())
        if not json:
            checked.print_report(report, allow_partial, None if all_ else checked.EXAMPLES_SHOWN)
    across = [
        ids
        for ids in shared_sounds(u for found in scans.values() for u in found.utterances)
        if len({name.partition("/")[0] for name in ids}) > 1
    ]
    if not json:
        checked.print_shared(across, None if all_ else checked.EXAMPLES_SHOWN)
        checked.print_not_here(not_here)
    elif names and len(chosen) == 1:
        print_json(records[0])
    else:
        shared = [list(ids) for ids in across]
        print_json({"corpora": records, "duplicates": shared, "not_here": not_here})
    if not good:
        raise typer.Exit(1)


@dataclass(frozen=True)
class _Chosen:
    """A corpus to check."""

    name: str
    corpus: Corpus | SerbenchError  # the adapter, or why there is none
    folder: Path | None
    remembered: bool  # by `serbench corpora add`

    @property
    def forget(self) -> str:
        return f"serbench corpora remove {self.name}" if self.remembered else ""

    def unreadable(self, error: SerbenchError) -> dict[str, Any]:
        """As JSON values."""
        record = {
            "corpus": self.name,
            "folder": None if self.folder is None else str(self.folder),
            "verdict": "unreadable",
            "error": str(error),
        }
        return record | ({"forget": self.forget} if self.remembered else {})


def _chosen(names: list[str], roots: dict[str, Path]) -> tuple[list[_Chosen], list[str]]:
    """The corpora to check, and those that have no folder here.

    Raises
    ------
    UsageError
        If a name that was given is none, before any folder is read.
    CorpusError
        If nobody said where the folder of such a one is.
    """
    from serbench.adapters import corpus_names
    from serbench.folders import find_corpus

    if names:
        return [_choose(name, roots, asked=True) for name in dict.fromkeys(names)], []
    every = corpus_names(roots)
    here = [name for name in every if find_corpus(name, roots) is not None]
    if not here:
        raise CorpusError(
            f"the folder of no corpus is known here: {', '.join(every)}",
            expected="a folder named by `serbench corpora add NAME DIR`, $SERBENCH_CORPORA/NAME "
            "or --corpus-root NAME=DIR",
            advice="serbench corpora show NAME says how to get one",
        )
    chosen = [_choose(name, roots, asked=False) for name in here]
    return chosen, [name for name in every if name not in here]


def _choose(name: str, roots: dict[str, Path], asked: bool) -> _Chosen:
    """A corpus by its name. One that was not asked for may be at fault, as any other."""
    from serbench.adapters import adapter
    from serbench.folders import corpus_folder, find_corpus, remembered

    folder = find_corpus(name, roots)
    corpus: Corpus | SerbenchError
    try:
        corpus = adapter(name, folder)
    except SerbenchError as error:
        if asked and isinstance(error, UsageError):
            raise
        corpus = error
    else:
        if folder is None:
            corpus_folder(name, roots, corpus.card.how_to_get)  # says that it is not known
    return _Chosen(name, corpus, folder, remembered(name, roots))


def _checked(one: _Chosen, known: KnownSounds, quick: bool, screen: Screen) -> tuple[Scan, Report]:
    from serbench.check import check_folder
    from serbench.folders import cache_folder, gone
    from serbench.scan import scan

    corpus, folder = one.corpus, one.folder
    if isinstance(corpus, SerbenchError):
        raise corpus
    assert folder is not None  # or _choose had said so
    if one.remembered and not folder.exists():
        raise gone(one.name, f"{folder}, which does not exist any more")
    cache = cache_folder()
    with screen.step(f"reading {one.name}") as tell:
        found = scan(corpus, folder, allow_partial=True, cache=cache, progress=tell)
    with screen.step(f"comparing {one.name}") as tell:
        report = check_folder(corpus, found, known, quick=quick, cache=cache, progress=tell)
    return found, report
