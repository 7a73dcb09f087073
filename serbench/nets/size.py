"""How many weights a module trains."""

from __future__ import annotations

from torch import nn


def size_of(module: nn.Module) -> int:
    """Trained weights of a module, without those of parts that only the loss looks at."""
    loss = {
        weight
        for part in module.modules()
        if getattr(part, "of_the_loss", False)
        for weight in part.parameters()
    }
    return sum(w.numel() for w in module.parameters() if w.requires_grad and w not in loss)
