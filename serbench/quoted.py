"""What papers print of a board's question, as rows that stand below what was measured."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from serbench.literature import beside
from serbench.protocols import Selection
from serbench.published import AGGREGATION_UNSAID, Published
from serbench.unlike import Ground, other_rule, unlike

SCORES = ("ua", "wa", "macro_f1", "acc7", "acc2_non0", "f1_non0", "acc2_has0", "f1_has0", "mae")


@dataclass(frozen=True)
class Quoted:
    """One system of one table of a paper.

    Parameters
    ----------
    selection
        Of the rows that it stands with: the last epoch's, where its paper does not say which it is.
    numbers
        By the score's name on boards.
    unlike
        What of the board is not as in the papers, a clause each.
    """

    method: str
    selection: Selection
    numbers: Mapping[str, Published]
    unlike: tuple[str, ...] = ()

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
    def told(self) -> tuple[str, ...]:
        """What a reader should know of any of them."""
        every = self.numbers.values()
        unsaid = [AGGREGATION_UNSAID for one in every if one.aggregation == "unknown"]
        return tuple(dict.fromkeys([*(doubt for one in every for doubt in one.doubts), *unsaid]))

    @property
    def doubts(self) -> tuple[str, ...]:
        """The same, with the questions that counting raises."""
        asked = [f"a question: {one.query}" for one in self.numbers.values() if one.query]
        return (*self.told, *dict.fromkeys(asked))

    def record(self, fields: Sequence[str]) -> dict[str, Any]:
        """A row's record: of these fields, those that a paper tells, and where it is from.

        ``selection`` is None where the paper does not say which epoch it scored.
        """
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
            "selection": self.first.selection or None,
            "ranked": False,
            "canary": False,
            "trust": "from-paper",
            "source": self.source,
            "aggregation": {name: one.aggregation for name, one in self.numbers.items()},
            "reimplemented_as": model or None,
            "doubts": list(self.doubts),
            "unlike": list(self.unlike),
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


def standing(
    ground: Ground, target_access: str, selections: Collection[Selection]
) -> tuple[tuple[Quoted, ...], str]:
    """What stands below a board, and otherwise why what papers print of its question does not.

    Numbers of other folds than the board's, by their rule or how many they are, are those of
    another protocol, and do not stand there. Those of another draw by the same rule, of another
    release or of the whole of a corpus do, and each says what of the board is not as in the paper.

    Raises
    ------
    SerbenchError
        If the file of published numbers is damaged.
    """
    asked = ground.corpora, ground.labels, ground.protocol["name"], target_access
    found = quoted(*asked, selections)
    if not found:
        return (), ""
    if rule := other_rule(ground):
        return (), f"no number that papers print stands here: {rule}"
    off = unlike(ground)
    return tuple(replace(one, unlike=off) for one in found), ""
