"""The columns of a board's table: each is one entry here, for every form that people read.

What a column says is taken from a row's own record (:meth:`serbench.rows.Row.record`), so that it
is what scripts are given.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from serbench.board import Board
from serbench.cli.legend import chosen
from serbench.cli.meant import meant
from serbench.errors import UsageError
from serbench.labels import Scale
from serbench.rows import Row
from serbench.trained import hours

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Column:
    """One column.

    Parameters
    ----------
    name
        What `--columns` calls it.
    heading
        What stands above it.
    text
        What it says of a row's record.
    left
        Whether it begins at the left, as words do.
    extra
        Left out of a terminal that has no room for it, the highest first; 0: never.
    asked
        Shown where it is asked for by name, or all are, and nowhere else.
    """

    name: str
    heading: str
    text: Callable[[Record], str]
    left: bool = False
    extra: int = 0
    asked: bool = False


def points(field: str, heading: str, name: str = "", extra: int = 0) -> Column:
    """A score in percent."""
    return Column(name or field, heading, lambda record: percent(record[field]), extra=extra)


def number(field: str, heading: str) -> Column:
    """A score that is no share, to three decimals."""
    return Column(
        field, heading, lambda r: "-" if r[field] is None else f"{r[field]:.3f}"
    )  # fmt: skip


def headline(field: str, heading: str) -> Column:
    """The score that a board sorts by, with its interval."""
    return Column(field, heading, lambda record: with_interval(record, field))


def percent(value: float | None) -> str:
    """One decimal, "-" for what is undefined."""
    return "-" if value is None else f"{100 * value:.1f}"


def with_interval(record: Record, field: str) -> str:
    """A score in percent with its interval where there is one, "undefined" where that is."""
    value, low, high = (record[field + end] for end in ("", "_low", "_high"))
    interval = "" if low is None or high is None else f" [{100 * low:.1f}, {100 * high:.1f}]"
    return ("undefined" if value is None else f"{100 * value:.1f}") + interval


def extent(low: int | None, high: int | None) -> str:
    """Ranks from one to another: "2" or "1-3"."""
    if low is None:
        return ""
    return str(low) if low == high else f"{low}-{high}"


def p_value(p: float | None) -> str:
    """Three decimals; what is below 0.001 by its first digit, and as a bound below 0.0001."""
    if p is None:
        return ""
    return "<0.0001" if p < 1e-4 else f"{p:.1g}" if p < 1e-3 else f"{p:.3f}"


def _delta(record: Record) -> str:
    value, low, high = (record["delta" + end] for end in ("", "_low", "_high"))
    if value is None:
        return ""
    ends = "" if low is None else f" [{100 * low:+.1f}, {100 * high:+.1f}]"
    return f"{100 * value:+.1f}{ends}"


def _worst_class(record: Record) -> str:
    name = record["worst_class"]
    return "" if name is None else f"{name} {percent(record['worst_class_recall'])}"


def _units(record: Record) -> str:
    speakers = "?" if record["n_speakers"] is None else record["n_speakers"]
    return f"{speakers}/{record['n_folds']}/{record['n_seeds']}"


RANK = Column("rank", "rank", lambda r: extent(r["rank_low"], r["rank_high"]))
MODEL = Column("model", "model", lambda r: r["model"], left=True)
SETTINGS = Column("settings", "settings", lambda r: r["variant"], left=True)
EPOCH = Column("epoch", "epoch", lambda r: "" if r["canary"] else r["selection"], left=True)
LETTERS = Column("letters", "letters", lambda r: r["letters"] or "", left=True)
P = Column("p", "p Holm", lambda r: p_value(r["p_holm"]), extra=3)
DRAWN = Column(
    "drawn", "rank drawn", lambda r: extent(r["rank_drawn_low"], r["rank_drawn_high"]), extra=6
)
SPREAD = Column(
    "sd", "sd over seeds", lambda r: percent(r["ua_seed_sd"]) if r["ua_seed_sd"] else "", extra=5
)
WORST = (
    Column("worst-class", "worst class %", _worst_class, left=True, extra=4),
    Column(
        "worst-speaker", "worst speaker %",
        lambda r: percent(r["worst_speaker_ua"]) if r["worst_speaker_ua"] is not None else "",
        extra=4,
    ),
)  # fmt: skip
RECALLS = Column(
    "recalls", "recall of each class %",
    lambda r: ", ".join(f"{name} {percent(one)}" for name, one in (r["recalls"] or {}).items()),
    left=True, extra=9,
)  # fmt: skip
MISSING = Column("missing", "cells left out", lambda r: str(r.get("n_missing") or ""), extra=7)
BADGES = Column("badges", "badges", lambda r: ", ".join(r["row_badges"]), left=True, extra=4)
UNITS = Column("units", "speakers, folds, seeds", _units)
COST = (
    Column(
        "params", "params",
        lambda r: "-" if r["parameters"] is None else f"{r['parameters']:,}",
        asked=True,
    ),
    Column(
        "hours", "train h",
        lambda r: "-" if r["train_seconds_sum"] is None else hours(r["train_seconds_sum"]),
        asked=True,
    ),
)  # fmt: skip
OF_CLASSES = (
    headline("ua", "UA % [95% CI]"),
    LETTERS,
    points("wa", "WA %"),
    points("macro_f1", "F1 %", "f1", extra=2),
    points("ua_fold", "UA fold %", "ua-fold", extra=1),
    points("wa_fold", "WA fold %", "wa-fold", extra=7),
    MISSING,
)
ACROSS = (
    headline("ua", "mean UA % [95% CI]"),
    LETTERS,
    points("wa", "mean WA %"),
    points("macro_f1", "mean F1 %", "f1", extra=2),
)
OF_SENTIMENT = (
    headline("acc7", "ACC7 % [95% CI]"),
    LETTERS,
    points("acc2_non0", "ACC2 non0 %", "acc2-non0"),
    points("f1_non0", "F1 non0 %", "f1-non0"),
    points("acc2_has0", "ACC2 has0 %", "acc2-has0"),
    points("f1_has0", "F1 has0 %", "f1-has0"),
    number("mae", "MAE"),
    number("correlation", "r"),
)

KINDS: Mapping[str, tuple[Column, ...]] = {
    "of one corpus": (*OF_CLASSES, *WORST),
    "of several corpora": (*ACROSS, WORST[0]),
    "of a sentiment": OF_SENTIMENT,
}


def columns(board: Board) -> tuple[Column, ...]:
    """All columns of a board, the headline among them; some may say nothing of any row."""
    reference = board.reference or "best"
    delta = Column("delta", f"less {reference}, points [95% CI]", _delta, extra=3)
    apart = (delta, P)
    named = (RANK, MODEL, SETTINGS, EPOCH)
    if isinstance(board.task, Scale):
        return (*named, *OF_SENTIMENT, *apart, DRAWN, *COST, BADGES, UNITS)
    if len(board.corpora) > 1:
        return (*named, *ACROSS, *apart, SPREAD, WORST[0], RECALLS, DRAWN, *COST, BADGES, UNITS)
    return (*named, *OF_CLASSES, *apart, SPREAD, *WORST, RECALLS, DRAWN, *COST, BADGES, UNITS)


def records(board: Board) -> list[Record]:
    """The rows' records, in the order of the board."""
    across = len(board.corpora) > 1
    return [row.record(board.task, across, board.corpora) for row in board.rows]


