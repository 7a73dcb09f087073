"""Several files of one utterance: mirrors that hold each file twice, and copies that differ."""

from __future__ import annotations

from pathlib import Path

from serbench.audio import Sound
from serbench.corpus import Corpus, Entry, Finding
from serbench.inspected import Inspected
from serbench.manifest import read_manifest


def each_once(
    corpus: Corpus,
    root: Path,
    by_id: dict[str, list[Entry]],
    inspected: Inspected,
    findings: list[Finding],
) -> list[Entry]:
    """One entry of each id.

    A tree that holds most of them several times is called mirrored, and its copies do no harm where
    they have one sound. Of two that differ, the release's own is used, if it is among them.
    """
    repeated = {name: entries for name, entries in by_id.items() if len(entries) > 1}
    if not repeated:
        return [entries[0] for entries in by_id.values()]
    for entries in repeated.values():
        entries.sort(key=lambda entry: (len(entry.audio.parts), str(entry.audio)))
    copies = [entry for entries in repeated.values() for entry in entries]
    sounds = dict(
        zip(
            map(id, copies),
            inspected.sounds([(entry.audio, entry.start, entry.end) for entry in copies]),
            strict=True,
        )
    )
    released = {
        (file, one.samples)
        for release in corpus.card.releases
        if release.manifest is not None
        for file, one in read_manifest(release.manifest).items()
    }
    mirrored = 0
    differ = []
    for name, entries in repeated.items():
        heard = [sounds[id(entry)] for entry in entries]
        if isinstance(heard[0], Sound) and len(set(heard)) == 1:
            mirrored += 1
            continue
        differ.append(name)
        for entry, sound in zip(entries, heard, strict=True):
            if isinstance(sound, Sound) and (entry.file, sound.samples) in released:
                by_id[name] = [entry, *(other for other in entries if other is not entry)]
                break
    if mirrored * 2 > len(by_id):
        findings.append(
            Finding(
                "mirrored",
                f"{root} holds {mirrored} of {len(by_id)} files several times with the same sound; "
                "one of each is used",
                grave=False,
            )
        )
    else:
        differ = list(repeated)
    for name in differ:
        paths = " and ".join(str(entry.audio) for entry in by_id[name])
        findings.append(
            Finding("repeated", f"{len(by_id[name])} files of one id {name!r}: {paths}")
        )
    return [entries[0] for entries in by_id.values()]
