"""The features that ``stacking.py`` trains on, as one file for a machine without corpora.

Of EMO-DB what TIM-Net reads under ``last-epoch`` and across corpora, and what DBL-MM reads; of
RAVDESS what TIM-Net reads across corpora; with labels, speakers and folds. Each coefficient is held
in 8 bits, evenly between its least and its largest value, so that all of it fits an upload of
40 MiB: no time hangs on the values, and no score is taken from them. Nothing is unpickled.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

CORPORA = Path(__file__).resolve().parents[2] / "shared" / "corpora"
FOLDERS = {"emodb": "EMO-DB", "ravdess": "RAVDESS"}
STEPS = 255  # between the least and the largest value of a coefficient

Arrays = dict[str, NDArray[np.float32]]  # of one utterance, by the name of the recipe


@dataclass(frozen=True)
class Corpus:
    """Labels and folds of a corpus, and its features as each net reads them."""

    y: NDArray[np.int64]
    speakers: NDArray[np.int64]
    folds: NDArray[np.int64]  # which of ``last-epoch`` tests each utterance, from 0
    features: dict[str, Sequence[Arrays]]  # by the name of a case


def recipes(corpus: str) -> dict[str, tuple[object, ...]]:
    """What is read of a corpus, by the name of a case."""
    from serbench.registry import load

    timnet = load("models", "timnet")
    read = {"timnet-cross": timnet().recipes}
    if corpus == "emodb":
        own = timnet(**timnet.corpus_settings[corpus])
        read |= {"timnet-emodb": own.recipes, "dblmm-loso": load("models", "dblmm")().recipes}
    return read


def compute(corpus: str, root: Path, workers: int) -> Corpus:
    """Scan a corpus and compute its features, all of them kept in serbench's cache."""
    from serbench.features import compute as features
    from serbench.features.cache import FeatureCache
    from serbench.features.extract import Wanted, extract_ahead
    from serbench.labels import OWN
    from serbench.pool import Pool
    from serbench.registry import load
    from serbench.scan import scan
    from serbench.sources import clip_of, groups_of

    adapter = load("corpora", corpus)()
    pool = Pool.of([(adapter, scan(adapter, root))], OWN)
    clips = [clip_of(utterance) for utterance in pool.utterances]
    wanted = recipes(corpus)
    folder = os.environ.get("SERBENCH_CACHE") or Path(tempfile.gettempdir(), "serbench-bench-cache")
    cache = FeatureCache(Path(folder))
    extract_ahead([Wanted(r, c) for c in clips for of in wanted.values() for r in of], cache,
                  workers=workers)  # fmt: skip
    folds = np.zeros(len(clips), np.int64)
    for number, split in enumerate(load("protocols", "last-epoch").splits(pool.table())):
        folds[pool.positions(split.tests[corpus])] = number
    return Corpus(
        pool.y,
        groups_of(pool.utterances),
        folds,
        {
            case: [{r.name: features.compute(clip, r, cache) for r in of} for clip in clips]
            for case, of in wanted.items()
        },
    )


def write(path: Path, corpora: dict[str, Corpus]) -> None:
    """One file of all of them."""
    held: dict[str, NDArray[np.generic]] = {}
    for name, corpus in corpora.items():
        held |= {f"{name}/y": corpus.y, f"{name}/speakers": corpus.speakers}
        held[f"{name}/folds"] = corpus.folds
        for case, utterances in corpus.features.items():
            for recipe in utterances[0]:
                arrays = [each[recipe] for each in utterances]
                at = f"{name}/{case}/{recipe}"
                values = np.concatenate(arrays)
                low = values.min(axis=0)
                step = np.maximum((values.max(axis=0) - low) / STEPS, np.finfo(np.float32).tiny)
                held[f"{at}/values"] = np.rint((values - low) / step).astype(np.uint8)
                held[f"{at}/scale"] = np.stack([low, step]).astype(np.float32)
                held[f"{at}/lengths"] = np.array([len(array) for array in arrays], np.int64)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **held)


def read(path: Path) -> dict[str, Corpus]:
    """What :func:`write` wrote."""
    with np.load(path, allow_pickle=False) as file:
        held = {name: file[name] for name in file.files}
    found = {}
    for name in sorted({key.partition("/")[0] for key in held}):
        features: dict[str, list[Arrays]] = {}
        for key in held:
            if key.startswith(f"{name}/") and key.endswith("/values"):
                _, case, recipe, _ = key.split("/")
                at = key.removesuffix("/values")
                low, step = held[f"{at}/scale"]
                values = (low + step * held[key]).astype(np.float32)
                cuts = np.cumsum(held[f"{at}/lengths"])[:-1]
                for i, array in enumerate(np.split(values, cuts)):
                    utterances = features.setdefault(case, [])
                    if i == len(utterances):
                        utterances.append({})
                    utterances[i][recipe] = array
        y, speakers, folds = (held[f"{name}/{of}"] for of in ("y", "speakers", "folds"))
        found[name] = Corpus(y, speakers, folds, dict(features))
    return found


def pack(path: Path, corpora: Path, workers: int) -> None:
    """Compute everything and write it."""
    missing = [name for name in FOLDERS.values() if not (corpora / name).is_dir()]
    if missing:
        raise SystemExit(f"{corpora} holds no {' and no '.join(missing)}; name it by --corpora")
    write(path, {name: compute(name, corpora / at, workers) for name, at in FOLDERS.items()})
    print(f"{path}: {path.stat().st_size / 2**20:.1f} MiB")
