"""What a table of a paper looks like: its parts, columns and rows, in its order.

The numbers themselves stand in ``results/literature.csv``, under the paper, the table, the row's
method, the corpora and the metric; what is described here is only how they are laid out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from serbench.errors import BrokenPlugin
from serbench.published import Published


@dataclass(frozen=True)
class Column:
    """A column of numbers.

    Parameters
    ----------
    heading
        As the paper has it: "UAR".
    metric
        As in :class:`serbench.published.Published`: "ua".
    corpora
        Where the columns of one part are of several; else the part's.
    also
        Other metrics that the paper prints in this column, in other rows.
    """

    heading: str
    metric: str
    corpora: str = ""
    also: Sequence[str] = ()

    @property
    def metrics(self) -> tuple[str, ...]:
        """All that stand in it."""
        return (self.metric, *self.also)


@dataclass(frozen=True)
class Part:
    """A table, or the part of it that stands under one heading.

    Parameters
    ----------
    title
        "CASIA"; "" where the table has one part.
    columns
        From left to right.
    corpora
        What the numbers are of, as in :class:`serbench.published.Published`.
    table
        The table's own number, "1" or "III", where it is not the whole's: a part may come from the
        paper's supplement.
    years
        Whether the paper prints each method's year.
    mean_of
        The table of the single corpora whose mean this part prints, by the same models.
    tests
        Of rows that test two methods against each other: the row's name to the two methods, whose
        scores stand in ``tests_of``.
    """

    title: str
    columns: Sequence[Column]
    corpora: str = ""
    table: str = ""
    years: bool = False
    mean_of: str = ""
    tests: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    tests_of: str = ""


@dataclass(frozen=True)
class PaperTable:
    """A table of a paper.

    Parameters
    ----------
    name
        What it is asked for by: "timnet-table1".
    paper, table
        As in :class:`serbench.published.Published`: "TIM-Net", "1".
    title
        What it shows, in a line.
    citation
        Who printed it, where and when.
    parts
        In the paper's order.
    note
        What a reader must know of all of it.
    """

    name: str
    paper: str
    table: str
    title: str
    citation: str
    parts: Sequence[Part]
    note: str = ""


@dataclass(frozen=True)
class Line:
    """A row of a part: its method, and a number for each column, None where there is none."""

    method: str
    year: str
    numbers: tuple[Published | None, ...]


def lines(table: PaperTable, part: Part, numbers: Sequence[Published]) -> tuple[Line, ...]:
    """The rows of a part, in the order in which the paper prints them.

    Parameters
    ----------
    numbers
        All published ones (:func:`serbench.literature.literature`).

    Raises
    ------
    BrokenPlugin
        If a column has no number at all.
    """
    own = [one for one in numbers if (one.paper, one.table) == (table.paper, _number(table, part))]
    found = [_of(own, part, column) for column in part.columns]
    for column, numbers_of in zip(part.columns, found, strict=True):
        if not numbers_of:
            raise BrokenPlugin(
                f"{table.name} has a column {column.heading} of {column.corpora or part.corpora}, "
                f"and {table.paper}'s table {_number(table, part)} has no such number",
                expected="columns whose numbers stand in results/literature.csv",
            )
    shown = {id(one) for column in found for one in column.values()}
    methods = dict.fromkeys(one.method for one in own if id(one) in shown)
    years = {one.method: one.year for one in reversed(own)}
    return tuple(
        Line(
            method,
            years[method] if part.years else "",
            tuple(column.get(method) for column in found),
        )
        for method in methods
    )


def _of(own: Sequence[Published], part: Part, column: Column) -> dict[str, Published]:
    """The numbers of a column by method."""
    place = column.corpora or part.corpora
    return {
        one.method: one
        for one in reversed(own)
        if one.corpora == place and one.metric in column.metrics
    }


def behind(
    table: PaperTable, part: Part, one: Published, numbers: Sequence[Published]
) -> tuple[Published, ...]:
    """The numbers of single corpora whose mean a number is; the number itself, if it is none."""
    if not part.mean_of:
        return (one,)
    return tuple(
        each
        for each in numbers
        if (each.paper, each.table) == (table.paper, part.mean_of)
        and (each.model, each.metric) == (one.model, one.metric)
    )


def pair_of(
    table: PaperTable, part: Part, one: Published, numbers: Sequence[Published]
) -> tuple[Published, Published] | None:
    """The accuracies of the two methods that a p value is of; None of another number."""
    names = part.tests.get(one.method)
    if names is None:
        return None
    found = {
        each.method: each
        for each in numbers
        if (each.paper, each.table) == (table.paper, part.tests_of)
        and (each.corpora, each.metric) == (one.corpora, "wa")
    }
    return found[names[0]], found[names[1]]


def _number(table: PaperTable, part: Part) -> str:
    return part.table or table.table
