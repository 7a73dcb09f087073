"""A make-believe IEMOCAP: the names, formats and counts of the real one, and none of its words."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import ClassVar, NamedTuple
from zlib import crc32

from serbench.corpus import Release, audio_files, files_below
from serbench.testing.forgery import Forged, Forgery, Written
from serbench_corpora.forged.iemocap_turns import FOUR, dialogues, halves, play, whole
from serbench_corpora.iemocap import COUNTS, LABELS, SPEAKERS, STYLES
from serbench_corpora.iemocap_files import EVALUATIONS, TURN

NAMED_ONLY = 46  # lines of transcript whose name is no turn's, in 151 dialogues
PAUSE = 0.4  # seconds between turns

TITLE = "% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]\n\n"
APPLE_DOUBLE = b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        "
RATERS_WITHOUT_DOMINANCE = 36
LOST = 100  # every hundredth sound
_DOMINANCE = re.compile(rb"(^A-E[^\r\n]*;) dom[^;]*;", re.MULTILINE)


class Manner(NamedTuple):
    """How a label is judged: raters' word, valence, activation and dominance, and what is said."""

    word: str
    mood: tuple[int, int, int]
    says: tuple[str, ...]


MANNERS = {
    "neu": Manner("Neutral", (3, 2, 3), ("The form is on the table.", "It opens at nine.")),
    "hap": Manner("Happiness", (4, 3, 3), ("What a lovely day it was.", "I like it here.")),
    "exc": Manner("Excited", (4, 4, 4), ("We won, we really won!", "I cannot wait for it!")),
    "ang": Manner("Anger", (1, 4, 4), ("Do not touch that again!", "You had no right!")),
    "sad": Manner("Sadness", (2, 2, 2), ("Nobody lives there any more.", "I miss the house.")),
    "fru": Manner(
        "Frustration", (2, 3, 3), ("It is broken again.", "I have told you three times.")
    ),
    "sur": Manner("Surprise", (3, 4, 3), ("You are here already?", "Where does that come from?")),
    "fea": Manner("Fear", (2, 4, 1), ("Something moved out there.", "Please leave the light on.")),
    "dis": Manner("Disgust", (2, 3, 3), ("There is mould on it.", "Take it away, it smells.")),
    "oth": Manner("Other", (3, 3, 3), ("Let me think about it.", "That depends.")),
    "xxx": Manner("", (3, 3, 3), ("If you say so.", "I suppose we could.")),
}
ANYONE_SAYS = ("Yes.", "No.", "I don't know.", "What do you mean?", "All right, then.")
WORDS = [manner.word for manner in MANNERS.values() if manner.word]


class ForgedIEMOCAP(Forgery):
    """Dialogues of two who take turns, with judgements and transcripts."""

    defects: ClassVar[Mapping[str, str]] = {
        "apple-double": "a file ._Ses01F_impro01.txt beside each file of judgements",
        "no-dominance": f"{RATERS_WITHOUT_DOMINANCE} raters' lines of numbers without dominance",
        "crlf": "label files with the line ends of Windows",
        "evaluation-folder": "EmoEvaluation called Evaluation, as the release's README has it",
        "dialog-wav": "recordings of whole dialogues in dialog/wav",
        "lost-wavs": f"every {LOST}th sound is gone",
    }

    def utterances(self, release: Release, per_cell: int | None) -> Iterator[Forged]:
        """Every turn, in dialogues of its speaker's session and its style."""
        if per_cell is None and release.counts == COUNTS and release.speakers == SPEAKERS:
            cells = whole()
        else:
            cells = halves(self.cells(release, per_cell))
        takes: Counter[tuple[str, str]] = Counter()
        for (speaker, style), row in cells.items():
            turns = []
            for native, count in row.items():
                # Where the raters did not agree, the voice is that of "other": no take of one may
                # be a take of the other.
                emotion = str(LABELS[native] or "other")
                for _ in range(count):
                    turns.append((native, takes[speaker, emotion]))
                    takes[speaker, emotion] += 1
            yield from play(speaker, turns, dialogues(speaker[:2], style))

    def annotate(self, root: Path, release: Release, written: Sequence[Written]) -> None:
        """Write judgements and transcript of each dialogue that has a turn."""
        order = [name for session in FOUR for style in STYLES for name in dialogues(session, style)]
        spoken: dict[str, list[Written]] = defaultdict(list)
        for turn in written:
            spoken[PurePosixPath(turn.forged.path).parent.name].append(turn)
        for dialogue, turns in spoken.items():
            folder = root / "IEMOCAP_full_release" / f"Session{int(dialogue[3:5])}" / "dialog"
            judgements, transcript = _label_files(turns, order.index(dialogue), len(order))
            for name, text in (("EmoEvaluation", judgements), ("transcriptions", transcript)):
                file = folder / name / f"{dialogue}.txt"
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8", newline="\n")

    def spoil(self, root: Path, defect: str) -> None:
        """Plant one of ``defects`` into a finished tree."""
        texts = list(files_below(root, {".txt"}))
        judged = [path for path in texts if path.parent.name.casefold() in EVALUATIONS]
        sounds = [path for path in audio_files(root) if TURN.fullmatch(path.stem)]
        match defect:
            case "apple-double":
                for path in judged:
                    path.with_name(f"._{path.name}").write_bytes(APPLE_DOUBLE)
            case "no-dominance":
                _drop_dominance(judged)
            case "crlf":
                _end_lines_as_windows_does(texts)
            case "evaluation-folder":
                for folder in {path.parent for path in judged}:
                    folder.rename(folder.with_name("Evaluation"))
            case "dialog-wav":
                _join(judged, sounds)
            case "lost-wavs":
                for path in sounds[::LOST]:
                    path.unlink()
            case _:
                super().spoil(root, defect)