def picked(
    board: Board,
    told: Sequence[Record],
    asked: Sequence[str] = (),
    printed: Collection[str] = (),
) -> tuple[Column, ...]:
    """The columns that were asked for, in that order; of none, those that say anything.

    Parameters
    ----------
    told
        The rows' :func:`records`.
    printed
        Names of the columns that papers' rows say anything in.
    """
    every = {column.name: column for column in columns(board)}
    if "all" in asked:
        return tuple(every.values())
    if asked:
        return tuple(every[name] for name in asked if name in every)
    kept = {"model", "settings", *printed}
    silent = set() if chosen(board) else {"epoch"}  # all are of the last, which the badges say
    return tuple(
        one
        for name, one in every.items()
        if name not in silent and (name in kept or (not one.asked and any(map(one.text, told))))
    )


def check(boards: Sequence[Board], asked: Sequence[str]) -> None:
    """Refuse names that no board has a column of.

    Raises
    ------
    UsageError
        With the names that there are, and of which boards a known one is.
    """
    there = dict.fromkeys(column.name for board in boards for column in columns(board))
    for name in asked:
        if name not in there and name != "all" and boards:
            elsewhere = [whose for whose, own in KINDS.items() if name in {c.name for c in own}]
            whose = f": a column of boards {' and '.join(elsewhere)}" if elsewhere else ""
            raise UsageError(
                f"--columns {name}{whose}",
                expected="all, or some of " + ", ".join(there),
                advice=meant(name, there),
            )


def state(row: Row) -> str:
    """What stands for the headline of a row that has none."""
    if row.stages_missing:
        return "no epochs kept"
    failed = f", {row.trials_failed} failed" if row.trials_failed else ""
    damaged = f", {row.trials_damaged} damaged" if row.trials_damaged else ""
    behind = "" if row.behind is None else f", {100 * row.behind:+.1f} on the same"
    return f"{row.trials_done} of {row.trials_planned} trials{failed}{damaged}{behind}"
