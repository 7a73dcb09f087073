"""A forged EMO-DB: its real names, and the table of its listening test."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from hashlib import sha256
from itertools import count, islice
from pathlib import Path, PurePosixPath
from typing import ClassVar

from serbench.corpus import Release, audio_files
from serbench.manifest import read_manifest
from serbench.testing.forgery import Forged, margins
from serbench_corpora.emodb import COUNTS, COUNTS_2, SPEAKERS, SPEAKERS_2
from serbench_corpora.forged.chunks import surround
from serbench_corpora.forged.unpacked import Unpacked

TABLE = "erkennung.txt"
HEADING = "Nr.\tSatz\terkannt\tnatuerlich"
STEP = 5  # per cent: one of the 20 listeners
RECOGNISED, NATURAL = 80, 60  # per cent of the listeners that an utterance needs to be accepted
PADDED = 4  # files
_PADDED = re.compile(r"14a07[AFNW][a-f]")  # the real ones are one version of each emotion
_NBSP = "\xa0"


class EmoDBForgery(Unpacked):
    """Real names, as far as the release's manifest knows them; then those of ``forged_path``."""

    defects: ClassVar[Mapping[str, str]] = {
        **Unpacked.defects,
        "pad-chunk": "four files have a chunk PAD before their sound",
        "erkennung": f"{TABLE}, the listening test: in Latin-1, with decimal commas, padded with "
        "no-break spaces, and with takes that were rejected and have no sound",
    }

    def utterances(self, release: Release, per_cell: int | None) -> Iterator[Forged]:
        real = _real_names(release)
        for speaker, row in self.cells(release, per_cell).items():
            for native, spread in row.items():
                known = real.get((speaker, native), [])
                takes = len(known) if real and per_cell is None else spread
                names = self._names(speaker, native, known)
                for take in range(takes):
                    path = f"wav/{next(names)}.wav"
                    yield Forged(speaker=speaker, native=native, take=take, path=path)

    def spoil(self, root: Path, defect: str) -> None:
        if defect == "pad-chunk":
            # Those of the real names first; a small tree may lack them.
            paths = sorted(audio_files(root), key=lambda path: not _PADDED.fullmatch(path.stem))
            for path in paths[:PADDED]:
                surround(path, b"PAD ")
        elif defect == "erkennung":
            lines = "\n".join([HEADING, *self._judged(root)]) + "\n"
            (root / TABLE).write_bytes(lines.encode("latin-1"))
        else:
            super().spoil(root, defect)

    def _names(self, speaker: str, native: str, known: list[str]) -> Iterator[str]:
        """Names of one speaker and emotion without end, the known ones first.

        Raises
        ------
        SerbenchError
            After the last.
        """
        yield from known
        for take in count():
            name = PurePosixPath(self._path(speaker, native, take)).stem
            if name not in known:
                yield name

    def _judged(self, root: Path) -> Iterator[str]:
        """A row for each file, and for as many takes as the real table has without a sound."""
        accepted = [path.stem for path in audio_files(root)]
        rejected: list[str] = []
        if len(accepted) <= sum(COUNTS.values()):
            by_speaker = dict(Counter(SPEAKERS_2) - Counter(SPEAKERS))
            by_label = dict(Counter(COUNTS_2) - Counter(COUNTS))
            for speaker, row in margins(by_speaker, by_label).items():
                for native, takes in row.items():
                    known = [n for n in accepted if (n[:2], n[5]) == (speaker, native)]
                    names = islice(self._names(speaker, native, known), len(known) + takes)
                    rejected += [*names][len(known) :]
        in_order = sorted({*accepted, *rejected}, key=lambda name: (name[2:5], name))
        for number, name in enumerate(in_order, 1):
            # Made up: whatever an accepted or a rejected utterance may have.
            draw = sha256(name.encode()).digest()
            named, natural = draw[0] % (RECOGNISED // STEP), draw[1] % (100 // STEP + 1)
            if name not in rejected:
                named = RECOGNISED // STEP + draw[0] % ((100 - RECOGNISED) // STEP + 1)
                natural = NATURAL // STEP + draw[1] % ((100 - NATURAL) // STEP + 1)
            yield "\t".join(
                (
                    f"{number}{2 * _NBSP}",
                    f"{name}.wav",
                    f"{named * STEP},00{5 * _NBSP}",
                    f"{natural * STEP},00{5 * _NBSP}",
                )
            )


def _real_names(release: Release) -> dict[tuple[str, str], list[str]]:
    """Names by speaker and label, where the release has a manifest."""
    names: dict[tuple[str, str], list[str]] = {}
    if release.manifest is not None:
        for file in sorted(read_manifest(release.manifest)):
            name = PurePosixPath(file).stem
            names.setdefault((name[:2], name[5]), []).append(name)
    return names
