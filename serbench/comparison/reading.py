"""Comparisons from what a results folder holds, one for each board that two of the models share."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from serbench.board import Board
from serbench.boards import board_of, merged
from serbench.comparison.contender import Contender, Wanted, contender, named, seeds_of
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

Candidate = tuple[Sequence[Wanted], Held]  # a row, and the names that mean it
Side = tuple[Wanted, Held]


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
        given = f"{models[0]} {len(models)} times" if len(models) > 1 else "1 model"
        raise UsageError(f"{given} to compare", expected="two or more")
    if reference and reference not in models:
        raise UsageError(f"--reference {reference}", expected="one of " + ", ".join(models))
    found: dict[str, list[Candidate]] = defaultdict(list)
    there: set[str] = set()
    for plans in rows_of(
        store, corpora=corpora, protocols=protocols, labels=labels, accesses=accesses
    ):
        row, variant = plans[0].row, plans[0].notes.get("variant", {})
        model = row["model"]
        there.add(model["name"])
        if (row.get("selection") == "val") != (selection == "val"):
            continue
        meant = [one for one in wanted if one.means(model["name"], model["version"], variant)]
        if meant:
            found[question(row)].append((meant, hold(store, plans)))
    _check_known(wanted, there)
    shared = [(group, sides) for group in found.values() if len(sides := _sides(group, wanted)) > 1]
    if not shared:
        raise UsageError(
            f"no board has two of {', '.join(models)}",
            expected="; ".join(_where(found)) or "rows of these models",
            advice="boards differ by corpus release, label space, protocol, folds and access",
        )
    told = [_compared(store, *both, selection, reference) for both in shared]
    return sorted(told, key=lambda one: one.board.place)


def _sides(group: Sequence[Candidate], wanted: Sequence[Wanted]) -> list[Side]:
    """Which row of a board each of the models is; a row that two names mean is there once."""
    sides: dict[int, Side] = {}
    for one in wanted:
        rows = [held for meant, held in group if one in meant]
        rows = [held for held in rows if one.names_all(held.notes.get("variant", {}))] or rows
        rows = [held for held in rows if held.trials] or rows  # what was only planned is not meant
        if len(rows) > 1:
            names = {_name(group, one, held) for held in rows}
            raise UsageError(
                f"{one.model} has {len(rows)} rows on {_named(board_of(rows[0]))}",
                expected="one of "
                + ", ".join(sorted(name if "[" in name else f"{name}[]" for name in names)),
                advice="rows of one name differ in how their features are made: compare them from "
                "results folders of their own"
                if len(names) < len(rows)
                else "",
            )
        for held in rows:
            sides.setdefault(id(held), (one, held))
    return list(sides.values())


def _compared(
    store: Store,
    group: Sequence[Candidate],
    rows: Sequence[Side],
    selection: Selection,
    reference: str,
) -> Comparison:
    board = merged([board_of(held) for _, held in rows])
    sides = [
        (one, _contender(store, held, selection, _name(group, one, held))) for one, held in rows
    ]
    against = Wanted.of(reference) if reference else None
    present = [(whose, side) for whose, side in sides if not side.absent]
    both = [
        (one, other)
        for (whose, one), (theirs, other) in itertools.combinations(present, 2)
        if against is None or against in (whose, theirs)
    ]
    if against is not None:  # the reference is what is taken away
        both = [
            (side, base)
            for whose, side in present
            for theirs, base in present
            if theirs == against and whose != against
        ]
    known = None if board.speaker_independent is None else not board.speaker_independent
    same_speakers = known if len(board.corpora) == 1 else False
    pairs = [compare(one, other, same_speakers) for one, other in both]
    adjusted = holm([pair.duel.tested.p for pair in pairs])
    family = sum(not math.isnan(p) for p in adjusted)
    return Comparison(
        board=board,
        pairs=tuple(
            dataclasses.replace(pair, p_holm=p, family=family)
            for pair, p in zip(pairs, adjusted, strict=True)
        ),
        absent=tuple((side.name, side.absent) for _, side in sides if side.absent),
        reference=reference,
    )


def _contender(store: Store, held: Held, selection: Selection, name: str) -> Contender:
    gathered = score(store, held, selection)
    seeds = seeds_of(gathered.scores)
    said: Said = {place: one for place, one in held.said.items() if place[0] in seeds}
    try:
        picked = select(store, held.trials, said, held.task, selection)
        said = picked.get("", picked.get("ua", {}))
    except (NoStages, ModelError, StoreError):
        said = {}  # the scores say what is wrong
    return contender(gathered, said, name)


def _name(group: Sequence[Candidate], one: Wanted, held: Held) -> str:
    """What a row is called: with its version if that was asked for, or another row is called so."""
    alike = sum(named(held) == named(other) for _, other in group)
    return named(held, version=alike > 1 or "version" in (one.settings or {}))


def _check_known(wanted: Sequence[Wanted], there: Collection[str]) -> None:
    for one in wanted:
        if one.model not in there:
            close = nearest(one.model, there)
            raise UsageError(
                f"no results of the model {one.model!r}",
                expected="one of " + ", ".join(sorted(there)) if there else "a folder with results",
                advice=f"did you mean {close}?" if close else "",
            )


def _where(found: Mapping[str, Sequence[Candidate]]) -> list[str]:
    return sorted(
        f"{held.row['model']['name']} on {_named(board_of(held))}"
        for group in found.values()
        for _, held in group
    )


def _named(board: Board) -> str:
    releases = " ".join(digest[:8] for digest in board.fingerprints.values())
    space = "" if board.labels == "own" else f", {board.labels}"
    return f"{'+'.join(board.corpora)} under {board.protocol}{space} (release {releases})"
