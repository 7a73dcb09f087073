"""Comparisons from what a results folder holds, one for each board that two of the models share."""

from __future__ import annotations

import dataclasses
import itertools
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from serbench.board import Board
from serbench.boards import board_of
from serbench.comparison.contender import Contender, Wanted, contender
from serbench.comparison.pair import Pair, compare
from serbench.errors import ModelError, StoreError, UsageError
from serbench.gathered import hold, rows_of, score
from serbench.held import Held
from serbench.protocols import Selection
from serbench.question import question
from serbench.registry import nearest
from serbench.selection import NoStages
from serbench.staged import Said, select
from serbench.stats.family import holm
from serbench.store import Store


@dataclass(frozen=True)
class Comparison:
    """All pairs that were asked for on one board.

    Parameters
    ----------
    board
        The question, without rows.
    absent
        Models that are on the board and cannot be compared, and why.
    reference
        The model that all others are held against; "": every pair is compared.
    """

    board: Board
    pairs: tuple[Pair, ...]
    absent: tuple[tuple[str, str], ...]
    reference: str


def comparisons(
    store: Store,
    models: Sequence[str],
    *,
    corpora: Collection[str] = (),
    protocols: Collection[str] = (),
    labels: Collection[str] = (),
    accesses: Collection[str] = (),
    selection: Selection = "last",
    reference: str = "",
) -> list[Comparison]:
    """Compare models wherever two of them stand on one board.

    Parameters
    ----------
    models
        Names as :meth:`serbench.comparison.contender.Wanted.of` reads them, two or more.
    corpora, protocols, labels, accesses
        Only boards of these; empty: all.
    selection
        The epochs that are scored.
    reference
        One of the models: the others are compared with it alone, and the family is of these.

    Raises
    ------
    UsageError
        If a name is not in the folder, names several rows of one board, or no two of the models
        share a board.
    """
    wanted = [Wanted.of(name) for name in dict.fromkeys(models)]
    if len(wanted) < 2:
        raise UsageError(f"{len(wanted)} model to compare", expected="two or more")
    if reference and reference not in models:
        raise UsageError(f"--reference {reference}", expected="one of " + ", ".join(models))
    found: dict[str, list[tuple[Wanted, Held]]] = defaultdict(list)
    there: set[str] = set()
    for plans in rows_of(
        store, corpora=corpora, protocols=protocols, labels=labels, accesses=accesses
    ):
        row, variant = plans[0].row, plans[0].notes.get("variant", {})
        there.add(row["model"]["name"])
        if (row.get("selection") == "val") != (selection == "val"):
            continue
        for one in wanted:
            if one.means(row["model"]["name"], variant):
                found[question(row)].append((one, hold(store, plans)))
    _check_known(wanted, there)
    shared = {
        key: group for key, group in found.items() if len({id(one) for one, _ in group}) > 1
    }  # fmt: skip
    if not shared:
        raise UsageError(
            f"no board has two of {', '.join(models)}",
            expected="; ".join(_where(found)) or "rows of these models",
            advice="boards differ by corpus release, label space, protocol, folds and access",
        )
    told = [
        _compared(store, group, wanted, selection, reference) for group in shared.values()
    ]  # fmt: skip
    return sorted(told, key=lambda one: one.board.place)


def _compared(
    store: Store,
    group: Sequence[tuple[Wanted, Held]],
    wanted: Sequence[Wanted],
    selection: Selection,
    reference: str,
) -> Comparison:
    sides: list[tuple[Wanted, Contender]] = []
    for one in wanted:
        rows = [held for whose, held in group if whose is one]
        each = [_contender(store, held, selection) for held in rows]
        if len(each) > 1:
            raise UsageError(
                f"{one.model} has {len(each)} rows on {_named(board_of(rows[0]))}",
                expected="one of " + ", ".join(sorted(side.name or "" for side in each)),
                advice=f"{one.model}[] is the one with its defaults",
            )
        sides += [(one, side) for side in each]
    against = Wanted.of(reference) if reference else None
    present = [(whose, side) for whose, side in sides if not side.absent]
    pairs = [
        compare(one, other)
        for (whose, one), (theirs, other) in itertools.combinations(present, 2)
        if against is None or against in (whose, theirs)
    ]
    if against is not None:  # the reference is what is taken away
        pairs = [
            compare(side, base)
            for whose, side in present
            for theirs, base in present
            if theirs == against and whose != against
        ]
    adjusted = holm([pair.duel.tested.p for pair in pairs])
    return Comparison(
        board=board_of(group[0][1]),
        pairs=tuple(
            dataclasses.replace(pair, p_holm=p) for pair, p in zip(pairs, adjusted, strict=True)
        ),
        absent=tuple((side.name, side.absent) for _, side in sides if side.absent),
        reference=reference,
    )


def _contender(store: Store, held: Held, selection: Selection) -> Contender:
    gathered = score(store, held, selection)
    said: Said = {}
    try:
        picked = select(store, held.trials, held.said, held.task, selection)
        said = picked.get("", picked.get("ua", {}))
    except (NoStages, ModelError, StoreError):
        pass  # the scores say what is wrong
    return contender(gathered, said)


def _check_known(wanted: Sequence[Wanted], there: Collection[str]) -> None:
    for one in wanted:
        if one.model not in there:
            close = nearest(one.model, there)
            raise UsageError(
                f"no results of the model {one.model!r}",
                expected="one of " + ", ".join(sorted(there)) if there else "a folder with results",
                advice=f"did you mean {close}?" if close else "",
            )


def _where(found: dict[str, list[tuple[Wanted, Held]]]) -> list[str]:
    return sorted(
        f"{one.model} on {_named(board_of(held))}"
        for group in found.values()
        for one, held in group
    )


def _named(board: Board) -> str:
    releases = " ".join(digest[:8] for digest in board.fingerprints.values())
    space = "" if board.labels == "own" else f", {board.labels}"
    return f"{'+'.join(board.corpora)} under {board.protocol}{space} (release {releases})"
