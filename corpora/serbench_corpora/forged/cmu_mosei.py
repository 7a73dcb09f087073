"""A forged CMU-MOSEI: invented segments of its real videos, and silence between them.

To hear nothing in particular under the real labels, :func:`forge_audio` writes recordings for a
real ``CMU_MOSEI_Labels.csv``.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar
from zlib import crc32

from serbench.corpus import Corpus, Release, audio_files
from serbench.errors import UsageError
from serbench.testing.forgery import Forged, Voice, Written
from serbench_corpora.cmu_mosei import CSD, MMSA, RATERS
from serbench_corpora.forged.mosei_labels import (
    CSV,
    Clip,
    clip_numbers,
    read_clips,
    rows_in_order,
    write_csd,
    write_csv,
    write_mmsa,
    write_raters,
    write_transcripts,
)
from serbench_corpora.forged.mosei_sounds import AFTER, FOLDER, begin, forge_audio, put
from serbench_corpora.forged.unpacked import Unpacked
from serbench_corpora.mosei.folds import known_videos
from serbench_corpora.mosei.segments import FOLDS, NONE

__all__ = ["ForgedMOSEI", "forge_audio"]

PAUSE = 0.5  # seconds between two segments
SHORTEST, LONGEST = 1.0, 1.6  # seconds of a segment
EARLY = -0.487528344671  # seconds; the start that most of the real early segments have
EARLY_ROWS, EMPTY_ROWS = 239, 3
FEW_VIDEOS = 2  # of each fold, and of those in none, where a number per cell is asked for
SEGMENTED = "Audio/Segmented_Audio"
SEGMENTED_FOLDERS = {"train": "train", "valid": "dev", "test": "test"}


class ForgedMOSEI(Unpacked):
    """Whole recordings and the release's form of labels; another is one of ``defects``.

    Those that change the CSV come before those that put another label file in its place.
    """

    defects: ClassVar[Mapping[str, str]] = {
        **Unpacked.defects,
        "negative-starts": f"{EARLY_ROWS} segments begin before their video",
        "empty-segments": f"{EMPTY_ROWS} segments end where they begin",
        "bom": "the CSV with a byte order mark and the line ends of Windows",
        "transcripts": "transcripts beside the CSV",
        "segmented": "a file per segment of the folds instead of recordings, Audio/Segmented_Audio",
        "csd": "the labels as an HDF5 file instead of a CSV; needs h5py",
        "mturk": "raters' answers and transcripts instead of the CSV",
        "mmsa": "MMSA's label.csv and Raw/<video>/<clip>.wav instead of CSV and recordings",
    }

    def __init__(self, corpus: Corpus) -> None:
        super().__init__(corpus)
        self._begun: set[Path] = set()
        self._clips: dict[str, Clip] = {}  # by the file of their own
        self._suffix = ".wav"
        self._last: dict[str, float] = {}  # path to the end of its last segment, in seconds

    def cells(self, release: Release, per_cell: int | None) -> dict[str, dict[str, int]]:
        """Utterances per video and native label; with ``per_cell``, of a few videos alone.

        Labels of emotions are the CSV's, a third of the happy ones being none where the release
        tells them apart.
        """
        standard = self.corpus.card.standard
        if per_cell is None:
            whole = super().cells(standard, None)
        else:
            few: list[str] = []
            for fold in (*FOLDS, None):
                videos = (v for v in standard.speakers if known_videos()[v].fold == fold)
                few += list(videos)[:FEW_VIDEOS]
            whole = {video: dict.fromkeys(standard.counts, per_cell) for video in few}
        if release.name in (CSD.name, RATERS.name):
            for row in whole.values():
                row[NONE] = row["happy"] // 3 if per_cell is None else per_cell
                row["happy"] -= row[NONE] if per_cell is None else 0
        kept = release.speakers or whole
        return {video: row for video, row in whole.items() if video in kept}

    def utterances(self, release: Release, per_cell: int | None) -> Iterator[Forged]:
        """Every segment; within a video they stand in the order of their rows."""
        for video, row in self.cells(release, per_cell).items():
            natives = [native for native, count in row.items() for _ in range(count)]
            order = sorted(range(len(natives)), key=lambda at: crc32(f"{video}/{at}".encode()))
            path = f"{FOLDER}/{video}.wav"
            times = _times(video, len(natives))
            self._last[path] = times[-1][1] if times else 0.0
            takes: Counter[str] = Counter()
            numbers = rows_in_order(len(natives))
            for at, (place, number) in enumerate(zip(order, numbers, strict=True)):
                clip = Clip(video, at, *times[number], natives[place])
                if release.name == MMSA.name:
                    native, file = clip.annotation, f"Raw/{video}/{number}.wav"
                    forged = Forged(speaker=video, native=native, take=takes[native], path=file)
                    self._clips[file] = clip
                else:
                    native, start, end = clip.native, clip.start, clip.end
                    forged = Forged(
                        speaker=video,
                        native=native,
                        take=takes[native],
                        path=path,
                        start=start,
                        end=end,
                    )
                takes[native] += 1
                yield forged

    def sound(self, root: Path, suffix: str, forged: Forged, voice: Voice) -> Written:
        """Write a segment into its video's recording, which is begun with the first of them."""
        if forged.start is None or forged.end is None:
            return super().sound(root, suffix, forged, voice)
        start, end = forged.start, forged.end
        path = root / forged.path  # a WAV at first: no other kind can be written into
        self._suffix = suffix
        if path not in self._begun:
            self._begun.add(path)
            begin(path, self._last[forged.path] + AFTER, voice.rate)
        put(path, start, voice(forged), voice.rate)
        return Written(forged, end - start)

    def annotate(self, root: Path, release: Release, written: Sequence[Written]) -> None:
        """Write the labels, and turn the recordings into FLAC if that was asked for."""
        if self._suffix.lower() != ".wav":
            for path in self._begun:
                _convert(path, self._suffix)
        rows: Counter[str] = Counter()
        clips = []
        for one in written:
            forged = one.forged
            if forged.start is None or forged.end is None:
                clips.append(self._clips[forged.path])
                continue
            row = rows[forged.speaker]
            rows[forged.speaker] += 1
            clips.append(Clip(forged.speaker, row, forged.start, forged.end, forged.native))
        write = {CSD.name: write_csd, RATERS.name: _as_raters, MMSA.name: write_mmsa}
        write.get(release.name, write_csv)(root, clips)

    def spoil(self, root: Path, defect: str) -> None:
        if defect not in self.defects or defect in Unpacked.defects:
            super().spoil(root, defect)
            return
        if not (root / CSV).is_file():
            raise UsageError(
                f"{defect!r} is planted into {CSV}, which is not below {root}",
                expected="a forged tree with the SDK's CSV",
                advice="name csd, mturk and mmsa last, and one of them at most",
            )
        clips = read_clips(root)
        if defect in _OTHER_LABELS:
            _OTHER_LABELS[defect](root, clips)
            (root / CSV).unlink()
        else:
            _CHANGES[defect](root, clips)


