"""A small run for executors: four trials of a model that can be told to die."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from serbench.cli.progress import Screen
from serbench.jobs import Job
from serbench.preparing import prepare
from serbench.request import Request

MODEL = """
import os, signal, time, uuid
import numpy as np
from pathlib import Path

class Told:
    '''Guesses; dies while it trains if told to, once so many trainings have ended.'''
    identify = staticmethod(lambda settings: {**settings, 'folder': 'a diary'})

    def __init__(self, folder='', dies=0, after=0, seconds=0.0):
        self.folder, self.dies, self.after, self.seconds = Path(folder), dies, after, seconds
    def _note(self, what):
        (self.folder / f'{what}-{uuid.uuid4().hex}').write_text(
            f"{os.getpid()} {os.environ.get('CUDA_VISIBLE_DEVICES', '')}")
    def _count(self, what):
        return len(list(self.folder.glob(f'{what}-*')))
    def fit(self, train, *, seed):
        self._note('began')
        time.sleep(self.seconds)
        if self._count('died') < self.dies and self._count('trained') >= self.after:
            self._note('died')
            os.kill(os.getpid(), signal.SIGKILL)
        self._note('trained')
        return self
    def predict_proba(self, test):
        return np.full((len(test), 7), 1 / 7)
"""

Jobs = Callable[..., Sequence[Job]]


@pytest.fixture(scope="session")
def folds(forged_savee: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """LOSO as a table: a worker that reads its folds there need not import scikit-learn."""
    path = tmp_path_factory.mktemp("folds") / "by_speaker.csv"
    files = sorted(file.relative_to(forged_savee) for file in forged_savee.rglob("*.wav"))
    speakers = sorted({file.parts[-2] for file in files})
    with path.open("w", newline="") as table:
        rows = csv.writer(table)
        rows.writerow(["fold", "side", "file"])
        for speaker in speakers:
            for file in files:
                side = "test" if file.parts[-2] == speaker else "train"
                rows.writerow([speaker, side, file.as_posix()])
    return path


@pytest.fixture
def jobs(forged_savee: Path, folds: Path, tmp_path: Path) -> Jobs:
    """Jobs of four trials, or more with more seeds; settings of the model by name."""
    (tmp_path / "told.py").write_text(MODEL)
    (tmp_path / "diary").mkdir()

    def made(*, seeds: int = 1, **settings: object) -> Sequence[Job]:
        chosen = {"folder": str(tmp_path / "diary"), **settings}
        request = Request(
            models=[(f"{tmp_path}/told.py:Told", chosen)], protocols=[str(folds)],
            corpora=["savee"], results=tmp_path / "results", cache=tmp_path / "cache",
            roots={"savee": forged_savee}, allow_partial=True, seeds=seeds,
        )  # fmt: skip
        return prepare(request, Screen(quiet=True)).jobs

    return made
