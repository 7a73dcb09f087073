"""The contract of a corpus adapter, as a check that anyone can run on theirs.

``check_corpus(MyCorpus())`` in a test of one's own is all it takes: the card is read, a small
corpus is forged where the adapter says how (:mod:`serbench.testing.forgery`), and what the adapter
finds there is held against what was written.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path, PurePosixPath

from serbench.corpus import KINDS, Corpus, Entry, Finding, Release
from serbench.errors import CorpusError, few
from serbench.testing.forge import forge_corpus
from serbench.testing.forgery import Forgeable, HasForgery, forgery_of

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_BIBTEX = re.compile(r"\s*@\w+\s*\{\s*[^\s,]+\s*,")
_GENDERS = (None, "female", "male")
_FOLDS = (None, "train", "valid", "test")


def check_corpus(corpus: Corpus, root: Path | None = None) -> None:
    """Hold an adapter against its contract; in silence if it keeps it.

    Parameters
    ----------
    corpus
        The adapter.
    root
        A folder of the corpus that holds each utterance once. None: forge one, an utterance per
        speaker and native label of each release, if the adapter says how; only the card is checked
        if it does not.

    Raises
    ------
    CorpusError
        At the first breach: what was found, what was expected and what to do.
    """
    _check_card(corpus)
    if root is not None:
        _check_entries(corpus, root)
    elif isinstance(corpus, Forgeable | HasForgery):
        for release in corpus.card.releases:
            with tempfile.TemporaryDirectory() as folder:
                _check_forged(corpus, release, Path(folder, "corpus"))


def _check_card(corpus: Corpus) -> None:
    card = corpus.card
    who = type(corpus).__name__
    if not _NAME.fullmatch(card.name):
        raise CorpusError(
            f"{who}: the card's name is {card.name!r}",
            expected="lower-case letters, digits, - and _, such as emodb",
        )
    for field in ("title", "language", "licence", "how_to_get"):
        if not getattr(card, field).strip():
            raise CorpusError(
                f"{card.name}: the card's {field} is empty", expected="a line of text"
            )
    if not _BIBTEX.match(card.citation):
        raise CorpusError(
            f"{card.name}: the card's citation begins {card.citation[:40]!r}",
            expected="a BibTeX entry, such as @inproceedings{burkhardt2005emodb, ...}",
        )
    if not card.releases:
        raise CorpusError(
            f"{card.name}: the card has no release",
            expected="at least one, with its counts by native label and by speaker",
        )
    _unique(card.name, "release name", [release.name for release in card.releases])
    for release in card.releases:
        _check_release(corpus, release)
    for native, emotion in corpus.labels.items():
        if emotion is not None and (not emotion or str(emotion) != str(emotion).lower()):
            raise CorpusError(
                f"{card.name}: label {native!r} is mapped to {str(emotion)!r}",
                expected="an Emotion, another lower-case name, or None to leave it out",
            )


def _check_release(corpus: Corpus, release: Release) -> None:
    where = f"{corpus.card.name}, {release.name}"
    known = [count for count in release.speakers.values() if count is not None]
    by_label, by_speaker = release.utterances, sum(known)
    all_known = bool(known) and len(known) == len(release.speakers)
    # Of a release that is not the usual one, nobody may have published the counts by label.
    counted = bool(release.counts) or release is corpus.card.standard
    if counted and (
        not by_label or by_speaker > by_label or (all_known and by_speaker != by_label)
    ):
        raise CorpusError(
            f"{where}: {by_label} utterances by label, {by_speaker} by speaker",
            expected="the same total, above 0",
            advice="count both in the same folder",
        )
    unmapped = [native for native in release.counts if native not in corpus.labels]
    if unmapped:
        raise CorpusError(
            f"{where}: no mapping for {few(unmapped)}",
            expected="every native label of the card in labels, left out ones with None",
        )


def _check_forged(corpus: Corpus, release: Release, root: Path) -> None:
    forge_corpus(corpus, root, seconds=(0.1, 0.2), rate=8000, per_cell=1, release=release)
    planned = forgery_of(corpus).utterances(release, 1)
    written = Counter((root / f.path, f.speaker, f.native) for f in planned)
    found = _check_entries(corpus, root)
    read = Counter((entry.audio, entry.speaker, entry.native) for entry in found)
    lost, foreign = sorted(written - read), sorted(read - written)
    if lost or foreign:
        path, speaker, native = (lost or foreign)[0]
        raise CorpusError(
            f"{corpus.card.name}: {max(len(lost), len(foreign))} forged utterances are read "
            f"otherwise than written, such as {path.relative_to(root)}: speaker {speaker!r}, label "
            f"{native!r} {'not found' if lost else 'found, and never written'}",
            expected="each as it was written",
            advice="let entries agree with forged_path, or with the forgery",
        )
    for path in {path for path, _, _ in written}:
        # What macOS leaves beside each file on foreign disks and in archives. It is no sound.
        shutil.copy(path, path.with_name(f"._{path.name}"))
        companion = root / "__MACOSX" / path.relative_to(root)
        companion.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, companion)
    if _read(corpus, root)[0] != found:
        raise CorpusError(
            f"{corpus.card.name}: entries changed when ._ files and __MACOSX appeared",
            expected="both passed over",
            advice="walk the folder with serbench.corpus.audio_files",
        )


def _check_entries(corpus: Corpus, root: Path) -> list[Entry]:
    """The entries in the order of their ids, each of them sound."""
    name = corpus.card.name
    found, findings = _read(corpus, root)
    if not found:
        raise CorpusError(f"{name}: no entry below {root}", expected="; ".join(corpus.card.layouts))
    if _read(corpus, root) != (found, findings):
        raise CorpusError(
            f"{name}: entries differ between two readings of {root}",
            expected="the same, since nothing on the disk changed",
        )
    for finding in findings:
        if finding.kind == "count":
            continue  # a miniature has not as many as a release
        if finding.kind not in KINDS or finding.grave:
            raise CorpusError(
                f"{name}: {finding.kind}: {finding.message}",
                expected="nothing to find fault with in this folder"
                if finding.kind in KINDS
                else f"a finding of one of these kinds: {', '.join(KINDS)}",
            )
    _unique(name, "id", [entry.id for entry in found])
    _known(name, "native label", {entry.native for entry in found}, corpus.labels)
    if all(release.speakers for release in corpus.card.releases):
        speakers = {speaker for release in corpus.card.releases for speaker in release.speakers}
        _known(name, "speaker", {entry.speaker for entry in found}, speakers)
    for entry in found:
        fault = _fault(entry)
        if fault:
            raise CorpusError(
                f"{name}: entry {entry.id}: {fault[0]}", expected=fault[1], advice=fault[2]
            )
    return found


def _read(corpus: Corpus, root: Path) -> tuple[list[Entry], list[Finding]]:
    """The entries in the order of their ids, and the findings among them."""
    everything = list(corpus.entries(root))
    entries = [entry for entry in everything if isinstance(entry, Entry)]
    return sorted(entries, key=_order), [f for f in everything if isinstance(f, Finding)]


def _fault(entry: Entry) -> tuple[str, str, str] | None:
    """What is wrong with an entry, what was expected, what to do."""
    file = PurePosixPath(entry.file)
    if not entry.audio.is_file():
        return f"{entry.audio} does not exist", "a sound file", ""
    if not entry.file or file.is_absolute() or ".." in file.parts or "\\" in entry.file:
        return (
            f"file is {entry.file!r}",
            "the path below the corpus's root as its authors distribute it, with forward slashes",
            "",
        )
    if entry.fold not in _FOLDS:
        return f"fold is {entry.fold!r}", "train, valid, test or None", ""
    if entry.gender not in _GENDERS:
        return f"gender is {entry.gender!r}", "female, male or None", ""
    start = 0.0 if entry.start is None else entry.start
    if start < 0 or (entry.end is not None and entry.end <= start):
        return (
            f"lasts from {entry.start} to {entry.end} s",
            "0 <= start < end",
            "clamp a negative start; leave out what has no length",
        )
    return None


def _order(entry: Entry) -> tuple[str, str]:
    return entry.id, str(entry.audio)


def _unique(name: str, what: str, values: Iterable[str]) -> None:
    repeated = [value for value, times in Counter(values).items() if times > 1]
    if repeated:
        raise CorpusError(
            f"{name}: {len(repeated)} {what}s occur more than once: {few(repeated)}",
            expected=f"each {what} once",
            advice="put into it what tells them apart, such as the speaker",
        )


def _known(name: str, what: str, found: Collection[str], known: Collection[str]) -> None:
    unknown = sorted(set(found) - set(known))
    if unknown:
        raise CorpusError(
            f"{name}: {what}s that the card does not know: {few(unknown)}",
            expected=f"one of {few(sorted(known))}",
        )
