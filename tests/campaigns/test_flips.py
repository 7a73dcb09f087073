"""One byte of a file is another one: every kind of file of a results folder and of the caches.

Found means that nothing reads the file as what it was: it is damaged, or is made again. A flip may
also be harmless: what is read is equal to what was written, since no meaning hangs on that byte
(padding in a tar, a blank in JSON). What carries no checksum is listed last, with what is lost.
"""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path

import numpy as np
import pytest

from serbench.background import CANARIES, VERDICT, _read
from serbench.canonical import canonical, digest
from serbench.drawn import _read as read_splits
from serbench.errors import CacheDamaged, SerbenchError
from serbench.failure import Failure
from serbench.features.cache import FeatureCache
from serbench.features.key import Key
from serbench.packing import pack
from serbench.plane import Plane, keep, kept
from serbench.scanned import recall, remember
from serbench.scorecache import ScoreCache
from serbench.store import Plan, Store
from serbench.trial import Trial
from serbench.upkeep.damage import damages
from serbench.writing import write_aside

EACH, FEW = 300, 4  # flips of each kind of file
SEED = 20261122
FOUND, HARMLESS, OVERLOOKED = "found", "harmless", "overlooked"

FILES = {"predictions-toy.parquet": b"said" * 100, "stages-toy.parquet": b"before" * 1000}
ROW = {name: {} for name in ("protocol", "model", "labels", "task", "corpora")}
ROW |= {"split": "s", "folds": 1}


def trial(seed=0):
    return Trial(
        protocol={"name": "loso", "corpora": ["toy"]}, labels={"name": "own"}, task={},
        corpora={"toy": "f"}, split="s", folds=1, fold="1", train={}, tests={"toy": {}},
        validation=None, target=None, model={"name": "m"}, recipes=(), seed=seed,
    )  # fmt: skip


def flipped(content: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(content))
    return content[:at] + bytes([content[at] ^ draw.randrange(1, 256)]) + content[at + 1 :]


def said(root: Path):
    """All that a results folder says of its trials, and what is damaged in it."""
    store = Store(root)
    try:
        wrong = [*damages(store)]
        told = {one: {n: store.read(one, n) for n in store.record(one)["files"]}
                for one in store.ids()}  # fmt: skip
        beside = {one: store.record(one)["provenance"] for one in store.ids()}
        plans = [canonical([plan.row, plan.notes, list(plan.trials)]) for plan in store.plans()]
    except SerbenchError:
        return None, True
    return (told, beside, plans), bool(wrong)


def of_store(root: Path, pattern: str, draw: random.Random, tries: int):
    """Flip a byte of a file of a results folder, each time in the folder as it was."""
    before, wrong = said(root)
    assert not wrong
    (path, *_) = sorted(root.glob(pattern))
    content = path.read_bytes()
    for _ in range(tries):
        path.write_bytes(flipped(content, draw))
        now, found = said(root)
        for beside in root.glob("packed/*.parquet"):  # an index may have been made again
            if beside != path:
                beside.unlink()
        path.write_bytes(content)
        yield FOUND if found else HARMLESS if now == before else OVERLOOKED


def of_cache(path: Path, read, draw: random.Random, tries: int):
    """Flip a byte of a cached file; ``read`` gives its value, or None where it is not whole."""
    before, content = read(), path.read_bytes()
    assert before is not None
    for _ in range(tries):
        path.write_bytes(flipped(content, draw))
        now = read()
        path.write_bytes(content)
        yield FOUND if now is None else HARMLESS if now == before else OVERLOOKED


@pytest.fixture
def results(tmp_path):
    """A results folder with a file of every kind."""
    root = tmp_path / "results"
    store = Store(root)
    for seed in range(2):
        store.save(trial(seed), FILES, {"host": "here", "behaviour": None, "seconds": 1.5})
    Plan(ROW, {"variant": {}}, (trial().id, trial(1).id)).write(root / "plans")
    folder = root / "boards" / ("b" * 64)
    write_aside(folder / CANARIES, b"heard nothing" * 50)
    record = {"version": 1, "verdict": {"findings": [1, 2.5, "three"]}}
    record[CANARIES] = hashlib.sha256(b"heard nothing" * 50).hexdigest()
    write_aside(folder / VERDICT, canonical({**record, "digest": digest(record)}).encode())
    plane = Plane(
        trial().id, "m", "toy", ("a", "b"), (0, 1), (1, 1), ("s", "s"), ("x", "y"),
        ((0.5, 1.25), (3.0, -4.0)), 8, 30.0, None, None,
    )  # fmt: skip
    keep(store, plane)
    body = b"tensors" * 200
    checkpoint = b"serbench checkpoint 1\n" + hashlib.sha256(body).digest() + body
    write_aside(store.checkpoint(trial(9).id), checkpoint)
    return root


