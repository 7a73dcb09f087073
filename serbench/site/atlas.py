"""Which page is where: every board, row, model, corpus and protocol, and how to get there.

Addresses are relative to the site's root; a page below it goes up first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from serbench.board import Board
from serbench.canonical import canonical
from serbench.rows import Row
from serbench.site.names import board_slugs, row_slugs, slug
from serbench.site.words import Said, Words
from serbench.store import Plan


@dataclass(frozen=True)
class Sheet:
    """A board with its addresses, and what is said of it."""

    board: Board
    said: Said
    slug: str
    rows: tuple[str, ...]  # the pages of its rows, in their order; "" of a canary

    @property
    def href(self) -> str:
        return f"boards/{self.slug}.html"

    def row_href(self, place: int) -> str:
        """The page of a row's trials."""
        return f"boards/{self.slug}/{self.rows[place]}.html"


@dataclass(frozen=True)
class Entry:
    """A model's row on a board."""

    sheet: Sheet
    place: int

    @property
    def row(self) -> Row:
        return self.sheet.board.rows[self.place]

    @property
    def href(self) -> str:
        return self.sheet.row_href(self.place)


@dataclass(frozen=True)
class Atlas:
    """All pages of a site."""

    sheets: tuple[Sheet, ...]

    @classmethod
    def of(cls, boards: Sequence[Board], words: Words) -> Atlas:
        """The addresses of these boards."""
        sheets = []
        told = zip(boards, words.boards, board_slugs(boards), strict=True)
        for board, said, name in told:
            slugs = iter(row_slugs([row for row in board.rows if not row.canary]))
            rows = tuple("" if row.canary else next(slugs) for row in board.rows)
            sheets.append(Sheet(board, said, name, rows))
        return cls(tuple(sheets))

    @cached_property
    def models(self) -> Mapping[str, tuple[Entry, ...]]:
        """The rows of each model, by its name."""
        found: dict[str, list[Entry]] = defaultdict(list)
        for sheet in self.sheets:
            for place, row in enumerate(sheet.board.rows):
                if not row.canary:
                    found[row.model].append(Entry(sheet, place))
        return {name: tuple(found[name]) for name in sorted(found)}

    @cached_property
    def corpora(self) -> Mapping[str, tuple[Sheet, ...]]:
        """The boards of each corpus."""
        found: dict[str, list[Sheet]] = defaultdict(list)
        for sheet in self.sheets:
            for name in sheet.board.corpora:
                found[name].append(sheet)
        return {name: tuple(found[name]) for name in sorted(found)}

    @cached_property
    def protocols(self) -> Mapping[str, tuple[Sheet, ...]]:
        """The boards of each protocol."""
        found: dict[str, list[Sheet]] = defaultdict(list)
        for sheet in self.sheets:
            found[sheet.board.protocol].append(sheet)
        return {name: tuple(found[name]) for name in sorted(found)}


def model_href(name: str) -> str:
    return f"models/{slug(name)}.html"


def corpus_href(name: str) -> str:
    return f"corpora/{slug(name)}.html"


def protocol_href(name: str) -> str:
    return f"protocols/{slug(name)}.html"


def plans_of(board: Board, plans: Mapping[str, Sequence[Sequence[Plan]]]) -> list[list[list[Plan]]]:
    """The plans behind each row of a board; none behind a canary.

    Parameters
    ----------
    plans
        The plans of every row of the results folder, by :func:`of_board`.
    """
    found: dict[str, list[list[Plan]]] = defaultdict(list)
    for row in plans.get(board_key(board), ()):
        found[_key(row[0].row["model"], row[0].row.get("selection") == "val")].append(list(row))
    return [[] if row.canary else found[_row_key(row)] for row in board.rows]


def board_key(board: Board) -> str:
    """What a board and the rows of its trials have in common."""
    return canonical([
        list(board.corpora), dict(board.fingerprints), board.labels, board.protocol,
        board.target_access, board.split, board.task.record(),
    ])  # fmt: skip


def plan_key(plan: Plan) -> str:
    """The same of a plan."""
    row = plan.row
    protocol = row["protocol"]
    return canonical([
        list(protocol["corpora"]), dict(row["corpora"]), row["labels"]["name"], protocol["name"],
        protocol.get("target_access", "none"), row["split"], row["task"],
    ])  # fmt: skip


def _row_key(row: Row) -> str:
    model = {"name": row.model, "version": row.version, "settings": row.settings}
    return _key(model, row.selection == "val")


def _key(model: Mapping[str, object], val: bool) -> str:
    return canonical([dict(model), val])
