"""The search for sounds that occur twice: how long five hours take, and how many copies it finds.

``speed``   EMO-DB and RAVDESS, each recording as it is, played backwards, and played 7 % faster:
            5.5 h of speech in which nothing but RAVDESS's own one duplicate (and its two images)
            occurs twice. Cold: an empty cache, fingerprints included; warm: the same again.
``recall``  copies of EMO-DB's recordings, one kind of change at a time, among all 535 originals.
            "above" are those whose correlation with their original, computed at the lag that they
            were made with, reaches the threshold; "found" are those of them that the search names;
            "other" are pairs that it names of sounds that are not copies of one another.

    python benchmarks/twins.py [--corpora FOLDER] [--workers 2] [--copies 200] [--json PATH]
"""

from __future__ import annotations

import argparse
import io
import json
import os
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

from serbench.features.clip import Clip
from serbench.twins.correlation import correlation
from serbench.twins.heard import RATE, hear
from serbench.twins.search import Sound, twins

CORPORA = Path(__file__).resolve().parents[2] / "shared/corpora"
TARGET = 120.0  # seconds for five hours, on two cores
HOURS = 5.0
THRESHOLD = 0.95


def resampled(x, rate, to):
    import soxr

    return soxr.resample(x, rate, to, quality="HQ")


def noisy(x, decibels, rng):
    noise = rng.standard_normal(len(x))
    return x + noise * np.sqrt(np.mean(x**2) / np.mean(noise**2) * 10 ** (-decibels / 10))


def companded(x):
    """8-bit mu-law and back."""
    x = x / np.abs(x).max()
    code = np.rint(127 * np.sign(x) * np.log1p(255 * np.abs(x)) / np.log(256))
    return np.sign(code) * np.expm1(np.abs(code) / 127 * np.log(256)) / 255


def coded(x, form, **how):
    """Through a codec of libsndfile's."""
    file = io.BytesIO()
    soundfile.write(file, x, RATE, format=form, **how)
    file.seek(0)
    return soundfile.read(file)[0]


def excerpt(x, seconds, rng):
    """A stretch that holds no less than a tenth of what the loudest one holds; where it starts."""
    length = min(len(x), round(seconds * RATE))
    power = np.convolve(x**2, np.ones(length), "valid")
    start = int(rng.choice(np.flatnonzero(power >= 0.1 * power.max())))
    return x[start : start + length], start


def changes():
    """Each kind of copy: samples at 16 kHz, and where they start in the original, in samples."""
    delay = 3 * RATE + 77

    def late(x):
        return np.concatenate([np.zeros(delay), x])

    return {
        "gain -12 dB": lambda x, rng: (x * 10 ** (-12 / 20), 0),
        "constant part": lambda x, rng: (x * 0.9 + 0.05, 0),
        "polarity": lambda x, rng: (-x, 0),
        "3 s later": lambda x, rng: (late(x), -delay),
        "noise 20 dB": lambda x, rng: (noisy(x, 20, rng), 0),
        "noise 10 dB": lambda x, rng: (noisy(x, 10, rng), 0),
        "noise 10 dB, 3 s later": lambda x, rng: (late(noisy(x, 10, rng)), -delay),
        "noise 5 dB": lambda x, rng: (noisy(x, 5, rng), 0),
        "8-bit mu-law": lambda x, rng: (companded(x), 0),
        "8 kHz and back": lambda x, rng: (resampled(resampled(x, RATE, 8000), 8000, RATE), 0),
        "44.1 kHz": lambda x, rng: (x, 0),
        "MP3": lambda x, rng: (coded(x, "MP3"), 0),
        "Ogg Vorbis": lambda x, rng: (coded(x, "OGG"), 0),
        "excerpt 2 s": lambda x, rng: excerpt(x, 2.0, rng),
        "excerpt 1 s": lambda x, rng: excerpt(x, 1.0, rng),
        "excerpt 1.2 s, noise 10 dB": noisy_excerpt,
    }


def noisy_excerpt(x, rng):
    part, start = excerpt(x, 1.2, rng)
    return noisy(part, 10, rng), start


