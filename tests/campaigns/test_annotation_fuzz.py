"""Label files and file names that something befell: an error in words, or a counted warning.

Every built-in corpus, a corpus of one's own from a table, folds in three formats and the table of
published numbers are forged small; then one of their files is altered, renamed, taken away or
doubled, and they are read again. Whatever comes of it is a :class:`SerbenchError` that names a
path, or a reading whose counts are those of the untouched tree, unless a finding says otherwise.
"""

from __future__ import annotations

import csv
import io
import itertools
import multiprocessing
import os
import pickle
import random
import resource
import shutil
import signal
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from serbench.corpus import AUDIO_SUFFIXES
from serbench.errors import SerbenchError
from serbench.interchange.reading import read as read_splits
from serbench.interchange.writing import write as write_splits
from serbench.listing import Item, Listing
from serbench.literature import FILE, literature, located
from serbench.protocols import Split
from serbench.registry import load
from serbench.scan import scan
from serbench.tabled import TabledCorpus
from serbench.testing.forge import forge_corpus

TRIED, FEW = 2000, 38  # files of the campaign, and of its small version
SEED = 8
LONGEST = 30  # seconds that one tree may take
ROOM = 1 << 30  # bytes of address space beyond what the process has when it begins

Found = tuple[Counter[Any], frozenset[str]]  # what is counted, and what was said of it


@dataclass(frozen=True)
class Subject:
    """A tree of files that somebody reads.

    ``mutable`` are the label files, whose content is altered; where there are none, and in one try
    of five elsewhere, the name or place of any file is.
    """

    name: str
    root: Path
    read: Callable[[Path], Found]
    mutable: list[Path] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)


# What is read ---------------------------------------------------------------------------------


def counted(corpus: Any, root: Path) -> Found:
    """Utterances of each label and of each speaker, and the findings."""
    found = scan(corpus, root, allow_partial=True)
    counts = Counter[Any](("label", one.native) for one in found.utterances)
    counts += Counter(("speaker", one.speaker) for one in found.utterances)
    said = {each.message for each in found.findings}
    return counts, frozenset({*said, f"release {found.release}"})


def tabled(root: Path) -> Found:
    """As a corpus; what the table says in another way is another release."""
    return counted(TabledCorpus(root), root)


def placed(root: Path) -> Found:
    """A line, or a row, is an utterance on one side of one fold: none may go unread."""
    listing = read_splits(root)
    named = sum(
        len(one.train) + len(one.validation) + sum(map(len, one.tests.values()))
        for one in listing.splits
    )
    inside = {
        each
        for one in listing.splits
        for ids in (one.train, one.validation, *one.tests.values())
        for each in ids
    }
    read = named + len({item.id for item in listing.items} - inside)
    return Counter(unread=_rows(root) - read), frozenset(map(str, listing.notes))


def published(root: Path) -> Found:
    path = root / f"{next(_ANEW)}.csv"  # what was read of a path is kept
    if os.path.lexists(root / FILE):
        (root / FILE).rename(path)
    rows = literature(path)
    return Counter(unread=_rows(path) - len(rows)), frozenset()


_ANEW = itertools.count()


def _rows(root: Path) -> int:
    """Lines of all files below a folder that hold a row, by another reader than serbench's."""
    total = 0
    for path in root.rglob("*") if root.is_dir() else [root]:
        if not path.is_file() or path.name.startswith("."):
            continue
        if path.suffix.lower() == ".jsonl":
            total += sum(1 for line in path.read_bytes().split(b"\n") if line.strip())
        elif path.suffix.lower() == ".csv":
            text = path.read_bytes().decode("utf-8-sig")
            rows = csv.reader(io.StringIO(text, newline=""), delimiter=_mark(text))
            total += sum(map(bool, rows)) - 1
    return total


def _mark(text: str) -> str:
    heading = text.partition("\n")[0]
    return max(",;\t", key=heading.count)


# What is forged -------------------------------------------------------------------------------

TOML = """name = "own"
title = "A corpus of one's own"
table = "metadata.csv"
attributes = ["valence"]
[labels]
ang = "anger"
sad = "sadness"
neu = "neutral"
oth = ""
[columns]
speaker = "spk"
"""


