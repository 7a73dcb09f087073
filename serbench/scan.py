"""From a folder to utterances: every entry mapped, its sound read, and all of it counted.

Nothing is dropped in silence. Whatever does not agree with the corpus's card is a finding with its
path, and a finding is an error unless a partial corpus was allowed for; then it is kept beside the
utterances, and the fingerprint of the corpus is another one, so that its results stand apart.
"""

from __future__ import annotations

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from serbench.audio import Sound, inspect
from serbench.canonical import digest
from serbench.corpus import Corpus, Entry, Finding, Release, Utterance, audio_files
from serbench.errors import AudioError, CorpusError
from serbench.inspected import Inspected

Progress = Callable[[int, int], None]
MOST_NAMED = 10  # findings that an error message spells out


@dataclass(frozen=True)
class Scan:
    """A corpus as read: utterances in the order of their ids.

    ``fingerprint`` is a SHA-256 over every utterance's id, speaker, native label, gender, text and
    decoded samples: two folders share it exactly if they hold the same corpus, whatever the layout.
    """

    corpus: str
    root: Path
    release: str
    utterances: tuple[Utterance, ...]
    findings: tuple[Finding, ...]
    fingerprint: str

    @property
    def partial(self) -> bool:
        return any(finding.grave for finding in self.findings)


def scan(
    corpus: Corpus,
    root: Path,
    *,
    allow_partial: bool = False,
    inspected: Inspected | None = None,
    progress: Progress | None = None,
) -> Scan:
    """Read a corpus from its folder.

    Parameters
    ----------
    corpus
        The adapter.
    root
        The folder, as the corpus's authors or the usual mirrors lay it out.
    allow_partial
        Keep what can be read, and the findings, where these would be an error.
    inspected
        What is known of sound files that have not changed since; None: read them all.
    progress
        Called with (sound files read, sound files).

    Raises
    ------
    CorpusError
        Naming the findings, unless ``allow_partial``; always if there is no utterance at all.
    """
    name = corpus.card.name
    entries, findings = _claimed(corpus, root)
    known: list[Entry] = []
    for entry in entries:
        if entry.native in corpus.labels:
            known.append(entry)
            continue
        findings.append(
            Finding(
                "unknown-label",
                f"{entry.audio}: label {entry.native!r} is none of {', '.join(corpus.labels)}",
            )
        )
    store = inspected if inspected is not None else Inspected()
    sounds, damaged = _listen(known, store, progress)
    findings += damaged
    whole = [entry for entry in known if entry.id in sounds]
    release, differences = _nearest_release(corpus, whole)
    findings += differences
    utterances = tuple(
        _utterance(corpus, entry, sounds[entry.id]) for entry in sorted(whole, key=lambda e: e.id)
    )
    grave = [finding for finding in findings if finding.grave]
    if not utterances or (grave and not allow_partial):
        raise _refusal(corpus, root, release, findings)
    content = [
        [u.id, u.speaker, u.native, u.gender, u.text, u.samples, u.rate, u.channels]
        for u in utterances
    ]
    return Scan(name, root, release.name, utterances, tuple(findings), digest(content))


def _claimed(corpus: Corpus, root: Path) -> tuple[list[Entry], list[Finding]]:
    """The entries, each id once, and what is wrong with the tree."""
    by_id: dict[str, list[Entry]] = defaultdict(list)
    findings: list[Finding] = []
    for found in corpus.entries(root):
        if isinstance(found, Finding):
            findings.append(found)
        else:
            by_id[found.id].append(found)
    if not by_id:
        others = list(audio_files(root))
        example = f", such as {others[0].relative_to(root)}" if others else ""
        raise CorpusError(
            f"{root} holds no file of {corpus.card.title}: "
            f"{len(others)} other sound files{example}",
            expected="; ".join(corpus.card.layouts) or "the corpus as its authors distribute it",
            advice=corpus.card.how_to_get,
        )
    copies = {len(entries) for entries in by_id.values()}
    mirrored = copies != {1} and len(copies) == 1
    for name, entries in by_id.items():
        entries.sort(key=lambda entry: (len(entry.audio.parts), str(entry.audio)))
        if len(entries) > 1 and not (mirrored and _same_sound(entries)):
            paths = " and ".join(str(entry.audio) for entry in entries)
            findings.append(
                Finding("repeated", f"{len(entries)} files of one id {name!r}: {paths}")
            )
    if mirrored and not any(finding.kind == "repeated" for finding in findings):
        findings.append(
            Finding(
                "mirrored",
                f"{root} holds each file {copies.pop()} times with the same sound; one is used",
                grave=False,
            )
        )
    claimed = {entry.audio for entries in by_id.values() for entry in entries}
    findings += [
        Finding("unclaimed", f"{path}: a sound file that is none of {corpus.card.title}'s names")
        for path in audio_files(root)
        if path not in claimed
    ]
    return [entries[0] for entries in by_id.values()], findings


