"""The GPUs that this process sees, and whether they still answer."""

from __future__ import annotations

import torch


def gpus() -> list[str]:
    """What tells each visible GPU from every other in the world, in the order of ``cuda:0``...

    Two processes that see one GPU, under whatever number, give it the same name.
    """
    if not torch.cuda.is_available():
        return []
    count = torch.cuda.device_count()
    return [str(torch.cuda.get_device_properties(i).uuid) for i in range(count)]


def answers(device: str) -> bool:
    """Whether a device does what it is told; the memory may be full.

    A GPU that has fallen off its bus, or a process whose CUDA context is broken, fails whatever
    comes next: no trial is to blame for that.
    """
    if not device.startswith("cuda"):
        return True
    try:
        torch.ones(1, device=device).sum().item()
    except torch.cuda.OutOfMemoryError:
        return True
    except RuntimeError:
        return False
    return True