def subjects(folder: Path) -> list[Subject]:
    """All that is altered, each forged as small as it may be."""
    names = ("savee", "emodb", "casia", "emovo", "ravdess", "iemocap", "msp-improv")
    every = [_corpus(folder / name, name) for name in names]
    releases = load("corpora", "cmu-mosei")().card.releases
    for number, release in enumerate(releases):
        every.append(_corpus(folder / f"cmu-mosei-{number}", "cmu-mosei", release=release))
    every.append(
        _corpus(folder / "cmu-mosei-t", "cmu-mosei", defects=("transcripts", "negative-starts"))
    )
    every.append(_corpus(folder / "cmu-mosei-r", "cmu-mosei", defects=("mturk",)))
    every.append(_pickled(folder / "cmu-mosei-p"))
    every.append(_audformat(folder / "emodb-2"))
    every.append(_own(folder / "own"))
    every += [_folds(folder / format_, format_) for format_ in ("csv", "emobox", "nkululeko")]
    numbers = folder / "numbers"
    numbers.mkdir()
    shutil.copy(located(), numbers / FILE)
    every.append(_subject("literature", numbers, published))
    return every


def _corpus(root: Path, name: str, **more: Any) -> Subject:
    corpus = load("corpora", name)()
    more = {"per_cell": 1, "seconds": (0.05, 0.05), "silent": True, "rate": 8000} | more
    forge_corpus(corpus, root, **more)
    return _subject(root.name, root, lambda root: counted(load("corpora", name)(), root))


def _pickled(root: Path) -> Subject:
    """MMSA's labels as a pickle in the place of its table."""
    subject = _corpus(root, "cmu-mosei", release=load("corpora", "cmu-mosei")().card.releases[-1])
    (table,) = subject.mutable
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    splits = {}
    for fold in ("train", "valid", "test"):
        these = [row for row in rows if row["mode"] == fold]
        splits[fold] = {
            "id": [f"{row['video_id']}$_${row['clip_id']}" for row in these],
            "raw_text": np.array([row["text"] for row in these]),
            "annotations": [row["annotation"] for row in these],
            "regression_labels": np.array([float(row["label"]) for row in these]),
            "vision": np.zeros((len(these), 2, 3), dtype=np.float32),
        }
    table.unlink()
    (root / "Processed").mkdir()
    (root / "Processed" / "unaligned_50.pkl").write_bytes(pickle.dumps(splits, protocol=4))
    return _subject(root.name, root, subject.read)