def _label_files(turns: list[Written], at: int, of: int) -> tuple[str, str]:
    """Judgements and transcript of the ``at``-th (from 0) of so many dialogues."""

    def order(turn: Written) -> tuple[str, str]:
        return turn.forged.path[-7:], turn.forged.path  # the two take turns: by number first

    blocks, lines, clock = [], [], PAUSE
    for turn in sorted(turns, key=order):
        name = PurePosixPath(turn.forged.path).stem
        start, end = clock, clock + turn.seconds
        clock = end + PAUSE
        chance = crc32(name.encode())
        blocks.append(f"[{start:.4f} - {end:.4f}]\t{name}\t" + _judged(turn.forged, chance))
        says = ANYONE_SAYS if chance % 2 else MANNERS[turn.forged.native].says
        lines.append(f"{name} [{start:08.4f}-{end:08.4f}]: {says[chance // 2 % len(says)]}")
    lines.append("M: Yeah." if at % 2 else "F:Umm.")
    if at == 0:
        lines.append("M: Well.")
    if (at + 1) * NAMED_ONLY // of > at * NAMED_ONLY // of:
        dialogue = PurePosixPath(turns[0].forged.path).parent.name
        lines.append(f"{dialogue}_MXX0 [{clock:08.4f}-{clock + PAUSE:08.4f}]: Hm.")
    return TITLE + "\n".join(blocks), "".join(f"{line}\n" for line in lines)


def _judged(forged: Forged, chance: int) -> str:
    """Label and means, and below them the raters' lines: three of words, two of numbers."""
    word, mood, _ = MANNERS[forged.native]
    if word:
        other = WORDS[(WORDS.index(word) + 1 + chance % (len(WORDS) - 1)) % len(WORDS)]
        choices = ([word, word, word], [word, word, other], [word, f"{word}; {other}", word])
        words = choices[chance // 16 % len(choices)]
    else:
        words = [WORDS[(chance + more) % len(WORDS)] for more in range(3)]
    second = [min(number + (at == chance // 64 % 3), 5) for at, number in enumerate(mood)]
    means = [(one + two) / 2 for one, two in zip(mood, second, strict=True)]
    talker = forged.speaker[2]
    lines = [f"{forged.native}\t[{means[0]:.4f}, {means[1]:.4f}, {means[2]:.4f}]"]
    lines += [f"C-E{rater}:\t{choice};\t()" for rater, choice in enumerate(words, 2)]
    lines.append(f"C-{talker}1:\t{words[0]};\t()")
    for rater, numbers in (("E3", mood), ("E4", second), (f"{talker}1", mood)):
        valence, activation, dominance = numbers
        lines.append(f"A-{rater}:\tval {valence}; act {activation}; dom  {dominance};\t()")
    return "".join(f"{line}\n" for line in lines)


def _drop_dominance(judged: Sequence[Path]) -> None:
    left = RATERS_WITHOUT_DOMINANCE
    for path in judged:
        content, dropped = _DOMINANCE.subn(rb"\1", path.read_bytes(), count=left)
        path.write_bytes(content)
        left -= dropped
        if not left:  # a count of 0 would drop them all
            break


def _end_lines_as_windows_does(texts: Sequence[Path]) -> None:
    for path in texts:
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


def _join(judged: Sequence[Path], sounds: Sequence[Path]) -> None:
    """A recording of each dialogue: its turns, one after the other."""
    import numpy as np
    import soundfile

    turns: dict[str, list[Path]] = defaultdict(list)
    for path in sounds:
        turns[path.parent.name].append(path)
    for judgements in judged:
        if not (here := turns[judgements.stem]):
            continue
        target = judgements.parent.parent / "wav" / f"{judgements.stem}{here[0].suffix}"
        target.parent.mkdir(exist_ok=True)
        pieces = [soundfile.read(path, dtype="int16")[0] for path in here]
        rate = soundfile.info(here[0]).samplerate
        soundfile.write(target, np.concatenate(pieces), rate, subtype="PCM_16")
