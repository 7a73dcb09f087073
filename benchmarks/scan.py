"""How long a scan takes: a first one, a repeated one, and one after a file has changed.

IEMOCAP (10,039 turns in as many files, 12.4 h) and CMU-MOSEI (23,259 segments in 3,293 recordings,
49 h of segments) are forged at full size, silent, where they are not there from an earlier run;
CMU-MOSEI with the times of its real labels where these are at hand. "first" reads
every sound of a warm disk without any cache; "plain" does the same by one loop over soundfile, side
by side; "again" has the cache, and "changed" the cache and one file that was written anew.

    python benchmarks/scan.py [--dir FOLDER] [--corpus NAME] [--repeat 3] [--json PATH]
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import soundfile

from serbench.corpus import Corpus, Entry, Utterance
from serbench.registry import load
from serbench.scan import scan
from serbench.testing.forge import forge_corpus
from serbench_corpora.forged.cmu_mosei import forge_audio

SHARED = Path(__file__).resolve().parents[2] / "shared" / "corpora"
LABELS = Path(os.environ.get("SERBENCH_TEST_CORPORA", SHARED), "CMU-MOSEI-labels")
LABELS /= "CMU_MOSEI_Labels.csv"
CORPORA = {"iemocap": (0.58, 8.35), "cmu-mosei": (0.5, 1.0)}  # seconds; MOSEI's are its labels' own
TARGETS = {"iemocap": 3.0, "cmu-mosei": 5.0}  # seconds, of the first scan
AGAIN = 0.5  # seconds, of the second


def main() -> None:
    """Print a line per corpus."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dir", type=Path, default=Path(tempfile.gettempdir(), "serbench-scan"))
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--corpus", action="append", choices=CORPORA, help="only this; repeatable")
    parser.add_argument("--json", type=Path, help="write the figures there")
    options = parser.parse_args()
    table = []
    for name in options.corpus or CORPORA:
        corpus = load("corpora", name)()
        root = options.dir / name
        if not root.is_dir():
            forge(corpus, root, CORPORA[name])
        table.append(measure(corpus, root, options.repeat))
        print(line(table[-1]), flush=True)
    if options.json:
        options.json.write_text(json.dumps(table, indent=1) + "\n")


def forge(corpus: Corpus, root: Path, seconds: tuple[float, float]) -> None:
    """A corpus of full size; CMU-MOSEI by its real labels, where they are at hand."""
    if corpus.card.name == "cmu-mosei" and LABELS.is_file():
        root.mkdir(parents=True)
        shutil.copy(LABELS, root)
        forge_audio(root, LABELS)
    else:
        forge_corpus(corpus, root, silent=True, seconds=seconds)


def measure(corpus: Corpus, root: Path, repeat: int) -> dict[str, float | int | str]:
    """The seconds that one corpus takes."""
    entries = [one for one in corpus.entries(root) if isinstance(one, Entry)]
    names = timed(repeat, lambda: list(corpus.entries(root)))
    by_loop = timed(1, lambda: plain(entries))
    first = timed(repeat, lambda: scan(corpus, root))
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        known = scan(corpus, root, cache=cache)
        again = timed(repeat, lambda: scan(corpus, root, cache=cache))
        assert scan(corpus, root, cache=cache) == known
        path = known.utterances[0].audio
        with flipped(path, at=known.utterances[0]):
            start = time.perf_counter()
            assert scan(corpus, root, cache=cache).fingerprint != known.fingerprint
            changed = time.perf_counter() - start
    return {
        "corpus": corpus.card.name,
        "utterances": len(known.utterances),
        "names": names,
        "plain": by_loop,
        "first": first,
        "again": again,
        "changed": changed,
        "target_first": TARGETS[corpus.card.name],
        "target_again": AGAIN,
    }


def line(told: dict[str, float | int | str]) -> str:
    """Its figures in a sentence."""
    return (
        f"{told['corpus']}: {told['utterances']} utterances; their names {told['names']:.2f} s, "
        f"first {told['first']:.2f} s (target {told['target_first']:g}; "
        f"{told['plain'] / told['first']:.1f}x a plain loop), "
        f"again {told['again']:.2f} s (target {told['target_again']:g}), "
        f"one file changed {told['changed']:.2f} s"
    )


@contextlib.contextmanager
def flipped(path: Path, at: Utterance) -> Iterator[None]:
    """One bit of the utterance's first sample, and back."""
    position = 44 + 2 * round((at.start or 0.0) * at.rate)  # a plain header, mono, 16 bit
    with path.open("r+b") as file:
        file.seek(position)
        byte = file.read(1)[0]
        for value in (byte ^ 1, byte):
            file.seek(position)
            file.write(bytes([value]))
            file.flush()
            if value != byte:
                yield


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
