"""A forged CASIA, the 1,200 utterances in circulation or all 9,600."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar

from serbench.corpus import Release
from serbench.errors import SerbenchError
from serbench.testing.forgery import Forged
from serbench_corpora.casia import DIFFERENT_TEXTS, DOTTED, FIRST_TEXT, FULL, GENDERS, SAME_TEXTS
from serbench_corpora.forged.unpacked import Unpacked

PARENT = "CASIA database"
SAME, DIFFERENT = 300, 100  # texts


class CASIAForgery(Unpacked):
    """The numbers of the full edition's texts are made up: 201 to 500, and 001 to 100."""

    defects: ClassVar[Mapping[str, str]] = {
        **Unpacked.defects,
        "lower-case": "the speakers' folders are spelled in lower case",
        "parent": f"everything stands in a folder {PARENT}/",
    }

    def utterances(self, release: Release, per_cell: int | None) -> Iterator[Forged]:
        if release.name != FULL.name:
            yield from super().utterances(release, per_cell)
            return
        for speaker, row in self.cells(release, per_cell).items():
            for native, takes in row.items():
                # Normal goes on where neutral ends: they are one emotion, in which a voice says
                # each take in its own way.
                first = SAME if native == "normal" else 0
                for take in range(first, first + takes):
                    path = _full_path(speaker, native, take)
                    yield Forged(speaker=speaker, native=native, take=take, path=path)

    def spoil(self, root: Path, defect: str) -> None:
        if defect == "lower-case":
            for speaker in (*GENDERS, *DOTTED.values()):
                for folder in [path for path in root.rglob(speaker) if path.is_dir()]:
                    folder.rename(folder.with_name(speaker.lower()))
        elif defect == "parent":
            inner = [*root.iterdir()]
            (root / PARENT).mkdir()
            for path in inner:
                path.rename(root / PARENT / path.name)
        else:
            super().spoil(root, defect)


def _full_path(speaker: str, native: str, take: int) -> str:
    last = SAME if native == "neutral" else SAME + DIFFERENT
    if take >= last:
        raise SerbenchError(
            f"{FULL.name} has {last} takes of label {native!r} by {speaker} at most",
            advice="forge fewer utterances per speaker and label",
        )
    if take < SAME:
        return f"{SAME_TEXTS}/{speaker}/{native}/{FIRST_TEXT + take}.wav"
    return f"{DIFFERENT_TEXTS}/{DOTTED[speaker]}/{native}/{take - SAME + 1:03d}.wav"
