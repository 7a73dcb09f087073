"""Labels, sound, words and folds of the segments, brought together."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from serbench.corpus import Entry, Finding
from serbench.errors import CorpusError
from serbench_corpora.mosei.segments import Labels, Segment
from serbench_corpora.mosei.sounds import Place, Sounds, extraction
from serbench_corpora.mosei.transcripts import Transcripts

RECORDING = "Audio/Full/WAV_16000"  # where the corpus's archive keeps whole recordings
_MOST_NAMED = 5  # segments and videos that a message spells out


@dataclass(frozen=True)
class Found:
    """What stands below a folder.

    ``segment`` is a file that holds one segment and is numbered as the labels are; ``misnumbered``
    is one that is numbered in the other way (:class:`serbench_corpora.mosei.sounds.Sounds`).
    """

    root: Path
    sounds: Sounds
    segment: Path | None
    misnumbered: Path | None
    films: Sounds
    transcripts: Transcripts


def utterances(
    labels: Labels, folds: Mapping[str, str | None], found: Found
) -> Iterator[Entry | Finding]:
    """An entry per labelled segment and file that holds it, and what is odd.

    Whole recordings go before files of segments. A segment begins in its video at 0 s at the
    earliest; one that ends where it begins is left out, and said.

    Raises
    ------
    CorpusError
        If there are videos and no sound, or nothing tells when the segments begin.
    """
    place = _place(labels, found)
    if place.recording is None and place.segment is None:
        _refuse_films(labels, found)
        _refuse_misnumbered(labels, found)
    _refuse_untimed(labels, found, place)
    odd = _Odd()
    video, file, fold = "", "", None
    whole: Sequence[Path] = ()
    paths: Sequence[Path]
    for name, segment, start, end, text in _timed(labels, found, odd):
        if segment.video != video:
            video = segment.video
            whole = found.sounds.of_video(video)
            file, fold = f"{RECORDING}/{video}.wav", folds.get(video)
        paths, cut = _files(segment, start is not None, whole, fold, found, place)
        if not paths:
            odd.untimed.append(name)
            continue
        if text is None:
            odd.untold.append(name)
        for path in paths:
            yield Entry(
                id=name,
                audio=path,
                file=file,
                speaker=video,
                native=segment.native,
                text=text,
                votes=segment.votes,
                start=start if cut else None,
                end=end if cut else None,
                attributes=segment.attributes,
                fold=fold,
            )
    yield from odd.findings(labels, found)
    if place.recording is not None and place.segment is not None:
        said = f"{found.root} has recordings and files of segments, such as {place.segment[1]}; a "
        said += "segment is read from its recording where that is there"
        yield Finding("repeated", said, grave=False)
    yield from _films(labels, found)


def _files(
    segment: Segment,
    timed: bool,
    whole: Sequence[Path],
    fold: str | None,
    found: Found,
    place: Place,
) -> tuple[Sequence[Path], bool]:
    """The files that hold a segment, or the one that should, and whether it is cut out of them.

    No file, where it has none of its own and nothing tells when it begins.
    """
    if whole and timed:
        return whole, True
    own = found.sounds.of_segment(segment.video, segment.number)
    if own:
        return own, False
    if timed and not place.segmented:
        return [place.of_video(segment.video)], True
    if timed or not found.transcripts.lines:
        return [place.of_segment(segment.video, segment.number, fold)], False
    return (), False


def _timed(
    labels: Labels, found: Found, odd: _Odd
) -> Iterator[tuple[str, Segment, float | None, float | None, str | None]]:
    """Each segment once, its id, when it begins and ends, and its words."""
    seen: set[str] = set()
    for segment in labels.segments:
        name = f"{segment.video}/{segment.number}"
        if name in seen:
            odd.repeated.append(name)
            continue
        seen.add(name)
        start, end, text = _told(segment, found.transcripts)
        if start is not None and end is not None:
            if start < 0:
                odd.early.append(name)
                start = 0.0
            if end <= start:
                odd.empty.append(name)
                continue
        yield name, segment, start, end, text


def _told(
    segment: Segment, transcripts: Transcripts
) -> tuple[float | None, float | None, str | None]:
    """Start, end and words of a segment, of its label or of its transcript."""
    start, end, text = segment.start, segment.end, segment.text
    if start is None or end is None:
        line = transcripts.clip(segment.video, int(segment.number.removeprefix("clip")))
        return (None, None, text) if line is None else (line.start, line.end, text or line.text)
    if text is None and transcripts.lines:
        text = transcripts.at(segment.video, start, end) or None
    return start, end, text


@dataclass(frozen=True)
class _Odd:
    """Names of utterances, by what is odd about them."""

    early: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    untimed: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)

    def findings(self, labels: Labels, found: Found) -> Iterator[Finding]:
        path, total = labels.path, len(labels.segments)
        if self.early:
            said = (
                f"{path}: {_many(self.early)} begin before their video, and are read from its start"
            )
            yield Finding("known-defect", said, grave=False)
        if self.empty:
            said = f"{path}: {_many(self.empty)} end where they begin or before, and are left out"
            yield Finding("annotation", said)
        if self.repeated:
            said = f"{path}: {_many(self.repeated)} stand there again; the first line counts"
            yield Finding("annotation", said)
        if self.untimed:
            said = f"{path}: {_many(self.untimed)} have no line in the transcripts, and no file of "
            yield Finding("annotation", said + "their own: when they begin is not known")
        if self.untold and not found.transcripts.lines:
            said = f"{found.root} has no transcripts (Raw/Transcript/Segmented/Combined/*.txt): "
            said += f"{len(self.untold)} of {total} segments have no text"
            yield Finding("annotation", said, grave=False)
        elif self.untold:
            said = f"{found.root}: {_many(self.untold)} of {total} have no text in the transcripts"
            yield Finding("annotation", said, grave=False)


def _many(names: Sequence[str], what: str = "segments") -> str:
    few = ", ".join(names[:_MOST_NAMED]) + (", ..." if len(names) > _MOST_NAMED else "")
    return f"{len(names)} {what} ({few})"


def _place(labels: Labels, found: Found) -> Place:
    """Where missing sounds should be: beside the first one that is there."""
    videos = dict.fromkeys(segment.video for segment in labels.segments)
    recording = next(
        (paths[0] for video in videos if (paths := found.sounds.of_video(video))), None
    )
    segment = None
    if found.segment is not None:
        owns = ((s.video, found.sounds.of_segment(s.video, s.number)) for s in labels.segments)
        segment = next(((video, own[0]) for video, own in owns if own), None)
    return Place(found.root, recording, segment)


def _refuse_untimed(labels: Labels, found: Found, place: Place) -> None:
    untimed = any(segment.start is None for segment in labels.segments)
    if untimed and not found.transcripts.lines and place.segment is None and place.recording:
        raise CorpusError(
            f"{labels.path} does not say when a clip begins, and {found.root} has neither "
            "transcripts nor a file per clip",
            expected="Raw/Transcript/Segmented/Combined/<video>.txt, or Raw/<video>/<clip>.wav",
            advice="add the transcripts, or CMU_MOSEI_Labels.csv of the SDK, which has the times",
        )


def _refuse_misnumbered(labels: Labels, found: Found) -> None:
    """Clip 2 is not row 2: better no sound than another segment's."""
    if found.misnumbered is not None:
        clips = "clip" not in labels.segments[0].number
        raise CorpusError(
            f"{found.misnumbered} is numbered by {'clip' if clips else 'row of the SDK labels'}, "
            f"and {labels.path} by {'row' if clips else 'clip'}: they cannot be matched",
            expected=f"whole recordings, {RECORDING}/<video>.wav, or files of segments in a folder "
            "Segmented_Audio, cut by these labels"
            if clips
            else f"whole recordings, {RECORDING}/<video>.wav, with transcripts, or a file per clip",
        )


