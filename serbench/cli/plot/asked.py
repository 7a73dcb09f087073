"""The board that a figure is asked of: one, or an error that lists those that match."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from serbench.cli.meant import meant_of
from serbench.cli.options import one_of, read_from
from serbench.errors import UsageError

if TYPE_CHECKING:
    from serbench.board import Board
    from serbench.protocols import Selection
    from serbench.store import Store


@dataclass(frozen=True)
class Asked:
    """What the options of a figure say."""

    results: Path | None
    corpora: Sequence[str] = ()
    protocols: Sequence[str] = ()
    models: Sequence[str] = ()
    labels: Sequence[str] = ()
    selections: Sequence[str] = ()
    accesses: Sequence[str] = ()
    number: int | None = None
    reference: str = ""

    @property
    def store(self) -> Store:
        """The results folder.

        Raises
        ------
        UsageError
            If there is none.
        """
        from serbench.store import Store

        return Store(read_from(self.results))

    @property
    def named(self) -> str:
        """All that was asked for, in one line."""
        every = (self.corpora, self.protocols, self.models, self.labels, self.selections)
        return " ".join(name for names in (*every, self.accesses) for name in names)

    @property
    def meant(self) -> str:
        """Which name was most likely mistyped, as advice; "" if none."""
        return meant_of(
            self.store,
            corpora=self.corpora,
            protocols=self.protocols,
            models=self.models,
            labels=self.labels,
        )

    def boards(self) -> list[Board]:
        """Those that match; canaries stand on them.

        Raises
        ------
        UsageError
            If there is no results folder, or a name is none of what it can be.
        """
        from serbench.access import ACCESSES
        from serbench.boards import boards
        from serbench.folders import cache_folder
        from serbench.scorecache import ScoreCache

        for access in self.accesses:
            one_of("--target-access", access, ACCESSES)
        return boards(
            self.store,
            corpora=self.corpora,
            protocols=self.protocols,
            models=self.models,
            labels=self.labels,
            accesses=self.accesses,
            selections=rules(self.selections),
            cache=ScoreCache(cache_folder()),
            reference=self.reference,
        )

    def board(self, fits: Callable[[Board], bool], what: str) -> Board:
        """The one board that matches and that such a figure can be drawn of.

        Parameters
        ----------
        fits
            Whether it can be.
        what
            Which boards those are, in words.

        Raises
        ------
        UsageError
            If there is none, or more than one of which none was picked by its number.
        """
        every = self.boards()
        found = [board for board in every if fits(board)]
        if not found:
            there = (
                "; ".join(map(told, every)) if every else "serbench leaderboard, for what there is"
            )
            of = f" of {self.named}" if self.named else ""
            raise UsageError(
                f"no board{of} with {what}",
                expected=f"{what}; here: {there}",
                advice=self.meant,
            )
        if self.reference and not any(board.reference for board in found):
            names = {row.model for board in found for row in board.rows if row.competes}
            raise UsageError(
                f"--reference {self.reference}: not ranked on any of these boards",
                expected="one of " + ", ".join(sorted(names)),
            )
        if self.number is not None:
            if self.number > len(found):
                raise UsageError(f"--board {self.number}", expected=f"1 to {len(found)}")
            return found[self.number - 1]
        if len(found) > 1:
            raise UsageError(
                f"{len(found)} boards match",
                expected="one: " + "; ".join(f"{i} {told(b)}" for i, b in enumerate(found, 1)),
                advice="narrow it by --corpus, --protocol, --labels or --target-access, or take "
                "one by its number in this list: --board N",
            )
        return found[0]


def told(board: Board) -> str:
    """A board in a few words, none like another's."""
    access = "" if board.target_access == "none" else f", {board.target_access}"
    releases = " ".join(digest[:8] for digest in board.fingerprints.values())
    return f"{board.heading}{access} (release {releases}, folds {board.split[:8]})"


def rules(asked: Sequence[str]) -> tuple[Selection, ...]:
    """The rules of selection that are meant.

    Raises
    ------
    UsageError
        If one is none.
    """
    from serbench.protocols import RANKED, SELECTIONS

    for rule in asked:
        one_of("--selection", rule, ("all", *SELECTIONS))
    found = tuple(rule for rule in SELECTIONS if rule in asked or "all" in asked)
    return found if asked else RANKED
