"""kill -9 at random moments: scan, features, training, saving, boards, packing and the site.

Two processes work on one results folder, one of them or both are killed, and the same commands are
started again until both come to their end. Then every trial is there exactly once, each prediction
and each score is that of an undisturbed run to the last bit, and nothing half written is left.

Half of the kills come after a random time, the others as soon as a file of some kind is seen being
written. This very file is the process that the writers are forked from: to import all that they
need takes longer than what they do.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import json
import os
import random
import select
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path

import pytest

KILLS = 200  # at least
FEW = 12  # of the fast version, which saves and packs alone
SEED = 20261122
WRITERS = 2
SHARE = 0.6  # of the time that all takes undisturbed, after which a kill comes at the latest
SITES = 5  # of so many folders, one has its site published too
EPOCHS, SEEDS, PER_CELL = 6, 2, 2
AGES = 7200.0  # seconds that are let pass before the folder is cleaned
CLOCKS = {"train_seconds", "train_seconds_sum"}  # of a row: how long it took

# What is being written, as a killer sees it: files below the folder of all.
SEEN = (
    "cache/features/*/*/.*.tmp",
    "cache/scans/.*.tmp",
    "cache/splits/.*.tmp",
    "cache/scores/*/.*.tmp",
    "results/boards/*/.*.tmp",
    "results/plans/.*.tmp",
    "results/unfinished/*/.*.tmp",
    "results/unfinished/*/checkpoint.pt",
    "results/trials/*/.*.tmp",
    "results/trials/*/.*.tmp/record.json",
    "results/packed/.*.tmp",
    "results/packed/*.parquet",
    "results/packed/*.tar",
    ".site-*.tmp/assets",
    ".site-*.old",
)

TINY = """
from dataclasses import dataclass

from torch import nn

from serbench.features.frames import LogMel
from serbench.nets.net import Net
from serbench.nets.normalise import Standardise
from serbench.nets.outputs import width
from serbench.nets.pooling import MeanPooling


@dataclass(kw_only=True, eq=False)
class Tiny(Net):
    epochs: int = {epochs}
    batch: int = 16
    learning_rate: float = 1e-2
    optimiser: str = "adam"

    @property
    def recipes(self):
        return (LogMel(hop_ms=20.0),)

    def build(self, task):
        return Module(width(task))


class Module(nn.Module):
    def __init__(self, columns):
        super().__init__()
        self.scale = Standardise("log-mel", 64)
        self.pool = MeanPooling()
        self.head = nn.Linear(64, columns)

    def forward(self, inputs):
        return {{"logits": self.head(self.pool(self.scale(inputs["log-mel"])))}}
