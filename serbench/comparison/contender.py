"""One side of a comparison: a row of a board that was asked for by name."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from serbench.canonical import canonical
from serbench.cells import CellScores
from serbench.comparison.numbers import counted
from serbench.errors import UsageError
from serbench.held import Found, Gathered
from serbench.rows import Row, row_of
from serbench.staged import Said, Scores

NAMED = re.compile(r"^(?P<model>[^\[\]]+?)\s*(?:\[(?P<settings>[^\[\]]*)\])?$")


@dataclass(frozen=True)
class Wanted:
    """What was asked for: a model, and what tells its rows apart.

    Parameters
    ----------
    settings
        Some of those that differ from the model's defaults. None: any row of the model. Empty: the
        row without such settings. "version" is the model's own, unless it has a setting so called.
    """

    model: str
    settings: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, text: str) -> Wanted:
        """Read "timnet", "timnet[epochs=30]", "timnet[version=2]", or "timnet[]": its defaults.

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

    def means(self, model: str, version: str, variant: Mapping[str, Any]) -> bool:
        """Whether a row of these settings, those that differ from the defaults, is asked for."""
        if self.model != model or self.settings is None:
            return self.model == model
        if not self.settings:
            return not variant
        theirs = {"version": version, **variant}
        return all(
            name in theirs and _same(theirs[name], value) for name, value in self.settings.items()
        )

    def names_all(self, variant: Mapping[str, Any]) -> bool:
        """Whether each of these settings was named, so that no other row is meant as well."""
        if self.settings is None:
            return False
        return set(self.settings) - {"version"} == set(variant) - {"version"}


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
        What was said of each test set, at the epoch that is scored, in the seeds that have all
        their folds.
    absent
        Why it cannot be compared; "" if it can.
    seeds
        Those that its scores are of.
    steady
        Whether it has no chance in it: every seed would give the same answer.
    remarks
        What must be known of how its scores came about, in words.
    """

    name: str
    model: str
    scores: Scores | None
    absent: str
    said: Said = field(default_factory=dict, repr=False)
    seeds: tuple[int, ...] = ()
    steady: bool = False
    remarks: tuple[str, ...] = ()


def contender(gathered: Gathered, said: Said, name: str) -> Contender:
    """A row with its scores, as one side of comparisons."""
    row = row_of(gathered)
    return Contender(
        name,
        row.model,
        gathered.scores,
        _absent(gathered),
        said,
        seeds_of(gathered.scores),
        row.deterministic,
        tuple(_remarks(row)),
    )


def named(held: Found, *, version: bool = False) -> str:
    """A row's model with the settings that differ from its defaults, and with its version."""
    model = held.row["model"]
    parts = held.variant.split() + [f"version={model['version']}"] * version
    return f"{model['name']}[{', '.join(parts)}]" if parts else str(model["name"])


def seeds_of(scores: Scores | None) -> tuple[int, ...]:
    """The seeds that have all their folds, which scores are of."""
    if scores is None:
        return ()
    if isinstance(scores, CellScores):
        return scores.cells[0].scores.evidence.seeds
    return scores.evidence.seeds


def _remarks(row: Row) -> Iterator[str]:
    unranked = f"boards, which ask for {row.seeds_wanted}, leave it unranked"
    if row.n_seeds == 1 and not row.deterministic:
        yield "one seed, whose chance the p does not hold" + (f"; {unranked}" * row.few_seeds)
    elif row.few_seeds:
        yield f"{row.n_seeds} seeds; {unranked}"
    if row.chance:
        verb = "is" if row.chance == 1 else "are"
        yield f"{counted(row.chance, 'failed trials')} {verb} scored as chance"


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


def _same(there: Any, value: Any) -> bool:
    """Whether a setting has the value that was typed, which a version is as text."""
    text = there if isinstance(there, str) else canonical(there)
    return text == (value if isinstance(value, str) else canonical(value))


def _setting(part: str) -> tuple[str, Any]:
    name, _, value = (each.strip() for each in part.partition("="))
    if name == "version":  # 1.10 is no number
        return name, value
    try:
        return name, json.loads(value, parse_constant=str)  # JSON has no NaN
    except ValueError:
        return name, value
