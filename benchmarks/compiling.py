"""TIM-Net's epoch on EMO-DB: a plain script, our loop, and our loop with passes compiled.

The first of ``last-epoch``'s folds, batches of 64, the test fold judged after each epoch. The legs
take turns in rounds of a few epochs each; a ratio is the median over rounds. What compiling takes
is stated apart, with an empty cache of inductor's (``cold``) and with the one that this filled
(``warm``, as in any later process), and with it the number of steps from which it pays.

    python benchmarks/compiling.py [--data .bench/features.npz] [--rounds 3] [--json PATH]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
from dataclasses import replace
from pathlib import Path

TARGET = 1.4  # times a plain script's epoch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, help="as of stacking.py. Default: noise of that size")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=3, help="steady ones of a leg in a round")
    parser.add_argument("--threads", type=int, help="of torch")
    parser.add_argument("--small", action="store_true", help="a few utterances, to try it")
    parser.add_argument("--eager", action="store_true", help="without the compiled leg")
    parser.add_argument("--json", type=Path, help="write the figures there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = folder  # before torch's compiler is imported
        figures = measure(options)
    told(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1, default=str) + "\n")


def measure(options: argparse.Namespace) -> dict[str, object]:
    """Seconds of an epoch, leg by leg, and of compiling."""
    import torch
    from carried import read
    from cases import make
    from machine import machine
    from training_legs import Script, alone
    from watching import How

    from serbench.nets.batches import draw
    from serbench.nets.compiling import there_is_a_compiler
    from serbench.nets.device import describe, limit_threads, resolve

    if options.threads:
        limit_threads(options.threads)
    case = make("timnet-emodb", read(options.data) if options.data else {}, small=options.small)
    training = case.trainings[0]
    device = resolve(options.device)
    how = How(device, seconds=0.0, least=options.epochs)
    compiles = there_is_a_compiler(device) and not options.eager
    steps = len(draw(training.train.y * 0, case.net.batch, seed=0, epoch=1))
    figures: dict[str, object] = {
        **machine(), "device": describe(device), "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "data": case.data, "utterances": len(training.train), "steps": steps,
        "compiler": compiles, "small": options.small,
    }  # fmt: skip
    start: dict[str, float] = {}
    if compiles:
        for state in ("cold", "warm"):
            torch.compiler.reset()
            start[state] = alone(case, training, replace(how, compile=True)).start
            print(f"{state}: {start[state]:.1f} s before the first steady epoch", flush=True)
    ways = {
        "plain": lambda: Script(case, training, how).watched(),
        "eager": lambda: alone(case, training, how),
    }
    if compiles:
        ways["compiled"] = lambda: alone(case, training, replace(how, compile=True))
    rounds = []
    for number in range(options.rounds):
        rounds.append({name: way().epoch for name, way in ways.items()})
        seconds = ", ".join(f"{name} {took:.3f} s" for name, took in rounds[-1].items())
        print(f"round {number + 1}: {seconds}", flush=True)
    epoch = {name: statistics.median(one[name] for one in rounds) for name in ways}
    figures |= {
        "rounds": rounds,
        "epoch_s": epoch,
        "eager_start_s": alone(case, training, how).start,
    }
    figures["faster_than_plain"] = {
        name: statistics.median(one["plain"] / one[name] for one in rounds) for name in ways
    }
    if compiles:
        gain = (epoch["eager"] - epoch["compiled"]) / steps
        extra = {state: seconds - figures["eager_start_s"] for state, seconds in start.items()}
        figures["compiling_s"] = extra
        figures["pays_from_steps"] = {
            state: round(seconds / gain) if gain > 0 else None for state, seconds in extra.items()
        }
    return figures


def told(figures: dict[str, object]) -> None:
    """Print them."""
    print(
        f"{figures['device']}, torch {figures['torch']}: {figures['utterances']} utterances", end=""
    )
    print(f" in {figures['steps']} steps, {figures['data']}")
    for name, seconds in figures["epoch_s"].items():
        ratio = figures["faster_than_plain"][name]
        print(f"{name:10}{seconds:9.3f} s an epoch{ratio:8.2f} x plain")
    if not figures["compiler"]:
        print("not compiled: there is no compiler, or none was asked for")
        return
    for state, seconds in figures["compiling_s"].items():
        steps = figures["pays_from_steps"][state]
        pays = "never pays" if steps is None else f"pays from {steps} steps"
        print(f"compiling, {state}: {seconds:.1f} s; {pays}")


if __name__ == "__main__":
    main()
