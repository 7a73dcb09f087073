"""Forged corpora: counts to the letter, the same every time, and worth learning from."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from serbench.corpus import Corpus, CorpusCard, Entry, Release
from serbench.errors import CorpusError, SerbenchError, UsageError
from serbench.labels import Emotion
from serbench.scan import scan
from serbench.testing.forge import forge_corpus
from serbench.testing.forgery import margins
from serbench_corpora.emodb import EmoDB
from serbench_corpora.savee import SAVEE

SHORT = (0.05, 0.1)


def contents(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*.*"))
    }


@pytest.mark.parametrize(
    ("corpus", "suffix"), [(EmoDB(), ".wav"), (SAVEE(), ".flac")], ids=["emodb-wav", "savee-flac"]
)
def test_the_full_release(tmp_path: Path, corpus: Corpus, suffix: str) -> None:
    forge_corpus(corpus, tmp_path, seconds=SHORT, rate=8000, suffix=suffix, silent=True)
    entries = list(corpus.entries(tmp_path))
    assert Counter(entry.native for entry in entries) == corpus.card.standard.counts
    assert Counter(entry.speaker for entry in entries) == corpus.card.standard.speakers
    assert {entry.audio.suffix for entry in entries} == {suffix}
    # Whole by names and counts; that no sound is the release's own is said, and no error.
    assert [finding.kind for finding in scan(corpus, tmp_path).findings] == ["altered"]


def test_forged_savee_has_the_real_names(tmp_path: Path) -> None:
    forge_corpus(SAVEE(), tmp_path, seconds=SHORT, rate=8000, silent=True)
    numbers = {"n": 30}
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.wav")} == {
        f"AudioData/{speaker}/{code}{number:02d}.wav"
        for speaker in ("DC", "JE", "JK", "KL")
        for code in ("a", "d", "f", "h", "n", "sa", "su")
        for number in range(1, numbers.get(code, 15) + 1)
    }


def test_per_cell(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    root = forge_corpus(
        SAVEE(), tmp_path / "new" / "folder", seconds=(0.2, 0.3), per_cell=2,
        progress=lambda done, of: seen.append((done, of)),
    )  # fmt: skip
    entries = list(SAVEE().entries(root))
    cells = Counter((entry.speaker, entry.native) for entry in entries)
    assert len(cells) == 28
    assert set(cells.values()) == {2}
    assert seen == [(done, 56) for done in range(1, 57)]
    held = [soundfile.info(entry.audio) for entry in entries]
    assert {(info.samplerate, info.channels, info.subtype) for info in held} == {
        (16000, 1, "PCM_16")
    }
    assert all(0.2 <= info.duration <= 0.3 for info in held)
    assert len({info.frames for info in held}) > 28


def test_the_seed_decides(tmp_path: Path) -> None:
    first, again, other = (
        contents(
            forge_corpus(SAVEE(), tmp_path / name, seed=seed, seconds=SHORT, rate=8000, per_cell=1)
        )
        for name, seed in (("first", 0), ("again", 0), ("other", 1))
    )
    assert first == again
    assert first.keys() == other.keys()
    assert not set(first.values()) & set(other.values())


def test_no_two_files_sound_the_same(tmp_path: Path) -> None:
    forge_corpus(EmoDB(), tmp_path, seconds=SHORT, rate=8000, per_cell=2)
    digests = list(contents(tmp_path).values())
    assert len(set(digests)) == len(digests) == 140


def test_a_real_corpus_is_never_written_over(tmp_path: Path) -> None:
    recording = tmp_path / "AudioData" / "DC" / "a01.wav"
    recording.parent.mkdir(parents=True)
    recording.write_bytes(b"precious")
    with pytest.raises(CorpusError, match="is not empty"):
        forge_corpus(SAVEE(), tmp_path, per_cell=1)
    assert recording.read_bytes() == b"precious"


class Plain(Corpus):
    """An adapter as short as it gets."""

    card: ClassVar[CorpusCard] = CorpusCard(
        name="plain",
        title="Plain",
        language="none",
        licence="none",
        how_to_get="-",
        citation="@misc{plain, title={}}",
        releases=(Release("Plain", {"x": 1}, {"s": 1}),),
    )
    labels: ClassVar[Mapping[str, Emotion | str | None]] = {"x": Emotion.OTHER}

    def entries(self, root: Path) -> Iterator[Entry]:
        return iter(())


def test_a_corpus_without_forged_path(tmp_path: Path) -> None:
    with pytest.raises(SerbenchError, match="Plain has neither forged_path"):
        forge_corpus(Plain(), tmp_path)


def test_more_takes_than_names(tmp_path: Path) -> None:
    with pytest.raises(SerbenchError, match="takes are 0 to 59") as error:
        forge_corpus(EmoDB(), tmp_path, per_cell=61)
    assert "fewer than 61" in error.value.advice
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "options", [{"suffix": ".mp3"}, {"seconds": (0.0, 1.0)}, {"seconds": (2, 1)}]
)
def test_unusable_options(tmp_path: Path, options: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        forge_corpus(SAVEE(), tmp_path, per_cell=1, **options)  # type: ignore[arg-type]


def test_margins_that_cannot_be_met() -> None:
    with pytest.raises(CorpusError, match="3 utterances by speaker, but 4 by label"):
        margins({"s": 3}, {"a": 2, "b": 2})


def test_margins_of_emodb() -> None:
    release = EmoDB.card.standard
    table = margins(release.speakers, release.counts)
    for speaker, row in table.items():
        for native, cell in row.items():
            share = release.speakers[speaker] * release.counts[native] / 535
            assert abs(cell - share) < 1.5


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 40), min_size=4, max_size=4), min_size=1, max_size=12))
def test_margins_are_met_exactly(cells: list[list[int]]) -> None:
    counted = np.array(cells)
    rows = {f"s{i}": int(total) for i, total in enumerate(counted.sum(axis=1))}
    columns = {f"e{i}": int(total) for i, total in enumerate(counted.sum(axis=0))}
    table = margins(rows, columns)
    assert {r: sum(row.values()) for r, row in table.items()} == rows
    assert {c: sum(row[c] for row in table.values()) for c in columns} == columns
    assert min(cell for row in table.values() for cell in row.values()) >= 0


@pytest.mark.slow
def test_learning_from_it_depends_on_the_speakers(tmp_path: Path) -> None:
    """Random folds flatter, as on people: the reason for forging voices and not tones."""
    librosa = pytest.importorskip("librosa")
    from sklearn.metrics import balanced_accuracy_score
    from sklearn.model_selection import LeaveOneGroupOut, StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    features, labels, speakers = [], [], []
    forge_corpus(SAVEE(), tmp_path, per_cell=6)
    for entry in SAVEE().entries(tmp_path):
        sound, rate = soundfile.read(entry.audio, dtype="float32")
        mfcc = librosa.feature.mfcc(y=sound, sr=rate, n_mfcc=20)
        features.append(np.concatenate([mfcc.mean(axis=1), mfcc.std(axis=1)]))
        labels.append(entry.native)
        speakers.append(entry.speaker)
    model = make_pipeline(StandardScaler(), SVC())
    data = np.array(features), np.array(labels)
    alone = cross_val_predict(model, *data, groups=speakers, cv=LeaveOneGroupOut())
    mixed = cross_val_predict(model, *data, cv=StratifiedKFold(10, shuffle=True, random_state=0))
    by_speaker = balanced_accuracy_score(labels, alone)
    at_random = balanced_accuracy_score(labels, mixed)
    assert 0.35 < by_speaker < 0.7  # chance is 1/7
    assert by_speaker + 0.15 < at_random < 0.97


def test_importing_it_is_cheap() -> None:
    program = (
        "import sys, serbench.testing; "
        "print(*{'torch', 'librosa', 'sklearn', 'pandas', 'scipy', 'soundfile'} & set(sys.modules))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == []
