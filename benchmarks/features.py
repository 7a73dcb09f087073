"""Feature extraction against the loop that a script would have, and torch against librosa.

``plain``   per file, each feature by its own call of librosa, which computes its own spectrum
``cold``    ``extract_ahead`` into an empty cache, scan of the folder included
``cached``  the same arrays read back from the cache, checksums included

Of log-mel and MFCC alone, which torch computes too:

``librosa`` ``extract_ahead`` into an empty cache, by processes over the cores
``torch``   the same by torch in one process, agreement with librosa asked first

Each leg is a fresh process, so that imports count for each. All have one BLAS thread: what librosa
computes differs in its last bits with the number of threads, and here bits are compared. Then both
compute from samples in memory, after a first call and with one thread of the CPU each.

    python benchmarks/features.py [--corpus-root DIR] [--device NAME] [--repeat N] [--json PATH]
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
SPECTRAL_LEGS = ("librosa", "torch")
IN_MEMORY = "in-memory"
NAMES = ("log-mel", "descriptors", "functionals")
RATE = 16000


def recipes():
    from serbench.features.frames import FrameDescriptors, LogMel, Mfcc
    from serbench.features.functionals import Functionals

    return (LogMel(), FrameDescriptors(), Functionals(of=Mfcc(deltas=2)))


def spectral():
    """What torch computes too: DBL-MM's bands, an MFCC with derivatives, and TIM-Net's MFCC."""
    from serbench.features.frames import LogMel, Mfcc

    return {
        "log-mel": LogMel(),
        "mfcc": Mfcc(deltas=2),
        "mfcc-timnet": Mfcc(rate=22050, coefficients=39, length=110000),
    }


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


def spectral_leg(name: str, folder: Path, cache: Path, device: str) -> None:
    """Log-mel and MFCC into an empty cache."""
    from serbench.features.agreement import settled
    from serbench.features.cache import FeatureCache
    from serbench.features.extract import Wanted, extract_ahead
    from serbench.features.extraction import Extraction

    by = "torch" if name == "torch" else "reference"
    store = FeatureCache(cache / name, extraction=Extraction.of(by, device))
    want = [
        Wanted(each, clip) for clip in clips(folder, cache / name) for each in spectral().values()
    ]
    extract_ahead(want, settled(want, store, refuse), preload=())


def refuse(note: str) -> None:
    raise SystemExit(note)


def in_memory(folder: Path, device: str, repeat: int) -> dict[str, dict[str, float]]:
    """Of each recipe the seconds by librosa and by torch, and the largest difference."""
    import numpy as np

    from serbench.audio import read
    from serbench.nets.device import describe, limit_threads
    from serbench.nets.spectra import device_of, extract_many

    limit_threads(1)
    figures = {"device": describe(device_of(device))}
    for name, recipe in spectral().items():
        sounds = [read(path, rate=recipe.rate)[0] for path in sorted(folder.glob("*.wav"))]
        recipe.extract(sounds[0], recipe.rate)
        extract_many(recipe, sounds[:1], recipe.rate, device)
        seconds: dict[str, list[float]] = {"librosa": [], "torch": []}
        for _ in range(repeat):
            start = time.perf_counter()
            theirs = [recipe.extract(sound, recipe.rate) for sound in sounds]
            middle = time.perf_counter()
            ours = extract_many(recipe, sounds, recipe.rate, device)
            seconds["librosa"].append(middle - start)
            seconds["torch"].append(time.perf_counter() - middle)
        figures[name] = {
            "librosa": min(seconds["librosa"]),
            "torch": min(seconds["torch"]),
            "faster": min(seconds["librosa"]) / min(seconds["torch"]),
            "largest_difference": max(
                float(np.abs(one - two).max()) for one, two in zip(ours, theirs, strict=True)
            ),
            "largest_value": max(float(np.abs(each).max()) for each in theirs),
        }
    return figures


def one_leg(options):
    """What a leg's own process measures: the seconds since it was started, or figures."""
    folder, cache = options.corpus_root, options.cache
    if options.leg == IN_MEMORY:
        return in_memory(folder, options.device, options.repeat)
    if options.leg in SPECTRAL_LEGS:
        spectral_leg(options.leg, folder, cache, options.device)
        return time.time() - options.start
    return leg(options.leg, folder, cache, options.start)