"""


# -- the writers' side -----------------------------------------------------------------------------


def story(home: Path, shared: Path, place: int, *, site: bool, models=None) -> None:
    """All that one writer does, from the scan to the published site."""
    from serbench import bench
    from serbench.boards import boards
    from serbench.cli.progress import Screen
    from serbench.cli.site import words
    from serbench.errors import StoreError
    from serbench.packing import pack
    from serbench.request import Request
    from serbench.scorecache import ScoreCache
    from serbench.site.building import build
    from serbench.store import Store

    results, cache = home / "results", home / "cache"
    request = Request(
        models=models or [(f"{shared / 'tiny.py'}:Tiny", {}), ("prior", {})],
        protocols=["loso"], corpora=["savee"], results=results, cache=cache,
        roots={"savee": shared / "savee"}, allow_partial=True, workers=1, seeds=SEEDS, keep="all",
        devices=("cpu",),
    )  # fmt: skip
    outcome = bench.run(request, Screen(quiet=True))
    assert not outcome.failures, outcome.failures
    store = Store(results)
    shown = boards(store, cache=ScoreCache(cache))
    while True:
        try:
            pack(results)
            break
        except StoreError as error:
            if "being packed" not in str(error):  # by the other one, at this moment
                raise
            time.sleep(0.01)
    if site:
        build(
            store, shown, words(shown), home / f"site-{place}", cache=cache, workers=1,
            told=lambda done, total: None,
        )  # fmt: skip


def serve(shared: Path) -> None:
    """Fork a writer for each line of standard input, and print its number."""
    import torch

    from serbench.jobs import Job

    torch.set_num_threads(1)
    often = tuple(0.0 if one == 60.0 else one for one in Job.__init__.__defaults__)
    assert often != Job.__init__.__defaults__
    Job.__init__.__defaults__ = often  # a checkpoint after every epoch
    story(shared / "warm", shared, 0, site=False, models=[("prior", {})])
    for name in ("serbench.nets.training", "serbench.site.building", "altair", "vl_convert"):
        importlib.import_module(name)  # not used here: what has begun threads cannot be forked
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        pid = os.fork()
        if pid == 0:
            os.setsid()
            told = Path(asked["told"])
            try:
                story(Path(asked["home"]), shared, asked["place"], site=asked["site"])
                told.with_suffix(".tmp").write_text("done")
            except BaseException:
                told.with_suffix(".tmp").write_text(traceback.format_exc())
            told.with_suffix(".tmp").replace(told)
            os._exit(0)
        print(pid, flush=True)


# -- the killer's side -----------------------------------------------------------------------------


class Server:
    """The process that writers are forked from."""

    def __init__(self, shared: Path) -> None:
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "SERBENCH_CACHE": str(shared / "none")}
        self.process = subprocess.Popen(
            [sys.executable, "-P", __file__, str(shared)], env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=1,
        )  # fmt: skip
        self.started: list[int] = []
        assert self._line(120) == "ready"

    def _line(self, seconds: float) -> str:
        ready, _, _ = select.select([self.process.stdout], [], [], seconds)
        assert ready, "the writers' process says nothing"
        return self.process.stdout.readline().strip()

    def start(self, home: Path, place: int, site: bool) -> tuple[int, Path]:
        told = home / f"told-{place}-{time.monotonic_ns()}"
        asked = {"home": str(home), "place": place, "site": site, "told": str(told)}
        self.process.stdin.write(json.dumps(asked) + "\n")
        pid = int(self._line(30))
        self.started = [one for one in self.started if not ended(one)] + [pid]
        return pid, told

    def close(self) -> None:
        self.process.stdin.close()
        try:
            self.process.wait(10)
        finally:
            self.process.kill()
            for pid in self.started:  # none outlives the test, whatever went wrong
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL)


def ended(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def wait_for(home: Path, pattern: str | None, seconds: float, running: list[int]) -> None:
    """Until a file of a kind is there, or the time is over, or nobody works any more."""
    until = time.monotonic() + seconds
    there = set() if pattern is None else set(home.glob(pattern))
    while time.monotonic() < until and not all(map(ended, running)):
        if pattern is None:
            time.sleep(0.001)
        elif any(path not in there for path in home.glob(pattern)):
            return


def disturbed(home: Path, server: Server, draw: random.Random, takes: float, site: bool) -> int:
    """Start both writers, kill, and start again until both are done; the number of kills."""
    kills = 0
    writers: dict[int, tuple[int, Path]] = {}
    done: set[int] = set()
    while len(done) < WRITERS:
        for place in set(range(WRITERS)) - done - set(writers):
            writers[place] = server.start(home, place, site)
        pattern = draw.choice([None, draw.choice(SEEN)])
        seconds = draw.uniform(0.0, SHARE * takes)
        wait_for(home, pattern, seconds, [pid for pid, _ in writers.values()])
        victims = draw.sample(sorted(writers), draw.randint(1, len(writers)))
        for place in victims:
            pid, told = writers[place]
            if not told.exists() and not ended(pid):
                os.killpg(pid, signal.SIGKILL)
                kills += 1
            while not ended(pid):
                time.sleep(0.001)
        for place, (pid, told) in list(writers.items()):
            if told.exists():
                assert told.read_text() == "done", told.read_text()
                done.add(place)
                del writers[place]
            elif ended(pid):
                del writers[place]
    return kills


def result(home: Path) -> dict[str, object]:
    """All that must be the same: every prediction, and every score."""
    from serbench.boards import boards
    from serbench.store import Store

    store = Store(home / "results")
    said = {
        (one, name): hashlib.sha256(store.read(one, name)).hexdigest()
        for one in store.ids()
        for name in store.record(one)["files"]
    }
    scores = [
        {name: value for name, value in record.items() if name not in CLOCKS}
        for board in boards(store)
        for record in board.records()
    ]
    return {"said": said, "scores": json.dumps(scores, sort_keys=True, default=str)}


def examined(home: Path, undisturbed: dict[str, object], monkeypatch) -> int:
    """What was lost in a folder after it was cleaned: nothing, it is to be hoped."""
    from serbench.store import Store
    from serbench.upkeep import garbage as cleaning
    from serbench.upkeep.damage import damages

    clock = cleaning.clock_of
    with monkeypatch.context() as patch:
        patch.setattr(cleaning, "clock_of", lambda folder: clock(folder) + AGES)
        cleaning.garbage(home / "results", remove=True)
        left = cleaning.garbage(home / "results").dead
    store = Store(home / "results")
    loose = set(store.loose_ids())
    packed = [
        trial
        for shard in store.packed.shards
        for place, trial in enumerate(shard.index.trials)
        if not store.packed._is_marked(shard, place)
    ]
    lost = len(left) + len(list(damages(store))) + len(list((home / "results").rglob("*.tmp")))
    twice = len(packed) + len(loose) - len({*packed} | loose)
    found = result(home)
    wrong = sum(found["said"].get(key) != sha for key, sha in undisturbed["said"].items()) + len(
        found["said"].keys() - undisturbed["said"].keys()
    )
    return lost + twice + wrong + (found["scores"] != undisturbed["scores"])


@pytest.fixture
def shared(tmp_path):
    """What all folders have in common: a small corpus, and the net."""
    from serbench.registry import load
    from serbench.testing.forge import forge_corpus

    forge_corpus(
        load("corpora", "savee")(), tmp_path / "savee", per_cell=PER_CELL, seconds=(0.3, 0.4)
    )
    (tmp_path / "tiny.py").write_text(TINY.format(epochs=EPOCHS))
    return tmp_path


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_killed_writers_lose_nothing(shared, tally, monkeypatch):
    count, draw = tally("kill -9"), random.Random(SEED)
    server = Server(shared)
    try:
        home = shared / "undisturbed"
        home.mkdir()
        start = time.monotonic()
        pid, told = server.start(home, 0, site=True)
        while not told.exists():
            assert not ended(pid)
            assert time.monotonic() < start + 120
            time.sleep(0.01)
        assert told.read_text() == "done", told.read_text()
        takes, expected, number = time.monotonic() - start, result(home), 0
        assert len({one for one, _ in expected["said"]}) == 4 * (SEEDS + 1)
        while count.tried < KILLS:
            home = shared / f"killed-{number}"
            home.mkdir()
            site = number % SITES == 0
            count.tried += disturbed(home, server, draw, takes, site)
            count.lost += examined(home, expected, monkeypatch)
            if site:
                for place in range(WRITERS):
                    pages = {p.name for p in (home / f"site-{place}").rglob("*.html")}
                    count.lost += pages != {
                        p.name for p in (shared / "undisturbed").rglob("*.html")
                    }
            assert count.lost == 0, home
            number += 1
    finally:
        server.close()


def saving(root: Path, seed: int) -> None:
    """What a writer of the fast version does: save, fail and pack, over and over."""
    from serbench.errors import StoreError
    from serbench.packing import pack
    from serbench.store import Store

    draw, store = random.Random(seed), Store(root)
    while True:
        number = draw.randrange(40)
        store.save(trial(number), FILES, {"writer": seed})
        if number % 10 == 0:
            with contextlib.suppress(StoreError):
                pack(root)


def trial(seed: int):
    from serbench.trial import Trial

    return Trial(
        protocol={"name": "loso", "corpora": ["toy"]}, labels={"name": "own"}, task={},
        corpora={"toy": "f"}, split="s", folds=1, fold="1", train={}, tests={"toy": {}},
        validation=None, target=None, model={"name": "m"}, recipes=(), seed=seed,
    )  # fmt: skip


FILES = {"predictions-toy.parquet": b"said" * 100, "stages-toy.parquet": b"before" * 1000}


def test_killed_while_saving_and_packing(tmp_path, tally, monkeypatch):
    from serbench.store import Store
    from serbench.upkeep import garbage as cleaning
    from serbench.upkeep.damage import damages

    count, draw = tally("kill -9, saving and packing alone"), random.Random(SEED)
    finished: set[str] = set()
    for number in range(FEW):
        writers = []
        for place in range(WRITERS):
            pid = os.fork()
            if pid == 0:
                with contextlib.suppress(BaseException):
                    saving(tmp_path, number * WRITERS + place)
                os._exit(1)
            writers.append(pid)
        time.sleep(draw.uniform(0.02, 0.12))
        for pid in writers:
            os.kill(pid, signal.SIGKILL)
            assert os.WIFSIGNALED(os.waitpid(pid, 0)[1]), "a writer gave up by itself"
        there = set(Store(tmp_path).ids())
        count.tried += WRITERS
        count.lost += len(finished - there)
        finished = there
    clock = cleaning.clock_of
    monkeypatch.setattr(cleaning, "clock_of", lambda folder: clock(folder) + AGES)
    cleaning.garbage(tmp_path, remove=True)
    store = Store(tmp_path)
    assert len(finished) > 5
    assert list(damages(store)) == []
    assert not list(tmp_path.rglob("*.tmp"))
    assert all(store.whole(one) for one in store.ids())
    assert set(store.ids()) >= finished
    assert count.lost == 0


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
