"""What each part's figures say in the one table: lines of the form "this, beside that, so much"."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Row:
    """A line of the table.

    Attributes
    ----------
    ratio
        What it is compared with to the figure: above 1, the figure is the better one.
    floors
        The figure to the floor that it is compared with, in place of a ratio.
    met
        Whether the target is reached; None: there is none, or none here.
    """

    what: str
    figure: str
    beside: str = ""
    ratio: float | None = None
    target: str = ""
    met: bool | None = None
    floors: float | None = None

    @property
    def cells(self) -> tuple[str, ...]:
        ratio = "" if self.ratio is None else f"{number(self.ratio)} x as fast"
        if self.floors is not None:
            ratio = f"{number(self.floors)} x the floor"
        met = "" if self.met is None else "yes" if self.met else "NO"
        return self.what, self.figure, self.beside, ratio, self.target, met


HEAD = ("what", "figure", "compared with", "ratio", "target", "met?")


def number(value: float) -> str:
    """Three digits, or all before the point."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def seconds(value: float) -> str:
    """12.3 ms, 4.56 s, 78 min."""
    if value < 1:
        return f"{number(1000 * value)} ms"
    return f"{number(value)} s" if value < 600 else f"{number(value / 60)} min"


def mib(value: float) -> str:
    return f"{value:.0f} MiB"


def under(what: str, value: float, target: float, **more: Any) -> Row:
    """Seconds that are to be no more than the target."""
    return Row(what, seconds(value), target=f"under {seconds(target)}", met=value < target, **more)


def startup(told: dict[str, Any]) -> Iterator[Row]:
    bare = told["python -c pass"]["median"]
    for name in ("serbench --help", "serbench models list"):
        each = told[name]
        beside = f"a bare interpreter, {seconds(bare)}: {each['ratio']:.3g} x as long"
        yield Row(f"`{name}`", seconds(each["median"]), beside)


def scan(told: list[dict[str, Any]]) -> Iterator[Row]:
    for each in told:
        name = f"scan of {each['corpus']}'s {each['utterances']} utterances"
        beside = f"a loop over soundfile, {seconds(each['plain'])}"
        yield under(name, each["first"], each["target_first"], beside=beside,
                    ratio=each["plain"] / each["first"])  # fmt: skip
        yield under(f"{name}, again", each["again"], each["target_again"],
                    beside=f"the first, {seconds(each['first'])}",
                    ratio=each["first"] / each["again"])  # fmt: skip


def planning(told: list[dict[str, Any]]) -> Iterator[Row]:
    for each in told:
        whole = each["plan_s"] + each["audit_s"]
        beside = f"drawing the folds alone, {seconds(each['folds_s'])}"
        name = f"plan and audit of {each['trials']} trials, `{each['protocol']}`"
        yield under(name, whole, 10.0, beside=beside)


def features(told: dict[str, Any]) -> Iterator[Row]:
    best = {name: min(each) for name, each in told["seconds"].items()}
    plain = f"librosa in a script, {seconds(best['plain'])}"
    files = f"{told['files']} files"
    name = f"features of {files}, no cache"
    yield Row(name, seconds(best["cold"]), plain, told["faster"]["cold"])
    name = f"features of {files}, cached"
    yield Row(name, seconds(best["cached"]), plain, told["faster"]["cached"])
    librosa = f"by librosa, {seconds(best['librosa'])}"
    name = f"log-mel and MFCC of {files} by torch, {told['device']}"
    yield Row(name, seconds(best["torch"]), librosa, told["torch_faster"])
    for name, each in told["in_memory"].items():
        beside = f"by librosa, {seconds(each['librosa'])}"
        what = f"{name} by torch, from samples in memory"
        yield Row(what, seconds(each["torch"]), beside, each["faster"])


def twins(told: dict[str, Any]) -> Iterator[Row]:
    for leg in ("cold", "warm"):
        took = told["speed"][leg]["seconds_for_five_hours"]
        target = {"target": "under 120 s", "met": took < 120} if leg == "cold" else {}
        yield Row(f"search for twins in five hours, {leg}", seconds(took), **target)


def resume(told: dict[str, Any]) -> Iterator[Row]:
    for name, each in told.items():
        beside = f"the first run, {seconds(each['first'])}"
        ratio = each["first"] / each["again"]
        yield Row(f"`run` again, {name}", seconds(each["again"]), beside, ratio)


def nets(told: dict[str, Any]) -> Iterator[Row]:
    from statistics import median

    for name, each in told["nets"].items():
        for what in (key for key in each if key.startswith(("step", "predict"))):
            times = each[what]
            ours, plain = (median(one[0] for one in times[leg]) for leg in ("ours", "plain"))
            ratio = median(
                theirs[0] / mine[0]
                for theirs, mine in zip(times["plain"], times["ours"], strict=True)
            )
            yield Row(f"{name}, {what}", seconds(ours), f"a script, {seconds(plain)}", ratio)


