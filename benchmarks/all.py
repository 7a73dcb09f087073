"""Everything that is measured, as one table: ``make bench``.

Each part is a script beside this one, run as a process of its own, one after the other; what it
found stands in ``results-bench/PART.json``. Its peak memory is that of the largest process that it
started or was. From these comes one table, ``results-bench/bench.json`` and ``bench.md``, and where
``--into`` names a page, the table between its two markers.

A part whose figures are there from before is measured again, unless ``--table`` is given: then
nothing is measured, and the table is made from what is there. Figures of a GPU come from this
machine if it has one, else from ``results-bench/stacking-cuda.json``, brought from one that has
(``benchmarks/gpu.sh``); else their lines say that there was none.

    python benchmarks/all.py [--part NAME] [--quick] [--table] [--into docs/performance.md]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from machine import machine, sentence
from rows import GPU_TARGETS, HEAD, READ, Row, mib

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
CORPORA = ROOT.parent / "shared" / "corpora"
DATA = ROOT / ".bench" / "features.npz"
GPU, NO_GPU = "stacking-cuda", "no CUDA device"
START, END = "<!-- the table of `make bench` -->", "<!-- the end of the table -->"


@dataclass(frozen=True)
class Part:
    """A script with its arguments; in place of them, those of a quick try, None: it is left out."""

    name: str
    script: str
    arguments: tuple[str, ...] = ()
    quick: tuple[str, ...] | None = ()
    corpora: bool = False  # whether it reads EMO-DB or RAVDESS


PARTS = (
    Part("startup", "startup.py", quick=("--runs", "3")),
    Part("scan", "scan.py", quick=None),
    Part("planning", "planning.py", quick=("--utterances", "2000")),
    Part("features", "features.py", quick=None, corpora=True),
    Part("twins", "twins.py", ("--only", "speed"), None, corpora=True),
    Part("resume", "resume.py", quick=None, corpora=True),
    Part("leaderboard", "leaderboard.py", quick=("--trials", "200", "--repeat", "1")),
    Part("site", "site.py", quick=("--corpora", "1", "--repeat", "1")),
    Part("nets", "nets.py",
         quick=("--net", "timnet", "--utterances", "8", "--repeat", "1", "--threads", "1")),
    Part("compiling", "compiling.py", quick=("--small", "--eager", "--rounds", "1")),
    Part("stacking", "stacking.py",
         ("--device", "cpu", "--case", "timnet-emodb", "--leg", "stacked", "--leg", "one by one",
          "--leg", "plain"),
         ("--device", "cpu", "--small", "--seconds", "0", "--case", "dblmm-loso",
          "--processes", "2")),
    Part(GPU, "stacking.py", ("--device", "cuda", "--compile"),
         ("--device", "cuda", "--small", "--seconds", "0")),
)  # fmt: skip


def run(part: Part, options: argparse.Namespace) -> str:
    """Run a part, its figures into the folder; why it did not, or ""."""
    if part.quick is None and options.quick:
        return "left out by --quick"
    if part.corpora and not (CORPORA / "EMO-DB").is_dir():
        return f"EMO-DB is not at hand ({CORPORA})"
    if part.name == GPU and not there_is_cuda():
        return NO_GPU
    target = options.folder / f"{part.name}.json"
    arguments = [*(part.quick if options.quick else part.arguments), "--json", str(target)]
    arguments += data_for(part)
    command = [sys.executable, str(HERE / part.script), *arguments]
    print(f"\n== {part.name}: {part.script} {' '.join(arguments)}", flush=True)
    start = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        return f"{part.script} ended with status {process.returncode}"
    beside = {"peak_mib": used.ru_maxrss / 1024, "seconds": time.monotonic() - start}
    beside |= {"quick": options.quick, "machine": machine()}
    about(target).write_text(json.dumps(beside, indent=1) + "\n", encoding="utf-8")
    return ""


def data_for(part: Part) -> list[str]:
    """Real features, where they were packed; of stacking.py noise in their place is asked for."""
    if part.script == "compiling.py":
        return ["--data", str(DATA)] if DATA.is_file() else []
    if part.script == "stacking.py":
        return ["--data", str(DATA)] if DATA.is_file() else ["--noise"]
    return []


def there_is_cuda() -> bool:
    """Asked of a process of its own: torch takes two seconds to import, and memory."""
    ask = "import sys, torch; sys.exit(not torch.cuda.is_available())"
    return subprocess.run([sys.executable, "-c", ask], check=False).returncode == 0


def about(target: Path) -> Path:
    """Where it stands how a part was run."""
    return target.with_name(f"{target.stem}.run.json")


def rows(folder: Path, why: dict[str, str], parts: Sequence[str]) -> list[Row]:
    """The lines of all parts that are asked for."""
    found: list[Row] = []
    for name in parts:
        path = folder / f"{name}.json"
        # What was brought from another machine counts where this one cannot measure it.
        brought = why.get(name) == NO_GPU and path.is_file()
        if not path.is_file() or (why.get(name) and not brought):
            found += not_run(name, why.get(name) or "not measured yet")
            continue
        found += READ["stacking" if name == GPU else name](
            json.loads(path.read_text(encoding="utf-8"))
        )
        if about(path).is_file() and not brought:
            used = json.loads(about(path).read_text(encoding="utf-8"))
            found.append(Row(f"peak memory of a process of {name}.py", mib(used["peak_mib"])))
    return found


def not_run(name: str, reason: str) -> list[Row]:
    """One line; of the GPU one for each case, with what was to be reached."""
    if name != GPU:
        return [Row(name, f"not run: {reason}")]
    told = []
    for case, (limit, faster) in GPU_TARGETS.items():
        target = f"under {limit:g} s on one H100"
        if faster:
            target += f", {faster[1]:g} x {faster[0]}"
        told.append(Row(f"{case}, stacked on a GPU", f"not run: {reason}", target=target))
    return told


def markdown(
    lines: Sequence[Row], told: dict[str, Any], *, gpu: dict[str, Any] | None, quick: bool
) -> str:
    """The table, with the machine above it."""
    shown = ["Measured on " + sentence(told) + "."]
    if gpu:
        shown += ["", f"On a GPU, {gpu['device']}, beside {sentence(gpu)}; {gpu['precision']}."]
    if quick:
        shown += ["", "A quick try: sizes are small, and no figure is to be quoted."]
    shown += ["", "| " + " | ".join(HEAD) + " |", "|" + " --- |" * len(HEAD)]
    shown += ["| " + " | ".join(row.cells) + " |" for row in lines]
    return "\n".join(shown) + "\n"


def fill_in(page: Path, table: str) -> None:
    """Put the table between the page's markers."""
    text = page.read_text(encoding="utf-8")
    if text.count(START) != 1 or text.count(END) != 1 or text.index(START) > text.index(END):
        raise SystemExit(f"{page} has no pair of the lines\n{START}\n{END}")
    before, _, rest = text.partition(START)
    after = rest.partition(END)[2]
    page.write_text(f"{before}{START}\n{table}{END}{after}", encoding="utf-8")


