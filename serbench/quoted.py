"""What papers print of a board's question, as rows that stand below what was measured."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from serbench.literature import beside
from serbench.protocols import Selection
from serbench.published import Published

SCORES = ("ua", "wa", "macro_f1", "acc7", "acc2_non0", "f1_non0", "acc2_has0", "f1_has0", "mae")


@dataclass(frozen=True)
class Quoted:
    """One system of one table of a paper.

    Parameters
    ----------
    numbers
        By the score's name on boards.
    """

    method: str
    selection: Selection
    numbers: Mapping[str, Published]

    @property
    def first(self) -> Published:
        """Any of its numbers: what they have in common is taken from it."""
        return next(iter(self.numbers.values()))

    @property
    def source(self) -> str:
        """Where they are printed: "TIM-Net, authors' supplement, from their repository"."""
        return self.first.place

    @property
    def short(self) -> str:
        """The same in short: "TIM-Net, authors' supplement"."""
        return ", ".join(self.source.split(", ")[:2])

    @property
    def doubts(self) -> tuple[str, ...]:
        """What a reader should know of any of them, questions that counting raises included."""
        told = [doubt for one in self.numbers.values() for doubt in one.doubts]
        asked = [f"a question: {one.query}" for one in self.numbers.values() if one.query]
        return tuple(dict.fromkeys([*told, *asked]))

    def record(self, fields: Sequence[str]) -> dict[str, Any]:
        """A row's record: of these fields, those that a paper tells, and where it is from."""
        found = dict.fromkeys(fields)
        for name, one in self.numbers.items():
            at = f"{name}_fold" if one.aggregation == "fold_mean" else name
            found[at if at in found else name] = one.share
        model = self.first.model
        return {
            **found,
            "model": self.method,
            "variant": "",
            "settings": dict(self.first.settings or {}),
            "selection": self.selection,
            "ranked": False,
            "canary": False,
            "trust": "from-paper",
            "source": self.source,
            "aggregation": {name: one.aggregation for name, one in self.numbers.items()},
            "reimplemented_as": model or None,
            "doubts": list(self.doubts),
            "flags": [],
        }


def quoted(
    corpora: Sequence[str],
    labels: str,
    protocol: str,
    target_access: str,
    selections: Collection[Selection],
) -> tuple[Quoted, ...]:
    """Everything that papers print of a board's question, in the order of the literature's file.

    Raises
    ------
    SerbenchError
        If the file of published numbers is damaged.
    """
    found: dict[tuple[str, ...], dict[str, Published]] = {}
    for rule in selections:
        for one in beside(corpora, labels, protocol, rule, target_access=target_access):
            if one.metric in SCORES and one.share is not None:
                key = (one.method, rule, one.paper, one.table, one.source)
                found.setdefault(key, {}).setdefault(one.metric, one)
    return tuple(
        Quoted(method, rule, numbers)  # type: ignore[arg-type]  # one of the selections
        for (method, rule, *_), numbers in found.items()
    )
