"""The question that a row of a board answers, whichever model it is of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from serbench.canonical import canonical, digest

OWN = frozenset({"model", "recipes", "selection"})  # what rows of one board may differ in


def question(row: Mapping[str, Any]) -> str:
    """The key of a row's board: all that its trials have in common but the model."""
    return canonical(_asked(row))


def question_digest(row: Mapping[str, Any]) -> str:
    """SHA-256 of the same, for the name of a folder."""
    return digest(_asked(row))


def _asked(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in OWN}