def show(lines: Sequence[Row], title: str) -> None:
    """On the terminal."""
    from rich.console import Console
    from rich.table import Table

    table = Table(*HEAD, title=title, title_justify="left")
    for row in lines:
        table.add_row(*(cell.replace("[", r"\[") for cell in row.cells))
    Console(width=None if sys.stdout.isatty() else 200).print(table)


def parsed() -> argparse.Namespace:
    names = [part.name for part in PARTS]
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--part", action="append", choices=names, help="only this; repeatable")
    parser.add_argument("--without", action="append", choices=names, default=[])
    parser.add_argument("--quick", action="store_true", help="small sizes, to try the scripts")
    parser.add_argument("--table", action="store_true", help="measure nothing")
    parser.add_argument("--folder", type=Path, default=ROOT / "results-bench")
    parser.add_argument("--into", type=Path, help="a page whose table is replaced")
    return parser.parse_args()


def main() -> None:
    options = parsed()
    options.folder = options.folder.resolve()
    options.folder.mkdir(parents=True, exist_ok=True)
    asked = [p for p in PARTS if p.name not in options.without]
    asked = [p for p in asked if not options.part or p.name in options.part]
    why: dict[str, str] = {}
    if not options.table:
        why = {part.name: run(part, options) for part in asked}
    if GPU not in why and not there_is_cuda():
        why[GPU] = NO_GPU
    # The table is of all parts, so that one of them can be measured anew by itself.
    lines = rows(options.folder, why, [part.name for part in PARTS])
    told = machine()
    quick = options.quick or any(
        json.loads(path.read_text(encoding="utf-8"))["quick"]
        for path in options.folder.glob("*.run.json")
    )
    figures = {
        name: json.loads(path.read_text(encoding="utf-8"))
        for name in (part.name for part in PARTS)
        if (path := options.folder / f"{name}.json").is_file()
    }
    whole = {"machine": told, "quick": quick, "rows": [asdict(row) for row in lines]}
    whole |= {"not_run": {name: reason for name, reason in why.items() if reason}}
    text = json.dumps({**whole, "parts": figures}, indent=1) + "\n"
    (options.folder / "bench.json").write_text(text, encoding="utf-8")
    table = markdown(lines, told, gpu=figures.get(GPU), quick=quick)
    (options.folder / "bench.md").write_text(table, encoding="utf-8")
    print()
    show(lines, sentence(told))
    if options.into:
        fill_in(options.into, table)
    failed = [name for name, reason in why.items() if "ended with status" in reason]
    if failed:
        raise SystemExit(f"{', '.join(failed)} failed; what else was measured stands above")


if __name__ == "__main__":
    main()
