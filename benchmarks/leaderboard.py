"""``serbench leaderboard`` over many finished trials: in folders, packed, first and again.

A results folder is made up once, a real file for a real file: models under protocols on corpora,
ten folds and ten seeds each, about fifty utterances a fold, with plans, canaries and audits. Legs:

``folders``  a folder a trial, no score cache, of a tenth of the trials (it is slow)
``pack``     ``serbench results pack`` of all of them
``cold``     packed, with an empty score cache
``warm``     the same command again: the median of several runs; ``--no-score-cache`` is ``cold``
``json``     warm, written as JSON

Every leg is a whole process, start-up included, with its peak memory.

    python benchmarks/leaderboard.py [--trials 100000] [--work FOLDER] [--repeat 5] [--json PATH]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from serbench.background import CANARIES, VERSION
from serbench.canaries.flock import Decisions, Flock
from serbench.canaries.stored import to_parquet as flock_to
from serbench.canonical import canonical, digest
from serbench.predictions import Predictions, to_parquet
from serbench.question import question_digest
from serbench.store import Plan, Store
from serbench.trial import FORMAT, Trial

SERBENCH = Path(sysconfig.get_path("scripts")) / "serbench"
FOLDS, SEEDS = 10, 10
MODELS = 25
PROTOCOLS = ("kfold", "last-epoch", "kfold-speaker", "loso", "holdout")
CORPORA = {  # speakers and classes
    "casia": (4, 6),
    "emodb": (10, 7),
    "emovo": (6, 7),
    "iemocap": (10, 4),
    "msp-improv": (12, 4),
    "ravdess": (24, 8),
    "savee": (4, 7),
    "tess": (2, 7),
}
EMOTIONS = ("anger", "boredom", "calm", "disgust", "fear", "happiness", "neutral", "sadness")
UTTERANCES = 50  # of a fold
TARGET = 3.0  # seconds, warm, of 100,000 trials


@dataclass(frozen=True)
class Asked:
    """What the made-up folder holds; its digest names the folder."""

    trials: int
    version: int = 1


def main() -> None:
    """Print a table, and write it as JSON where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=100_000)
    parser.add_argument(
        "--work", type=Path, default=Path(tempfile.gettempdir(), "serbench-leaderboard")
    )
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--folders", type=int, help="trials of the leg in folders; 0: leave it out")
    parser.add_argument("--warm", action="store_true", help="the warm legs alone, of a run before")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    folders = options.trials // 10 if options.folders is None else options.folders
    table = measure(options.work, options.trials, folders, options.repeat, options.warm)
    print(f"{'leg':10}{'trials':>9}{'seconds':>10}{'peak MiB':>10}")
    for leg in table["legs"]:
        print(f"{leg['leg']:10}{leg['trials']:9}{leg['seconds']:10.2f}{leg['peak_mib']:10.0f}")
    if options.trials >= 100_000:
        warm = next(leg["seconds"] for leg in table["legs"] if leg["leg"] == "warm")
        print(f"warm: {warm:.2f} s, target {TARGET:g} s")
    if options.json:
        options.json.write_text(json.dumps(table, indent=1))


def measure(work: Path, trials: int, folders: int, repeat: int, warm: bool) -> dict[str, Any]:
    """All legs."""
    legs = []
    if folders and not warm:
        root = made(work, Asked(folders), packed=False)
        seconds, peak = run(root, work / "no-cache", "leaderboard", "--no-score-cache")
        legs.append({"leg": "folders", "trials": folders, "seconds": seconds, "peak_mib": peak})
    root = made(work, Asked(trials), packed=True)
    cache = root.with_name(root.name + "-cache")
    if not warm or not cache.exists():
        told = json.loads((root / "packing.json").read_text())
        legs.append({"leg": "pack", "trials": trials, **told})
        shutil.rmtree(cache, ignore_errors=True)
        seconds, peak = run(root, cache, "leaderboard")
        legs.append({"leg": "cold", "trials": trials, "seconds": seconds, "peak_mib": peak})
    for leg, arguments in {"warm": (), "json": ("--format", "json")}.items():
        runs = [run(root, cache, "leaderboard", *arguments) for _ in range(repeat)]
        seconds, peak = statistics.median(s for s, _ in runs), max(mib for _, mib in runs)
        least = min(s for s, _ in runs)
        legs.append(
            {"leg": leg, "trials": trials, "seconds": seconds, "least": least, "peak_mib": peak}
        )
    shards = sum(path.stat().st_size for path in (root / "packed").glob("*.tar"))
    machine = f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores"
    return {"machine": machine, "shards_mib": shards / 2**20, "legs": legs}