def _lacking(labels: Labels, found: Found) -> Generator[tuple[str, Path], None, None]:
    """Videos without a sound of which there is a film."""
    seen: set[str] = set()
    for segment in labels.segments:
        video = segment.video
        if video in seen:
            continue
        films = found.films.of_video(video)
        own = found.films.of_segment(video, segment.number)
        if not (films or own) or found.sounds.of_video(video):
            continue
        if found.sounds.of_segment(video, segment.number):
            continue
        seen.add(video)
        film = films[0] if films else own[0]
        inner = film.parent.name.lower() == video.lower()
        yield video, film.parent.parent if inner else film.parent


def _refuse_films(labels: Labels, found: Found) -> None:
    lacking = list(_lacking(labels, found))
    if lacking:
        raise CorpusError(
            f"{found.root} holds {len(lacking)} of the corpus's videos as .mp4, and none as sound",
            expected="WAV or FLAC",
            advice=extraction(lacking[0][1]),
        )


def _films(labels: Labels, found: Found) -> Iterator[Finding]:
    lacking = dict(_lacking(labels, found)) if found.films.by_stem else {}
    if lacking:
        said = (
            f"{found.root}: {_many(list(lacking), 'videos')} are there as .mp4 and not as sound; "
        )
        yield Finding("missing", said + extraction(next(iter(lacking.values()))))