def _begin_early(root: Path, clips: Sequence[Clip]) -> None:
    firsts: dict[str, Clip] = {}
    for clip in clips:
        if clip.video not in firsts or clip.start < firsts[clip.video].start:
            firsts[clip.video] = clip
    early = {(clip.video, clip.row) for clip in [*firsts.values()][:EARLY_ROWS]}
    write_csv(root, [replace(c, start=EARLY) if (c.video, c.row) in early else c for c in clips])


def _empty(root: Path, clips: Sequence[Clip]) -> None:
    last = [replace(clip, end=clip.start) for clip in clips[-EMPTY_ROWS:]]
    write_csv(root, [*clips[:-EMPTY_ROWS], *last])


def _mark(root: Path, clips: Sequence[Clip]) -> None:
    del clips
    text = (root / CSV).read_text(encoding="utf-8")
    (root / CSV).write_text(text, encoding="utf-8-sig", newline="\r\n")


def _segmented(root: Path, clips: Sequence[Clip]) -> None:
    folders = SEGMENTED_FOLDERS
    kept = [clip for clip in clips if clip.fold is not None]
    _cut(root, kept, lambda c: f"{SEGMENTED}/{folders[c.fold or '']}/{c.video}_{c.row}")


def _as_raters(root: Path, clips: Sequence[Clip]) -> None:
    write_raters(root, clips)
    write_transcripts(root, clips)


def _as_mmsa(root: Path, clips: Sequence[Clip]) -> None:
    numbers = clip_numbers(clips)
    write_mmsa(root, clips)
    kept = [clip for clip in clips if clip.fold is not None]
    _cut(root, kept, lambda c: f"Raw/{c.video}/{numbers[c.video, c.row]}")


_CHANGES: dict[str, Callable[[Path, Sequence[Clip]], None]] = {
    "negative-starts": _begin_early,
    "empty-segments": _empty,
    "bom": _mark,
    "transcripts": write_transcripts,
    "segmented": _segmented,
}
_OTHER_LABELS: dict[str, Callable[[Path, Sequence[Clip]], None]] = {
    "csd": write_csd,
    "mturk": _as_raters,
    "mmsa": _as_mmsa,
}


def _times(video: str, count: int) -> list[tuple[float, float]]:
    """When the clips of a video begin and end, in seconds; the first begins with the video."""
    times = []
    start = 0.0
    for clip in range(count):
        share = crc32(f"{video}/{clip}/length".encode()) / 0xFFFFFFFF
        end = round(start + SHORTEST + share * (LONGEST - SHORTEST), 3)
        times.append((start, end))
        start = round(end + PAUSE, 3)
    return times


def _cut(root: Path, clips: Sequence[Clip], name: Callable[[Clip], str]) -> None:
    """A file per segment, ``name`` without its suffix, in place of the recordings."""
    import soundfile

    recordings = {path.stem: path for path in audio_files(root / FOLDER)}
    for clip in clips:
        recording = recordings[clip.video]
        with soundfile.SoundFile(recording) as file:
            first = round(max(0.0, clip.start) * file.samplerate)
            file.seek(first)
            samples = file.read(round(clip.end * file.samplerate) - first, dtype="int16")
            rate = file.samplerate
        target = root / f"{name(clip)}{recording.suffix}"
        target.parent.mkdir(parents=True, exist_ok=True)
        if len(samples):
            soundfile.write(target, samples, rate, subtype="PCM_16")
    shutil.rmtree(root / "Raw" / "Audio")


def _convert(path: Path, suffix: str) -> None:
    import soundfile

    samples, rate = soundfile.read(path, dtype="int16")
    kind = suffix[1:].upper()
    soundfile.write(path.with_suffix(suffix), samples, rate, subtype="PCM_16", format=kind)
    path.unlink()
