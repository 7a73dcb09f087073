"""The figures of the pages: what one is, and the lists of all that are drawn.

A new figure is a function from what is known of a board to its pictures, added to :data:`OF_BOARD`.
It runs in a worker process and takes data alone. A page shows a figure in its own light and dark:
colours of :mod:`serbench.site.inked` are exchanged, others stay. Give strength by opacity, not by
shades, so that text keeps its contrast on either ground.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from serbench.board import Board
from serbench.canaryrows import CANARY
from serbench.canonical import digest
from serbench.curves import Course
from serbench.inflation.ladder import Ladder
from serbench.labels import Scale
from serbench.overall import Overall
from serbench.rows import Row
from serbench.site.picture import Matter, Picture

MATRICES = 4  # confusion matrices of a figure: more is a wall
PANELS = 12  # courses of a figure
MAPS = 4  # heat maps of pairs of corpora


def of_board(matter: Matter) -> Iterator[Picture]:
    """All pictures of a board's page, in the order of the page."""
    for draw in OF_BOARD:
        yield from draw(matter)


def forest(matter: Matter) -> Iterator[Picture]:
    """Every score with its interval."""
    from serbench.figures.forest import NOTE, described, draw, records

    rows = list(records(matter.board))
    if rows:
        yield Picture(
            "forest",
            "Scores and their intervals",
            described(matter.board),
            partial(draw, matter.board),
            [{k: row[k] for k in ("name", "kind", "score", "low", "high")} for row in rows],
            NOTE,
            matter.beside,
        )


def differences(matter: Matter) -> Iterator[Picture]:
    """What lies between each model and the reference."""
    from serbench.figures import differences as figure

    board = matter.board
    records = figure.data(board)
    if len(records) > 1:
        yield Picture(
            "differences",
            "What lies between the models",
            figure.described(board),
            partial(figure.draw, board),
            records,
            figure.NOTE,
            matter.beside,
        )


def transfers(matter: Matter) -> Iterator[Picture]:
    """A heat map of trained on and tested on, for the best models."""
    from serbench.figures import transfer as figure

    board = matter.board
    rows = figure.rows_of_pairs(board)
    for number, (row, within) in enumerate(zip(rows[:MAPS], matter.within, strict=False), 1):
        yield Picture(
            f"pairs-{number}",
            f"From corpus to corpus: {titled(row)}",
            figure.described(board, row, within),
            partial(figure.draw, board, row, within),
            figure.data(board, row, within),
            figure.NOTE,
            matter.beside,
        )


def speakers(matter: Matter) -> Iterator[Picture]:
    """Each test speaker under each model."""
    from serbench.figures import speakers as figure

    board = matter.board
    shown = figure.shown(board)
    if len(shown) > 1:
        many = len(shown[0][1].speakers) > figure.MOST
        yield Picture(
            "speakers",
            "Speaker by speaker",
            figure.described(board),
            partial(figure.draw, board),
            figure.data(board),
            figure.OF_MANY if many else figure.NOTE,
            matter.beside,
        )


def ranks(matter: Matter) -> Iterator[Picture]:
    """How firm the ranks are."""
    from serbench.figures import stability as figure

    board = matter.board
    records = figure.data(board)
    if len(records) > 1:
        yield Picture(
            "ranks",
            "How firm the ranks are",
            figure.described(board),
            partial(figure.draw, board),
            records,
            figure.NOTE,
            matter.beside,
        )


def confusions(matter: Matter) -> Iterator[Picture]:
    """What is taken for what by the best models that are ranked; pooled over folds and seeds."""
    from serbench.figures.confusion import Matrix, described, draw, records

    told = {titled(row): answers for row in matter.board.rows if (answers := said(row))}
    found = [Matrix(name, *answers) for name, answers in list(told.items())[:MATRICES]]
    more = len(told) > MATRICES
    if found:
        yield Picture(
            "confusion",
            "What is taken for what",
            described(found),
            partial(draw, found),
            list(records(found)),
            "A row is a true class and sums to 100%, a column what was predicted; below each share "
            "the number of utterances, "
            "pooled over folds and seeds."
            + f" The best {MATRICES} models; the others' are on their own pages."
            * more,
            matter.beside,
        )


