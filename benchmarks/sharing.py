"""Several processes, each of which trains one of a case's trainings, share a device.

That is what an LSTM may gain by where its kernels leave most of a device idle. Each process gets
warm, waits for the others, and trains for a while; what they get through together is counted. That
trainings are shared out evenly to the end is assumed. Threads with a stream each are not tried:
both loops are bound by Python, which runs one thread at a time.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

import torch
from carried import read
from cases import CASES, Case, make
from training_legs import Leg, alone, frames
from watching import How, release


def shared(case: Case, how: How, count: int, data: Path | None, *, small: bool) -> Leg:
    """So many processes at once."""
    release()  # what this process keeps in reserve, the others may need
    start = time.perf_counter()
    crew = [
        subprocess.Popen(
            command(case, how, number, data, small=small),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(count)
    ]
    try:
        for one in crew:
            if one.stdout.readline().strip() != "ready":
                raise RuntimeError(f"one of {count} processes ended before it was ready")
        ready = time.perf_counter() - start
        for one in crew:
            one.stdin.write("go\n")
            one.stdin.flush()
        told = [json.loads(one.stdout.readline()) for one in crew]
        for one in crew:
            one.wait()
    finally:
        for one in crew:
            one.kill()
            one.wait()
    rate = sum(each["frames"] / each["epoch_s"] for each in told)  # frames a second
    epoch = sum(frames(case, training) for training in case.trainings) / rate
    return Leg(
        epoch_s=epoch,
        whole_s=ready + case.epochs * epoch,
        start_s=ready,
        extrapolated=True,
        epochs_seen=min(each["epochs"] for each in told),
        peak_mib=sum(each["peak_mib"] for each in told),
        note=f"{count} processes; memory is the sum of their tensors",
    )


def command(case: Case, how: How, number: int, data: Path | None, *, small: bool) -> list[str]:
    words = [sys.executable, __file__, "--case", case.name, "--number", str(number)]
    words += ["--device", str(how.device), "--precision", how.precision]
    words += ["--seconds", str(how.seconds)]
    words += ["--data", str(data)] if data else []
    return words + (["--small"] if small else [])


def main() -> None:
    """One of the processes: says that it is ready, is told to go, says how far it got."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--case", choices=CASES, required=True)
    parser.add_argument("--number", type=int, required=True)
    parser.add_argument("--device", required=True)
    parser.add_argument("--precision", required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--small", action="store_true")
    options = parser.parse_args()
    case = make(options.case, read(options.data) if options.data else {}, small=options.small)
    how = How(torch.device(options.device), options.precision, options.seconds)
    training = case.trainings[options.number % len(case.trainings)]

    def ready() -> None:
        print("ready", flush=True)
        sys.stdin.readline()

    seen = alone(case, training, how, ready)
    print(
        json.dumps(
            {
                "epoch_s": seen.epoch,
                "frames": frames(case, training),
                "epochs": len(seen.steady),
                "peak_mib": seen.peak_mib,
            }
        ),
        flush=True,
    )


if __name__ == "__main__":
    main()