def made(work: Path, asked: Asked, *, packed: bool) -> Path:
    """The folder of these settings: made up, and packed, unless it is there from before."""
    root = work / f"{digest(asdict(asked))[:12]}-{'packed' if packed else 'folders'}"
    if not root.exists():
        aside = root.with_name(root.name + f".{os.getpid()}.tmp")
        make_up(aside, asked)
        if packed:
            seconds, peak = run(aside, work / "no-cache", "results", "pack", str(aside))
            told = {"seconds": seconds, "peak_mib": peak}
            (aside / "packing.json").write_text(json.dumps(told))
        aside.rename(root)
    return root


def run(root: Path, cache: Path, *arguments: str) -> tuple[float, float]:
    """Seconds and peak memory (MiB) of a whole command."""
    environment = os.environ | {"SERBENCH_RESULTS": str(root), "SERBENCH_CACHE": str(cache)}
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, "
        "stdout=subprocess.DEVNULL); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    start = time.perf_counter()
    command = [sys.executable, "-c", code, str(SERBENCH), *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment)
    return time.perf_counter() - start, int(done.stdout) / 1024


def make_up(root: Path, asked: Asked) -> None:
    """Write the folder, a row at a time."""
    store = Store(root)
    told: set[str] = set()
    for number, trials in enumerate(rows(asked)):
        row = trials[0].row
        store.plan(Plan(row, notes(), tuple(trial.id for trial in trials)))
        for trial in trials:
            keep(store, trial, number)
        if question_digest(row) not in told:
            told.add(question_digest(row))
            beside(store, trials[:FOLDS])
        if sys.stderr.isatty() and number % 10 == 0:
            print(f"\r{number} rows made up", end="", file=sys.stderr)


