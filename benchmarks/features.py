"""Feature extraction against the loop that a script would have: three legs, side by side.

``plain``   per file, each feature by its own call of librosa, which computes its own spectrum
``cold``    ``extract_ahead`` into an empty cache, scan of the folder included
``cached``  the same arrays read back from the cache, checksums included

Each leg is a fresh process, so that imports count for each. All have one BLAS thread: what librosa
computes differs in its last bits with the number of threads, and here bits are compared.

    python benchmarks/features.py [--corpus-root FOLDER] [--repeat N] [--json PATH]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "shared/corpora/EMO-DB/wav"
LEGS = ("plain", "cold", "cached")
NAMES = ("log-mel", "descriptors", "functionals")
RATE = 16000


def recipes():
    from serbench.features.frames import FrameDescriptors, LogMel, Mfcc
    from serbench.features.functionals import Functionals

    return (LogMel(), FrameDescriptors(), Functionals(of=Mfcc(deltas=2)))


def clips(folder: Path, cache: Path):
    """The files as `serbench run` knows them: scanned once, found unchanged later."""
    from serbench.features.clip import Clip
    from serbench.inspected import Inspected

    index = Inspected(cache, folder)
    found = []
    for path in sorted(folder.glob("*.wav")):
        sound = index.sound(path, None, None)
        found.append(
            Clip(path, None, None, sound.samples, sound.rate, sound.channels, sound.duration)
        )
    index.save()
    return found


def plain(folder: Path):
    """What a script does: every feature on its own, from the samples."""
    import librosa
    import numpy as np
    import scipy.stats

    framed = {"n_fft": 512, "win_length": 400, "hop_length": 160, "window": "hamming"}
    timed = {"frame_length": 400, "hop_length": 160}
    feature = librosa.feature
    for path in sorted(folder.glob("*.wav")):
        y, sr = librosa.load(path, sr=RATE)
        power = feature.melspectrogram(y=y, sr=sr, n_mels=64, **framed)
        logmel = librosa.power_to_db(power, top_db=None)

        mfcc = feature.mfcc(y=y, sr=sr, n_mfcc=13, **framed)
        rows = [
            mfcc,
            feature.delta(mfcc),
            feature.delta(mfcc, order=2),
            feature.zero_crossing_rate(y, **timed),
            feature.rms(y=y, **timed),
            feature.spectral_centroid(y=y, sr=sr, **framed),
            feature.spectral_bandwidth(y=y, sr=sr, **framed),
            feature.spectral_flatness(y=y, **framed),
            feature.spectral_rolloff(y=y, sr=sr, **framed),
        ]

        mfcc = feature.mfcc(y=y, sr=sr, n_mfcc=20)
        deltas = [mfcc, feature.delta(mfcc), feature.delta(mfcc, order=2)]
        x = np.concatenate(deltas).T.astype(np.float64)
        statistics = [
            x.mean(axis=0),
            x.std(axis=0),
            x.min(axis=0),
            x.max(axis=0),
            np.median(x, axis=0),
            scipy.stats.iqr(x, axis=0),
            scipy.stats.skew(x, axis=0),
            scipy.stats.kurtosis(x, axis=0),
        ]
        yield logmel.T, np.concatenate(rows).T, np.concatenate(statistics)


def leg(name: str, folder: Path, cache: Path, start: float) -> None:
    """One leg; prints the seconds since its process was started."""
    if name == "plain":
        arrays = list(plain(folder))
        seconds = time.time() - start
        keep(arrays, cache / "plain.npz")
    else:
        from serbench.features.cache import FeatureCache
        from serbench.features.compute import compute
        from serbench.features.extract import Wanted, extract_ahead

        store, found = FeatureCache(cache), clips(folder, cache)
        if name == "cold":
            extract_ahead([Wanted(recipe, clip) for clip in found for recipe in recipes()], store)
        else:
            declared = recipes()
            for clip in found:
                for recipe in declared:
                    compute(clip, recipe, store)
            if "librosa" in sys.modules:
                raise SystemExit("the cache was not read: librosa was imported")
        seconds = time.time() - start
    print(json.dumps(seconds))


def keep(arrays, path: Path) -> None:
    import numpy as np

    flat = {
        f"{i}/{name}": a
        for i, each in enumerate(arrays)
        for name, a in zip(NAMES, each, strict=True)
    }
    np.savez(path, **{key: np.asarray(value, dtype=np.float32) for key, value in flat.items()})


def timed_leg(name: str, folder: Path, cache: Path) -> float:
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, __file__, "--leg", name, "--cache", str(cache)]
    command += ["--corpus-root", str(folder), "--start", repr(time.time())]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def differences(folder: Path, cache: Path) -> dict[str, float]:
    """For each recipe the largest absolute difference between the plain values and the cached."""
    import numpy as np

    from serbench.features.cache import FeatureCache
    from serbench.features.compute import compute

    worst = dict.fromkeys(NAMES, 0.0)
    with np.load(cache / "plain.npz") as reference:
        for i, clip in enumerate(clips(folder, cache)):
            for name, recipe in zip(NAMES, recipes(), strict=True):
                ours = compute(clip, recipe, FeatureCache(cache)).astype(np.float64)
                theirs = reference[f"{i}/{name}"]
                if ours.shape != theirs.shape:
                    raise SystemExit(f"{clip}: {name} is {ours.shape}, plainly {theirs.shape}")
                worst[name] = max(worst[name], float(np.abs(ours - theirs).max()))
    return worst


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--corpus-root", type=Path, default=FOLDER, help="a folder of WAV files")
    parser.add_argument("--repeat", type=int, default=1, help="rounds; the best of each leg counts")
    parser.add_argument("--json", type=Path, help="write the figures there")
    parser.add_argument("--leg", choices=LEGS, help=argparse.SUPPRESS)
    parser.add_argument("--cache", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--start", type=float, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.leg:
        leg(options.leg, options.corpus_root, options.cache, options.start)
        return
    files = len(list(options.corpus_root.glob("*.wav")))
    if not files:
        raise SystemExit(f"{options.corpus_root} holds no WAV file; name one by --corpus-root")
    rounds: dict[str, list[float]] = {name: [] for name in LEGS}
    for _ in range(options.repeat):
        with tempfile.TemporaryDirectory() as folder:
            for name in LEGS:
                rounds[name].append(timed_leg(name, options.corpus_root, Path(folder)))
            worst = differences(options.corpus_root, Path(folder))
    best = {name: min(seconds) for name, seconds in rounds.items()}
    cores = len(os.sched_getaffinity(0))
    print(f"{files} files, {len(NAMES)} features each, {cores} cores, best of {options.repeat}")
    print(f"{'leg':8} {'seconds':>8} {'times as fast':>14}")
    for name in LEGS:
        print(f"{name:8} {best[name]:8.2f} {best['plain'] / best[name]:14.2f}")
    print("largest difference from the plain values:")
    for name, value in worst.items():
        print(f"{name:12} {value:.3g}")
    if options.json:
        figures = {
            "files": files,
            "cores": cores,
            "seconds": rounds,
            "faster": {name: best["plain"] / best[name] for name in LEGS},
            "largest_difference": worst,
        }
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
