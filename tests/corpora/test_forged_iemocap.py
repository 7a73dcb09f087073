"""A forged IEMOCAP: the sums of the real one to the last turn, and its formats to the letter."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest
import soundfile

from serbench.corpus import Entry, Finding, Release
from serbench.scan import scan
from serbench.testing import forge_corpus
from serbench.testing.forgery import Written, forgery_of
from serbench_corpora.iemocap import COUNTS, IEMOCAP, SPEAKERS

# The header line as all 10,039 of the real corpus have it.
HEADER = re.compile(r"^\[(\d+\.\d+) - (\d+\.\d+)\]\t(\w+)\t(\w+)\t\[(.+), (.+), (.+)\]$")
OTHER_LINE = re.compile(
    r"C-(E[234]|[FM]1):\t([A-Z][a-z]+;)( [A-Z][a-z]+;)*\t\(\)|"
    r"A-(E[34]|[FM]1):\tval [1-5]; act [1-5]; dom  [1-5];\t\(\)"
)
SPOKEN = re.compile(r"^(Ses\w+) \[(\d{3}\.\d{4})-(\d{3}\.\d{4})\]: .+$")


def forge(root: Path, *defects: str, suffix: str = ".wav") -> Path:
    """One turn of every speaker and label."""
    return forge_corpus(
        IEMOCAP(), root, per_cell=1, silent=True, seconds=(0.05, 0.1), rate=8000,
        defects=defects, suffix=suffix,
    )  # fmt: skip


def read(root: Path) -> dict[str, Entry]:
    found = list(IEMOCAP().entries(root))
    assert [item for item in found if isinstance(item, Finding)] == []
    return {entry.id: entry for entry in found if isinstance(entry, Entry)}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The label files of all 10,039 turns, without a sound. Not to be written to."""
    root = tmp_path_factory.mktemp("whole") / "iemocap"
    forgery, release = forgery_of(IEMOCAP()), IEMOCAP.card.standard
    written = [Written(turn, 0.075) for turn in forgery.utterances(release, None)]
    forgery.annotate(root, release, written)
    return root