def epochs(matter: Matter) -> Iterator[Picture]:
    """How the trainings went, a panel for each row that kept its epochs."""
    from serbench.figures.epochs import described, draw

    best = {(row.model, row.variant): at for at, row in reversed([*enumerate(matter.board.rows)])}
    found = sorted(matter.courses, key=lambda one: best.get((one.model, one.variant), len(best)))
    for number, start in enumerate(range(0, len(found), PANELS), 1):
        some = found[start : start + PANELS]
        yield Picture(
            "epochs" if number == 1 else f"epochs-{number}",
            "Epoch by epoch" if number == 1 else f"Epoch by epoch, part {number}",
            described(some),
            partial(draw, some),
            [row for one in some for row in _epochs(one)],
            "Averaged over folds and seeds. Marks stand where each rule of selection stops; what "
            "best-on-test stands above its curve is what choosing by the test set flatters by. "
            "The data have the losses.",
            digest([matter.beside, repr([one.marks for one in some])]),
        )


def planes(matter: Matter) -> Iterator[Picture]:
    """Test utterances as nets see them, where that was asked for."""
    from serbench.figures.embedding import NOTE, data, described, draw

    for number, plane in enumerate(matter.planes, 1):
        yield Picture(
            f"plane-{number}",
            f"As the net sees it: {plane.title}",
            described(plane),
            partial(draw, plane),
            [{name: row[name] for name in row if name != "id"} for row in data(plane)],
            NOTE,
        )


def ladders(found: Sequence[Ladder]) -> Iterator[Picture]:
    """One model down the protocols, a panel for each corpus."""
    from serbench.figures.ladder import described, draw

    if found:
        yield Picture(
            "inflation",
            "What each protocol is worth",
            described(found),
            partial(draw, found),
            [
                {"corpus": one.corpus, "variant": one.variant, **step}
                for one in found
                for step in one.record()["steps"]
            ],
            "From the most flattering protocol down. Hollow points are not ranked.",
            digest([one.record() for one in found]),
        )


# All pictures of a board, from the top of its page.
OF_BOARD: tuple[Callable[[Matter], Iterable[Picture]], ...] = (
    *(forest, differences, transfers, speakers, ranks, confusions, epochs, planes),
)


def over_corpora(tables: Sequence[Overall]) -> Iterator[Picture]:
    """Mean ranks over corpora, for each table that has enough of them."""
    from serbench.figures import critical as figure

    for number, table in enumerate((one for one in tables if not figure.silent(one)), 1):
        yield Picture(
            f"critical-{number}",
            f"Mean ranks over {len(table.corpora)} corpora",
            figure.described(table),
            partial(figure.draw, table),
            figure.data(table),
            figure.NOTE,
            digest(table.records()),
        )


def said(row: Row) -> tuple[tuple[str, ...], Any] | None:
    """The classes and pooled answers of a ranked row; None where there are none."""
    if row.canary or not row.ranked or row.scores is None:
        return None
    counts = getattr(row.scores, "confusion", None)
    return None if counts is None else (row.scores.classes, counts)  # type: ignore[union-attr]


def titled(row: Row) -> str:
    """A row in a few words."""
    rule = "" if row.selection == "last" else f"({row.selection})"
    return " ".join(part for part in (row.model.removeprefix(CANARY), row.variant, rule) if part)


def on_a_scale(board: Board) -> bool:
    """Whether the board is of a sentiment, which has no classes."""
    return isinstance(board.task, Scale)


def _epochs(course: Course) -> Iterator[dict[str, Any]]:
    for i, epoch in enumerate(course.epochs.tolist()):
        yield {
            "model": course.model,
            "variant": course.variant,
            "epoch": epoch,
            "training_loss": float(course.loss[i]),
            "training_accuracy": float(course.accuracy[i]),
            "test_loss": float(course.test_loss[i]),
            **{f"test_{name}": float(values[i]) for name, values in course.scores.items()},
        }
