"""Many trainings as one computation, beside one after the other: seconds, memory, floor.

The cases stand in ``cases.py``. Their legs, each in this process, over the same features:

``stacked``            :func:`serbench.nets.stacked.train_stacked`, as many at once as fit
``stacked by source``  the same, a stack for each source (of ``timnet-cross``)
``one by one``         :func:`serbench.nets.training.train`, eager, one training after the other
``plain``              a script of plain torch and cuDNN (``plain_nets.py``, ``plain_fusion.py``) of
                       the same equations in the same precision, with batches that lie on the device
``compiled``           one by one, passes compiled (with ``--compile``; of nets that say so)
``2 processes`` ...    one by one, in so many processes that share a GPU (of LSTMs)

A leg is watched for two epochs to get warm and then for ``--seconds``, three steady epochs at
least; what a whole would take is extrapolated from the median of these, and marked "~". With
``--full`` every leg goes to its end. The floor is counted in ``floors.py``.

    python benchmarks/stacking.py --pack .bench/features.npz       # where the corpora are
    python benchmarks/stacking.py --data .bench/features.npz --device cuda --json stacking.json
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import torch
from carried import CORPORA, Corpus, pack, read
from cases import CASES, Case, make
from floors import Rates, floor, rates
from machine import machine
from sharing import shared
from training_legs import Leg, one_by_one, plain, stacked, stacked_by_source
from watching import How, release

DATA = Path(__file__).resolve().parents[1] / ".bench" / "features.npz"
PROCESSES = (2, 4, 8)

Table = dict[str, dict[str, object]]


def legs(case: Case, options: argparse.Namespace) -> dict[str, Callable[[How], Leg]]:
    """What is to be watched of a case, by name; what tells most comes first."""
    found: dict[str, Callable[[How], Leg]] = {
        "stacked": lambda how: stacked(case, how),
        "one by one": lambda how: one_by_one(case, how),
        "plain": lambda how: plain(case, how),
    }
    if len(case.groups()) > 1:
        found["stacked by source"] = lambda how: stacked_by_source(case, how)
    if options.compile and case.net.compilable:
        found["compiled"] = lambda how: one_by_one(case, replace(how, compile=True))
    if case.recurrent and (options.device.type == "cuda" or options.small):
        for count in options.processes:
            found[f"{count} processes"] = lambda how, count=count: shared(
                case, how, count, options.data, small=options.small
            )
    return {name: leg for name, leg in found.items() if not options.leg or name in options.leg}


def watch(case: Case, name: str, leg: Callable[[How], Leg], options) -> dict[str, object]:
    """One leg, or why there is none."""
    left = options.until - time.monotonic()
    whole = name.startswith("stacked")
    seconds = options.stacked_seconds if whole else options.seconds
    if left <= 0:
        return {"not_run": "time was over"}
    how = How(
        options.device,
        options.precision,
        math.inf if options.full else min(seconds, left),
        least=1 if options.small else 3,
    )
    try:
        return leg(how).record()
    except Exception as error:  # noqa: BLE001  another leg may go well
        first = str(error).strip().partition("\n")[0]
        return {"not_run": f"{type(error).__name__}: {first}"}
    finally:
        release()


def show(name: str, told: dict[str, object], floor_s: float) -> None:
    """A line."""
    if "not_run" in told:
        print(f"  {name:18} not run: {told['not_run']}", flush=True)
        return
    mark = "~" if told["extrapolated"] else " "
    print(
        f"  {name:18}{told['epoch_s']:10.3f} s{mark:>3}{told['whole_s']:9.1f} s"
        f"{told['whole_s'] / floor_s:10.0f} x{told['peak_mib']:9.0f} MiB"
        f"{told['epochs_seen']:7}   {told['note']}",
        flush=True,
    )


def measure(options: argparse.Namespace, real: dict[str, Corpus]) -> dict[str, object]:
    """All cases. Written after each, so that what ends it early loses nothing."""
    at = rates(How(options.device, options.precision), small=options.small)
    report = {**about(options, at), "cases": {}}
    print(f"{report['device']}, torch {torch.__version__}, {report['precision']}")
    print(f"a product of {at.product}: {at.operations / 1e12:.3g} TFLOP/s; ", end="")
    print(f"a copy: {at.bytes / 1e9:.3g} GB/s")
    made = [make(name, real, small=options.small) for name in options.case or CASES]
    later: list[tuple[Case, str, Callable[[How], Leg]]] = []
    for case in made:
        least = floor(case, at)
        entry: dict[str, object] = {
            "trainings": len(case.trainings), "epochs": case.epochs, "data": case.data,
            "settings": case.net.settings, "floor": {**asdict(least), "seconds": least.seconds},
            "legs": {},
        }  # fmt: skip
        report["cases"][case.name] = entry
        print(f"{case.name}: {len(case.trainings)} trainings of {case.epochs} epochs, {case.data}")
        print(f"  {'floor':18}{'':15}{least.seconds:9.3g} s", flush=True)
        for name, leg in legs(case, options).items():
            if name.endswith("processes"):
                later.append((case, name, leg))  # when all else is known
                continue
            entry["legs"][name] = watch(case, name, leg, options)
            show(name, entry["legs"][name], least.seconds)
        keep(report, options.json)
    for case, name, leg in later:
        entry = report["cases"][case.name]
        entry["legs"][name] = watch(case, name, leg, options)
        print(f"{case.name}:")
        show(name, entry["legs"][name], entry["floor"]["seconds"])
        keep(report, options.json)
    return report


def keep(report: dict[str, object], path: Path | None) -> None:
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(report, indent=1, default=str) + "\n", encoding="utf-8")


def about(options: argparse.Namespace, at: Rates) -> dict[str, object]:
    """On what, by what and how it is measured."""
    from serbench.nets.device import describe

    how = How(options.device, options.precision)
    return {
        **machine(),
        "device": describe(options.device),
        "torch": torch.__version__,
        "python": platform.python_version(),
        "threads": torch.get_num_threads(),
        "precision": "bfloat16 autocast" if how.low else "float32",
        "small": options.small,
        "rates": asdict(at),
    }


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pack", type=Path, help="compute the features, write them there, end")
    parser.add_argument("--corpora", type=Path, default=CORPORA, help="holds EMO-DB and RAVDESS")
    parser.add_argument("--data", type=Path, help=f"what --pack wrote. Default: {DATA.name}")
    parser.add_argument("--noise", action="store_true", help="noise in place of real features")
    parser.add_argument("--case", action="append", choices=CASES, help="only this; repeatable")
    parser.add_argument("--leg", action="append", help="only this, by its name; repeatable")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--precision", default="auto", choices=("auto", "float32", "bfloat16"))
    parser.add_argument("--compile", action="store_true", help="a compiled leg too")
    parser.add_argument("--processes", type=int, action="append", help="repeatable. 2, 4 and 8")
    parser.add_argument("--seconds", type=float, default=15.0, help="of steady epochs of a leg")
    parser.add_argument("--stacked-seconds", type=float, default=40.0, help="of a stacked one")
    parser.add_argument("--full", action="store_true", help="every leg to its end")
    parser.add_argument("--minutes", type=float, default=math.inf, help="no leg begins later")
    parser.add_argument("--threads", type=int, help="of torch on the CPU")
    parser.add_argument("--small", action="store_true", help="a few utterances, to try it")
    parser.add_argument("--json", type=Path, help="write the figures there")
    options = parser.parse_args()
    if options.minutes <= 0 or options.seconds < 0:
        parser.error("--minutes and --seconds are above 0")
    return options


def main() -> None:
    options = parsed()
    options.until = time.monotonic() + 60 * options.minutes
    if options.pack:
        pack(options.pack, options.corpora, len(os.sched_getaffinity(0)))
        return
    from serbench.nets.device import limit_threads, resolve

    options.processes = options.processes or PROCESSES
    options.device = resolve(options.device)
    if options.threads:
        limit_threads(options.threads)
    if options.noise:
        options.data = None
    else:
        options.data = options.data or DATA
        if not options.data.is_file():
            raise SystemExit(
                f"{options.data} does not exist: write it by `python benchmarks/stacking.py --pack "
                f"{options.data}` where the corpora are, or take --noise in its place"
            )
    report = measure(options, read(options.data) if options.data else {})
    keep(report, options.json)


if __name__ == "__main__":
    main()
