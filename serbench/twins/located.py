"""The sounds of a search as clips: what each file holds at this moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from serbench.errors import AudioError
from serbench.features.clip import Clip
from serbench.inspected import Inspected
from serbench.twins.spread import Steps

SHOWN = 5  # files that a message spells out


@dataclass(frozen=True)
class Sound:
    """One of the sounds that are searched."""

    id: str
    path: Path
    start: float | None = None  # seconds into the file; None: from its start
    end: float | None = None  # seconds into the file; None: to its end
    samples: str | None = None  # SHA-256 of the decoded samples (serbench.audio), if it is known


def located(sounds: Sequence[Sound], cache: Path, steps: Steps) -> list[Clip]:
    """Each sound as a clip. A file is read only if it is new or has changed.

    Raises
    ------
    AudioError
        If some cannot be read, or are not what ``samples`` says.
    """
    done = 0

    def tell(count: int, _: int) -> None:
        nonlocal done
        steps.did(count - done)
        done = count

    index = Inspected(cache, cache / "twins")
    held = index.sounds([(one.path, one.start, one.end) for one in sounds], tell)
    index.save()
    clips: list[Clip] = []
    broken: list[str] = []
    for one, sound in zip(sounds, held, strict=True):
        if isinstance(sound, AudioError):
            broken.append(sound.found)
            continue
        form = (sound.samples, sound.rate, sound.channels, sound.duration)
        clip = Clip(one.path, one.start, one.end, *form)
        if one.samples not in {None, sound.samples}:
            broken.append(f"{clip} has changed since the digest of its samples was taken")
        clips.append(clip)
    if broken:
        shown = broken[:SHOWN]
        if len(broken) > SHOWN:
            shown.append(f"and {len(broken) - SHOWN} more")
        raise AudioError(
            "\n".join([f"{len(broken)} of {len(sounds)} sounds cannot be compared:", *shown]),
            expected="files that can be read whole, and hold what was scanned",
        )
    return clips
