"""A training step and a prediction of each net, beside a script of the same equations.

``plain``    modules of plain torch (``plain_nets.py``), batches that were padded ahead of time, the
             loop that everybody writes
``ours``     :func:`serbench.nets.training.train`, whole: batches from the shelf, loss, gradients
             adjusted, optimiser, and what is asked after each epoch; of a prediction
             :func:`serbench.nets.predicting.judge`
``unpacked`` of nets with BiLSTMs, the plain one without ``pack_padded_sequence``: other equations,
             since padding then reaches the backward direction, and many a script's

The legs take turns, epoch by epoch, over the same batches with the same weights at the start. First
both must say the same: logits, and a step's loss and gradient. A ratio is the median over rounds of
plain to ours: above 1, the harness is faster than the script.

    python benchmarks/nets.py [--net NAME] [--repeat N] [--threads N] [--clock cpu] [--json PATH]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from net_legs import PLAIN, Legs

from serbench.nets.batches import draw, in_order_of_length
from serbench.nets.outputs import LOGITS
from serbench.nets.predicting import judge
from serbench.nets.training import train
from serbench.session import Session

# Relative to their size. SD-CAFF's gradient is that coarse: BatchNorm of raw MFCC in float32.
TOLERANCE = {"logits": 1e-4, "loss": 1e-4, "gradient": 1e-2}


class Clock:
    """Seconds since it was made: on the wall, and of the processor in this process."""

    def __init__(self) -> None:
        self.start = time.perf_counter(), time.process_time()

    def read(self) -> list[float]:
        return [time.perf_counter() - self.start[0], time.process_time() - self.start[1]]


def train_in_turn(legs: Legs, repeat: int) -> dict[str, list[list[float]]]:
    """Seconds a step, an epoch a leg in turn. The first of each is to get warm, and not counted."""
    times: dict[str, list[list[float]]] = {"ours": [], **{leg: [] for leg in legs.plain}}
    optimisers = {leg: module.optimiser(legs.net) for leg, module in legs.plain.items()}
    clock = Clock()

    def turn(epoch: int, _: int, __: str) -> None:
        """Told by the training that an epoch is over, or (0) that it is about to read features."""
        nonlocal clock
        if epoch:
            times["ours"].append(clock.read())
            mode = torch.get_deterministic_debug_mode()
            torch.set_deterministic_debug_mode("default")  # as a script has it
            for leg, optimiser in optimisers.items():
                times[leg].append(plain_epoch(legs, leg, optimiser, epoch))
            torch.set_deterministic_debug_mode(mode)
        clock = Clock()

    net = replace(legs.net, epochs=repeat + 1)
    train(net, legs.data, seed=0, session=Session(device="cpu", progress=turn))
    steps = len(draw(legs.shelf.longest, net.batch, seed=0, epoch=1))
    return {leg: [[s / steps for s in pair] for pair in each[1:]] for leg, each in times.items()}


def plain_epoch(legs: Legs, leg: str, optimiser: torch.optim.Optimizer, epoch: int) -> list[float]:
    """Seconds of one epoch of the script, over the batches that ours had; made before."""
    module = legs.plain[leg].train()
    drawn = draw(legs.shelf.longest, legs.net.batch, seed=0, epoch=epoch)
    batches = [(legs.tensors(rows), legs.answered(rows)) for rows in drawn]
    clock = Clock()
    total = 0.0
    for batch, answers in batches:
        optimiser.zero_grad()
        loss = module.loss(module(batch), answers)
        loss.backward()
        optimiser.step()
        total += loss.item()
    return clock.read()


def predict_in_turn(legs: Legs, repeat: int) -> dict[str, list[list[float]]]:
    """Seconds to judge all utterances. The first round is to get warm, and not counted."""
    order = in_order_of_length(legs.shelf.longest, legs.net.batch)
    batches = [legs.tensors(rows) for rows in order]
    times: dict[str, list[list[float]]] = {"ours": [], **{leg: [] for leg in legs.plain}}
    for _ in range(repeat + 1):
        clock = Clock()
        judge(
            legs.module,
            legs.shelf,
            batch=legs.net.batch,
            read=lambda outputs: legs.net.read(outputs[LOGITS]),
        )
        times["ours"].append(clock.read())
        for leg, module in legs.plain.items():
            clock = Clock()
            module.eval()
            with torch.no_grad():
                said = [module.logits(module(batch)).softmax(1).numpy() for batch in batches]
            np.concatenate(said)
            times[leg].append(clock.read())
    return {leg: each[1:] for leg, each in times.items()}


def ratio(times: dict[str, list[list[float]]], leg: str, clock: int) -> float:
    """The median over rounds of a leg's time to ours."""
    pairs = zip(times[leg], times["ours"], strict=True)
    return statistics.median(theirs[clock] / ours[clock] for theirs, ours in pairs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--net", action="append", choices=PLAIN, help="only this one; repeatable")
    parser.add_argument("--repeat", type=int, default=3, help="rounds, after one to get warm")
    parser.add_argument("--utterances", type=int, default=64)
    parser.add_argument(
        "--threads", type=int, action="append", help="of torch; repeatable. Default: 1 and its own"
    )
    parser.add_argument("--clock", choices=("wall", "cpu"), default="wall")
    parser.add_argument("--json", type=Path, help="write the figures there")
    options = parser.parse_args()
    clock = ("wall", "cpu").index(options.clock)
    threads = options.threads or sorted({1, torch.get_num_threads()})
    cores = len(os.sched_getaffinity(0))
    print(f"{options.utterances} utterances, {cores} cores, {options.clock} time, ", end="")
    print(f"medians of {options.repeat} rounds")
    print(f"{'net':15}{'':9}{'threads':>8}{'ours':>11}{'plain':>11}{'plain/ours':>12}")
    table: dict[str, dict[str, object]] = {}
    for name in options.net or PLAIN:
        legs = Legs(name, options.utterances)
        worst = legs.differences()
        if any(worst[of] > most for of, most in TOLERANCE.items()):
            raise SystemExit(f"{name}: the script is another net: {worst}")
        table[name] = {"largest_difference": worst, "settings": PLAIN[name][1]}
        for count in threads:
            torch.set_num_threads(count)
            for what, measure in (("step", train_in_turn), ("predict", predict_in_turn)):
                times = measure(legs, options.repeat)
                table[name][f"{what}, {count} threads"] = times
                for leg in legs.plain:
                    ours, theirs = (
                        statistics.median(one[clock] for one in times[of]) for of in ("ours", leg)
                    )
                    label = "" if leg == "plain" else f"  ({leg})"
                    print(
                        f"{name:15}{what:9}{count:8}{ours * 1e3:8.0f} ms{theirs * 1e3:8.0f} ms"
                        f"{ratio(times, leg, clock):12.2f}{label}",
                        flush=True,
                    )
    if options.json:
        options.json.write_text(json.dumps({"cores": cores, "nets": table}, indent=1) + "\n")


if __name__ == "__main__":
    main()
