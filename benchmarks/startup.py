"""How long the command line takes to start, beside a bare interpreter."""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

SERBENCH = Path(sysconfig.get_path("scripts")) / "serbench"
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "serbench --help": [SERBENCH, "--help"],
    "serbench models list": [SERBENCH, "models", "list"],
    "import torch": [sys.executable, "-c", "import torch"],
}


def seconds(command: list[object]) -> float:
    start = time.perf_counter()
    subprocess.run([str(word) for word in command], check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    for command in COMMANDS.values():  # once, so that everything is compiled and in memory
        seconds(command)
    rounds = [{name: seconds(c) for name, c in COMMANDS.items()} for _ in range(options.runs)]
    table = {}
    print(f"{'command':24}{'median':>9}{'min':>9}{'max':>9}   to a bare interpreter")
    for name in COMMANDS:
        times = [one[name] for one in rounds]
        ratio = statistics.median(one[name] / one["python -c pass"] for one in rounds)
        table[name] = {"median": statistics.median(times), "min": min(times), "ratio": ratio}
        print(
            f"{name:24}{statistics.median(times):8.3f}s{min(times):8.3f}s{max(times):8.3f}s"
            f"{ratio:10.1f}x"
        )
    if options.json:
        options.json.write_text(json.dumps(table, indent=1))


if __name__ == "__main__":
    main()
