"""A site from a results folder: boards and models by processes of their own, the rest here."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from serbench.background import background
from serbench.board import Board
from serbench.diagonal import diagonal
from serbench.errors import SerbenchError, StoreError
from serbench.features.crew import Lost, share_out
from serbench.figures.transfer import rows_of_pairs
from serbench.gathered import rows_of
from serbench.site import boardpage, modelpage
from serbench.site.atlas import Atlas, Sheet, board_key, plan_key, plans_of
from serbench.site.boardpage import write_board
from serbench.site.corpuspage import title, write_corpus
from serbench.site.folder import swapped_in
from serbench.site.ladders import climbs
from serbench.site.modelpage import Climbed, draw_ladders, write_model
from serbench.site.overview import write_overview
from serbench.site.protocolpage import write_protocol
from serbench.site.words import Words
from serbench.store import Plan, Store

if TYPE_CHECKING:
    from serbench.audit.verdict import Verdict

FEWEST = 5  # pieces of work that are worth another process, which takes two seconds to start
Work = boardpage.Work | modelpage.Work
Outcome = tuple[str, ...] | Climbed  # lines of what a board could not show; a model's ladders


@dataclass(frozen=True)
class Built:
    """What was written: how much of it, and what could not be shown."""

    boards: int
    models: int
    missed: tuple[str, ...]


def build(
    store: Store,
    boards: Sequence[Board],
    words: Words,
    folder: Path,
    *,
    cache: Path | None = None,
    workers: int | None = None,
    told: Callable[[int, int], None] = lambda done, total: None,
) -> Built:
    """Write the site of these boards.

    Parameters
    ----------
    store
        The results folder that they are of.
    folder
        Where the site is to be; what is there is replaced when all is written.
    cache
        Where figures are kept, and taken from if they were drawn before.
    workers
        Processes; None: as many as there are cores.
    told
        Is told how many pieces of work are done, and of how many.

    Raises
    ------
    StoreError
        If the folder cannot be written, or a process dies.
    """
    atlas = Atlas.of(boards, words)
    rows = list(rows_of(store))
    by_board: dict[str, list[list[Plan]]] = defaultdict(list)
    for plans in rows:
        by_board[plan_key(plans[0])].append(plans)
    shown = set(map(board_key, boards))
    climbing = climbs(plans for plans in rows if plan_key(plans[0]) in shown)
    with swapped_in(folder) as root:
        every: list[Work] = [
            boardpage.Work(
                sheet,
                tuple(tuple(map(tuple, own)) for own in plans_of(sheet.board, by_board)),
                words,
                store.root.absolute(),
                root,
                cache,
                tuple(diagonal(boards, sheet.board, row) for row in rows_of_pairs(sheet.board)),
            )
            for sheet in atlas.sheets
        ]
        every += [
            modelpage.Work(name, tuple(climbing[name]), store.root.absolute(), root, cache)
            for name in atlas.models
            if name in climbing
        ]
        outcomes = _done(every, workers, told)
        climbed = {
            work.name: outcome
            for work, outcome in zip(every, outcomes, strict=True)
            if isinstance(work, modelpage.Work) and isinstance(outcome, Climbed)
        }
        for name, entries in atlas.models.items():
            write_model(name, entries, climbed.get(name, Climbed()), words.masthead, root)
        verdicts = {sheet.slug: _verdict(store, sheet, by_board) for sheet in atlas.sheets}
        for name, sheets in atlas.corpora.items():
            write_corpus(name, sheets, words.masthead, root)
        for name, sheets in atlas.protocols.items():
            write_protocol(name, sheets, verdicts, words, root, cache)
        write_overview(atlas, {name: title(name) for name in atlas.corpora}, words, root)
    missed = [line for outcome in outcomes for line in _missed(outcome)]
    return Built(len(atlas.sheets), len(atlas.models), tuple(missed))


def _done(
    every: Sequence[Work], workers: int | None, told: Callable[[int, int], None]
) -> list[Outcome]:
    """Do all the work, and give what came of it, in its order."""
    found: dict[int, Outcome] = {}
    told(0, len(every))
    for place, outcome in _each(every, workers):
        found[place] = outcome
        told(len(found), len(every))
    return [found[place] for place in range(len(every))]


def _each(every: Sequence[Work], workers: int | None) -> Iterator[tuple[int, Outcome]]:
    count = min(workers or len(os.sched_getaffinity(0)), len(every))
    if count < 2 or (workers is None and len(every) < FEWEST):
        yield from ((place, do(work)) for place, work in enumerate(every))
        return
    preload = ["serbench.site.boardpage", "serbench.site.modelpage", "altair", "vl_convert"]
    with closing(share_out(list(enumerate(every)), _tried, count, preload)) as outcomes:
        for (place, _), outcome in outcomes:
            if isinstance(outcome, Refused):
                raise StoreError(outcome.found, expected=outcome.expected, advice=outcome.advice)
            if isinstance(outcome, Lost):
                raise StoreError(
                    f"a process that wrote pages died (exit status {outcome.exitcode}), perhaps "
                    "for want of memory",
                    advice="the same command with --workers 1; a site that was there is as it was",
                )
            yield place, outcome


@dataclass(frozen=True)
class Refused:
    """An error of another process, as data."""

    found: str
    expected: str
    advice: str


def _tried(numbered: tuple[int, Work]) -> Outcome | Refused:
    try:
        return do(numbered[1])
    except SerbenchError as error:
        return Refused(error.found, error.expected, error.advice)


def do(work: Work) -> Outcome:
    """Do one piece of work."""
    if isinstance(work, boardpage.Work):
        return tuple(write_board(work))
    return draw_ladders(work)


def _missed(outcome: Outcome) -> list[str]:
    """What could not be shown, a line each."""
    if isinstance(outcome, Climbed):
        return [f"the ladder of {line}" for line in outcome.missed]
    return list(outcome)


def _verdict(
    store: Store, sheet: Sheet, by_board: Mapping[str, Iterable[Sequence[Plan]]]
) -> Verdict | None:
    """The audit of a board's folds, where one is kept."""
    for plans in by_board.get(board_key(sheet.board), ()):
        found = background(store, plans[0].row)
        if found is not None:
            return found.verdict
    return None
