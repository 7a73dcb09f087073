"""Corpora that are at hand, read for an audit, and the search of their sounds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from serbench.cli.audit.asked import Asked
from serbench.errors import SerbenchError, UsageError

if TYPE_CHECKING:
    from serbench.audit import Case
    from serbench.corpus import Corpus, Utterance
    from serbench.listing import Listing
    from serbench.pool import Pool
    from serbench.scan import Scan
    from serbench.watcher import Watcher


def pool_of(asked: Asked, usual: Sequence[str], names: Sequence[str], watcher: Watcher) -> Pool:
    """Corpora under the label space that is asked for, or the first usual one that fits."""
    from serbench.pool import Pool, fitting_space
    from serbench.registry import load

    corpora = [_read(asked, name, watcher) for name in names]
    spaces = [load("labels", name) for name in ([asked.labels] if asked.labels else usual)]
    return Pool.of(corpora, fitting_space(spaces, [corpus for corpus, _ in corpora]))


def with_corpora(asked: Asked, listing: Listing, watcher: Watcher) -> Listing:
    """Somebody's folds with what the corpora at hand tell of their utterances.

    Raises
    ------
    UsageError
        If a corpus or a folder is named of which the splits have no utterance.
    """
    from serbench.audit.listened import with_files

    named = {item.corpus for item in listing.items}
    for name in asked.roots:
        if name not in named and name not in asked.corpora and asked.model is None:
            raise UsageError(
                f"--corpus-root {name}=..., and {listing.name} names no corpus {name!r}",
                expected=f"--corpus {name} as well, if its utterances are {name}'s",
            )
    known = list(_utterances(asked, named, watcher))
    if not known:
        return listing
    found = with_files(listing, known)
    heard = {item.path for item in found.items}
    for name in asked.corpora:
        if not any(one.audio in heard for one in known if one.corpus == name):
            raise UsageError(
                f"--corpus {name}, and no utterance of {listing.name} is of it",
                expected=", ".join(sorted(named - {""})) or "the corpus that the splits are of",
            )
    return found


def _utterances(asked: Asked, named: set[str], watcher: Watcher) -> Iterator[Utterance]:
    """Those of the named corpora whose folder is known; of --corpus, all must be."""
    from serbench.folders import find_corpus
    from serbench.registry import registered

    usual = sorted(named & {*registered("corpora"), *asked.roots})
    for name in dict.fromkeys([*asked.corpora, *usual]):
        if name in asked.corpora or name in asked.roots:
            yield from _read(asked, name, watcher)[1].utterances
        elif asked.sounds is not False and find_corpus(name, asked.roots) is not None:
            try:
                yield from _read(asked, name, watcher)[1].utterances
            except SerbenchError as error:
                watcher.note(f"{name} is not looked at: {error.found}")


def _read(asked: Asked, name: str, watcher: Watcher) -> tuple[Corpus, Scan]:
    from serbench.adapters import located
    from serbench.scan import scan

    corpus, root = located(name, asked.roots)
    with watcher.step(f"reading {name}") as tell:
        found = scan(
            corpus, root, allow_partial=asked.allow_partial, cache=asked.cache, progress=tell
        )
    return corpus, found


def searched(asked: Asked, case: Case, watcher: Watcher) -> Case:
    """The case with canaries, and with its sounds searched if they are to be.

    Raises
    ------
    UsageError
        If sounds are asked for, and none is at hand.
    """
    from serbench.audit.gather import with_canaries
    from serbench.audit.listened import with_sounds

    case = with_canaries(case)
    if asked.sounds is False:
        return replace(case, reasons={**case.reasons, "sounds": "--no-sounds"})
    here = any(item.path is not None for item in case.listing.items)
    if not here and asked.sounds:
        raise UsageError(
            f"--sounds, and no sound of {case.listing.name} is at hand",
            expected="the folder of each corpus",
            advice="--corpus-root NAME=DIR, or serbench corpora add NAME DIR",
        )
    with watcher.step("searching sounds for copies") as tell:
        return with_sounds(case, asked.cache, workers=asked.workers, progress=tell)
