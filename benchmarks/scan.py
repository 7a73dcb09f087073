"""How long a scan takes: a first one, a repeated one, and one after a file has changed.

IEMOCAP (10,039 turns in as many files, 12.4 h) and CMU-MOSEI (23,259 segments in 3,293 recordings,
68 h) are forged at full size, silent, where they are not there from an earlier run. "first" reads
every sound of a warm disk without any cache; "plain" does the same by one loop over soundfile, side
by side; "again" has the cache, and "changed" the cache and one file that was written anew.

    python benchmarks/scan.py [--dir FOLDER] [--repeat 3]
"""

from __future__ import annotations

import argparse
import hashlib
import statistics
import tempfile
import time
from pathlib import Path

import soundfile

from serbench.corpus import Entry
from serbench.registry import load
from serbench.scan import scan
from serbench.testing.forge import forge_corpus

CORPORA = {"iemocap": (0.58, 8.35), "cmu-mosei": (0.5, 1.0)}  # seconds; MOSEI's are its labels' own
TARGETS = {"iemocap": 3.0, "cmu-mosei": 5.0}  # seconds, of the first scan; again: 0.5


def main() -> None:
    """Print a line per corpus."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dir", type=Path, default=Path(tempfile.gettempdir(), "serbench-scan"))
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    for name, seconds in CORPORA.items():
        corpus = load("corpora", name)()
        root = options.dir / name
        if not root.is_dir():
            forge_corpus(corpus, root, silent=True, seconds=seconds)
        entries = [one for one in corpus.entries(root) if isinstance(one, Entry)]
        times = {"entries": timed(options.repeat, lambda: list(corpus.entries(root)))}
        times["plain"] = timed(1, lambda: plain(entries))
        times["first"] = timed(options.repeat, lambda: scan(corpus, root))
        with tempfile.TemporaryDirectory() as folder:
            cache = Path(folder)
            known = scan(corpus, root, cache=cache)
            times["again"] = timed(options.repeat, lambda: scan(corpus, root, cache=cache))
            assert scan(corpus, root, cache=cache) == known
            path = known.utterances[0].audio
            content = bytearray(path.read_bytes())
            content[-1] ^= 1  # a single bit of the last sample
            path.write_bytes(content)
            start = time.perf_counter()
            changed = scan(corpus, root, cache=cache)
            times["changed"] = time.perf_counter() - start
            content[-1] ^= 1
            path.write_bytes(content)
            last_is_heard = path.name.startswith("Ses")  # a segment may end before its recording
            assert (changed.fingerprint != known.fingerprint) == last_is_heard
        print(
            f"{name}: {len(known.utterances)} utterances; entries {times['entries']:.2f} s, "
            f"first {times['first']:.2f} s (target {TARGETS[name]:g}; "
            f"{times['plain'] / times['first']:.1f}x a plain loop), "
            f"again {times['again']:.2f} s (target 0.5), changed {times['changed']:.2f} s"
        )


def timed(repeat: int, action: object) -> float:
    """Median of several runs, in seconds."""
    seconds = []
    for _ in range(repeat):
        start = time.perf_counter()
        action()  # type: ignore[operator]
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def plain(entries: list[Entry]) -> int:
    """Read and hash each utterance's samples, one after the other."""
    total = 0
    for entry in entries:
        with soundfile.SoundFile(entry.audio) as file:
            first = round((entry.start or 0.0) * file.samplerate)
            last = file.frames if entry.end is None else round(entry.end * file.samplerate)
            file.seek(first)
            samples = file.read(min(last, file.frames) - first, dtype="int16")
            hashlib.sha256(samples.tobytes()).digest()
            total += len(samples)
    return total


if __name__ == "__main__":
    main()