def _same_sound(entries: Iterable[Entry]) -> bool:
    try:
        return len({inspect(entry.audio, entry.start, entry.end) for entry in entries}) == 1
    except AudioError:
        return False


def _listen(
    entries: list[Entry], inspected: Inspected, progress: Progress | None
) -> tuple[dict[str, Sound], list[Finding]]:
    """The sound of every entry by id, and the files that cannot be read."""
    sounds: dict[str, Sound] = {}
    findings: list[Finding] = []

    def one(entry: Entry) -> Sound | AudioError:
        try:
            return inspected.sound(entry.audio, entry.start, entry.end)
        except AudioError as error:
            return error

    # Decoding and hashing release the interpreter lock, so threads use all cores.
    with ThreadPoolExecutor() as pool:
        for done, (entry, sound) in enumerate(zip(entries, pool.map(one, entries), strict=True), 1):
            if isinstance(sound, AudioError):
                kind = "damaged" if entry.audio.exists() else "missing"
                findings.append(Finding(kind, str(sound)))
            else:
                sounds[entry.id] = sound
            if progress is not None:
                progress(done, len(entries))
    inspected.save()
    return sounds, findings


def _nearest_release(corpus: Corpus, entries: list[Entry]) -> tuple[Release, list[Finding]]:
    """The release that the counts fit best, and where they do not."""
    labels = Counter(entry.native for entry in entries)
    speakers = Counter(entry.speaker for entry in entries)

    def differences(release: Release) -> list[Finding]:
        return [
            Finding(
                "count",
                f"{what} {key}: {counted.get(key, 0)} utterances, "
                f"{expected.get(key, 0)} in {release.name}",
            )
            for what, counted, expected in (
                ("label", labels, dict(release.counts)),
                ("speaker", speakers, dict(release.speakers)),
            )
            if expected
            for key in sorted({*counted, *expected})
            if expected.get(key, 0) not in (None, counted.get(key, 0))
        ]

    def distance(release: Release) -> int:
        keys = {*labels, *release.counts}
        return sum(abs(labels.get(key, 0) - release.counts.get(key, 0)) for key in keys)

    nearest = min(corpus.card.releases, key=distance)
    return nearest, differences(nearest)


def _utterance(corpus: Corpus, entry: Entry, sound: Sound) -> Utterance:
    emotion = corpus.labels[entry.native]
    fields = {field.name: getattr(entry, field.name) for field in dataclasses.fields(entry)}
    fields["id"] = f"{corpus.card.name}/{entry.id}"
    return Utterance(
        **fields,
        corpus=corpus.card.name,
        emotion="" if emotion is None else str(emotion),
        rate=sound.rate,
        channels=sound.channels,
        duration=sound.duration,
        samples=sound.samples,
    )


def _refusal(corpus: Corpus, root: Path, release: Release, findings: list[Finding]) -> CorpusError:
    grave = [finding.message for finding in findings if finding.grave]
    named = "\n  ".join(grave[:MOST_NAMED])
    more = f"\n  and {len(grave) - MOST_NAMED} more" if len(grave) > MOST_NAMED else ""
    return CorpusError(
        f"{root} is not {corpus.card.title} as it should be, {len(grave)} findings:\n"
        f"  {named}{more}",
        expected=f"{release.name}: {sum(release.counts.values())} utterances, "
        f"{len(release.speakers)} speakers",
        advice="complete the folder, or take what is there with --allow-partial "
        "(its results then stand apart)",
    )
