"""The feature cache: what is there is whole, or said to be damaged."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from serbench.errors import CacheDamaged, CacheError, UsageError
from serbench.features.cache import FeatureCache
from serbench.features.key import Key

ARRAY = np.arange(60, dtype=np.float32).reshape(12, 5)


def key(name: str, recipe: str = "a") -> Key:
    return Key(recipe * 64, name[:2] + name.rjust(62, "0"))


def age(path: Path, hours: float) -> None:
    past = time.time() - 3600 * hours
    os.utime(path, (past, past))


class TestStoring:
    @pytest.mark.parametrize(
        "array",
        [
            ARRAY,
            ARRAY[0],
            ARRAY.T,
            ARRAY[::2, ::2],
            ARRAY.astype(np.float16),
            np.zeros((0, 45), np.float32),
            np.float32(3.5),
        ],
        ids=lambda array: f"{array.dtype}-{array.shape}",
    )
    def test_what_is_stored_is_loaded(self, cache, array):
        cache.store(key("1"), array)
        found = cache.load(key("1"))
        np.testing.assert_array_equal(found, array)
        assert found.dtype == array.dtype
        assert found.flags.writeable

    def test_a_loaded_array_is_the_callers_own(self, cache):
        cache.store(key("1"), ARRAY)
        cache.load(key("1"))[:] = -1
        np.testing.assert_array_equal(cache.load(key("1")), ARRAY)

    def test_nothing_there(self, cache):
        assert cache.load(key("1")) is None
        assert not cache.has(key("1"))
        assert cache.size() == 0
        assert cache.verify() == cache.repair() == cache.trim() == []
        cache.clear()
        cache.sweep()

    def test_objects_are_never_pickled(self, cache):
        with pytest.raises(ValueError, match="allow_pickle"):
            cache.store(key("1"), np.array([{}], dtype=object))
        assert not cache.has(key("1"))

    def test_a_file_is_a_checksum_and_a_numpy_file(self, cache):
        cache.store(key("12ab", "f"), ARRAY)
        path = cache.path(key("12ab", "f"))
        assert path == cache.folder / ("f" * 16) / "1" / f"{key('12ab').array}.array"
        plain = path.with_suffix(".npy")
        plain.write_bytes(path.read_bytes()[32:])
        np.testing.assert_array_equal(np.load(plain, allow_pickle=False), ARRAY)

    def test_last_writer_stays(self, cache):
        cache.store(key("1"), ARRAY)
        cache.store(key("1"), ARRAY + 1)
        np.testing.assert_array_equal(cache.load(key("1")), ARRAY + 1)
        assert len(list(cache.path(key("1")).parent.iterdir())) == 1

    def test_size_and_clear(self, cache, tmp_path):
        cache.store(key("1"), ARRAY)
        cache.store(key("2"), ARRAY)
        beside = tmp_path / "cache" / "sounds"
        beside.mkdir()
        files = [path for path in cache.folder.rglob("*") if path.is_file()]
        assert cache.size() == sum(path.stat().st_size for path in files) > 2 * ARRAY.nbytes
        beside.joinpath("index.json").touch()
        cache.clear()
        files = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
        assert files == [beside / "index.json"]
        assert cache.load(key("1")) is None
        cache.store(key("1"), ARRAY)
        assert cache.has(key("1"))

    def test_the_folder_is_that_of_the_environment(self, tmp_path, monkeypatch):
        monkeypatch.setenv("SERBENCH_CACHE", str(tmp_path / "there"))
        assert FeatureCache().folder == tmp_path / "there" / "features"


class TestDamage:
    def test_every_flipped_byte_is_found(self, cache):
        cache.store(key("1"), ARRAY)
        path = cache.path(key("1"))
        whole = path.read_bytes()
        for position in range(len(whole)):
            torn = bytearray(whole)
            torn[position] ^= 1 << position % 8
            path.write_bytes(torn)
            with pytest.raises(CacheDamaged, match=path.name):
                cache.load(key("1"))
            assert cache.verify() == [path]

    def test_every_length_is_found(self, cache):
        cache.store(key("1"), ARRAY)
        path = cache.path(key("1"))
        whole = path.read_bytes()
        for length in range(len(whole)):
            path.write_bytes(whole[:length])
            with pytest.raises(CacheDamaged, match="serbench cache repair"):
                cache.load(key("1"))
        path.write_bytes(whole + b"\0")
        with pytest.raises(CacheDamaged):
            cache.load(key("1"))

    def test_repair_removes_what_is_damaged_and_nothing_else(self, cache):
        for name in "123":
            cache.store(key(name), ARRAY)
        path = cache.path(key("2"))
        path.write_bytes(path.read_bytes()[:-1])
        assert cache.has(key("2"))
        assert cache.repair() == [path]
        assert cache.repair() == []
        assert [cache.has(key(name)) for name in "123"] == [True, False, True]

    def test_what_is_no_file_is_an_error(self, cache):
        cache.path(key("1")).mkdir(parents=True)
        with pytest.raises(CacheError, match="cannot be read"):
            cache.load(key("1"))


class TestFullDisk:
    def test_full(self, cache, monkeypatch):
        cache.store(key("1"), ARRAY)
        write = Path.write_bytes

        def full(path, content):
            write(path, content[:100])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(Path, "write_bytes", full)
        with pytest.raises(CacheError) as caught:
            cache.store(key("2"), ARRAY)
        assert str(cache.folder) in caught.value.found
        assert "SERBENCH_CACHE" in caught.value.advice
        monkeypatch.undo()
        assert [path.name for path in cache.folder.rglob("*.*")] == [cache.path(key("1")).name]

    def test_too_large_for_the_system(self, tmp_path):
        """The kernel itself breaks a write off in the middle."""
        code = (
            "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000));"
            "import sys, numpy as np; from pathlib import Path;"
            "from serbench.features.cache import FeatureCache;"
            "from serbench.features.key import Key;"
            "FeatureCache(Path(sys.argv[1])).store(Key('a' * 64, 'b' * 64), np.zeros(9999))"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path)],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        )
        assert done.returncode == 1
        assert "CacheError" in done.stderr
        assert str(tmp_path / "features") in done.stderr
        assert not [path for path in tmp_path.rglob("*") if path.is_file()]

    def test_a_folder_that_is_none(self, tmp_path):
        (tmp_path / "features").write_text("")
        with pytest.raises(CacheError, match="cannot be"):
            FeatureCache(tmp_path).store(key("1"), ARRAY)


class TestLimit:
    def test_the_least_recently_used_goes_first(self, cache):
        for name in "1234":
            cache.store(key(name), ARRAY)
        for hours, name in enumerate("3142", start=2):
            age(cache.path(key(name)), hours)
        assert cache.trim() == []
        size = cache.path(key("1")).stat().st_size
        small = FeatureCache(cache.folder.parent, limit_bytes=2 * size)
        assert small.has(key("2"))  # the oldest, now used
        assert small.trim() == [small.path(key("4")), small.path(key("1"))]
        assert [small.has(key(name)) for name in "1234"] == [False, True, True, False]
        assert small.trim() == []

    def test_reading_is_using(self, cache):
        for name in "12":
            cache.store(key(name), ARRAY)
            age(cache.path(key(name)), 48 if name == "1" else 24)
        cache.load(key("1"))
        cache.limit = cache.size() - 1
        assert cache.trim() == [cache.path(key("2"))]

    def test_zero_keeps_nothing(self, tmp_path):
        cache = FeatureCache(tmp_path, limit_bytes=0)
        cache.store(key("1"), ARRAY)
        assert cache.trim() == [cache.path(key("1"))]

    @pytest.mark.parametrize(
        ("given", "limit"), [("20", 20 * 2**30), ("0.5", 2**29), ("0", 0), ("", None)]
    )
    def test_from_the_environment(self, tmp_path, monkeypatch, given, limit):
        monkeypatch.setenv("SERBENCH_CACHE_LIMIT", given)
        assert FeatureCache(tmp_path).limit == limit
        assert FeatureCache(tmp_path, limit_bytes=7).limit == 7

    @pytest.mark.parametrize("given", ["20G", "-1", "nan", "inf"])
    def test_no_number(self, tmp_path, monkeypatch, given):
        monkeypatch.setenv("SERBENCH_CACHE_LIMIT", given)
        with pytest.raises(UsageError, match=given):
            FeatureCache(tmp_path)
