"""The columns of a board's table, in one list: what each is called, shows, and is sorted by.

A column stands on a board where a row of it has the field. To show another field of
:meth:`serbench.rows.Row.record`, add a line to :data:`CLASSES` or :data:`SENTIMENT`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from serbench.trained import hours

DELTA = "delta"  # the column that says how far a row is from the reference
MINUS, DASH = "\N{MINUS SIGN}", "\N{EN DASH}"
Record = Mapping[str, Any]


@dataclass(frozen=True)
class Cell:
    """What stands in a table: ``text`` large, ``more`` small beside it; sorted by ``value``."""

    text: str
    more: str = ""
    value: float | str | None = None  # None: after all others, whichever way it is sorted
    mark: str = ""  # a class of the style sheet


@dataclass(frozen=True)
class Column:
    """A column.

    Parameters
    ----------
    key
        The field of a record that decides whether the column stands and what it is sorted by.
    heading, about
        Its short name, and what it means, for who points at it.
    cell
        What is written of a record.
    number
        Set to the right, and sorted from the highest down at first.
    extra
        Not shown until it is asked for: a screen has no room for all.
    """

    key: str
    heading: str
    about: str
    cell: Callable[[Record], Cell]
    number: bool = True
    extra: bool = False


def shown(columns: Sequence[Column], records: Sequence[Record]) -> list[Column]:
    """Those of which some record has something."""
    return [
        one for one in columns if any(record.get(one.key) not in (None, "") for record in records)
    ]


def percent(key: str) -> Callable[[Record], Cell]:
    """A share of 1 in per cent, with its interval where there is one."""

    def cell(record: Record) -> Cell:
        value = record.get(key)
        if value is None:
            return Cell(DASH)
        return Cell(f"{100 * value:.1f}", _interval(record, key), value)

    return cell


def points(key: str) -> Callable[[Record], Cell]:
    """A difference in points with its sign, and its interval where there is one."""

    def cell(record: Record) -> Cell:
        value = record.get(key)
        if value is None:
            return Cell(DASH)
        text = f"{100 * value:+.1f}".replace("-", MINUS)
        return Cell(text, _interval(record, key).replace("-", MINUS), value)

    return cell


def decimals(key: str, digits: int = 3) -> Callable[[Record], Cell]:
    """A number on a scale of its own."""

    def cell(record: Record) -> Cell:
        value = record.get(key)
        if value is None:
            return Cell(DASH)
        return Cell(f"{value:.{digits}f}".replace("-", MINUS), _interval(record, key, 1, 2), value)

    return cell


def words(key: str) -> Callable[[Record], Cell]:
    """Text as it is."""

    def cell(record: Record) -> Cell:
        value = record.get(key)
        return Cell(str(value), value=str(value)) if value else Cell(DASH)

    return cell


def rank(record: Record) -> Cell:
    low, high = record.get("rank_low"), record.get("rank_high")
    if low is None:
        return Cell(DASH)
    drawn = _span(record.get("rank_drawn_low"), record.get("rank_drawn_high"))
    return Cell(_span(low, high), f"drawn {drawn}" if drawn else "", low)


def _span(low: int | None, high: int | None) -> str:
    if low is None:
        return ""
    return str(low) if high in (None, low) else f"{low}{DASH}{high}"


def _ua(record: Record) -> Cell:
    if record.get("ua") is None and "undefined" in record.get("flags", ()):
        return Cell("undefined", mark="bad")
    return percent("ua")(record)


def _p(record: Record) -> Cell:
    value = record.get("p_holm")
    if value is None:
        return Cell(DASH)
    return Cell("< 0.001" if value < 0.001 else f"{value:.3f}", value=value)


def _worst_class(record: Record) -> Cell:
    found = percent("worst_class_recall")(record)
    return Cell(found.text, str(record.get("worst_class") or ""), found.value)


def _fold(record: Record) -> Cell:
    found = percent("ua_fold")(record)
    missing = record.get("n_missing")
    return Cell(
        found.text, f"{missing} cell{'s' * (missing > 1)} empty" if missing else "", found.value
    )


def _sizes(record: Record) -> Cell:
    speakers = record.get("n_speakers")
    text = f"{'?' if speakers is None else speakers} / {record['n_folds']} / {record['n_seeds']}"
    return Cell(text, value=record["n_seeds"])


def _parameters(record: Record) -> Cell:
    value = record.get("parameters")
    return Cell(DASH) if value is None else Cell(f"{value:,}", value=value)


def _hours(record: Record) -> Cell:
    value = record.get("train_seconds_sum")
    return Cell(DASH) if value is None else Cell(hours(value), value=value)


def _interval(record: Record, key: str, scale: float = 100, digits: int = 1) -> str:
    low, high = record.get(f"{key}_low"), record.get(f"{key}_high")
    if low is None or high is None:
        return ""
    return f"[{scale * low:.{digits}f}, {scale * high:.{digits}f}]"


extra = partial(Column, extra=True)
SD_OF_PAIRS = "Of the mean over pairs, in points (ddof 1)."
RANK = Column(
    "rank_low",
    "Rank",
    "The places that the tests leave open; small, where 95 of 100 drawings put it.",
    rank,
)
SIZES = Column(
    "n_folds",
    "Speakers / folds / seeds",
    "Test speakers, folds, and seeds that have all folds.",
    _sizes,
)
COST = (
    extra(
        "parameters",
        "Params",
        "Parameters that are trained; none of a model that has none.",
        _parameters,
    ),
    extra(
        "train_seconds_sum",
        "Train h",
        "Hours of all finished trials together, folds and seeds, with their answers; of trainings "
        "computed at once, each one's share. They depend on the device: see the row's page.",
        _hours,
    ),
)
CLASSES = (
    RANK,
    Column(
        "ua",
        "UA %",
        "Mean recall over the classes, all folds pooled; 95% interval by speakers.",
        _ua,
    ),
    Column(
        "letters",
        "Letters",
        "Models that share a letter are not shown to differ.",
        words("letters"),
        number=False,
    ),
    Column(
        DELTA,
        "\N{GREEK CAPITAL LETTER DELTA} UA",
        "UA less the reference's, in points, with its 95% interval.",
        points("delta"),
    ),
    Column(
        "p_holm", "p (Holm)", "Of the difference, adjusted for all comparisons on this board.", _p
    ),
    Column("wa", "WA %", "Accuracy over all utterances.", percent("wa")),
    extra("macro_f1", "Macro F1 %", "Mean F1 over the classes, pooled.", percent("macro_f1")),
    extra("worst_class_recall", "Worst class %", "The lowest recall of a class.", _worst_class),
    extra(
        "worst_speaker_ua",
        "Worst speaker %",
        "The lowest UA of a test speaker.",
        percent("worst_speaker_ua"),
    ),
    extra(
        "ua_fold",
        "UA fold %",
        "The mean of the folds' own UA, as papers print it; a class that a fold lacks is left out.",
        _fold,
    ),
    extra("wa_fold", "WA fold %", "The mean of the folds' own accuracy.", percent("wa_fold")),
    extra("ua_seed_sd", "sd over seeds", "Of UA, in points (ddof 1).", percent("ua_seed_sd")),
    extra("ua_sd", "UA sd over seeds", SD_OF_PAIRS, percent("ua_sd")),
    extra("wa_sd", "WA sd over seeds", SD_OF_PAIRS, percent("wa_sd")),
    *COST,
    SIZES,
)
SENTIMENT = (
    RANK,
    Column(
        "acc7",
        "ACC7 %",
        "Accuracy over seven whole numbers; 95% interval by speakers.",
        percent("acc7"),
    ),
    Column(
        "letters",
        "Letters",
        "Models that share a letter are not shown to differ.",
        words("letters"),
        number=False,
    ),
    Column(
        "acc2_non0",
        "ACC2 non0 %",
        "Positive against negative, true zeros left out.",
        percent("acc2_non0"),
    ),
    Column("f1_non0", "F1 non0 %", "Weighted F1 of the same.", percent("f1_non0")),
    Column("acc2_has0", "ACC2 has0 %", "Negative against the rest.", percent("acc2_has0")),
    Column("f1_has0", "F1 has0 %", "Weighted F1 of the same.", percent("f1_has0")),
    Column("mae", "MAE", "Mean absolute error; lower is better.", decimals("mae")),
    Column("correlation", "r", "Pearson's correlation.", decimals("correlation")),
    *COST,
    SIZES,
)
