"""How the models of one board stand: scores, differences, speakers, ranks, confusions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from serbench.cli.options import Results
from serbench.cli.plot.asked import Asked
from serbench.cli.plot.drawn import Target, sentence
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

if TYPE_CHECKING:
    from serbench.board import Board

FOREST = """
[bold]Examples[/bold]

serbench plot forest --corpus emodb --protocol loso -o forest.svg

serbench plot forest --corpus emodb --protocol loso --width column --no-title -o forest.pdf
"""
DIFFERENCES = """
[bold]Examples[/bold]

serbench plot differences --corpus emodb --protocol loso -o less-best.svg

serbench plot differences --corpus emodb --protocol loso --reference svm -o less-svm.pdf
"""
STRIP = """
[bold]Examples[/bold]

serbench plot strip --corpus emodb --protocol loso -o speakers.svg

serbench plot strip --corpus savee --protocol loso --data speakers.csv -o speakers.pdf --no-title
"""
STABILITY = """
[bold]Examples[/bold]

serbench plot stability --corpus emodb --protocol loso -o ranks.svg

serbench plot stability --corpus emodb --protocol loso --width text -o ranks.pdf
"""
CONFUSION = """
[bold]Examples[/bold]

serbench plot confusion --corpus emodb --protocol loso --model timnet -o confusion.svg

serbench plot confusion --corpus emodb --protocol loso --width column -o confusion.pdf
"""
MOST_MATRICES = 12  # more is a figure that nobody reads


def forest(
    figure: Figure,
    corpus: Corpora = [],  # noqa: B006
    protocol: Protocols = [],  # noqa: B006
    model: Models = [],  # noqa: B006
    labels: Labels = [],  # noqa: B006
    selection: Selections = [],  # noqa: B006
    target_access: Accesses = [],  # noqa: B006
    board: Number = None,
    data: Data = None,
    no_title: NoTitle = False,
    width: Width = "",
    results: Results = None,
) -> None:
    """Every model's score with its 95% interval, canaries among them, and chance."""
    from serbench.figures import forest as drawn
    from serbench.figures.forest import records

    target = _target(figure, data, no_title, width)
    asked = Asked(results, corpus, protocol, model, labels, selection, target_access, board)
    found = asked.board(lambda one: any(True for _ in records(one)), "a score")
    told = [{key: row[key] for key in ("name", "kind", "score", "low", "high")}
            for row in records(found)]  # fmt: skip
    _write(target, found, drawn, told, drawn.NOTE)


def differences(
    figure: Figure,
    corpus: Corpora = [],  # noqa: B006
    protocol: Protocols = [],  # noqa: B006
    model: Models = [],  # noqa: B006
    labels: Labels = [],  # noqa: B006
    selection: Selections = [],  # noqa: B006
    target_access: Accesses = [],  # noqa: B006
    reference: Annotated[
        str, typer.Option(help="The model that the others are held against. Default: the best.")
    ] = "",
    board: Number = None,
    data: Data = None,
    no_title: NoTitle = False,
    width: Width = "",
    results: Results = None,
) -> None:
    """Each model less a reference, with the interval of the difference, p and letters."""
    from serbench.cli.legend import compared
    from serbench.figures import differences as drawn

    target = _target(figure, data, no_title, width)
    asked = Asked(
        results, corpus, protocol, model, labels, selection, target_access, board, reference
    )
    found = asked.board(lambda one: len(drawn.data(one)) > 1, "two ranked models or more")
    note = " ".join([drawn.NOTE, *map(sentence, compared(found))])
    _write(target, found, drawn, drawn.data(found), note)


