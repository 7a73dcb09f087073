"""What was read, held against what the corpus's card says: the release, and where it differs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from serbench.corpus import Corpus, Defect, Finding, Release, Utterance
from serbench.errors import FEW, few
from serbench.manifest import read_manifest

SURPLUS = 10  # a part of a release is common, a label that it has not speaks against it


def reconcile(
    corpus: Corpus, utterances: Sequence[Utterance], release: Release | None = None
) -> tuple[Release, list[Finding]]:
    """The release that the utterances fit best, and what is not as it is there.

    Counts decide, unless the adapter has said which ``release`` it is. Where that has a manifest,
    the names of its files and their sounds are held against it too.
    """
    release = release or _nearest(corpus, utterances)
    findings = _names_and_sounds(release, utterances)
    findings += _counts(release, utterances)
    findings += _duplicates(release, utterances)
    findings += _channels(release, utterances)
    return release, findings


def _nearest(corpus: Corpus, utterances: Sequence[Utterance]) -> Release:
    labels = Counter(utterance.native for utterance in utterances)

    def distance(release: Release) -> int:
        keys = {*labels, *release.counts}
        lacking = sum(max(release.counts.get(key, 0) - labels[key], 0) for key in keys)
        surplus = sum(max(labels[key] - release.counts.get(key, 0), 0) for key in keys)
        return lacking + SURPLUS * surplus

    return min(corpus.card.releases, key=distance)


def _names_and_sounds(release: Release, utterances: Sequence[Utterance]) -> list[Finding]:
    if release.manifest is None:
        return []
    manifest = read_manifest(release.manifest)
    here = {utterance.file: utterance.samples for utterance in utterances}
    missing = [file for file in manifest if file not in here]
    surplus = [file for file in here if file not in manifest]
    altered = [
        file
        for file, samples in here.items()
        if file in manifest and manifest[file].samples != samples
    ]
    total = len(manifest)
    findings = []
    if missing:
        findings.append(
            Finding("missing", f"{len(missing)} of {total} files of {release.name}: {few(missing)}")
        )
    if surplus:
        findings.append(
            Finding("surplus", f"{len(surplus)} files that {release.name} has not: {few(surplus)}")
        )
    if altered:
        findings.append(
            Finding(
                "altered",
                f"{len(altered)} of {total} sounds are not those of {release.name} (forged, "
                f"resampled, cut or re-encoded): {few(altered)}",
                grave=False,
            )
        )
    return findings


def _counts(release: Release, utterances: Sequence[Utterance]) -> list[Finding]:
    labels = Counter(utterance.native for utterance in utterances)
    speakers = Counter(utterance.speaker for utterance in utterances)
    findings = []
    for what, counted, expected in (
        ("label", labels, dict[str, int | None](release.counts)),
        ("speaker", speakers, dict(release.speakers)),
    ):
        keys = {*counted, *expected} if expected else ()  # nobody has published them
        for key in sorted(keys):
            count = expected.get(key, 0)
            if count is not None and count != counted[key]:
                findings.append(
                    Finding(
                        "count",
                        f"{what} {key}: {counted[key]} utterances, {count} in {release.name}",
                    )
                )
    return findings


def _duplicates(release: Release, utterances: Sequence[Utterance]) -> list[Finding]:
    """Sounds that stand under two ids, those apart that the release is known for."""
    file_of = {utterance.id: utterance.file for utterance in utterances}
    groups = {frozenset(file_of[name] for name in ids) for ids in shared_sounds(utterances)}
    if not groups:
        return []
    findings = []
    for defect in _defects(release, "duplicate"):
        if frozenset(defect.files) in groups:
            groups.remove(frozenset(defect.files))
            findings.append(Finding("known-defect", defect.note, grave=False))
    if groups:
        shared = sum(len(group) for group in groups)
        examples = few([" = ".join(sorted(group)[:FEW]) for group in sorted(groups, key=sorted)])
        findings.append(
            Finding(
                "duplicate",
                f"{shared} utterances share their sound with another: {examples}",
                grave=False,
            )
        )
    return findings


def shared_sounds(utterances: Iterable[Utterance]) -> list[tuple[str, ...]]:
    """Groups of ids whose decoded samples are the same, each sorted, all sorted by their first.

    Across corpora of different formats this finds what was copied, not what was resampled.
    """
    same: dict[str, set[str]] = defaultdict(set)
    for utterance in utterances:
        same[utterance.samples].add(utterance.id)
    return sorted(tuple(sorted(ids)) for ids in same.values() if len(ids) > 1)


def _channels(release: Release, utterances: Sequence[Utterance]) -> list[Finding]:
    """Files with another number of channels than most, said where the release is known for it."""
    counts = Counter(utterance.channels for utterance in utterances)
    if len(counts) < 2:
        return []
    usual = counts.most_common(1)[0][0]
    odd = {utterance.file: utterance.channels for utterance in utterances}
    odd = {file: channels for file, channels in odd.items() if channels != usual}
    findings = []
    for defect in _defects(release, "channels"):
        if all(file in odd for file in defect.files):
            findings.append(Finding("known-defect", defect.note, grave=False))
            odd = {file: channels for file, channels in odd.items() if file not in defect.files}
    if odd:
        findings.append(
            Finding(
                "altered",
                f"{len(odd)} files have another number of channels than the other files' {usual}: "
                f"{few(odd)}",
                grave=False,
            )
        )
    return findings


def _defects(release: Release, kind: str) -> Iterable[Defect]:
    return (defect for defect in release.defects if defect.kind == kind)