@pytest.fixture(scope="module")
def turns(whole: Path) -> list[Entry]:
    return list(read(whole).values())


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One turn of every speaker and label. Not to be written to."""
    return forge(tmp_path_factory.mktemp("small") / "iemocap")


def test_sums(turns: list[Entry]) -> None:
    assert len(turns) == 10039
    assert Counter(turn.native for turn in turns) == COUNTS
    assert Counter(turn.speaker for turn in turns) == SPEAKERS
    assert Counter(turn.session for turn in turns) == {
        "01": 1819, "02": 1811, "03": 2136, "04": 2103, "05": 2170,
    }  # fmt: skip
    assert Counter(turn.style for turn in turns) == {"scripted": 5255, "improvised": 4784}


def test_four_classes_of_each_session(turns: list[Entry]) -> None:
    merged = {"exc": "hap"}
    counts = Counter((turn.session, merged.get(turn.native, turn.native)) for turn in turns)
    table = {
        session: tuple(counts[session, native] for native in ("neu", "hap", "ang", "sad"))
        for session in ("01", "02", "03", "04", "05")
    }
    assert table == {
        "01": (384, 278, 229, 194),
        "02": (362, 327, 137, 197),
        "03": (320, 286, 240, 305),
        "04": (258, 303, 327, 143),
        "05": (384, 442, 170, 245),
    }


def test_labels_of_the_improvised_turns(turns: list[Entry]) -> None:
    counts = Counter(turn.native for turn in turns if turn.style == "improvised")
    rare = {native: counts.pop(native) for native in ("sur", "fea", "oth", "dis")}
    assert counts == {
        "neu": 1099, "sad": 608, "ang": 289, "hap": 284, "exc": 663, "fru": 971, "xxx": 800,
    }  # fmt: skip
    assert sum(rare.values()) == 4784 - 4714
    assert all(0 < rare[native] < COUNTS[native] for native in rare)


def test_dialogues(turns: list[Entry]) -> None:
    talkers = defaultdict(set)
    for turn in turns:
        talkers[turn.dialogue].add(turn.speaker)
    assert len(talkers) == 151
    assert all(
        who == {f"{str(dialogue)[3:5]}F", f"{str(dialogue)[3:5]}M"}
        for dialogue, who in talkers.items()
    )
    sessions = Counter(str(dialogue)[:5] for dialogue in talkers)
    assert sessions == {"Ses01": 28, "Ses02": 30, "Ses03": 32, "Ses04": 30, "Ses05": 31}
    assert {"Ses03M_impro05a", "Ses03M_impro08b", "Ses05M_script01_1b"} <= set(talkers)
    assert not {"Ses03M_impro05", "Ses01F_impro08"} & set(talkers)


def test_the_dialogue_tells_much_of_the_label(turns: list[Entry]) -> None:
    """Half of the turns are at home: more than the usual label tells, less than all."""
    four = [turn for turn in turns if turn.native in ("neu", "hap", "ang", "sad", "exc")]
    labels = defaultdict(Counter)
    for turn in four:
        labels[turn.dialogue][turn.native] += 1
    told = sum(count.most_common(1)[0][1] for count in labels.values()) / len(four)
    assert 0.45 < told < 0.75


def test_the_files_of_judgements(whole: Path) -> None:
    files = sorted(whole.glob("IEMOCAP_full_release/Session?/dialog/EmoEvaluation/*"))
    assert len(files) == 151
    seen = 0
    for path in files:
        content = path.read_bytes().decode("ascii")
        assert "\r" not in content
        title, *lines = content.split("\n")
        assert title == "% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]"
        clock = 0.0
        for before, line in zip([title, *lines], lines, strict=False):
            if not line.startswith("["):
                assert line == "" or OTHER_LINE.fullmatch(line), line
                continue
            assert before == ""
            header = HEADER.fullmatch(line)
            assert header is not None
            assert header[3].startswith(f"{path.stem}_")
            assert clock < float(header[1]) < float(header[2])
            clock = float(header[2])
            assert all(1 <= float(mean) <= 5 for mean in header.groups()[4:])
            seen += 1
    assert seen == 10039


def test_the_label_is_what_most_raters_said(turns: list[Entry]) -> None:
    words = {
        "neu": "neutral", "hap": "happiness", "exc": "excited", "ang": "anger", "sad": "sadness",
        "fru": "frustration", "sur": "surprise", "fea": "fear", "dis": "disgust", "oth": "other",
    }  # fmt: skip
    for turn in turns:
        assert turn.votes is not None
        assert sum(turn.votes.values()) == pytest.approx(3)
        best = max(turn.votes.values())
        agreed = [word for word, votes in turn.votes.items() if votes == best and votes >= 2]
        assert agreed == ([words[turn.native]] if turn.native != "xxx" else [])


def test_transcripts(whole: Path) -> None:
    files = sorted(whole.glob("IEMOCAP_full_release/Session?/dialog/transcriptions/*.txt"))
    assert len(files) == 151
    lines = [line for path in files for line in path.read_text(encoding="utf-8").splitlines()]
    spoken = [match for line in lines if (match := SPOKEN.fullmatch(line))]
    assert len(spoken) == 10085
    assert sum("_MXX0" in match[1] for match in spoken) == 46
    others = [line for line in lines if not line.startswith("Ses")]
    assert len(others) == len(lines) - 10085 == 152
    assert all(re.match(r"[MF]: ?\S", line) for line in others)


@pytest.mark.slow
def test_the_whole_is_without_fault(tmp_path: Path) -> None:
    """With its 10,039 sounds; of a few turns of every label, ``test_one_of_each`` tells it."""
    whole = forge_corpus(IEMOCAP(), tmp_path, silent=True, seconds=(0.05, 0.1), rate=8000)
    scanned = scan(IEMOCAP(), whole)
    assert len(scanned.utterances) == 10039
    assert not scanned.findings
    assert sum(utterance.emotion != "" for utterance in scanned.utterances) == 10039 - 2507


def test_one_of_each(small: Path) -> None:
    entries = read(small)
    cells = Counter((entry.speaker, entry.native) for entry in entries.values())
    assert len(cells) == 110
    assert set(cells.values()) == {1}
    kinds = {finding.kind for finding in scan(IEMOCAP(), small, allow_partial=True).findings}
    assert kinds == {"count"}  # it is no whole corpus, and without fault otherwise
    styles = Counter((entry.speaker, entry.style) for entry in entries.values())
    assert set(styles.values()) == {5, 6}
    sounds = {hashlib.sha256(entry.audio.read_bytes()).digest() for entry in entries.values()}
    assert len(sounds) == 110


def test_another_release(tmp_path: Path) -> None:
    release = Release("a part", {"neu": 40, "xxx": 15, "oth": 5}, {"01F": 35, "04M": 25})
    root = forge_corpus(
        IEMOCAP(), tmp_path, release=release, silent=True, seconds=(0.05, 0.1), rate=8000
    )
    entries = read(root).values()
    assert Counter(entry.native for entry in entries) == release.counts
    assert Counter(entry.speaker for entry in entries) == release.speakers
    assert len({entry.audio.read_bytes() for entry in entries}) == 60


def test_twice_the_same(tmp_path: Path, small: Path) -> None:
    again = forge(tmp_path)
    files = sorted(path.relative_to(again) for path in again.rglob("*.*"))
    assert files == sorted(path.relative_to(small) for path in small.rglob("*.*"))
    assert all((again / file).read_bytes() == (small / file).read_bytes() for file in files)


HARMLESS = ["apple-double", "no-dominance", "crlf", "evaluation-folder", "dialog-wav"]


@pytest.mark.parametrize("defects", [*((defect,) for defect in HARMLESS), (*HARMLESS,)])
def test_harmless_defects(tmp_path: Path, small: Path, defects: tuple[str, ...]) -> None:
    """Whatever these do to the files, the turns are the same and no sound is unclaimed."""
    root = forge(tmp_path, *defects)

    def told(folder: Path) -> dict[str, tuple[object, ...]]:
        return {
            entry.id: (entry.audio.relative_to(folder), entry.votes, entry.attributes, entry.text)
            for entry in read(folder).values()
        }

    assert told(root) == told(small)
    kinds = {finding.kind for finding in scan(IEMOCAP(), root, allow_partial=True).findings}
    assert kinds == {"count"}  # one of each is no release


@pytest.mark.parametrize("order", [1, -1])
def test_what_the_defects_plant(tmp_path: Path, order: int) -> None:
    root = forge(tmp_path, *HARMLESS[::order])
    session = root / "IEMOCAP_full_release" / "Session1" / "dialog"
    assert sorted(path.name for path in session.iterdir()) == [
        "Evaluation",
        "transcriptions",
        "wav",
    ]
    judged = [path for path in root.rglob("Evaluation/*.txt") if not path.name.startswith(".")]
    assert len(list(root.rglob("Evaluation/._*.txt"))) == len(judged) > 40
    lines = [line for path in judged for line in path.read_bytes().split(b"\n") if line]
    assert all(line.endswith(b"\r") for line in lines)
    numbers = [line for line in lines if line.startswith(b"A-E")]
    lacking = [line for line in numbers if b"dom" not in line]
    assert len(numbers) == 220
    assert len(lacking) == 36
    assert all(re.fullmatch(rb"A-E\d:\tval \d; act \d;\t\(\)\r", line) for line in lacking)
    assert {path.stem for path in root.rglob("dialog/wav/*.wav")} == {path.stem for path in judged}
    for whole in session.glob("wav/*.wav"):
        parts = session.parent.glob(f"sentences/wav/{whole.stem}/*.wav")
        assert soundfile.info(whole).frames == sum(soundfile.info(part).frames for part in parts)


def test_lost_sounds(tmp_path: Path, small: Path) -> None:
    root = forge(tmp_path, "dialog-wav", "lost-wavs", suffix=".flac")
    lost = [entry for entry in read(root).values() if not entry.audio.exists()]
    assert len(lost) == 2  # every hundredth of 110
    assert all((small / entry.audio.relative_to(root)).is_file() for entry in lost)
    findings = scan(IEMOCAP(), root, allow_partial=True).findings
    assert sum(finding.kind == "missing" for finding in findings) == 2
    assert len(list(root.rglob("dialog/wav/*.flac"))) > 40
