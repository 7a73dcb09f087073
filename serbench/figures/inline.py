"""The rows that a chart is drawn from, handed on as they are.

altair copies a chart, its data included, whenever it is laid over another or given a title, and
looks through every cell of it again each time: of a board's figures that was most of the time.
These rows are written once and then only read, so that copies of a chart may share them.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair as alt


def inline(rows: Iterable[Mapping[str, Any]]) -> alt.Data:
    """Data for a chart: rows of numbers, texts and None, which nobody changes afterwards."""
    return _shared()(list(rows))


@functools.cache
def _shared() -> type[alt.Data]:
    """The kind of such data: altair takes half a second to import, and not everybody draws."""
    import altair as alt

    class Shared(alt.Data):
        """Inline data that copies of a chart have in common."""

        def __init__(self, rows: list[Mapping[str, Any]]) -> None:
            super().__init__(values=rows)

        def __deepcopy__(self, memo: object = None) -> Shared:
            return self

        def copy(self, deep: object = True, ignore: object = None) -> Shared:
            return self

        def to_dict(self, *args: object, **kwargs: object) -> dict[str, Any]:
            return {"values": self._kwds["values"]}

    return Shared