def _audformat(root: Path) -> Subject:
    """EMO-DB with the listening test and with the tables that audEERING publishes it with."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    subject = _corpus(root, "emodb", per_cell=3, defects=("erkennung",))
    names = [str(path.relative_to(root)) for path in subject.files if path.suffix == ".wav"]
    (root / "db.emotion.csv").write_text("file,emotion\n" + "".join(f"{n},x\n" for n in names))
    pq.write_table(pa.table({"file": names}), root / "db.emotion.gold.parquet")
    return _subject(root.name, root, subject.read)


def _own(root: Path) -> Subject:
    emodb = root.with_name("emodb")
    rows = ["file,spk,emotion,gender,text,valence"]
    (root / "wav").mkdir(parents=True)
    for number, path in enumerate(sorted(emodb.rglob("*.wav"))[:24]):
        shutil.copy(path, root / "wav" / f"{number}.wav")
        emotion = ("ang", "sad", "neu", "oth")[number % 4]
        rows.append(f'wav/{number}.wav,s{number % 6},{emotion},,"so, {number}",{number / 8}')
    (root / "metadata.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (root / "corpus.toml").write_text(TOML, encoding="utf-8")
    return _subject("own", root, tabled)


def _folds(root: Path, format_: str) -> Subject:
    items = tuple(
        Item(
            id=f"here/{number}", corpus="here", file=f"here/take {number}.wav",
            speaker=f"0{number % 4}", label=("anger", "joy, loud")[number % 2], gender="female",
            start=number / 3, end=number / 3 + 0.1,
        )
        for number in range(12)
    )  # fmt: skip
    ids = [item.id for item in items]
    splits = tuple(
        Split(
            f"0{fold}",
            tuple(one for number, one in enumerate(ids) if number % 4 != fold),
            {"here": tuple(ids[fold::4])},
        )
        for fold in range(4)
    )
    root.mkdir()
    listing = Listing("here", items, splits, ("anger", "joy, loud"))
    write_splits(listing, root / "folds.csv" if format_ == "csv" else root, format_)
    if format_ == "csv":
        return _subject(f"folds as {format_}", root, lambda root: placed(root / "folds.csv"))
    return _subject(f"folds as {format_}", root, placed)


def _subject(name: str, root: Path, read: Callable[[Path], Found]) -> Subject:
    files = sorted(path for path in root.rglob("*") if path.is_file())
    labels = [path for path in files if path.suffix.lower() not in AUDIO_SUFFIXES]
    return Subject(name, root, read, labels, files)


# What befalls ---------------------------------------------------------------------------------

TOKENS = (
    b"", b" ", b"\t", b"\0", b"\r", b"\n\n", b'"', b"'", b",", b";", b"|", b"nan", b"-inf",
    b"1e999", b"-1", b"0", b"99999999999999999999", b"1_000", b"\xff\xfe",
    b"\xef\xbb\xbf", b"\xed\xa0\x80",
    b"\x1b[31m", b"=cmd|' /C calc'!A0", b"../../../etc/passwd", b"/dev/zero", b"<script>", b"%s%n",
    "\u202eexe".encode(), "\u0661".encode(), "ß".encode(), b"[" * 3000, b"{" * 3000, b"x" * 70_000,
    b"True", b"null", b"None", b"[]", b"{}", b"xxx", b"ang", b"Ses01F_impro01_F000",
)  # fmt: skip


def flip(rng: random.Random, content: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(rng.choice((1, 1, 3, 20))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def cut(rng: random.Random, content: bytes) -> bytes:
    return content[: rng.choice((0, 1, rng.randrange(len(content)), len(content) - 1))]


def lines(rng: random.Random, content: bytes) -> bytes:
    """One line twice, gone, elsewhere, joined to the next, or part of it."""
    every = content.split(b"\n")
    at = rng.randrange(len(every))
    what = rng.randrange(5)
    if what == 0:
        every.insert(rng.randrange(len(every)), every[at])
    elif what == 1:
        del every[at]
    elif what == 2:
        other = rng.randrange(len(every))
        every[at], every[other] = every[other], every[at]
    elif what == 3 and at + 1 < len(every):
        every[at : at + 2] = [every[at] + every[at + 1]]
    else:
        every[at] = every[at][: rng.randrange(len(every[at]) + 1)]
    return b"\n".join(every)


def insert(rng: random.Random, content: bytes) -> bytes:
    at = rng.randrange(len(content) + 1)
    return content[:at] + rng.choice(TOKENS) + content[at + rng.choice((0, 0, 1, 4)) :]


def replace(rng: random.Random, content: bytes) -> bytes:
    """A cell, a word or a number becomes something else."""
    marks = [at for at, byte in enumerate(content) if byte in b',;\t\n []:_-"']
    if len(marks) < 2:
        return insert(rng, content)
    at = rng.randrange(len(marks) - 1)
    start, end = marks[at] + 1, marks[at + 1]
    return content[:start] + rng.choice(TOKENS) + content[end:]


def encoded(rng: random.Random, content: bytes) -> bytes:
    """The same text as other machines write it, or bytes that were taken for another encoding."""
    text = content.decode("latin-1")
    return rng.choice((
        content.replace(b"\n", b"\r\n"), content.replace(b"\n", b"\r"),
        b"\xef\xbb\xbf" + content, text.encode("utf-16"), text.encode("utf-16-le"),
        text.encode("utf-16-be"), text.encode("utf-32"), text.encode("utf-7"),
        content.replace(b",", b";"), content.replace(b",", b"\t"), content.replace(b".", b","),
        content.upper(), content + b"\xa1\xa2\xe9", content + content, content.replace(b"\n", b""),
    ))  # fmt: skip


CONTENT = (flip, cut, lines, lines, insert, replace, replace, encoded)


def renamed(rng: random.Random, path: Path) -> Path:
    """Another name for a file: a letter changed, added or gone, another suffix, another folder."""
    stem, suffix = path.stem, path.suffix
    at = rng.randrange(len(stem))
    other = rng.choice("aAzZ019-_ .éß\n\t\x1b\u202e=+@<'\"\\*?")
    name = rng.choice((
        f"{stem[:at]}{other}{stem[at + 1 :]}{suffix}", f"{stem[:at]}{other}{stem[at:]}{suffix}",
        f"{stem[:at]}{stem[at + 1 :]}{suffix}", f"{stem}{suffix.upper()}", f".{stem}{suffix}",
        f"{stem.swapcase()}{suffix}", f"{stem} (1){suffix}", f"{stem}.bak", f"{stem}.mp3",
        f"{stem[::-1]}{suffix}", "é" * 60 + suffix, os.fsdecode(b"\xff\xfe") + stem + suffix,
    ))  # fmt: skip
    folder = path.parent if rng.random() < 0.8 else path.parents[1] / "Sonstiges"
    return folder / name


def befall(rng: random.Random, subject: Subject, work: Path) -> tuple[str, Path]:
    """Alter one file of a tree; what was done, and which file it was."""
    if subject.mutable and rng.random() < 0.8:
        path = work / rng.choice(subject.mutable).relative_to(subject.root)
        how = rng.choice(CONTENT)
        content = path.read_bytes()
        path.unlink()  # it is a link to the file of the pristine tree
        path.write_bytes(how(rng, content) if content else b"\0")
        return how.__name__, path
    path = work / rng.choice(subject.files).relative_to(subject.root)
    what = rng.choice(("rename", "rename", "rename", "copy", "remove", "folder", "pipe", "link",
                       "loop", "empty"))  # fmt: skip
    if what in {"rename", "copy"}:
        other = renamed(rng, path)
        other.parent.mkdir(exist_ok=True)
        if what == "rename":
            path.replace(other)
        elif not other.exists():
            shutil.copy(path, other)
        return f"{what} to {other.name!a}", path
    path.unlink()
    if what == "folder":
        path.mkdir()
    elif what == "pipe":
        os.mkfifo(path)
    elif what == "link":
        path.symlink_to(rng.choice(("nowhere.wav", "/dev/zero", "/proc/self/mem", "..")))
    elif what == "loop":
        path.symlink_to(path.name)
    elif what == "empty":
        path.touch()
    return what, path


# What came of it ------------------------------------------------------------------------------


def judged(subject: Subject, pristine: Found, work: Path) -> tuple[str, str]:
    try:
        counts, said = subject.read(work)
    except SerbenchError as error:
        words = str(error)
        return ("right", "refused") if str(work) in words else ("lost", f"no path: {words}")
    if counts == pristine[0]:
        return "right", "read as before" if said == pristine[1] else "told"
    if said - pristine[1]:
        return "right", "told"
    changed = {key: (pristine[0][key], counts[key]) for key in {**counts, **pristine[0]}
               if counts[key] != pristine[0][key]}  # fmt: skip
    return "undetected", f"in silence: {dict(list(changed.items())[:6])}"


class Hung(BaseException):
    """No OSError, as TimeoutError is: that would be taken for what is wrong with a file."""


def _hung(*_: object) -> None:
    raise Hung(f"more than {LONGEST} s")


def read_in_child(
    every: list[Subject], pristine: list[Found], numbers: Iterable[int], seed: int, report: Any
) -> None:
    work = every[0].root.parent / "work"
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + ROOM,) * 2)
    signal.signal(signal.SIGALRM, _hung)
    for number in numbers:
        rng = random.Random(f"{seed}/{number}")
        subject = every[number % len(every)]
        what, path = befall(rng, subject, _linked(subject, work))
        case = f"{number} ({subject.name}, {path.relative_to(work)!s}, {what})"
        report.send((case, "began", ""))
        signal.alarm(LONGEST)
        try:
            said = judged(subject, pristine[number % len(every)], work)
        except BaseException as error:  # whatever it is, it is counted
            said = "lost", f"{type(error).__name__}: {error}"
        signal.alarm(0)
        report.send((case, *said))
    shutil.rmtree(work)
    report.close()


def _linked(subject: Subject, work: Path) -> Path:
    """A copy of a tree in the same place as the others, of hard links."""
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(subject.root, work, copy_function=os.link)
    return work


def outcomes(every: list[Subject], count: int, seed: int) -> Iterator[tuple[str, str, str]]:
    """What became of each tree, in children that may die of one."""
    context = multiprocessing.get_context("fork")
    work = every[0].root.parent / "work"
    pristine = [subject.read(_linked(subject, work)) for subject in every]
    done = 0
    while done < count:
        ours, theirs = context.Pipe(duplex=False)
        child = context.Process(
            target=read_in_child, args=(every, pristine, range(done, count), seed, theirs)
        )
        child.start()
        theirs.close()
        case = "the first"
        try:
            while True:
                if not ours.poll(2 * LONGEST):
                    child.kill()
                case, what, why = ours.recv()
                if what != "began":
                    done += 1
                    yield case, what, why
        except EOFError:
            child.join()
        if child.exitcode:
            done += 1
            yield case, "lost", f"the process ended with {child.exitcode}"


def fuzz(count: int, folder: Path, tally: Any, seed: int = SEED) -> None:
    found = list(outcomes(subjects(folder), count, seed))
    tally.tried += len(found)
    tally.lost += sum(what == "lost" for _, what, _ in found)
    tally.undetected += sum(what == "undetected" for _, what, _ in found)
    bad = [f"{case}: {what}: {why}" for case, what, why in found if what != "right"]
    assert not bad, "\n".join([f"{len(bad)} of {len(found)}", *bad[:60]])
    said = Counter(why for _, _, why in found)
    assert min(said["refused"], said["told"], said["read as before"]) > count // 20, said


def test_some_trees(tmp_path, tally):
    fuzz(FEW, tmp_path, tally("mutated label files, few"))


@pytest.mark.slow
def test_every_tree(tmp_path, tally):
    fuzz(TRIED, tmp_path, tally("mutated label files"))
