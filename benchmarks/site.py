"""``serbench site`` of many boards: eight corpora, twelve models, six protocols.

A results folder is made up once, a real file for a real file: 48 boards of twelve models, ten folds
of about fifty utterances each; half of the models are nets that kept their epochs, so that each
board has curves. With plans, canaries and audits. Legs:

``cold``   with an empty score cache: every prediction is read and scored
``warm``   the same command again: the scores are known, and every page is written and drawn anew

Every leg is a whole process, start-up included, with its peak memory (of the largest process), the
weight of the heaviest page, and the size of the site.

    python benchmarks/site.py [--work FOLDER] [--repeat 3] [--workers N] [--json PATH]
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
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from leaderboard import CORPORA, FOLDS, SERBENCH, UTTERANCES, beside, notes, provenance
from leaderboard import tested as tested_fold
from leaderboard import trial as one_trial

from serbench.canonical import digest
from serbench.predictions import Predictions, stages_to_parquet, to_parquet
from serbench.question import question_digest
from serbench.session import Stage
from serbench.store import Plan, Store
from serbench.trial import FORMAT, Trial

PROTOCOLS = ("kfold", "last-epoch", "kfold-speaker", "loso", "holdout", "loseso")
TARGET = 60.0  # seconds, on two cores
HEAVIEST = 1.5e6  # bytes of a page


@dataclass(frozen=True)
class Asked:
    """What the made-up folder holds; its digest names the folder."""

    models: int = 12
    epochs: int = 40
    corpora: int = 8
    protocols: int = 6
    version: int = 1


def main() -> None:
    """Print a table, and write it as JSON where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir(), "serbench-site"))
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--workers", type=int)
    parser.add_argument("--corpora", type=int, default=8)
    parser.add_argument("--make-up", action="store_true", help="make the folder up, and no more")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    root = made(options.work, Asked(corpora=options.corpora))
    if options.make_up:
        print(root)
        return
    table = measure(root, options.repeat, options.workers)
    print(f"{'leg':8}{'seconds':>10}{'peak MiB':>10}{'heaviest page KiB':>20}{'site MiB':>10}")
    for leg in table["legs"]:
        page, whole = leg["heaviest_page"] / 2**10, leg["bytes"] / 2**20
        seconds, peak = leg["seconds"], leg["peak_mib"]
        print(f"{leg['leg']:8}{seconds:10.1f}{peak:10.0f}{page:20.0f}{whole:10.1f}")
    print(f"target: {TARGET:g} s on two cores, pages below {HEAVIEST / 1e6:g} MB")
    if options.json:
        options.json.write_text(json.dumps(table, indent=1))


def measure(root: Path, repeat: int, workers: int | None) -> dict[str, Any]:
    """Both legs."""
    cache, site = root.with_name(root.name + "-cache"), root.with_name(root.name + "-site")
    shutil.rmtree(cache, ignore_errors=True)
    shutil.rmtree(site, ignore_errors=True)
    legs = []
    for leg, times in (("cold", 1), ("warm", repeat)):
        runs = [run(root, cache, site, workers) for _ in range(times)]
        pages = [path.stat().st_size for path in site.rglob("*.html")]
        legs.append({
            "leg": leg,
            "seconds": statistics.median(seconds for seconds, _ in runs),
            "peak_mib": max(peak for _, peak in runs),
            "pages": len(pages),
            "heaviest_page": max(pages),
            "bytes": sum(path.stat().st_size for path in site.rglob("*") if path.is_file()),
        })  # fmt: skip
    machine = f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores"
    return {"machine": machine, "legs": legs}


def run(root: Path, cache: Path, site: Path, workers: int | None) -> tuple[float, float]:
    """Seconds of a whole command, and the peak memory (MiB) of its largest process."""
    environment = os.environ | {"SERBENCH_RESULTS": str(root), "SERBENCH_CACHE": str(cache)}
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, "
        "stdout=subprocess.DEVNULL); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    more = ["--workers", str(workers)] if workers else []
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code, str(SERBENCH), "site", str(site), "--quiet", *more],
        check=True, stdout=subprocess.PIPE, env=environment,
    )  # fmt: skip
    return time.perf_counter() - start, int(done.stdout) / 1024


def made(work: Path, asked: Asked) -> Path:
    """The folder of these settings: made up, unless it is there from before."""
    root = work / digest(asdict(asked))[:12]
    if not root.exists():
        aside = root.with_name(root.name + f".{os.getpid()}.tmp")
        make_up(Store(aside), asked)
        aside.rename(root)
    return root


def make_up(store: Store, asked: Asked) -> None:
    """Write the folder, a row at a time."""
    told: set[str] = set()
    for corpus in list(CORPORA)[: asked.corpora]:
        for protocol in PROTOCOLS[: asked.protocols]:
            for model in range(asked.models):
                folds = [one_trial(model, 0, protocol, corpus, fold, 0) for fold in range(FOLDS)]
                row = folds[0].row
                store.plan(Plan(row, notes(), tuple(one.id for one in folds)))
                for one in folds:
                    keep(store, one, model, asked.epochs if model % 2 else 0)
                if question_digest(row) not in told:
                    told.add(question_digest(row))
                    beside(store, folds)


def keep(store: Store, one: Trial, model: int, epochs: int) -> None:
    """As the store itself keeps a trial, but without waiting for the disk file by file."""
    ids, speakers, truth = tested_fold(one)
    names = tuple(one.task["names"])
    (corpus,) = one.tests
    seed = int(digest([one.id])[:8], 16)
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(UTTERANCES, len(names)))
    right = np.zeros_like(noise)
    right[np.arange(UTTERANCES), truth] = 0.6 + 0.1 * model

    def said(learnt: float) -> np.ndarray[Any, Any]:
        scores = np.exp(noise + learnt * right)
        return scores / scores.sum(axis=1, keepdims=True)

    files = {
        "trial.json": one.json().encode(),
        f"predictions-{corpus}.parquet": to_parquet(
            Predictions(names, ids, speakers, truth, said(1.0).astype(np.float32))
        ),
    }
    if epochs:
        files[f"stages-{corpus}.parquet"] = stages_to_parquet(
            [
                Stage(i, 2.0 / i, i / epochs, {corpus: said(i / epochs).astype("<f2")})
                for i in range(1, epochs + 1)
            ],
            corpus,
            np.arange(UTTERANCES),
        )
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


if __name__ == "__main__":
    main()
