"""A disk that is full, a folder that may not be written, rights that go, clocks that jump.

Whatever cannot be done is said in words, what was finished stays, and the same once more succeeds.
"""

from __future__ import annotations

import contextlib
import errno
import os
import random
import resource
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path

import numpy as np
import pytest

from serbench import claims
from serbench.claim import Claim
from serbench.errors import CacheError, SerbenchError, StoreError
from serbench.features.cache import FeatureCache
from serbench.features.key import Key
from serbench.packing import pack
from serbench.scorecache import ScoreCache
from serbench.store import Store
from serbench.trial import Trial
from serbench.upkeep import garbage as cleaning
from serbench.upkeep.damage import damages

LIMITS, FEW = 60, 6  # sizes at which no more bytes can be written
JUMPS = 40  # of the clock, back and forth
SEED = 20261122
NOBODY = 65534  # a user without rights
DAY = 86400.0
FILES = {"predictions-toy.parquet": b"said" * 1000, "stages-toy.parquet": b"before" * 1000}


def trial(seed=0):
    return Trial(
        protocol={"name": "loso", "corpora": ["toy"]}, labels={"name": "own"}, task={},
        corpora={"toy": "f"}, split="s", folds=1, fold="1", train={}, tests={"toy": {}},
        validation=None, target=None, model={"name": "m"}, recipes=(), seed=seed,
    )  # fmt: skip


def in_a_child(work) -> str:
    """What a function says that is called in a process of its own: its errors, or "done"."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        try:
            said = work() or "done"
        except BaseException:
            said = traceback.format_exc()
        with contextlib.suppress(OSError):
            os.write(writing, said.encode()[-60_000:])
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as file:
        said = file.read().decode()
    os.waitpid(pid, 0)
    return said


@contextlib.contextmanager
def reachable(folder: Path):
    """With all that a folder lies in open to everybody, for as long as it takes."""
    closed = [one for one in (folder, *folder.parents) if not one.stat().st_mode & 0o001]
    modes = {one: one.stat().st_mode for one in closed}
    try:
        for one in closed:
            one.chmod(modes[one] | 0o011)
        yield
    finally:
        for one in closed:
            one.chmod(modes[one])


def become_nobody():
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def sound(root: Path) -> set[str]:
    """The trials of a folder, all of which are what was written."""
    assert list(damages(Store(root))) == []
    return set(Store(root).ids())


@pytest.mark.parametrize("tries", [FEW, pytest.param(LIMITS, marks=pytest.mark.slow)])
def test_no_file_may_grow_any_further(tries, tmp_path, tally):
    """As a quota does it: a write fails in the middle of a file."""
    count, draw = tally("disk full"), random.Random(SEED)
    store = Store(tmp_path)
    store.save(trial(0), FILES, {})
    for number in range(1, tries + 1):
        most = draw.randrange(1, 9000)

        def work(number=number, most=most):
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # the write fails instead
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
            for attempt in (
                lambda: Store(tmp_path).save(trial(number), FILES, {}),
                lambda: pack(tmp_path),
                lambda: FeatureCache(tmp_path / "cache").store(
                    Key("r" * 64, f"{number:064}"), np.zeros(3000)
                ),
            ):
                with contextlib.suppress(StoreError, CacheError):
                    attempt()
            ScoreCache(tmp_path / "cache").put(f"{number:064}", list(range(3000)))

        before = sound(tmp_path)
        assert in_a_child(work) == "done"
        count.tried += 1
        count.lost += len(before - sound(tmp_path))
        left = list(tmp_path.rglob("*.tmp"))
        count.lost += len(left)
        assert left == []
        Store(tmp_path).save(trial(number), FILES, {})
        pack(tmp_path)
        assert trial(number).id in sound(tmp_path)
    assert count.lost == 0


FULL = """
import sys
from pathlib import Path

sys.path.insert(0, sys.argv[2])
from test_disk import FILES, Store, StoreError, pack, sound, trial

root, number = Path(sys.argv[1]), 0
try:
    while number < 10_000:
        Store(root).save(trial(number), FILES, {})
        number += 1
except StoreError as error:
    assert "no space is left" in str(error), error
assert 5 < number < 10_000, number
assert len(sound(root)) == number
try:
    pack(root)  # what it writes aside has no room
    raise SystemExit("packed on a full disk")
except StoreError as error:
    assert "no space is left" in str(error), error