STORE = {
    "trial.json": "trials/*/*/trial.json",
    "record.json": "trials/*/*/record.json",
    "predictions": "trials/*/*/predictions-*",
    "stages": "trials/*/*/stages-*",
    "plan": "plans/*.json",
    "board's audit": "boards/*/verdict.json",
    "board's canaries": "boards/*/canaries.parquet",
    "plane": "planes/*/*.json",
    "checkpoint": "unfinished/*/checkpoint.pt",
    "shard": "packed/*.tar",
    "index of a shard": "packed/*.parquet",
}


def check(kind, outcomes, tally):
    count = tally("one flipped byte")
    found = list(outcomes)
    count.tried += len(found)
    count.undetected += found.count(OVERLOOKED)
    assert OVERLOOKED not in found, kind
    assert FOUND in found, kind


@pytest.mark.parametrize("kind", STORE)
@pytest.mark.parametrize("tries", [FEW, pytest.param(EACH, marks=pytest.mark.slow)])
def test_results(kind, tries, results, tally):
    if "shard" in kind:
        pack(results)
    check(kind, of_store(results, STORE[kind], random.Random(SEED), tries), tally)


@pytest.mark.parametrize("tries", [FEW, pytest.param(EACH, marks=pytest.mark.slow)])
def test_what_boards_and_sites_read_is_what_was_written(tries, results, tally):
    """As their own readers see it, and not only ``serbench results repair``."""
    draw, store = random.Random(SEED), Store(results)
    folder = results / "boards" / ("b" * 64)
    for name in (VERDICT, CANARIES):
        check(name, of_cache(folder / name, lambda: _read(folder) or None, draw, tries), tally)
    (path,) = results.glob("planes/*/*.json")
    check("plane", of_cache(path, lambda: [*kept(store, [trial().id])] or None, draw, tries), tally)


@pytest.mark.parametrize("tries", [FEW, pytest.param(EACH, marks=pytest.mark.slow)])
def test_features(tries, tmp_path, tally):
    cache, key = FeatureCache(tmp_path), Key("r" * 64, "a" * 64)
    cache.store(key, np.arange(300, dtype=np.float32).reshape(30, 10))

    def read():
        try:
            return cache.load(key).tolist()
        except CacheDamaged:
            return None

    check("features", of_cache(cache.path(key), read, random.Random(SEED), tries), tally)


@pytest.mark.parametrize("tries", [FEW, pytest.param(EACH, marks=pytest.mark.slow)])
def test_scores_and_drawn_figures(tries, tmp_path, tally):
    """Figures of a site are kept as scores are: drawn.py keeps SVG and PDF in the same cache."""
    cache, draw = ScoreCache(tmp_path), random.Random(SEED)
    for key, value in (("a" * 64, {"ua": 0.5, "n": [1, 2]}), ("b" * 64, {"svg": "<svg/>" * 99})):
        cache.put(key, value)
        check("scores", of_cache(cache.path(key), lambda k=key: cache.get(k), draw, tries), tally)


@pytest.mark.parametrize("tries", [FEW, pytest.param(EACH, marks=pytest.mark.slow)])
def test_splits(tries, tmp_path, tally):
    splits = [{"fold": str(n), "train": ["a", "b"], "tests": {"toy": ["c"]}} for n in range(5)]
    path = tmp_path / "splits.json"
    write_aside(path, canonical({"digest": digest(splits), "splits": splits}).encode())
    check("splits", of_cache(path, lambda: read_splits(path), random.Random(SEED), tries), tally)


@pytest.mark.parametrize("tries", [FEW, pytest.param(EACH, marks=pytest.mark.slow)])
def test_scans(tries, tmp_path, tally):
    from serbench.registry import load
    from serbench.scan import scan
    from serbench.testing.forge import forge_corpus

    corpus = load("corpora", "savee")()
    root = forge_corpus(corpus, tmp_path / "savee", per_cell=1, seconds=(0.1, 0.1), silent=True)
    remember(tmp_path, scan(corpus, root, allow_partial=True), "state")
    (path,) = tmp_path.glob("scans/*.json")

    def read():
        return recall(tmp_path, corpus, root, "state")

    check("scan", of_cache(path, read, random.Random(SEED), tries), tally)


def test_what_carries_no_checksum_is_in_no_score(results):
    """The reason of a failure is shown, and a claim, and nothing is computed from either."""
    store = Store(results)
    store.fail(trial(5), "NaN in epoch 3", "log")
    path = results / "failed" / f"{trial(5).id}.json"
    draw = random.Random(SEED)
    content = path.read_bytes()
    for _ in range(200):
        path.write_bytes(flipped(content, draw))
        found = store.failure(trial(5).id)
        assert isinstance(found, Failure)
        assert store.failed_ids() == {trial(5).id}
    assert json.loads(content)["reason"] == "NaN in epoch 3"
