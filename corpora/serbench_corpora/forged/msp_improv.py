"""A forged MSP-IMPROV: the real numbers of turns by style and label, and a label file for them.

The names, the label file's form and the counts are the corpus's. Who says which turn in which
scene, and every rating, are made up.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import ClassVar

from serbench.corpus import Release, audio_files, files_below
from serbench.errors import SerbenchError
from serbench.testing.forgery import Forged, Forgery, Written, margins
from serbench_corpora.msp_improv import STYLES

# Turns by style, and those of them with a label of the four, as published. How the O and X of a
# style divide is not: they are spread in proportion.
STYLE_TOTALS = {"T": 652, "R": 620, "S": 4381, "P": 2785}
STYLE_COUNTS = {
    "T": {"A": 115, "S": 106, "H": 136, "N": 283},
    "R": {"A": 169, "S": 80, "H": 88, "N": 241},
    "S": {"A": 470, "S": 633, "H": 1048, "N": 1789},
    "P": {"A": 38, "S": 66, "H": 1372, "N": 1164},
}
SENTENCES = 20
CONTEXTS = "AHNS"
WORDS = {"A": "Angry", "S": "Sad", "H": "Happy", "N": "Neutral", "O": "Other"}
RATERS = 5
_LABEL_FILE = "Evaluation.txt"
_LOST = 25  # of so many files the first is lost
_NAN = 10  # of so many turns the first has no means


class MSPImprovForgery(Forgery):
    """Turns with real names, and Evaluation.txt with five raters for each."""

    defects: ClassVar[Mapping[str, str]] = {
        "evalution": "the label file is called Evalution.txt",
        "nan": "some turns have NaN for their attributes",
        "crlf": "the label file has Windows line ends",
        "apple-double": "._ files beside all others, as macOS leaves them",
        "audio-parent": "the session folders stand in Audio/",
        "flat": "all sounds in one folder",
        "lost-wavs": "turns of the label file without a sound",
    }

    def utterances(self, release: Release, per_cell: int | None) -> Iterator[Forged]:
        # O and X are numbered as one: a make-believe voice knows both as "other", and would say the
        # same thing twice.
        takes: Counter[tuple[str, str]] = Counter()
        names = _Names()
        for style, speaker, native, count in self._plan(release, per_cell):
            for _ in range(count):
                sounding = str(self.corpus.labels[native] or "other")
                take = takes[speaker, sounding]
                takes[speaker, sounding] += 1
                path = names.path(style, speaker, _context(native, take))
                yield Forged(speaker=speaker, native=native, take=take, path=path)

    def _plan(self, release: Release, per_cell: int | None) -> Iterator[tuple[str, str, str, int]]:
        """How many turns of a style a speaker has with a label."""
        if per_cell is None and release == self.corpus.card.standard:
            for style, labels in style_counts(release.counts).items():
                total = STYLE_TOTALS[style]
                share, more = divmod(total, len(release.speakers))
                rows = {who: share + (i < more) for i, who in enumerate(release.speakers)}
                for speaker, row in margins(rows, labels).items():
                    yield from ((style, speaker, native, n) for native, n in row.items())
            return
        styles = list(STYLES)
        for i, (speaker, row) in enumerate(self.cells(release, per_cell).items()):
            for j, (native, count) in enumerate(row.items()):
                for take in range(count):
                    yield styles[(i + j + take) % len(styles)], speaker, native, 1

    def annotate(self, root: Path, release: Release, written: Sequence[Written]) -> None:
        blocks = (_block(w.forged) for w in sorted(written, key=lambda w: w.forged.path))
        (root / _LABEL_FILE).write_text("".join(blocks), encoding="utf-8", newline="\n")

    def spoil(self, root: Path, defect: str) -> None:
        sounds = list(audio_files(root))
        label_file = next(files_below(root, {".txt"}))
        if defect == "evalution":
            label_file.rename(label_file.with_name("Evalution.txt"))
        elif defect == "nan":
            _without_means(label_file)
        elif defect == "crlf":
            label_file.write_bytes(label_file.read_bytes().replace(b"\n", b"\r\n"))
        elif defect == "apple-double":
            for path in (*sounds, label_file):
                path.with_name(f"._{path.name}").write_bytes(b"\0\5\26\7\0\2\0\0Mac OS X")
        elif defect == "audio-parent":
            _move(sounds, {path: root / "Audio" / path.relative_to(root) for path in sounds})
        elif defect == "flat":
            _move(sounds, {path: root / path.name for path in sounds})
        elif defect == "lost-wavs":
            for path in sounds[::_LOST]:
                path.unlink()
        else:
            super().spoil(root, defect)


def style_counts(counts: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """Turns by style and label that sum to both: the published cells, the rest in proportion."""
    left = {style: STYLE_TOTALS[style] - sum(STYLE_COUNTS[style].values()) for style in STYLES}
    rest = margins(left, {label: counts[label] for label in "OX"})
    return {style: {**STYLE_COUNTS[style], **rest[style]} for style in STYLES}


def _context(native: str, take: int) -> str:
    """What the scene of a turn is to lead to: in two turns of three what is then heard."""
    if native in CONTEXTS and take % 3 < 2:
        return native
    return CONTEXTS[take // 3 % len(CONTEXTS)]


class _Names:
    """Gives out the corpus's names, each once: sentence by sentence, then the next number."""

    def __init__(self) -> None:
        self.given: dict[tuple[str, str, str], int] = defaultdict(int)

    def path(self, style: str, speaker: str, context: str) -> str:
        number, sentence = divmod(self.given[style, speaker, context], SENTENCES)
        self.given[style, speaker, context] += 1
        own, other = speaker[0], "M" if speaker[0] == "F" else "F"
        if style == "R":
            pair = own * 2  # the one talks alone
        elif style == "T":
            pair = own + other  # the sentence is the speaker's
        else:
            pair = ("FM", "MF")[number % 2]
            number //= 2
        if number >= 99:
            raise SerbenchError(
                f"MSP-IMPROV cannot be forged so large: its names hold no further turn of {speaker}"
            )
        scenario = f"S{sentence + 1:02d}{context}"
        name = f"MSP-IMPROV-{scenario}-{speaker}-{style}-{pair}{number + 1:02d}"
        return f"session{int(speaker[1:])}/{scenario}/{style}/{name}.wav"


