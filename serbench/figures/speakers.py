"""The score of every speaker under every model: who is hard for whom.

A model a line, the best first; a dot a speaker, and thin lines join a speaker's dots from model to
model. An upright stroke stands at the pooled score, and beside the line the speaker who came off
worst. A speaker's score is over the classes that he or she speaks, the mean over seeds. Of more
than 60 speakers no line could be followed: a box then spans the middle half, and its whiskers 5 to
95 %.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from serbench.board import Board
from serbench.cells import CellScores
from serbench.evidence import Evidence
from serbench.figures.forest import named, title
from serbench.figures.inline import inline
from serbench.figures.look import (
    HUE,
    INK,
    LETTER,
    PALE,
    SOFT,
    across,
    column,
    down,
    dressed,
    names,
    span,
)
from serbench.figures.room import Fits, Room, ticks
from serbench.rows import Row

if TYPE_CHECKING:
    import altair as alt

WIDTH, LINE = 360, 38  # of the panel, and the height of a row, in pixels
FITS = Fits(least=100, most=600, briefs=2)  # names in two lines
MOST = 60  # speakers whose lines can be told apart
AMONG = 12  # speakers whose lines need not step back
Record = dict[str, Any]
# How it is read: for a caption.
NOTE = (
    "A dot is a speaker, over the classes spoken, the mean over seeds; lines join one speaker's "
    "dots from model to model. Strokes are pooled scores."
)
OF_MANY = (
    "Boxes span the middle half of the speakers and whiskers 5 to 95%, each over the classes "
    "spoken, the mean over seeds. Strokes are pooled scores."
)


def draw(board: Board, room: Room | None = None) -> alt.LayerChart:
    """One line for each model that is ranked.

    Raises
    ------
    ValueError
        If there is none, or the board is of pairs of corpora, which share no speakers.
    """
    import altair as alt

    rows = shown(board)
    if not rows:
        raise ValueError("no model's score of each speaker is known")
    told = [_told(row, evidence, i) for i, (row, evidence) in enumerate(rows)]
    dots: list[Record] = [
        {"place": i, "speaker": speaker, "score": 100 * float(score), "name": named(row)}
        for i, (row, evidence) in enumerate(rows)
        for speaker, score in zip(evidence.speakers, evidence.by_speaker, strict=True)
    ]
    low, high = span([dot["score"] for dot in dots])
    ends = (max(0.0, low), min(100.0, high))
    axis = title(board)
    width, brief = (WIDTH, 0) if room is None else (room.panel, room.brief)
    y = down(len(rows))
    many = len(rows[0][1].speakers) > MOST
    marks = _boxes(rows, ends, axis) if many else _dots(dots, ends, axis, len(rows))
    pooled = (
        alt.Chart(inline(told))
        .mark_tick(color=INK, thickness=3, size=24, opacity=1, orient="vertical")
        .encode(x=across("score:Q", ends, axis, tickCount=ticks(width)), y=y)
    )
    right = width + 16
    texts = [
        *names(told, -12, brief=bool(brief)),
        *column(told, "pooled", right, heading="pooled"),
        *column(told, "lowest", right + 8 * LETTER, heading="lowest", ink="soft"),
    ]
    figure = alt.layer(*marks, pooled, *texts).properties(width=width, height=LINE * len(rows))
    chart: alt.LayerChart = dressed(figure, described(board))
    return chart


def data(board: Board) -> list[Record]:
    """The score of each speaker in per cent, a record for each model and speaker."""
    return [
        {
            "name": named(row),
            "model": row.model,
            "settings": row.variant,
            "selection": row.selection,
            "speaker": speaker,
            "score": 100 * float(score),
            "utterances": int(there),
        }
        for row, evidence in shown(board)
        for speaker, score, there in zip(
            evidence.speakers, evidence.by_speaker, evidence.support.sum(axis=1), strict=True
        )
    ]


def described(board: Board) -> str:
    """The figure in words, for who cannot see it."""
    told = "; ".join(
        f"{named(row)} pooled {one['pooled']}, lowest {one['lowest']}, "
        f"highest {100 * float(evidence.by_speaker.max()):.1f}"
        for i, (row, evidence) in enumerate(shown(board))
        for one in [_told(row, evidence, i)]
    )
    return f"{title(board)} of each speaker: {told}"


def shown(board: Board) -> list[tuple[Row, Evidence]]:
    """The ranked rows of a board on one test corpus, the best first, with their parts."""
    return [
        (row, row.scores.evidence)
        for row in board.rows
        if row.competes and row.scores is not None and not isinstance(row.scores, CellScores)
    ]


def _told(row: Row, evidence: Evidence, place: int) -> Record:
    worst = int(evidence.by_speaker.argmin())
    assert row.scores is not None
    pooled = 100 * row.scores.headline.estimate
    lowest = 100 * float(evidence.by_speaker[worst])
    return {
        "place": place,
        "name": named(row),
        "score": pooled,
        "pooled": f"{pooled:.1f}",
        "lowest": f"{lowest:.1f} ({evidence.speakers[worst]})",
        "soft": SOFT,
    }


def _dots(dots: list[Record], ends: tuple[float, float], axis: str, count: int) -> list[alt.Chart]:
    import altair as alt

    speakers = len(dots) // count
    base = alt.Chart(inline(dots)).encode(x=across("score:Q", ends, axis), y=down(count))
    lines = base.mark_line(
        color=PALE, strokeWidth=1.2, opacity=0.75 if speakers <= AMONG else 0.45
    ).encode(detail=alt.Detail("speaker:N"), order=alt.Order("place:Q"))
    points = base.mark_point(
        filled=True, color=HUE, size=46 if speakers <= AMONG else 32, opacity=0.85
    ).encode(
        tooltip=[
            alt.Tooltip("name:N"),
            alt.Tooltip("speaker:N"),
            alt.Tooltip("score:Q", format=".1f"),
        ]
    )
    return [lines, points]


def _boxes(
    rows: list[tuple[Row, Evidence]], ends: tuple[float, float], axis: str
) -> list[alt.Chart]:
    import altair as alt

    ends_of = ("q05", "q25", "q75", "q95")
    values = []
    for i, (row, evidence) in enumerate(rows):
        parts = np.quantile(100 * evidence.by_speaker, (0.05, 0.25, 0.75, 0.95)).tolist()
        values.append({"place": i, "name": named(row), **dict(zip(ends_of, parts, strict=True))})
    base = alt.Chart(inline(values)).encode(y=down(len(rows)))
    whiskers = base.mark_rule(color=HUE, strokeWidth=2).encode(
        x=across("q05:Q", ends, axis), x2=alt.X2("q95:Q")
    )
    boxes = base.mark_bar(color=HUE, opacity=0.45, height=16, cornerRadius=2).encode(
        x=across("q25:Q", ends, axis), x2=alt.X2("q75:Q")
    )
    return [whiskers, boxes]
