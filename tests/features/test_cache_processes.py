"""The feature cache under many writers, killed at any moment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from serbench.features.cache import FeatureCache
from serbench.features.key import Key

ARRAY = np.arange(60, dtype=np.float32).reshape(12, 5)


def key(name: str, recipe: str = "a") -> Key:
    return Key(recipe * 64, name[:2] + name.rjust(62, "0"))


def age(path: Path, hours: float) -> None:
    past = time.time() - 3600 * hours
    os.utime(path, (past, past))


WRITER = """
import sys
from pathlib import Path
import numpy as np
from serbench.features.cache import FeatureCache
from serbench.features.key import Key

cache, rounds, seed = FeatureCache(Path(sys.argv[1])), int(sys.argv[2]), int(sys.argv[3])
print("ready", flush=True)
for i in range(rounds):
    for name in "0123":
        cache.store(Key("a" * 64, name * 64), np.full((500, 64), seed + i, np.float32))
"""


def writer(cache: FeatureCache, rounds: int, seed: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(cache.folder.parent), str(rounds), str(seed)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


class TestManyProcesses:
    keys = tuple(Key("a" * 64, name * 64) for name in "0123")

    def test_writers_of_the_same_arrays(self, cache):
        writers = [writer(cache, 60, seed) for seed in range(3)]
        read = 0
        while any(process.poll() is None for process in writers):
            for each in self.keys:
                array = cache.load(each)  # raises if it is torn
                if array is not None:
                    assert array.shape == (500, 64)
                    assert (array == array[0, 0]).all()
                    read += 1
        assert [process.returncode for process in writers] == [0, 0, 0]
        assert read
        assert cache.verify() == []
        assert len([path for path in cache.folder.rglob("*") if path.is_file()]) == 4

    def test_writers_while_the_cache_is_cleared(self, cache):
        process = writer(cache, 40, 0)
        while process.poll() is None:
            cache.clear()
        assert process.returncode == 0
        assert cache.verify() == []

    def test_writers_killed_at_any_moment(self, cache):
        for attempt in range(8):
            process = writer(cache, 10**6, attempt)
            time.sleep(0.05 + 0.013 * attempt)
            process.send_signal(signal.SIGKILL)
            assert process.wait() == -signal.SIGKILL
            assert cache.verify() == []
            for each in self.keys:
                array = cache.load(each)
                assert array is None or (array == array[0, 0]).all()

    def test_what_a_killed_writer_leaves_is_swept_after_an_hour(self, cache):
        cache.store(key("1"), ARRAY)
        folder = cache.path(key("1")).parent
        old, new = folder / ".a.1.b.tmp", folder / ".a.2.c.tmp"
        for path in (old, new):
            path.write_bytes(b"half")
        age(old, 1.1)
        age(cache.path(key("1")), 100)
        cache.sweep()
        assert sorted(folder.iterdir()) == [new, cache.path(key("1"))]
        cache.sweep(older_than=-1)
        assert list(folder.iterdir()) == [cache.path(key("1"))]
