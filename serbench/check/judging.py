"""One file held against what the release has under its name."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from serbench.audio import Sound
from serbench.check.contents import Found
from serbench.check.differences import difference, recognised
from serbench.check.known_sounds import KnownSound, KnownSounds
from serbench.check.report import FileState, State
from serbench.errors import AudioError
from serbench.manifest import Fingerprint, Manifest

UNTOLD = "other samples of the same rate, channels and length"


@dataclass(frozen=True)
class Judge:
    """Who knows what a release's files should be.

    Parameters
    ----------
    corpus
        The corpus's name.
    root
        Its folder.
    manifest
        Its release's files.
    known
        The files of all other corpora.
    quick
        Go by what the scan has read, and open no file again.
    """

    corpus: str
    root: Path
    manifest: Manifest
    known: KnownSounds
    quick: bool

    def named(self, one: Found) -> FileState:
        """A file under a name of the release."""
        released = self.manifest[one.file]
        if isinstance(one.sound, AudioError):
            return _damaged(one, one.sound)
        if one.sound.samples == released.samples:
            return self._same(one, released)
        return FileState(one.file, "altered", self._altered(one.path, one.sound, released))

    def again(self, one: Found) -> FileState:
        """A further file of a name."""
        detail = f"again as {self._place(one)}"
        if one.file in self.manifest:
            judged = self.named(one)
            detail += f": {judged.state}" + (f", {judged.detail}" if judged.detail else "")
        return FileState(one.file, "repeated", detail)

    def surplus(self, one: Found) -> FileState:
        """A file whose name is the corpus's, and not the release's."""
        if isinstance(one.sound, AudioError):
            return _damaged(one, one.sound)
        return FileState(one.file, "surplus", self.whose(one.sound.samples))

    def unknown(self, one: Found) -> FileState:
        """A file of a release whose checksums are not known."""
        if isinstance(one.sound, AudioError):
            return _damaged(one, one.sound)
        if self.is_of_another_release(one):
            return FileState(one.file, "readable")
        known = self.known.holding(one.sound.samples)
        # The sound of another file of this very corpus: two were swapped, or one renamed.
        swapped = any(sound.corpus == self.corpus for sound in known)
        state: State = "altered" if swapped else "readable"
        return FileState(one.file, state, self.whose(one.sound.samples))

    def is_of_another_release(self, one: Found) -> bool:
        """Whether a release of this corpus whose checksums are known has this file as it is."""
        own = KnownSound(self.corpus, one.file)
        return isinstance(one.sound, Sound) and own in self.known.holding(one.sound.samples)

    def unclaimed(self, one: Found) -> FileState:
        """A sound file of any other name."""
        if isinstance(one.sound, AudioError):
            return FileState(one.file, "unclaimed", "cannot be decoded")
        return FileState(one.file, "unclaimed", self.whose(one.sound.samples))

    def whose(self, samples: str) -> str:
        """Whose sound it is, if it is known: "holds the sound of DC/a02.wav"."""
        own = list(self.manifest.holding(samples))
        others = [
            sound for sound in self.known.holding(samples) if sound.corpus != self.corpus or not own
        ]
        names = own + [str(sound) for sound in others]
        return f"holds the sound of {' = '.join(names)}" if names else ""

    def _same(self, one: Found, released: Fingerprint) -> FileState:
        if self.quick:
            return FileState(one.file, "same-sound")
        if _same_bytes(one.path, released):
            return FileState(one.file, "intact")
        suffix = one.path.suffix.lower()
        form = f"{suffix[1:].upper()} file" if suffix != ".wav" else "other header or chunks"
        return FileState(one.file, "lossless-copy", form)

    def _altered(self, path: Path, sound: Sound, released: Fingerprint) -> str:
        if whose := self.whose(sound.samples):
            return whose
        form = "" if self.quick else recognised(path, sound, released)
        return form or difference(sound, released) or UNTOLD

    def _place(self, one: Found) -> str:
        return os.path.relpath(one.path, self.root)


def _damaged(one: Found, error: AudioError) -> FileState:
    return FileState(one.file, "damaged", error.found.removeprefix(f"{one.path} "))


def _same_bytes(path: Path, released: Fingerprint) -> bool:
    if path.stat().st_size != released.bytes:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == released.sha256