def compiling(told: dict[str, Any]) -> Iterator[Row]:
    beside = f"a script, {seconds(told['epoch_s']['plain'])}"
    for leg in ("eager", "compiled"):
        what = f"TIM-Net's epoch on EMO-DB, CPU, {told['threads']} threads, {leg}"
        if leg not in told["epoch_s"]:
            yield Row(what, "not run: no compiler, or none was asked for", target="1.4 x")
            continue
        ratio = told["faster_than_plain"][leg]
        target = {"target": "1.4 x", "met": ratio >= 1.4} if leg == "compiled" else {}
        yield Row(what, seconds(told["epoch_s"][leg]), beside, ratio, **target)
    for state, took in told.get("compiling_s", {}).items():
        steps = told["pays_from_steps"][state]
        pays = "never pays" if steps is None else f"pays from {steps} steps"
        yield Row(f"compiling it, {state} cache", seconds(took), pays)


def leaderboard(told: dict[str, Any]) -> Iterator[Row]:
    legs = {leg["leg"]: leg for leg in told["legs"]}
    for name in ("cold", "warm"):
        each = legs[name]
        what = f"leaderboard over {each['trials']} packed trials, {name}"
        beside, ratio = "", None
        if name == "warm":
            beside = f"cold, {seconds(legs['cold']['seconds'])}"
            ratio = legs["cold"]["seconds"] / each["seconds"]
        counts = name == "warm" and each["trials"] >= 100_000
        target = {"target": "under 3 s", "met": each["seconds"] < 3} if counts else {}
        yield Row(what, seconds(each["seconds"]), beside, ratio, **target)
        yield Row(f"{what}: memory", mib(each["peak_mib"]))


def site(told: dict[str, Any]) -> Iterator[Row]:
    for leg in told["legs"]:
        what = f"site of 48 boards, 12 models, {leg['leg']}"
        target = (
            {"target": "under 60 s", "met": leg["seconds"] < 60} if leg["leg"] != "cold" else {}
        )
        yield Row(what, seconds(leg["seconds"]), f"{leg['pages']} pages", **target)
    last = told["legs"][-1]
    page = f"{last['heaviest_page'] / 2**10:.0f} KiB"
    met = last["heaviest_page"] < 1.5e6
    yield Row("heaviest page of that site", page, target="under 1.5 MB", met=met)


# Of a case on one H100: seconds that the whole is to stay under, and times as fast as which leg.
GPU_TARGETS: dict[str, tuple[float, tuple[str, float] | None]] = {
    "timnet-emodb": (40.0, ("one by one", 8.0)),
    "timnet-cross": (240.0, None),
    "dblmm-loso": (360.0, ("plain", 3.0)),
    "sdcaff-5fold": (120.0, None),
}


def stacking(told: dict[str, Any]) -> Iterator[Row]:
    cuda = told["device"].startswith("cuda")
    for name, case in told["cases"].items():
        device = "GPU" if cuda else f"CPU, {told['threads']} threads"
        title = f"{name}, {case['trainings']} x {case['epochs']} epochs, {device}"
        limit, faster = GPU_TARGETS[name] if cuda and not told["small"] else (None, None)
        run = {leg: each for leg, each in case["legs"].items() if "not_run" not in each}
        best = quickest(run)
        floor = case["floor"]["seconds"]
        for leg, each in case["legs"].items():
            if leg not in run:
                yield Row(f"{title}: {leg}", f"not run: {each['not_run']}")
                continue
            target = {}
            if leg == best and limit is not None:
                target = {"target": f"under {seconds(limit)}", "met": each["whole_s"] < limit}
            figure = f"{whole(each)}, {mib(each['peak_mib'])}"
            yield Row(f"{title}: {leg}", figure, f"floor, {seconds(floor)}",
                      floors=each["whole_s"] / floor, **target)  # fmt: skip
        for other in ("one by one", "compiled", "plain"):
            if best is None or other not in run:
                continue
            ratio = run[other]["whole_s"] / run[best]["whole_s"]
            counts = faster is not None and other == faster[0]
            target = {"target": f"{faster[1]:g} x", "met": ratio >= faster[1]} if counts else {}
            yield Row(f"{title}: {best}", whole(run[best]), f"{other}, {whole(run[other])}", ratio,
                      **target)  # fmt: skip


def quickest(run: dict[str, Any]) -> str | None:
    """The leg that takes least of those that serbench has for many trainings.

    Stacks, that is, and of LSTMs processes that share the device.
    """
    offered = [leg for leg in run if leg.startswith("stacked") or leg.endswith("processes")]
    return min(offered, key=lambda leg: run[leg]["whole_s"], default=None)


def whole(leg: dict[str, Any]) -> str:
    """Seconds of all epochs; what was not run to its end says so."""
    return ("~" if leg["extrapolated"] else "") + seconds(leg["whole_s"])


READ: dict[str, Callable[[Any], Iterator[Row]]] = {
    "startup": startup,
    "scan": scan,
    "planning": planning,
    "features": features,
    "twins": twins,
    "resume": resume,
    "nets": nets,
    "compiling": compiling,
    "leaderboard": leaderboard,
    "site": site,
    "stacking": stacking,
}
