"""A forged SAVEE, and the ways in which it was unpacked into itself."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from serbench_corpora.forged.unpacked import Unpacked

TOP = "AudioData"
COPIED = "f10"


class SAVEEForgery(Unpacked):
    """Mono, without a duplicate: what is odd in SAVEE is odd in its mirrors only."""

    defects: ClassVar[Mapping[str, str]] = {
        **Unpacked.defects,
        "nested": f"the whole tree a second time in {TOP}/{TOP}/",
        "copies": f"all speakers' {COPIED} in one folder, as {COPIED}.wav, {COPIED} (2).wav and so "
        "on: their speakers are lost",
    }

    def spoil(self, root: Path, defect: str) -> None:
        if defect == "nested":
            for folder in sorted(path for path in (root / TOP).iterdir() if path.is_dir()):
                shutil.copytree(folder, root / TOP / TOP / folder.name)
        elif defect == "copies":
            for number, path in enumerate(self.sounds(root, [COPIED]), 1):
                taken = "" if number == 1 else f" ({number})"
                shutil.copy(path, root / TOP / f"{COPIED}{taken}{path.suffix}")
        else:
            super().spoil(root, defect)