assert len(sound(root)) == number
assert not list(root.rglob("*.tmp"))
Store(root).set_aside(trial(0).id)
import shutil
shutil.rmtree(root / "superseded")
Store(root).save(trial(0), FILES, {})
assert len(sound(root)) == number
print("sound", number)
"""


def test_a_disk_that_is_full_indeed(tmp_path, tally):
    """A file system of 1 MiB in memory, which nobody but this process sees."""
    mount = 'mount -t tmpfs -o size=1m tmpfs "$1" && exec "$2" -P -c "$3" "$1" "$4"'
    ran = subprocess.run(
        ["unshare", "-m", "sh", "-c", mount, "sh", tmp_path, sys.executable, FULL,
         Path(__file__).parent],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    if "unshare" in ran.stderr or "mount:" in ran.stderr:
        pytest.skip(f"no file system can be mounted here: {ran.stderr.strip()[:100]}")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("sound ")
    tally("disk full").tried += int(ran.stdout.split()[1])


def test_a_folder_that_may_only_be_read(tmp_path, tally):
    """Of another user: everything is read, nothing is written, and every refusal is in words."""
    if os.getuid() != 0:
        pytest.skip("only root can become somebody without rights")
    root, cache = tmp_path / "results", tmp_path / "cache"
    for seed in range(4):
        Store(root).save(trial(seed), FILES, {})
        if seed == 1:
            pack(root)
    array = np.arange(8.0)
    FeatureCache(cache).store(Key("r" * 64, "a" * 64), array)
    for path in [tmp_path, *tmp_path.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)

    def work():
        become_nobody()
        store, refused = Store(root), 0
        assert sound(root) == {trial(seed).id for seed in range(4)}
        assert FeatureCache(cache).load(Key("r" * 64, "a" * 64)).tolist() == array.tolist()
        for attempt in (
            lambda: store.save(trial(9), FILES, {}),
            lambda: store.fail(trial(9), "why", "log"),
            lambda: store.set_aside(trial(3).id),
            lambda: store.set_aside(trial(0).id),
            lambda: pack(root),
            lambda: cleaning.garbage(root, remove=True),
            lambda: FeatureCache(cache).store(Key("r" * 64, "b" * 64), array),
        ):
            try:
                attempt()
            except SerbenchError as error:
                refused += "cannot be written" in str(error)
        assert claims.read(root).seen == ()
        store.sweep()
        claims.sweep(root)
        ScoreCache(cache).put("a" * 64, 1)  # a cache that cannot be written is done without
        return f"refused {refused}"

    with reachable(tmp_path):
        assert in_a_child(work) == "refused 7"
    count = tally("rights")
    count.tried += 7
    count.lost += 4 - len(sound(root))
    assert count.lost == 0


def test_rights_that_go_in_the_middle(tmp_path, tally):
    """Between one trial and the next, and come back again: nothing finished is lost."""
    if os.getuid() != 0:
        pytest.skip("only root can become somebody without rights")
    root = tmp_path / "results"
    store, count = Store(root), tally("rights")
    root.mkdir()
    os.chown(root, NOBODY, NOBODY)

    def work():
        become_nobody()
        saved, refused = [], []
        for seed in range(6):
            part = store.folder(trial(seed).id).parent
            part.mkdir(parents=True, exist_ok=True)
            if seed % 2:
                part.chmod(0o555)
            try:
                store.save(trial(seed), FILES, {})
                saved.append(seed)
            except StoreError as error:
                refused.append("cannot be written" in str(error))
            part.chmod(0o755)
            store.save(trial(seed), FILES, {})
        return f"{saved} {refused}"

    with reachable(tmp_path):
        assert in_a_child(work) == "[0, 2, 4] [True, True, True]"
    count.tried += 3
    count.lost += 6 - len(sound(root))
    assert count.lost == 0


def test_a_full_disk_is_told_in_words(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("serbench.store.write_through", full)
    with pytest.raises(StoreError, match="no space is left on the device"):
        Store(tmp_path).save(trial(), FILES, {})
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_clocks_that_jump(tmp_path, tally, monkeypatch):
    """Back and forth by up to ten years, under writers and cleaners: live claims and trials stay.

    What was written is dated by whatever clock there was; who cleans has another one.
    """
    count, draw = tally("clock jumps"), random.Random(SEED)
    real, offset = time.time, 0.0
    monkeypatch.setattr(time, "time", lambda: real() + offset)
    clock = cleaning.clock_of
    for module in (cleaning, claims, sys.modules["serbench.store"]):
        monkeypatch.setattr(module, "clock_of", lambda folder: clock(folder) + offset)
    store, made = Store(tmp_path), set()
    own = claims.Process.own()
    for number in range(JUMPS):
        offset = draw.uniform(-3650 * DAY, 3650 * DAY)
        store.save(trial(number), FILES, {})
        made.add(trial(number).id)
        for path in store.folder(trial(number).id).parent.rglob("*"):
            os.utime(path, (real() + offset, real() + offset))
        claim = Claim(trial(99).id, "t", "h", own, "cpu", "", "", 1.0)
        mine = claims.folder(tmp_path) / f"{trial(99).id}.h.{own.pid}.{number:x}.json"
        mine.parent.mkdir(exist_ok=True)
        mine.write_text(claim.json())
        offset = draw.uniform(-3650 * DAY, 3650 * DAY)
        store.sweep()
        cleaning.garbage(tmp_path, remove=True)
        if number % 10 == 9:
            pack(tmp_path)
        assert sound(tmp_path) == made
        (seen,) = claims.read(tmp_path).seen or [None]
        assert seen is None or seen.state in ("at work", "silent")
        mine.unlink(missing_ok=True)
        count.tried += 1
        count.lost += len(made - set(Store(tmp_path).ids()))
    assert count.lost == 0


def test_a_save_that_a_sweeper_with_another_clock_runs_into(tmp_path, monkeypatch):
    """What is being written is swept up as if it were old: it is written once more."""
    import serbench.store as module

    write, store, swept = module.write_through, Store(tmp_path), []

    def sweeping(path, content):
        if not swept and path.name == "record.json":
            swept.append(path)
            store.sweep(older_than=-1)
        write(path, content)

    monkeypatch.setattr(module, "write_through", sweeping)
    store.save(trial(), FILES, {})
    assert swept
    assert store.whole(trial().id)
    assert not list(tmp_path.rglob("*.tmp"))
