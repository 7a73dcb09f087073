"""One side of a comparison: a row of a board that was asked for by name."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from serbench.canonical import canonical
from serbench.errors import UsageError
from serbench.held import Gathered
from serbench.staged import Said, Scores

NAMED = re.compile(r"^(?P<model>[^\[\]]+?)\s*(?:\[(?P<settings>[^\[\]]*)\])?$")


@dataclass(frozen=True)
class Wanted:
    """What was asked for: a model, and settings that tell its rows apart.

    Parameters
    ----------
    settings
        Some of those that differ from the model's defaults. None: any row of the model. Empty: the
        row without such settings.
    """

    model: str
    settings: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, text: str) -> Wanted:
        """Read "timnet", "timnet[epochs=30]", or "timnet[]" for the one with its defaults.

        Raises
        ------
        UsageError
            If it is none of these.
        """
        found = NAMED.match(text.strip())
        if found is None:
            raise UsageError(f"the model {text!r}", expected="a name, or name[setting=value,...]")
        inside = found["settings"]
        if inside is None:
            return cls(found["model"])
        parts = [part.strip() for part in re.split(r"[,\s]+", inside) if part.strip()]
        if not all("=" in part for part in parts):
            raise UsageError(f"the settings in {text!r}", expected="name[setting=value,...]")
        return cls(found["model"], dict(map(_setting, parts)))

    def means(self, model: str, variant: Mapping[str, Any]) -> bool:
        """Whether a row of these settings, those that differ from the defaults, is asked for."""
        if self.model != model or self.settings is None:
            return self.model == model
        if not self.settings:
            return not variant
        same = (canonical(variant.get(name)) == canonical(v) for name, v in self.settings.items())
        return all(name in variant for name in self.settings) and all(same)


@dataclass(frozen=True)
class Contender:
    """A row that takes part.

    Parameters
    ----------
    name
        The model with its settings.
    scores
        None if it has none; ``absent`` then says why.
    said
        What was said of each test set, at the epoch that is scored.
    absent
        Why it cannot be compared; "" if it can.
    """

    name: str
    model: str
    scores: Scores | None
    absent: str
    said: Said = field(default_factory=dict, repr=False)


def contender(gathered: Gathered, said: Said) -> Contender:
    """A row with its scores, as one side of comparisons."""
    held = gathered.held
    variant = f"[{', '.join(held.variant.split())}]" if held.variant else ""
    model = held.row["model"]["name"]
    return Contender(
        f"{model}{variant}", model, gathered.scores, _absent(gathered), said
    )  # fmt: skip


def _absent(gathered: Gathered) -> str:
    held = gathered.held
    if held.broken:
        rules = ", ".join(held.broken)
        return f"it broke {rules}, and no board ranks it"
    if gathered.stages_missing:
        return "its epochs were not kept"
    if gathered.scores is None:
        failed = f", {held.trials_failed} failed" if held.trials_failed else ""
        damaged = f", {held.trials_damaged} damaged" if held.trials_damaged else ""
        return f"{held.trials_done} of {held.trials_planned} trials are finished{failed}{damaged}"
    if math.isnan(gathered.scores.headline.estimate):
        return "its score is undefined: a class has no test utterance"
    return ""


def _setting(part: str) -> tuple[str, Any]:
    name, _, value = part.partition("=")
    try:
        return name.strip(), json.loads(value)
    except ValueError:
        return name.strip(), value
