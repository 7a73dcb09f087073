"""Training and test curves over the epochs, two panels for each model, corpus and protocol.

To the left the loss, to the right the scores, with marks where each rule of selection ends up: at
the median of the epochs that it chose, a bar over their middle half, with the score that it gives.
What that of ``best-on-test`` stands above its curve is what choosing by the test set flatters by.
That of ``val`` may be of other trainings than the curves, and the legend then says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from serbench.curves import Course, Mark
from serbench.figures.corpus import INK, PALE
from serbench.figures.inline import inline
from serbench.figures.room import Fits, Room
from serbench.scores import known

if TYPE_CHECKING:
    import altair as alt

PANEL = (380, 220)  # width and height, in pixels
FITS = Fits(least=180, most=420, briefs=2)  # one panel below the other, the key below both
SIZES = {"last": 40, "val": 90, "best-on-test": 160}  # square pixels of marks: none covers another
# How it is read: for a caption.
NOTE = (
    "Losses and scores over the epochs, averaged over folds and seeds; test scores are pooled as "
    "on a leaderboard. A mark stands at the median of the epochs that a rule chose, at the score "
    "that it gives, and a bar through it spans the middle half of these epochs. What best-on-test "
    "stands above its curve is what choosing by the test set flatters by."
)
# Told apart in print and by whoever does not tell red from green; a training's line is dashed.
SERIES = {
    "training": PALE,
    "test": INK,
    "test UA": "#2f6db3",
    "test WA": "#e08a1e",
    "test ACC7": "#2f6db3",
}
SHOWN = {"ua": "test UA", "wa": "test WA", "acc7": "test ACC7"}
APART = " (other trainings)"
RULES = {
    "last": "circle", "val": "square", f"val{APART}": "diamond", "best-on-test": "triangle-up",
}  # fmt: skip
TICKS = 8  # epochs that are named below a panel, at most
DASHED, WHOLE = [5, 3], [1, 0]

Record = dict[str, Any]


def draw(courses: Sequence[Course], room: Room | None = None) -> alt.VConcatChart:
    """One figure of several courses, from top to bottom.

    Losses are of one utterance: in training as the net was trained (smoothed labels, further
    terms), on the test set the plain cross-entropy in nats, or the absolute error of a sentiment.
    """
    import altair as alt

    names = [name for name in SERIES if any(name in _names(course) for course in courses)]
    rules = {_ruled(mark) for course in courses for mark in course.marks}
    below: dict[str, Any] = {}
    if room is not None and room.brief:
        below = {"orient": "bottom", "columns": 1}
    figure: alt.VConcatChart = (
        alt.vconcat(*(_row(course, names, rules, room) for course in courses), spacing=30)
        .resolve_scale(color="shared", shape="shared")
        .properties(padding=20, background="white", description=described(courses))
        .configure(font="Helvetica, Arial, sans-serif")
        .configure_axis(
            labelFontSize=12, titleFontSize=12, titleFontWeight="normal", labelColor=INK,
            titleColor=INK, domain=False, ticks=False, labelPadding=6, titlePadding=8,
            gridColor="#e4e4e4",
        )
        .configure_legend(labelFontSize=12, titleFontSize=12, titleFontWeight="normal", **below)
        .configure_view(stroke=None)
    )  # fmt: skip
    return figure


def described(courses: Sequence[Course]) -> str:
    """The figure in words, for who cannot see it."""
    return "; ".join(f"{titled(course)}: {_marked(course)}" for course in courses)


def titled(course: Course) -> str:
    """Which trainings these are the curves of."""
    space = "" if course.labels == "own" else f", {course.labels}"
    return (
        f"{course.model} {course.variant}".strip()
        + f" on {'+'.join(course.corpora)} under {course.protocol}{space}"
    )


def _row(
    course: Course, names: Sequence[str], rules: Collection[str], room: Room | None
) -> alt.HConcatChart | alt.VConcatChart:
    import altair as alt

    count = ", ".join(
        f"{n} {name}{'s' * (n > 1)}" for n, name in ((course.folds, "fold"), (course.seeds, "seed"))
    )
    told = [titled(course)], [f"{count}; {_marked(course)}"]
    if room is not None:
        told = room.titled(told[0][0], told[1])
    title = alt.TitleParams(
        told[0] if len(told[0]) > 1 else told[0][0],
        subtitle=told[1] if len(told[1]) > 1 else told[1][0],
        anchor="start",
        fontSize=15,
        subtitleFontSize=12,
        subtitleColor="#555555",
        offset=10,
    )
    size = PANEL if room is None else (room.panel, max(130.0, min(0.58 * room.panel, PANEL[1])))
    losses = _lines(
        course, list(_losses(course)), names, "loss", alt.Scale(domainMin=0), "~g", size
    )
    scores = _scored(course, names, rules, size)
    if room is not None and room.brief:
        return alt.vconcat(losses, scores, spacing=18, title=title)
    return alt.hconcat(losses, scores, spacing=28, title=title)


def _scored(
    course: Course, names: Sequence[str], rules: Collection[str], size: tuple[float, float]
) -> alt.LayerChart | alt.FacetChart:
    """The panel of scores, its marks on top."""
    import altair as alt

    scale = alt.Scale(domain=[0, 1])
    lines = _lines(course, list(_scores(course)), names, "accuracy", scale, ".0%", size)
    y = alt.Y("value:Q", title="accuracy")
    marks = alt.Chart(inline(_marks(course)))
    used = [rule for rule in RULES if rule in rules]
    key = alt.Legend(title="epoch chosen by")  # one and the same for form and size
    spans = marks.mark_rule(strokeWidth=1.5).encode(
        x=_epochs("from:Q", course, size), x2="to:Q", y=y, color=_colour(names)
    )
    points = marks.mark_point(filled=False, opacity=1, strokeWidth=1.8).encode(
        x=_epochs("epoch:Q", course, size),
        y=y,
        color=_colour(names),
        size=alt.Size(
            "rule:N",
            scale=alt.Scale(domain=used, range=[SIZES[rule.removesuffix(APART)] for rule in used]),
            legend=key,
        ),
        shape=alt.Shape(
            "rule:N",
            scale=alt.Scale(domain=used, range=[RULES[rule] for rule in used]),
            legend=key,
        ),
        tooltip=["rule:N", "series:N", "epoch:Q", alt.Tooltip("value:Q", format=".2%")],
    )
    return alt.layer(lines, spans, points)


def _lines(
    course: Course,
    values: list[Record],
    names: Sequence[str],
    title: str,
    scale: alt.Scale,
    form: str,
    size: tuple[float, float],
) -> alt.Chart:
    import altair as alt

    lines: alt.Chart = (
        alt.Chart(inline(values))
        .mark_line(strokeWidth=1.8)
        .encode(
            x=_epochs("epoch:Q", course, size),
            y=alt.Y("value:Q", scale=scale, axis=alt.Axis(title=title, format=form)),
            color=_colour(names),
            strokeDash=alt.condition(
                "datum.series === 'training'", alt.value(DASHED), alt.value(WHOLE)
            ),
        )
        .properties(width=size[0], height=size[1])
    )
    return lines


def _epochs(field: str, course: Course, size: tuple[float, float]) -> alt.X:
    """The axis of epochs, whole numbers below it: layers that each had their own would disagree."""
    import altair as alt

    first, last = int(course.epochs.min()), int(course.epochs.max())
    step = next(
        digit * 10**power
        for power in range(9)
        for digit in (1, 2, 5)
        if (last - first) / (digit * 10**power) < min(TICKS, size[0] / 28)
    )
    ticks = [epoch for epoch in range(first, last + 1) if epoch % step == 0]
    axis = alt.Axis(title="epoch", values=ticks, format="d", grid=False, labelFlush=False)
    return alt.X(field, axis=axis)


def _colour(names: Sequence[str]) -> alt.Color:
    import altair as alt

    scale = alt.Scale(domain=list(names), range=[SERIES[name] for name in names])
    return alt.Color("series:N", scale=scale, legend=alt.Legend(title=None, symbolType="stroke"))


def _names(course: Course) -> list[str]:
    return ["training", "test", *(SHOWN[name] for name in course.scores if name in SHOWN)]


def _losses(course: Course) -> Iterator[Record]:
    for i, epoch in enumerate(course.epochs.tolist()):
        for series, values in (("training", course.loss), ("test", course.test_loss)):
            yield {"epoch": epoch, "series": series, "value": known(values[i])}


def _scores(course: Course) -> Iterator[Record]:
    for i, epoch in enumerate(course.epochs.tolist()):
        yield {"epoch": epoch, "series": "training", "value": known(course.accuracy[i])}
        for name, values in course.scores.items():
            if name in SHOWN:
                yield {"epoch": epoch, "series": SHOWN[name], "value": known(values[i])}


def _marks(course: Course) -> Iterator[Record]:
    # The smallest marks come last, so that they lie on the others.
    for mark in sorted(course.marks, key=lambda one: -SIZES[one.rule]):
        low, middle, high = np.quantile(mark.epochs, (0.25, 0.5, 0.75)).tolist()
        for name, value in mark.scores.items():
            if name in SHOWN:
                yield {
                    "rule": _ruled(mark), "series": SHOWN[name], "value": known(value),
                    "epoch": middle, "from": low, "to": high,
                }  # fmt: skip


def _marked(course: Course) -> str:
    return ", ".join(f"{_ruled(mark)} {_headline(mark)}" for mark in course.marks)


def _ruled(mark: Mark) -> str:
    """The rule of a mark, and whether its trainings are not those of the curves."""
    return mark.rule + APART * mark.apart


def _headline(mark: Mark) -> str:
    shown = {name: value for name, value in mark.scores.items() if name in SHOWN}
    return " ".join(f"{name.upper()} {100 * value:.1f}" for name, value in shown.items())
