"""How long epochs take, as a training itself tells of them, and how much memory it takes.

A training that is too long for one run is ended once enough of its epochs have been seen; what it
would have taken in all is then those it did, and the median of the steady ones for each that it
did not do.
"""

from __future__ import annotations

import gc
import resource
import statistics
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import torch

WARM = 2  # epochs that are not counted: kernels are chosen, recorded or compiled
LEAST = 3  # steady epochs that are


class Enough(Exception):
    """The training has been watched for long enough."""


@dataclass(frozen=True)
class How:
    """On what, and for how long, a training is watched."""

    device: torch.device
    precision: str = "auto"
    seconds: float = 15.0  # of steady epochs, at least; infinite: to its end
    least: int = LEAST
    compile: bool = False

    @property
    def low(self) -> bool:
        from serbench.nets.numerics import mixed

        return mixed(self.precision, self.device)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Watched:
    """What was seen of one computation."""

    steady: list[float]  # seconds of each steady epoch
    spent: float  # seconds until the last epoch that was seen
    done: int
    epochs: int
    peak_mib: float

    @property
    def epoch(self) -> float:
        return statistics.median(self.steady)

    @property
    def extrapolated(self) -> bool:
        return self.done < self.epochs

    @property
    def whole(self) -> float:
        """Seconds of all epochs, start included."""
        return self.spent + (self.epochs - self.done) * self.epoch

    @property
    def start(self) -> float:
        """Seconds beyond those of the epochs: features, weights, recording, compiling."""
        return max(0.0, self.spent - self.done * self.epoch)


@dataclass
class Watch:
    """Takes the place of a session's ``progress``, and ends the training when it is time.

    Parameters
    ----------
    ready
        Called once, when what is not counted is over; the clock starts afterwards.
    """

    how: How
    ready: Callable[[], None] | None = None
    steady: list[float] = field(default_factory=list)
    spent: float = 0.0
    done: int = 0
    epochs: int = 0

    def __post_init__(self) -> None:
        self.peak = Peak(self.how.device)
        self.again()

    def again(self) -> None:
        """What passed since the last epoch is nobody's."""
        self.since = time.perf_counter()

    def __call__(self, done: int, total: int, note: str = "") -> None:
        """An epoch is over; 0: something before the first."""
        if not done:
            return
        seconds = time.perf_counter() - self.since
        self.spent += seconds
        self.done, self.epochs = done, total
        warm = min(WARM, total - 1)
        if done > warm:
            self.steady.append(seconds)
        elif done == warm and self.ready is not None:
            self.ready()
        long = sum(self.steady) >= self.how.seconds and len(self.steady) >= self.how.least
        if long and done < total:
            raise Enough
        self.again()

    def run(self, training: Callable[[], object]) -> Watched:
        """Watch it."""
        with suppress(Enough):
            training()
            self.spent += time.perf_counter() - self.since  # weights handed over
        seen = Watched(self.steady, self.spent, self.done, self.epochs, self.peak.mib())
        release()
        return seen


class Peak:
    """The most memory that is taken from now on, in MiB.

    On CUDA of tensors on the device; on the CPU of the whole process, as Linux counts what is
    resident, with Python and torch in it.
    """

    def __init__(self, device: torch.device) -> None:
        self.device = device
        if device.type == "cuda":
            torch.cuda.synchronize(device)
            torch.cuda.reset_peak_memory_stats(device)
        else:
            with suppress(OSError):  # elsewhere than on Linux it is the process's since its start
                Path("/proc/self/clear_refs").write_text("5", encoding="ascii")

    def mib(self) -> float:
        if self.device.type == "cuda":
            return torch.cuda.max_memory_allocated(self.device) / 2**20
        with suppress(OSError):
            for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) / 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def release() -> None:
    """Give back what the last training held, before the next is watched."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
