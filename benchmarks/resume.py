"""A finished experiment asked for again, beside its first run. ``python benchmarks/resume.py``"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

SERBENCH = Path(sysconfig.get_path("scripts")) / "serbench"
EMODB = Path(__file__).resolve().parents[2] / "shared" / "corpora" / "EMO-DB"
EXPERIMENTS = {
    "svm-mfcc, loso": ["--model", "svm-mfcc", "--protocol", "loso"],
    "svm-mfcc, kfold": ["--model", "svm-mfcc", "--protocol", "kfold"],
    "dblmm, loso": [
        *("--model", "dblmm", "--protocol", "loso"),
        *("--set", "hidden=4", "--set", "epochs=1"),
    ],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus-root", type=Path, default=EMODB, help="a folder of EMO-DB")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if not options.corpus_root.is_dir():
        sys.exit(f"{options.corpus_root} does not exist; name EMO-DB's folder by --corpus-root")
    table = {}
    print(f"{'experiment':18}{'first run':>11}{'again (median)':>16}{'ratio':>9}")
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "SERBENCH_RESULTS": f"{folder}/results",
            "SERBENCH_CACHE": f"{folder}/cache",
        }

        def seconds(arguments: list[str]) -> float:
            root = f"emodb={options.corpus_root}"
            command = [SERBENCH, "run", *arguments, "--corpus", "emodb", "--corpus-root", root]
            start = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True, env=environment)
            return time.perf_counter() - start

        for name, arguments in EXPERIMENTS.items():
            first = seconds(arguments)
            again = statistics.median(seconds(arguments) for _ in range(options.runs))
            table[name] = {"first": first, "again": again}
            print(f"{name:18}{first:10.2f}s{again:15.2f}s{first / again:8.1f}x")
    if options.json:
        options.json.write_text(json.dumps(table, indent=1))


if __name__ == "__main__":
    main()
