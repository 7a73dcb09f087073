"""serbench: cross-corpus speech emotion recognition, measured so that a reviewer believes it.

``serbench.load("emodb")`` gives a normalised corpus as a Hugging Face ``datasets.Dataset``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from serbench.normalised import load

__all__ = ["load"]


def __getattr__(name: str) -> Any:
    if name == "load":  # datasets takes 1.3 s to import: only who asks for it pays
        from serbench.normalised import load

        return load
    raise AttributeError(f"module 'serbench' has no attribute {name!r}")
