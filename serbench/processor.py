"""What this machine's processor is called."""

from __future__ import annotations

import platform
from pathlib import Path


def processor() -> str:
    """As the system calls it: "AMD EPYC 7543 32-Core Processor"; at the least "x86_64"."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
