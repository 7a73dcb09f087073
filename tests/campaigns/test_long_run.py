"""Ten thousand trials in one process: memory stays flat, and nothing is left open or lying about.

A model that learns nothing is run as a user would run it, on a forged corpus, so that what is
measured is what serbench itself keeps of each trial.
"""

from __future__ import annotations

import gc
import os
import tempfile
import threading
from pathlib import Path

import pytest

from serbench import bench
from serbench.cli.progress import Screen
from serbench.request import Request
from serbench.store import Store

SEEDS, EARLY = 2500, 2000  # of 4 folds each: 10,000 trials; and when memory is looked at first
FEW, FEW_EARLY = 15, 20
MOST = 8.0  # MiB that 8,000 further trials may add
MOST_FEW = 4.0  # MiB that 40 may
PAGE = os.sysconf("SC_PAGESIZE")

DULL = """
import numpy as np


class Dull:
    \"""Says the same of everything, and has a seed all the same.\"""

    def fit(self, train, *, seed):
        return self

    def predict_proba(self, test):
        return np.full((len(test), len(test.task.names)), 1 / len(test.task.names))
"""


def resident() -> float:
    """MiB of this process in memory."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE / 2**20


def handles() -> set[str]:
    """What this process has open, pipes and sockets of the test runner included."""
    found = set()
    for one in Path("/proc/self/fd").iterdir():
        try:
            found.add(str(one.readlink()))
        except OSError:  # the listing's own
            continue
    return found


class Weigher(Screen):
    """Weighs the process as its trials end."""

    def __init__(self) -> None:
        super().__init__(quiet=True)
        self.at: dict[int, float] = {}

    def trials(self, trials, finished):
        inner, weigher = super().trials(trials, finished), self

        class Hearing:
            def __enter__(self):
                hear, done = inner.__enter__(), 0

                def listen(event):
                    nonlocal done
                    hear(event)
                    if type(event).__name__ == "Ended":
                        done += 1
                        if done in weigher.wanted:
                            weigher.at[done] = resident()

                return listen

            def __exit__(self, *what):
                return inner.__exit__(*what)

        return Hearing()


def run(tmp_path, corpus, seeds, early):
    (tmp_path / "dull.py").write_text(DULL)
    request = Request(
        models=[(f"{tmp_path / 'dull.py'}:Dull", {})], protocols=["loso"], corpora=["savee"],
        results=tmp_path / "results", cache=tmp_path / "cache", roots={"savee": corpus},
        allow_partial=True, workers=1, seeds=seeds,
    )  # fmt: skip
    weigher = Weigher()
    weigher.wanted = {early, 4 * seeds}
    temporary = set(Path(tempfile.gettempdir()).glob("serbench*"))
    opened, threads = handles(), threading.active_count()
    outcome = bench.run(request, weigher)
    assert (outcome.done, outcome.failures) == (4 * seeds, {})
    assert threading.active_count() <= threads
    assert {one for one in handles() - opened if one.startswith("/")} == set()
    assert set(Path(tempfile.gettempdir()).glob("serbench*")) <= temporary
    assert not list(tmp_path.rglob("*.tmp"))
    assert not list((tmp_path / "results" / "running").glob("*"))
    assert sum(1 for _ in Store(request.results).ids()) == 4 * seeds
    return weigher.at[4 * seeds] - weigher.at[early]


@pytest.fixture
def corpus(tmp_path):
    from serbench.registry import load
    from serbench.testing.forge import forge_corpus

    savee = load("corpora", "savee")()
    return forge_corpus(savee, tmp_path / "savee", per_cell=1, seconds=(0.1, 0.1), silent=True)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_ten_thousand_trials_in_flat_memory(tmp_path, corpus, tally):
    grown = run(tmp_path, corpus, SEEDS, EARLY)
    count = tally("10,000 trials in one process")
    count.tried += 4 * SEEDS
    count.lost += grown > MOST
    assert grown < MOST, f"{grown:.1f} MiB more after {4 * SEEDS} trials than after {EARLY}"


def test_some_trials_in_flat_memory(tmp_path, corpus, tally):
    grown = run(tmp_path, corpus, FEW, FEW_EARLY)
    tally("60 trials in one process").tried += 4 * FEW
    assert grown < MOST_FEW, f"{grown:.1f} MiB"
