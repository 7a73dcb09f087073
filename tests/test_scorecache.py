"""The score cache: what it keeps, what it does not take, and the version of what it keeps."""

import ast
import hashlib
import json
import os
import time
from pathlib import Path

import pytest

import serbench
from serbench.canonical import canonical
from serbench.scorecache import METRICS, ScoreCache, key

# All that a score comes from, once predictions are read. Where this digest is another than the one
# below, scores may be too: raise METRICS (or leave it, if no score can have moved) and note it.
CODE = (
    *(
        "metrics",
        "sentiment",
        "intervals",
        "evidence",
        "tally",
        "scores",
        "cells",
        "predictions",
        "ratings",
    ),
    *("staged", "selection", "epochs", "canaries/flock", "storedscores"),
    *("duel", "contest", "rank", "redrawn", "storedcontest"),
    *(
        f"stats/{name}"
        for name in ("apart", "claims", "contrary", "family", "letters", "paired", "ranks")
    ),
    *("stats/rounded", "stats/stability"),
)
PARTS = {"gathered": {"score", "scored"}}  # of these modules these functions alone
NOTED = (3, "951107d98433a585c7f33fd350419e3ac986986f558e94a119996f9316ec5a9f")


def test_the_version_is_that_of_the_code_that_scores_come_from():
    folder = Path(serbench.__file__).parent
    trees = [ast.parse((folder / f"{name}.py").read_text("utf-8")) for name in (*CODE, *PARTS)]
    for tree, kept in zip(trees[len(CODE) :], PARTS.values(), strict=True):
        tree.body = [one for one in tree.body if getattr(one, "name", "") in kept]
        assert len(tree.body) == len(kept)
    code = hashlib.sha256(canonical([plain(tree) for tree in trees]).encode()).hexdigest()
    assert (METRICS, code) == NOTED


def plain(node):
    """A tree without comments, documentation and imports, the same by every Python."""
    if isinstance(node, list):
        return [plain(one) for one in node if not is_beside(one)]
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = {
        name: plain(value) for name, value in ast.iter_fields(node) if value not in (None, [])
    }
    return [type(node).__name__, fields]


def is_beside(node):
    text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return text or isinstance(node, ast.Import | ast.ImportFrom)


def test_another_metric_version_has_another_key(monkeypatch):
    before = key(said=["a"])
    assert key(said=["a"]) == before != key(said=["b"])
    monkeypatch.setattr("serbench.scorecache.METRICS", METRICS + 1)
    assert key(said=["a"]) != before


@pytest.fixture
def cache(tmp_path):
    return ScoreCache(tmp_path)


def test_what_is_kept_comes_back(cache):
    assert cache.get(key(a=1)) is None
    cache.put(key(a=1), {"ua": 1 / 3, "none": None})
    assert cache.get(key(a=1)) == {"ua": 1 / 3, "none": None}
    assert cache.size() > 0
    cache.clear()
    assert cache.get(key(a=1)) is None
    assert cache.size() == 0


@pytest.mark.parametrize("content", [b"", b"{", b"\n", b"[]\n[]", None])
def test_what_was_altered_is_not_taken(cache, content):
    cache.put(key(a=1), {"ua": 0.5})
    path = cache.path(key(a=1))
    path.write_bytes(path.read_bytes().replace(b"0.5", b"0.9") if content is None else content)
    assert cache.get(key(a=1)) is None


def test_a_value_under_another_key_is_not_taken(cache):
    cache.put(key(a=1), {"ua": 0.5})
    other = cache.path(key(a=2))
    other.parent.mkdir(exist_ok=True)
    other.write_bytes(cache.path(key(a=1)).read_bytes())
    assert cache.get(key(a=2)) is None


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path):
    (tmp_path / "scores").write_text("in the way")
    cache = ScoreCache(tmp_path)
    cache.put(key(a=1), {})
    assert cache.get(key(a=1)) is None


def test_what_nobody_asks_for_goes(cache):
    cache.put(key(a=1), {})
    cache.put(key(a=2), {})
    old = time.time() - 100 * 86400
    os.utime(cache.path(key(a=1)), (old, old))
    os.utime(cache.path(key(a=2)), (old, old))
    assert cache.get(key(a=2)) == {}  # and so it has been asked for
    os.utime(cache.folder / "looked-through", (old, old))
    ScoreCache(cache.folder.parent).put(key(a=3), {})
    assert cache.get(key(a=1)) is None
    assert cache.get(key(a=2)) == {}


def test_entries_are_plain_json(cache):
    cache.put(key(a=1), {"ua": 0.5})
    checksum, content = cache.path(key(a=1)).read_bytes().split(b"\n", 1)
    assert json.loads(content) == {"key": key(a=1), "value": {"ua": 0.5}}
    assert checksum.decode() == hashlib.sha256(content).hexdigest()
