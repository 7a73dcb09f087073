"""The check of one folder: which release it is, and how each file stands to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from serbench.audio import Sound
from serbench.check.contents import Contents, Found, contents
from serbench.check.defects import known_defects, usual_channels
from serbench.check.judging import Judge
from serbench.check.known_sounds import KnownSounds
from serbench.check.report import INCOMPLETE, SOUND, FileState, Report
from serbench.corpus import Corpus, Finding, Release, Utterance
from serbench.manifest import Manifest, read_manifest
from serbench.reconcile import shared_sounds
from serbench.scanned import Progress, Scan

_BATCH = 8  # files that a thread is handed at once
_QUICK = "file bytes were not compared: an original and a lossless copy look the same"
_UNKNOWN = "no manifest is known of"
# Findings of a scan that the state of a file says better.
_TOLD = frozenset({"damaged", "missing", "surplus", "repeated", "unclaimed", "duplicate"})


def check_folder(
    corpus: Corpus,
    found: Scan,
    known: KnownSounds | None = None,
    *,
    quick: bool = False,
    cache: Path | None = None,
    progress: Progress | None = None,
) -> Report:
    """Hold a folder against the release of its corpus that it is nearest to.

    Parameters
    ----------
    corpus
        The adapter.
    found
        A scan of the folder, with ``allow_partial``. Its digests are believed.
    known
        Whose a sound may be that is not where it belongs; None: of any registered corpus.
    quick
        Compare no file's bytes: an original is not told from a lossless copy.
    cache
        The cache folder, where the digests of sounds are kept that the scan did not read.
    progress
        Called with (files read or compared, files).

    Raises
    ------
    CorpusError
        If the release's manifest cannot be read.
    """
    known = KnownSounds() if known is None else known
    release = nearest_release(corpus, found)
    size = len(found.utterances)
    here = contents(corpus, found, cache, progress and _after(progress, 0, size))
    if release.manifest is None:
        manifest = None
        judge = Judge(corpus.card.name, found.root, Manifest({}), known, quick=True)
        states = _by_name(here, judge)
        notes = [f"{_UNKNOWN} {release.name}: held against its card and its label files alone"]
        if same := sum(judge.is_of_another_release(one) for one in here.used):
            notes.append(f"{same} of {size} sounds are those of another release, by name and sound")
    else:
        manifest = read_manifest(release.manifest)
        judge = Judge(corpus.card.name, found.root, manifest, known, quick)
        states = _by_checksum(here, judge, progress and _after(progress, here.read, here.read))
        notes = [_QUICK] if quick else []
    sounds = {one.file: one.sound for one in here.used if isinstance(one.sound, Sound)}
    defects = known_defects(
        release,
        sounds,
        {one.file: one.state for one in states if one.state != "repeated"},
        usual_channels([sound.channels for sound in (manifest or sounds).values()]),
    )
    verified = {frozenset(one.files) for one in defects if one.state == "verified"}
    file_of = {utterance.id: utterance.file for utterance in found.utterances}
    return Report(
        corpus=corpus.card.name,
        folder=str(found.root),
        release=release.name,
        basis="names and counts" if manifest is None else "checksums",
        expected=release.utterances if manifest is None else len(manifest),
        states=tuple(states),
        duplicates=tuple(
            ids
            for ids in shared_sounds(found.utterances)
            if frozenset(file_of[name] for name in ids) not in verified
        ),
        known_defects=defects,
        findings=tuple(_untold(found.findings, here.said, states, release)),
        fingerprint=found.fingerprint,
        more=_has_more(found.utterances, release),
        notes=tuple(notes + [f"its sounds were not compared: {reason}" for reason in known.unread]),
    )


def nearest_release(corpus: Corpus, found: Scan) -> Release:
    """The release that a folder is, or comes nearest to.

    The scan goes by counts. Among releases whose files are known, names decide, and of those with
    the same names, the sounds.
    """
    releases = corpus.card.releases
    counted = corpus.card.release(found.release)
    if counted.manifest is None:
        return counted
    here = {utterance.file: utterance.samples for utterance in found.utterances}

    def distance(release: Release) -> tuple[int, int, bool]:
        manifest = read_manifest(release.manifest) if release.manifest else {}
        others = sum(
            manifest[file].samples != samples for file, samples in here.items() if file in manifest
        )
        return len(manifest.keys() ^ here.keys()), others, release is not counted

    return min((release for release in releases if release.manifest is not None), key=distance)


def _after(progress: Progress, before: int, more: int) -> Progress:
    """A part of the way: what was done before it, and what there is beside it."""
    return lambda done, of: progress(before + done, of + more)


def _has_more(utterances: Sequence[Utterance], release: Release) -> bool:
    """Whether there are more utterances of a label or a speaker than a release has."""
    labels = Counter(utterance.native for utterance in utterances)
    speakers = Counter(utterance.speaker for utterance in utterances)
    known = release.counts
    if known and any(count > known.get(label, 0) for label, count in labels.items()):
        return True
    most = {who: release.speakers.get(who, 0) for who in speakers} if release.speakers else {}
    return any(count is not None and speakers[who] > count for who, count in most.items())


def _by_checksum(here: Contents, judge: Judge, progress: Progress | None) -> list[FileState]:
    """The state of every file of the release, in its order, and then of all others."""
    manifest = judge.manifest
    work: list[tuple[Callable[[Found], FileState], Found]] = []
    work += [(judge.named if one.file in manifest else judge.surplus, one) for one in here.used]
    work += [(judge.again, one) for one in here.repeated]
    work += [(judge.unclaimed, one) for one in here.unclaimed]
    judged = _all(work, progress)
    present = {one.file for one in here.used}
    # Where the sound of a missing file stands instead.
    strays: dict[str, str] = {}
    for (_, one), state in zip(work, judged, strict=True):
        if isinstance(one.sound, Sound) and state.state in {"altered", "surplus", "unclaimed"}:
            strays.setdefault(one.sound.samples, one.file)
    for file, released in manifest.items():
        if file not in present:
            stray = strays.get(released.samples)
            detail = f"its sound stands under {stray}" if stray else ""
            judged.append(FileState(file, "missing", detail))
    judged += [
        FileState(file, "missing", "the annotations name it, the release does not")
        for file in here.absent
        if file not in manifest
    ]
    place = {file: number for number, file in enumerate(manifest)}
    return sorted(judged, key=lambda one: (place.get(one.file, len(place)), one.file))


def _all(
    work: Sequence[tuple[Callable[[Found], FileState], Found]], progress: Progress | None
) -> list[FileState]:
    """All judgements. Hashing and decoding release the interpreter lock: threads use all cores."""
    batches = [work[at : at + _BATCH] for at in range(0, len(work), _BATCH)]
    states: list[FileState] = []
    with ThreadPoolExecutor() as pool:
        for judged in pool.map(lambda batch: [of(one) for of, one in batch], batches):
            states += judged
            if progress is not None:
                progress(len(states), len(work))
    return states


def _by_name(here: Contents, judge: Judge) -> list[FileState]:
    """States where no checksum is known: what is there and can be read."""
    states = [judge.unknown(one) for one in here.used]
    states += [judge.again(one) for one in here.repeated]
    states += [judge.unclaimed(one) for one in here.unclaimed]
    states += [FileState(file, "missing", "the annotations name it") for file in here.absent]
    return sorted(states, key=lambda one: one.file)


def _untold(
    findings: Iterable[Finding],
    said: Collection[Finding],
    states: Sequence[FileState],
    release: Release,
) -> list[Finding]:
    """What a scan found and neither a file's state nor a defect tells: all that an adapter said."""
    told = set(_TOLD)
    if release.manifest is not None:
        told.add("altered")
        if any(one.state not in SOUND for one in states):
            told |= INCOMPLETE
    notes = {defect.note for defect in release.defects}
    return [
        finding
        for finding in findings
        if finding in said
        or (
            finding.kind not in told
            and not (finding.kind == "known-defect" and finding.message in notes)
        )
    ]
