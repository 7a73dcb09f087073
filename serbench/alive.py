"""Whether a process still lives: who a process is, and whether that very one is there."""

from __future__ import annotations

import contextlib
import functools
import os
from dataclasses import dataclass
from pathlib import Path

MOST_PIDS = 2**22  # Linux gives no process a higher number (PID_MAX_LIMIT)
DEAD = frozenset("ZX")  # states of a process that has ended and whom nobody has asked about yet


@dataclass(frozen=True)
class Process:
    """A process that can be told from every other one, of any machine and any time.

    Parameters
    ----------
    pid
        Its number.
    kernel
        Which running system, and which container of it, gave that number: the boot id and the
        namespace of process numbers. Host names do not tell (two machines may both be called
        "localhost", and one machine has several names in its containers); "" where the system
        says neither, as on macOS.
    born
        When it began, in clock ticks since the boot: numbers are given again, times are not. "" as
        above.
    """

    pid: int
    kernel: str
    born: str

    @classmethod
    def own(cls) -> Process:
        """The one that asks."""
        return cls(os.getpid(), kernel(), _state_and_birth(os.getpid())[1])

    def lives(self) -> bool | None:
        """Whether it is there; None: it cannot be seen from here."""
        if not self.kernel or not self.born or self.kernel != kernel():
            return None
        if not 0 < self.pid <= MOST_PIDS:
            return None
        state, born = _state_and_birth(self.pid)
        if born:
            return born == self.born and state not in DEAD
        try:  # processes of other users may be hidden in /proc, and still answer here
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except OSError:
            return None
        return None


@functools.cache
def kernel() -> str:
    """Which running system this is, as long as it runs; "" where it does not say."""
    with contextlib.suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    return ""


def _state_and_birth(pid: int) -> tuple[str, str]:
    """Fields 3 and 22 of ``/proc/PID/stat`` (proc(5)), counted behind the name, or two blanks."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        fields = text.rpartition(")")[2].split()
        return fields[0], fields[19]
    except (OSError, IndexError):
        return "", ""
