"""A release as its manifest knows it, for who has not got the corpus: everything but the sounds.

Where a corpus writes the speaker and the label into the names of its files, its adapter reads a
tree of empty files as it would read the corpus. Rates, lengths and the digests of the samples stand
in the manifest. So ids, speakers, classes and folds follow, without a single sound.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from serbench.corpus import Corpus, Entry, Release, Utterance
from serbench.errors import CorpusError, SerbenchError
from serbench.manifest import Manifest, read_manifest
from serbench.scanned import Scan


def releases_of(corpus: Corpus, fingerprint: str) -> Iterator[Scan]:
    """Each release of a corpus whose manifest tells all that folds hang on.

    Parameters
    ----------
    fingerprint
        What the scans are to have for theirs: that of the sounds is not known.
    """
    for release in corpus.card.releases:
        if release.manifest is None:
            continue
        try:
            utterances = _utterances(corpus, release, read_manifest(release.manifest))
        except (SerbenchError, OSError, ValueError, KeyError):
            continue  # its labels or speakers stand in files that are not in the manifest
        yield Scan(corpus.card.name, Path(), release.name, utterances, (), fingerprint)


def _utterances(corpus: Corpus, release: Release, manifest: Manifest) -> tuple[Utterance, ...]:
    """The utterances of a release.

    Raises
    ------
    CorpusError
        If the adapter finds other files than the manifest names.
    """
    with TemporaryDirectory(prefix="serbench-release-") as name:
        for file in manifest:
            path = PurePosixPath(file)
            if path.is_absolute() or ".." in path.parts:
                raise CorpusError(f"the manifest of {release.name} names {file}")
            empty = Path(name, file)
            empty.parent.mkdir(parents=True, exist_ok=True)
            empty.touch()
        entries = [one for one in corpus.entries(Path(name)) if isinstance(one, Entry)]
    if sorted(entry.file for entry in entries) != sorted(manifest):
        raise CorpusError(f"{release.name} cannot be told from the names of its files alone")
    found = [_utterance(corpus, entry, manifest) for entry in entries]
    return tuple(sorted(found, key=lambda utterance: utterance.id))


def _utterance(corpus: Corpus, entry: Entry, manifest: Manifest) -> Utterance:
    told = manifest[entry.file]
    values = {field.name: getattr(entry, field.name) for field in dataclasses.fields(Entry)}
    emotion = corpus.labels[entry.native]
    return Utterance(
        **{**values, "id": f"{corpus.card.name}/{entry.id}"},
        corpus=corpus.card.name,
        emotion="" if emotion is None else str(emotion),
        rate=told.rate,
        channels=told.channels,
        duration=told.duration,
        samples=told.samples,
    )
