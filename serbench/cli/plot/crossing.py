"""One model from corpus to corpus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from serbench.cli.options import Results
from serbench.cli.plot.asked import Asked
from serbench.cli.plot.drawn import Target
from serbench.cli.plot.options import (
    Accesses,
    Corpora,
    Data,
    Figure,
    Labels,
    Models,
    NoTitle,
    Number,
    Protocols,
    Selections,
    Width,
)
from serbench.errors import UsageError

if TYPE_CHECKING:
    from serbench.board import Board
    from serbench.rows import Row

EXAMPLES = """
[bold]Examples[/bold]

serbench plot heatmap --model timnet --protocol cross-corpus -o pairs.pdf

serbench plot heatmap --model dann --target-access unlabelled --data pairs.csv -o pairs.svg
"""


def heatmap(
    figure: Figure,
    corpus: Corpora = [],  # noqa: B006
    protocol: Protocols = [],  # noqa: B006
    model: Models = [],  # noqa: B006
    labels: Labels = [],  # noqa: B006
    selection: Selections = [],  # noqa: B006
    target_access: Accesses = [],  # noqa: B006
    settings: Annotated[
        str | None,
        typer.Option(
            help='The settings that differ from the defaults, as boards show them: "epochs=30". '
            "Default: any."
        ),
    ] = None,
    board: Number = None,
    data: Data = None,
    no_title: NoTitle = False,
    width: Width = "",
    results: Results = None,
) -> None:
    """One model trained on each corpus and tested on each other one, with means.

    On the diagonal stands the same model within one corpus, one speaker out, where the results
    folder holds that of the same label space, classes and releases.
    """
    from serbench.boards import boards
    from serbench.diagonal import WITHIN, diagonal
    from serbench.figures import transfer as drawn
    from serbench.figures.forest import named
    from serbench.folders import cache_folder
    from serbench.scorecache import ScoreCache

    target = Target(figure, data, not no_title, width)
    target.check()
    asked = Asked(results, corpus, protocol, model, labels, selection, target_access, board)
    found = asked.board(
        lambda one: bool(drawn.rows_of_pairs(one)), "a whole model of pairs of corpora"
    )
    row = _row(found, settings)
    inside = boards(
        asked.store, corpora=found.corpora, protocols=[WITHIN], models=[row.model],
        labels=[found.labels], selections=[row.selection], canaries=False,
        cache=ScoreCache(cache_folder()),
    )  # fmt: skip
    within = diagonal(inside, found, row)
    seeds = f"{row.n_seeds} seed{'s' * (row.n_seeds != 1)}"
    classes = len(row.scores.classes)  # type: ignore[union-attr]  # it has pairs of corpora
    target.write(
        lambda room: drawn.draw(found, row, within, room),
        drawn.FITS,
        drawn.described(found, row, within),
        drawn.data(found, row, within),
        title=f"{named(row)}, {found.heading}",
        below=[f"{classes} classes (chance UA {100 / classes:.1f}), {seeds}"],
        caption=drawn.NOTE,
    )


def _row(board: Board, settings: str | None) -> Row:
    """The one row that is meant, or an error that lists them."""
    from serbench.figures.transfer import rows_of_pairs

    every = rows_of_pairs(board)
    found = [row for row in every if settings in (None, row.variant)]
    if len(found) == 1:
        return found[0]
    listed = "; ".join(
        f"{row.model} {row.variant or '(defaults)'} {row.selection}" for row in every
    )
    given = "" if settings is None else f" with --settings {settings!r}"
    raise UsageError(
        f"{len(found)} rows match{given}",
        expected=f"one of {listed}",
        advice='narrow it by --model, --selection or --settings (of the defaults: --settings "")',
    )