def _block(forged: Forged) -> str:
    """The lines of one turn: the header with the raters' means, the raters, a blank line."""
    name = Path(forged.path).stem
    digest = sha256(name.encode()).digest()
    chosen = _choices(forged.native, digest[0])
    # One to five on each scale, as the raters' answers are.
    ratings = [[1 + digest[4 * rater + k] % 5 for k in range(4)] for rater in range(RATERS)]
    means = [sum(rating[k] for rating in ratings) / RATERS for k in range(4)]
    header = (
        f"UTD{name[3:]}.avi; {forged.native}; A:{means[0]:.6f}; V:{means[1]:.6f}; "
        f"D:{means[2]:.6f} ; N:{means[3]:.6f};"
    )
    lines = [header]
    for rater, (word, rating) in enumerate(zip(chosen, ratings, strict=True), 1):
        scales = "; ".join(f"{key}:{value:.6f}" for key, value in zip("AVDN", rating, strict=True))
        lines.append(f"forged-p{rater:02d}; {word}; {word},Other; {scales};")
    return "\n".join(lines) + "\n\n"


def _choices(native: str, chance: int) -> list[str]:
    """What the raters chose first: most of them the label, or, for X, no word more than another."""
    words = list(WORDS.values())
    if native not in WORDS:
        return [words[(chance + rater) % len(words)] for rater in range(RATERS)]
    other = words[(words.index(WORDS[native]) + 1 + chance % (len(words) - 1)) % len(words)]
    return [WORDS[native]] * (RATERS - 1) + [other]


def _without_means(label_file: Path) -> None:
    lines = label_file.read_text(encoding="utf-8").split("\n")
    headers = [i for i, line in enumerate(lines) if line.startswith("UTD-")]
    for turn, i in enumerate(headers[::_NAN]):
        # All four, or the naturalness alone.
        lines[i] = re.sub(r"[AVDN]:\d\.\d+" if turn % 2 else r"N:\d\.\d+", _nan, lines[i])
    label_file.write_text("\n".join(lines), encoding="utf-8", newline="\n")


def _nan(found: re.Match[str]) -> str:
    return f"{found[0][0]}:NaN"


def _move(sounds: Sequence[Path], targets: Mapping[Path, Path]) -> None:
    """Move the sounds, and take away the folders that they leave empty."""
    for path in sounds:
        targets[path].parent.mkdir(parents=True, exist_ok=True)
        shutil.move(path, targets[path])
        companion = path.with_name(f"._{path.name}")
        if companion.exists():
            shutil.move(companion, targets[path].with_name(companion.name))
    folders = {parent for path in sounds for parent in path.parents}
    for folder in sorted(folders, key=lambda folder: len(folder.parts), reverse=True):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
