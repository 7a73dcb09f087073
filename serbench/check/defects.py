"""The oddities that a release is known for, looked for in a folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from serbench.audio import Sound
from serbench.check.report import KnownDefect, Presence, State
from serbench.corpus import Defect, Release


def known_defects(
    release: Release,
    sounds: Mapping[str, Sound],
    states: Mapping[str, State],
    channels: int,
) -> tuple[KnownDefect, ...]:
    """Each defect of a release, and whether it is here.

    Parameters
    ----------
    sounds
        What stands in the folder, by file.
    states
        How each file of the release stands: what only a note tells is known of those whose bytes
        are the release's.
    channels
        How many most files of the release have.
    """
    return tuple(
        KnownDefect(
            defect.kind, defect.note, defect.files, _state(defect, sounds, states, channels)
        )
        for defect in release.defects
    )


def usual_channels(counts: Collection[int]) -> int:
    """The number of channels that most files have."""
    return Counter(counts).most_common(1)[0][0] if counts else 1


def _state(
    defect: Defect, sounds: Mapping[str, Sound], states: Mapping[str, State], channels: int
) -> Presence:
    if not defect.files:
        return "general"
    if defect.kind not in {"duplicate", "channels"}:
        stand = {states.get(file) for file in defect.files}
        if stand <= {"intact"}:
            return "stated"
        return "unlooked" if stand <= {"intact", "same-sound"} else "unknown"
    here = [sounds[file] for file in defect.files if file in sounds]
    if len(here) < len(defect.files):
        return "unknown"
    if defect.kind == "duplicate":
        seen = len({sound.samples for sound in here}) == 1
    else:
        # An oddity only where the other files are otherwise.
        others = [sound for file, sound in sounds.items() if file not in defect.files]
        usual = not others or any(sound.channels == channels for sound in others)
        seen = usual and all(sound.channels != channels for sound in here)
    return "verified" if seen else "absent"
