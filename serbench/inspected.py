"""What is known of sound files that have not changed: an index beside the feature cache.

Reading 23,000 utterances to learn their length and digest takes seconds to minutes; a look at the
sizes and times of their files takes a moment. A file is taken as unchanged if its size, inode,
modification and status-change times are: the last of these cannot be set back by a program.
"""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from serbench.audio import Sound, inspect_spans
from serbench.decoded import Span
from serbench.errors import AudioError
from serbench.sealed import read_sealed, write_sealed

VERSION = 3  # raised when serbench.audio.inspect_spans learns to see more

_BATCH = 16  # files that a thread is handed at once

Place = tuple[Path, float | None, float | None]  # a file, and seconds into it


class Inspected:
    """An index of sounds for one corpus folder.

    Parameters
    ----------
    cache
        The cache folder; None: remember nothing.
    root
        The corpus folder, which names the index.

    Notes
    -----
    Two writers at once: the later one stays, and each entry in it is right. A torn or foreign index
    is read as an empty one, and its files are inspected again.
    """

    def __init__(self, cache: Path | None = None, root: Path | None = None) -> None:
        self._path: Path | None = None
        # Path to the file's state, and to the sounds of its segments.
        self._known: dict[str, tuple[list[int], dict[str, list[Any]]]] = {}
        self._fresh = False
        if cache is not None and root is not None:
            name = hashlib.sha256(
                os.path.realpath(root).encode(errors="surrogatepass")
            ).hexdigest()[:24]
            self._path = cache / "sounds" / f"{name}.json"
            content = read_sealed(self._path, VERSION)
            self._known = content if isinstance(content, dict) else {}

    def sound(self, path: Path, start: float | None, end: float | None) -> Sound:
        """What a file or a segment of it holds, read only if it is new or has changed.

        Raises
        ------
        AudioError
            If it cannot be read.
        """
        (sound,) = self.sounds([(path, start, end)])
        if isinstance(sound, AudioError):
            raise sound
        return sound

    def sounds(
        self, places: Sequence[Place], progress: Callable[[int, int], None] | None = None
    ) -> list[Sound | AudioError]:
        """What each place holds, or why it cannot be told.

        Parameters
        ----------
        places
            Files, or segments of them. Those of one file are read together.
        progress
            Called with (places done, places).
        """
        by_path: dict[Path, list[int]] = defaultdict(list)
        for row, (path, _, _) in enumerate(places):
            by_path[path].append(row)

        files = list(by_path.items())
        batches = [files[at : at + _BATCH] for at in range(0, len(files), _BATCH)]

        def look(batch: list[tuple[Path, list[int]]]) -> list[list[Sound | AudioError]]:
            return [self._of_file(path, [places[row][1:] for row in rows]) for path, rows in batch]

        found: list[Sound | AudioError] = [_UNREAD] * len(places)
        done = 0
        # Hashing and decoding release the interpreter lock, so threads use all cores.
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for batch, looked in zip(batches, pool.map(look, batches), strict=True):
                for (_, rows), sounds in zip(batch, looked, strict=True):
                    for row, sound in zip(rows, sounds, strict=True):
                        found[row] = sound
                    done += len(rows)
                if progress is not None:
                    progress(done, len(places))
        return found

    def save(self) -> None:
        """Write the index if it has changed. A cache that cannot be written is done without."""
        if self._path is not None and self._fresh:
            self._fresh = not write_sealed(self._path, VERSION, self._known)

    def _of_file(self, path: Path, spans: list[Span]) -> list[Sound | AudioError]:
        try:
            stat = path.stat()
        except OSError as error:
            reason = AudioError(f"{path} cannot be opened: {error.strerror}")
            return [reason] * len(spans)
        state = [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]
        key = str(path.absolute())
        known = self._known.get(key)
        segments = known[1] if known is not None and known[0] == state else {}
        names = [f"{start}\t{end}" for start, end in spans]
        unknown = [row for row, name in enumerate(names) if name not in segments]
        fresh = dict(
            zip(unknown, inspect_spans(path, [spans[row] for row in unknown]), strict=True)
            if unknown
            else ()
        )
        if fresh:
            told = {
                names[row]: [sound.rate, sound.channels, sound.frames, sound.samples]
                for row, sound in fresh.items()
                if isinstance(sound, Sound)
            }
            self._known[key] = (state, segments | told)
            self._fresh = True
        return [
            fresh[row] if row in fresh else Sound(*segments[name]) for row, name in enumerate(names)
        ]


_UNREAD = AudioError("not read")