def strip(
    figure: Figure,
    corpus: Corpora = [],  # noqa: B006
    protocol: Protocols = [],  # noqa: B006
    model: Models = [],  # noqa: B006
    labels: Labels = [],  # noqa: B006
    selection: Selections = [],  # noqa: B006
    target_access: Accesses = [],  # noqa: B006
    board: Number = None,
    data: Data = None,
    no_title: NoTitle = False,
    width: Width = "",
    results: Results = None,
) -> None:
    """The score of every speaker under every model, a speaker's dots joined by lines."""
    from serbench.figures import speakers as drawn

    target = _target(figure, data, no_title, width)
    asked = Asked(results, corpus, protocol, model, labels, selection, target_access, board)
    found = asked.board(lambda one: bool(drawn.shown(one)), "a ranked model on a single corpus")
    many = len(drawn.shown(found)[0][1].speakers) > drawn.MOST
    _write(target, found, drawn, drawn.data(found), drawn.OF_MANY if many else drawn.NOTE)


def stability(
    figure: Figure,
    corpus: Corpora = [],  # noqa: B006
    protocol: Protocols = [],  # noqa: B006
    model: Models = [],  # noqa: B006
    labels: Labels = [],  # noqa: B006
    selection: Selections = [],  # noqa: B006
    target_access: Accesses = [],  # noqa: B006
    board: Number = None,
    data: Data = None,
    no_title: NoTitle = False,
    width: Width = "",
    results: Results = None,
) -> None:
    """How firm ranks are: what tests leave, what drawings give, and who beats whom how often."""
    from serbench.figures import stability as drawn

    target = _target(figure, data, no_title, width)
    asked = Asked(results, corpus, protocol, model, labels, selection, target_access, board)
    found = asked.board(lambda one: len(drawn.data(one)) > 1, "two ranked models or more")
    _write(target, found, drawn, drawn.data(found), drawn.NOTE)


def confusion(
    figure: Figure,
    corpus: Corpora = [],  # noqa: B006
    protocol: Protocols = [],  # noqa: B006
    model: Models = [],  # noqa: B006
    labels: Labels = [],  # noqa: B006
    selection: Selections = [],  # noqa: B006
    target_access: Accesses = [],  # noqa: B006
    board: Number = None,
    data: Data = None,
    no_title: NoTitle = False,
    width: Width = "",
    results: Results = None,
) -> None:
    """What each ranked model takes for what, pooled over folds and seeds."""
    from serbench.errors import UsageError
    from serbench.figures import confusion as drawn

    target = _target(figure, data, no_title, width)
    asked = Asked(results, corpus, protocol, model, labels, selection, target_access, board)
    found = asked.board(lambda one: bool(_matrices(one)), "a ranked model that tells classes apart")
    matrices = _matrices(found)
    if len(matrices) > MOST_MATRICES:
        raise UsageError(
            f"{len(matrices)} models to draw",
            expected=f"{MOST_MATRICES} at most",
            advice="narrow it by --model and --selection",
        )
    _write(target, found, drawn, list(drawn.records(matrices)), drawn.NOTE, matrices)


def _matrices(board: Board) -> list[Any]:
    from serbench.figures.confusion import Matrix
    from serbench.figures.forest import named

    return [
        Matrix(named(row), row.scores.classes, row.scores.confusion)  # type: ignore[union-attr]
        for row in board.rows
        if row.ranked and hasattr(row.scores, "confusion")
    ]


def _target(figure: Any, data: Any, no_title: bool, width: str) -> Target:
    target = Target(figure, data, not no_title, width)
    target.check()
    return target


def _write(
    target: Target,
    board: Board,
    drawn: Any,
    records: Sequence[Mapping[str, Any]],
    caption: str,
    shown: Any = None,
) -> None:
    """Write the figure that a module of :mod:`serbench.figures` draws.

    Parameters
    ----------
    shown
        What it is of; None: the board.
    """
    of = board if shown is None else shown
    target.write(
        lambda room: drawn.draw(of, room),
        drawn.FITS,
        drawn.described(of),
        records,
        title=board.heading,
        below=[_of(board)],
        caption=caption,
    )


def _of(board: Board) -> str:
    """How much a board rests on."""
    first = next((row for row in board.rows if row.scores is not None), None)
    classes = getattr(board.task, "names", ())
    parts = [f"{len(classes)} classes"] if classes else []
    if first is not None:
        parts += [
            f"{first.n_speakers} speakers",
            f"{first.n_folds} folds",
            f"{first.n_utterances:,} utterances",
        ]
    return ", ".join(parts)