def rows(asked: Asked) -> Iterator[list[Trial]]:
    """Trials of a row at a time, until there are as many as were asked for."""
    left = asked.trials
    grid = [(m, p, c) for m in range(MODELS) for p in PROTOCOLS for c in CORPORA]
    for number in range(-(-asked.trials // (FOLDS * SEEDS))):
        place, again = number % len(grid), number // len(grid)
        model, protocol, corpus = grid[place]
        trials = [
            trial(model, again, protocol, corpus, fold, seed)
            for seed in range(SEEDS)
            for fold in range(FOLDS)
        ]
        yield trials[: min(left, len(trials))]
        left -= len(trials)


def trial(model: int, again: int, protocol: str, corpus: str, fold: int, seed: int) -> Trial:
    classes = EMOTIONS[: CORPORA[corpus][1]]
    settings = {f"setting_{i}": round(0.1 * i, 3) for i in range(18)}
    return Trial(
        protocol={
            "name": protocol, "corpora": [corpus], "split_seed": 0, "target_access": "none",
            "splitter": {"kind": "stratified-folds", "k": FOLDS},
        },
        labels={
            "label_field": "perceived", "merge": {}, "name": "own", "repeat": {}, "task": None,
            "where": {},
        },
        task={"kind": "classes", "names": list(classes)},
        corpora={corpus: digest(corpus)}, split=digest([protocol, corpus]), folds=FOLDS,
        fold=f"{fold + 1:02d}", train={"digest": digest([corpus, fold, "train"]), "size": 450},
        tests={corpus: {"digest": digest([corpus, fold, "test"]), "size": UTTERANCES}},
        validation=None, target=None,
        model={
            "name": f"net-{model:02d}", "version": "1", "settings": {**settings, "hidden": again},
        },
        recipes=(
            {"name": "log-mel", "rate": 16000, "bands": 64, "fft": 512, "hop_ms": 10.0,
             "window": "hamming", "window_ms": 25.0, "low_hz": 0.0, "high_hz": None},
            {"name": "frame-descriptors", "rate": 16000, "mel_bands": 128, "fft": 512,
             "hop_ms": 10.0, "window": "hamming", "window_ms": 25.0, "channel": "first"},
        ),
        seed=seed,
    )  # fmt: skip


def notes() -> dict[str, Any]:
    """What a plan and a record note beside the row."""
    return {"altered": [], "findings": [], "speaker_independent": True, "variant": {"epochs": 300}}


def tested(one: Trial) -> tuple[tuple[str, ...], tuple[str, ...], np.ndarray[Any, Any]]:
    """Ids, speakers and classes of a fold, the same for every model and seed."""
    (corpus,) = one.tests
    speakers, classes = CORPORA[corpus]
    fold, who = int(one.fold), np.arange(UTTERANCES) % speakers
    ids = tuple(f"{corpus}/{who[i]:02d}{fold:02d}{i:03d}" for i in range(UTTERANCES))
    return ids, tuple(f"{corpus}-{s}" for s in who), (np.arange(UTTERANCES) * 5 + fold) % classes


def keep(store: Store, one: Trial, number: int) -> None:
    """As the store itself keeps a trial, but without waiting for the disk file by file."""
    ids, speakers, truth = tested(one)
    names = tuple(one.task["names"])
    rng = np.random.default_rng([number, one.seed, int(one.fold)])
    scores = rng.normal(size=(UTTERANCES, len(names)))
    scores[np.arange(UTTERANCES), truth] += 0.5 + 0.06 * int(one.model["name"][-2:])
    said = np.exp(scores)
    said = (said / said.sum(axis=1, keepdims=True)).astype(np.float32)
    (corpus,) = one.tests
    files = {
        "trial.json": one.json().encode(),
        f"predictions-{corpus}.parquet": to_parquet(Predictions(names, ids, speakers, truth, said)),
    }
    record = {
        "format": FORMAT,
        "trial": one.id,
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        "provenance": provenance(one),
    }
    files["record.json"] = json.dumps(record, indent=1, sort_keys=True).encode()
    folder = store.folder(one.id)
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


def provenance(one: Trial) -> dict[str, Any]:
    """As long as a real one."""
    return {
        "behaviour": {"checked": ["watch", "state", "invariance"], "notes": [], "problems": []},
        "code": digest(one.model["name"]), "cores": 16, "device": "cuda: NVIDIA H100 80GB HBM3",
        "encoder_device": None, "extractors": ["librosa 0.11.0"], "host": f"node{one.seed:03d}",
        "keep": "last", "machine": "x86_64", "notes": notes(), "parameters": 1_234_567,
        "precision": "auto", "python": "3.11.7", "seconds": 37.25 + one.seed,
        "started": "2026-11-22T00:02:33+00:00",
        "system": "Linux-6.1.0-18-amd64-x86_64-with-glibc2.36", "threads": 1,
        "versions": {
            "librosa": "0.11.0", "numpy": "2.4.6", "scikit-learn": "1.9.1", "scipy": "1.17.1",
            "serbench": "0.1.0", "soxr": "1.1.0", "torch": "2.13.0",
        },
    }  # fmt: skip


def beside(store: Store, folds: list[Trial]) -> None:
    """Canaries and an audit of a board, as `serbench run` leaves them."""
    names = tuple(folds[0].task["names"])
    decisions = {}
    for one in folds:
        ids, speakers, truth = tested(one)
        (corpus,) = one.tests
        rng = np.random.default_rng(int(one.fold))
        by = {
            name: rng.integers(len(names), size=UTTERANCES)
            for name in ("majority", "uniform", "speaker", "duration", "file")
        }
        decisions[one.fold, corpus] = Decisions(ids, speakers, truth, by)
    flock = flock_to(Flock(names, decisions))
    verdict = {
        "name": f"{folds[0].protocol['name']}", "findings": [], "checked": ["L01", "L02"],
        "not_checked": [], "badges": ["speaker-independent", "texts unknown"],
    }  # fmt: skip
    sha = hashlib.sha256(flock).hexdigest()
    record = {"version": VERSION, "verdict": verdict, CANARIES: sha}
    folder = store.root / "boards" / question_digest(folds[0].row)
    folder.mkdir(parents=True)
    (folder / CANARIES).write_bytes(flock)
    (folder / "verdict.json").write_text(canonical({**record, "digest": digest(record)}))


if __name__ == "__main__":
    main()