def recall(folder: Path, work: Path, copies: int, workers: int) -> dict[str, dict[str, float]]:
    """For each kind of change how many copies are above the threshold, and found."""
    originals = sorted(folder.glob("*.wav"))
    rng = np.random.default_rng(0)
    picked = [originals[i] for i in rng.permutation(len(originals))[:copies]]
    table = {}
    print(f"{'change':28} {'copies':>6} {'above':>6} {'found':>6} {'below':>6} {'other':>6}")
    for name, change in changes().items():
        made = work / name.replace(" ", "-")
        made.mkdir()
        true = {}
        for path in picked:
            samples, rate = soundfile.read(path)
            copy, start = change(samples, rng)
            scale = max(1.0, np.abs(copy).max())
            to = 44100 if name == "44.1 kHz" else rate
            if to != rate:
                copy = resampled(copy, rate, to)
            soundfile.write(made / path.name, copy / scale, to, subtype="PCM_16")
            one, two = hear(Clip.of(path)), hear(Clip.of(made / path.name))
            lag = start / RATE + two.lead - one.lead
            match = correlation(one.samples, two.samples, lag)
            true[path.stem] = 0.0 if match is None else match.correlation
        sounds = [Sound(path.stem, path) for path in originals]
        sounds += [Sound(f"copy/{path.stem}", made / path.name) for path in picked]
        found = twins(sounds, cache=work / "cache", workers=workers, threshold=THRESHOLD)
        named = {pair.first for pair in found if pair.second == f"copy/{pair.first}"}
        above = {stem for stem, value in true.items() if value >= THRESHOLD}
        row = {
            "copies": len(picked),
            "above": len(above),
            "found": len(named & above),
            "below": len(named - above),
            "other": len(found) - len(named),
            "median_correlation": float(np.median(list(true.values()))),
        }
        table[name] = row
        print(f"{name:28} " + " ".join(f"{row[column]:6}" for column in list(row)[:5]), flush=True)
    return table


def recordings(corpora: Path) -> list[Path]:
    return sorted(
        path
        for name in ("EMO-DB", "RAVDESS")
        for path in (corpora / name).rglob("*")
        if path.suffix in {".wav", ".flac"}
    )


def five_hours(corpora: Path, work: Path) -> tuple[list[Sound], float]:
    """The recordings and their two images, and the hours that they last."""
    sounds, hours = [], 0.0
    for path in recordings(corpora):
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
        faster = resampled(samples, round(rate * 1.07), rate)
        sounds.append(Sound(path.stem, path))
        hours += (2 * len(samples) + len(faster)) / rate / 3600
        for kind, image in (("backwards", samples[::-1]), ("faster", faster)):
            made = work / kind / f"{path.stem}.flac"
            made.parent.mkdir(exist_ok=True)
            soundfile.write(made, image, rate, subtype="PCM_16")
            sounds.append(Sound(f"{kind}/{path.stem}", made))
    return sounds, hours


def speed(corpora: Path, work: Path, workers: int) -> dict[str, object]:
    """Seconds that a cold and a warm search take, and what they find."""
    sounds, hours = five_hours(corpora, work)
    figures: dict[str, object] = {"sounds": len(sounds), "hours": hours, "workers": workers}
    for leg in ("cold", "warm"):
        start = time.perf_counter()
        found = twins(sounds, cache=work / "cache", workers=workers)
        seconds = time.perf_counter() - start
        figures[leg] = {
            "seconds": seconds,
            "seconds_for_five_hours": seconds / hours * HOURS,
        }
        print(
            f"{leg:5} {len(sounds)} sounds, {hours:.2f} h, {workers} workers: {seconds:.1f} s "
            f"({seconds / hours * HOURS:.1f} s for {HOURS:g} h; target {TARGET:g} s)",
            flush=True,
        )
    figures["pairs"] = [[one.first, one.second, one.kind, one.correlation] for one in found]
    for one in found:
        print(f"  {one.kind} {one.first} = {one.second} ({one.correlation:.4f})")
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--corpora", type=Path, default=CORPORA, help="holds EMO-DB and RAVDESS")
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--copies", type=int, default=200, help="of each kind; 0: none")
    parser.add_argument("--only", choices=("speed", "recall"))
    parser.add_argument("--json", type=Path, help="write the figures there")
    options = parser.parse_args()
    if not recordings(options.corpora):
        raise SystemExit(f"{options.corpora} holds no EMO-DB or RAVDESS; name it by --corpora")
    figures = {}
    if options.only != "recall":
        with tempfile.TemporaryDirectory() as work:
            figures["speed"] = speed(options.corpora, Path(work), options.workers)
    if options.only != "speed" and options.copies:
        folder = options.corpora / "EMO-DB/wav"
        with tempfile.TemporaryDirectory() as work:
            figures["recall"] = recall(folder, Path(work), options.copies, options.workers)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