def leg(name: str, folder: Path, cache: Path, start: float) -> float:
    """One leg; the seconds since its process was started."""
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
    return seconds


def keep(arrays, path: Path) -> None:
    import numpy as np

    flat = {
        f"{i}/{name}": a
        for i, each in enumerate(arrays)
        for name, a in zip(NAMES, each, strict=True)
    }
    np.savez(path, **{key: np.asarray(value, dtype=np.float32) for key, value in flat.items()})


def timed_leg(name: str, folder: Path, cache: Path, device: str, repeat: int = 1):
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, __file__, "--leg", name, "--cache", str(cache)]
    command += ["--corpus-root", str(folder), "--start", repr(time.time())]
    command += ["--device", device, "--repeat", str(repeat)]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def differences(folder: Path, cache: Path) -> dict[str, float]:
    """For each recipe the largest absolute difference between the plain values and the cached."""
    import numpy as np

    from serbench.features.cache import FeatureCache
    from serbench.features.compute import compute

    worst = dict.fromkeys(NAMES, 0.0)
    with np.load(cache / "plain.npz", allow_pickle=False) as reference:
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
    parser.add_argument("--device", default="auto", help="of torch: auto, cpu, cuda, cuda:1")
    known = (*LEGS, *SPECTRAL_LEGS, IN_MEMORY)
    parser.add_argument("--leg", choices=known, help=argparse.SUPPRESS)
    parser.add_argument("--cache", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--start", type=float, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.leg:
        print(json.dumps(one_leg(options)))
        return
    files = len(list(options.corpus_root.glob("*.wav")))
    if not files:
        raise SystemExit(f"{options.corpus_root} holds no WAV file; name one by --corpus-root")
    rounds: dict[str, list[float]] = {name: [] for name in (*LEGS, *SPECTRAL_LEGS)}
    for _ in range(options.repeat):
        with tempfile.TemporaryDirectory() as folder:
            for name in rounds:
                took = timed_leg(name, options.corpus_root, Path(folder), options.device)
                rounds[name].append(took)
            worst = differences(options.corpus_root, Path(folder))
    memory = timed_leg(IN_MEMORY, options.corpus_root, Path(), options.device, options.repeat)
    best = {name: min(seconds) for name, seconds in rounds.items()}
    cores = len(os.sched_getaffinity(0))
    print(f"{files} files, {len(NAMES)} features each, {cores} cores, best of {options.repeat}")
    print(f"{'leg':8} {'seconds':>8} {'times as fast':>14}")
    for name in LEGS:
        print(f"{name:8} {best[name]:8.2f} {best['plain'] / best[name]:14.2f}")
    print("largest difference from the plain values:")
    for name, value in worst.items():
        print(f"{name:12} {value:.3g}")
    device = memory.pop("device")
    print(f"log-mel and MFCC, torch on {device}")
    for name in SPECTRAL_LEGS:
        print(f"{name:8} {best[name]:8.2f} {best['librosa'] / best[name]:14.2f}")
    print("from samples in memory: seconds by librosa and torch, times as fast, largest difference")
    for name, each in memory.items():
        print(
            f"{name:12} {each['librosa']:8.2f} {each['torch']:8.3f} {each['faster']:8.2f} "
            f"{each['largest_difference']:.2g} dB of {each['largest_value']:.0f}"
        )
    if options.json:
        figures = {
            "files": files,
            "cores": cores,
            "seconds": rounds,
            "faster": {name: best["plain"] / best[name] for name in LEGS},
            "largest_difference": worst,
            "device": device,
            "torch_faster": best["librosa"] / best["torch"],
            "in_memory": memory,
        }
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
