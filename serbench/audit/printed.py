"""L12, L24: numbers of a paper held against each other, and against what can be counted.

A mean over whole utterances can take few values: with 480 of them no accuracy prints as 79.36
(Brown and Heathers, The GRIM test, Social Psychological and Personality Science 8(4), 2017).
Rounding on the way explains many a mismatch: each is a question to the authors and no more.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from serbench.audit.case import Case
from serbench.audit.evidence import Printed
from serbench.audit.finding import EXAMPLES, Finding
from serbench.audit.rule import Check, Need, Rule, plural
from serbench.audit.selection import PER_METRIC
from serbench.errors import SerbenchError

FEWEST_UNITS = 5  # up to so many, no exact paired test reaches p < 0.05
PRINTED = Need("printed", "the numbers of a paper", lambda case: bool(case.printed))
RECALLS = Need(
    "printed",
    "the class recalls that a paper prints beside its UA",
    lambda case: any(one.recalls for one in case.printed or ()),
)


def attainable(value: str, utterances: int) -> bool:
    """Whether a share of so many utterances can print as this percentage.

    Halves may have been rounded either way, or cut.

    >>> attainable("87.71", 480), attainable("79.36", 480)
    (True, False)
    """
    number, half = _decimal(value)
    low = (number - half) * utterances / 100
    high = (number + half) * utterances / 100
    return math.floor(high) >= math.ceil(low)


def grain(one: Printed) -> int | None:
    """How many equal steps lie between 0 and 100%: what a number must be a multiple of.

    WA pooled over N utterances and R runs has N R. A mean over k folds of n_f utterances has
    k lcm(n_f) R, UA over C classes of n_c has C lcm(n_c) R. None where that is not known.
    """
    if one.metric == "WA":
        sizes = one.folds or ((sum(one.classes),) if one.classes else ())
    else:
        # A mean over folds of UA depends on each fold's classes, which nobody prints.
        sizes = () if one.folds else one.classes
    if not sizes or not all(sizes):
        return None
    return len(sizes) * math.lcm(*sizes) * one.runs


def _grim(case: Case) -> Iterator[Finding]:
    strange = []
    for one in case.printed or ():
        steps = grain(one)
        if steps is not None and not attainable(one.value, steps):
            strange.append(f"{one.where}: {one.metric} {one.value}")
    if strange:
        yield Finding(
            "L24",
            "warning",
            len(strange),
            f"a question: {plural(len(strange), 'number')} that counts of utterances do not give, "
            "unless something was rounded on the way",
            tuple(strange[:EXAMPLES]),
        )


def _p_values(case: Case) -> Iterator[Finding]:
    """A tiny p from few units asks for differences that hardly vary."""
    for one in case.printed or ():
        if one.p_below is None or one.units is None or one.difference is None:
            continue
        if 2 <= one.units <= FEWEST_UNITS and one.p_below < 2 / 2**one.units:
            t = smallest_t(one.p_below, one.units)
            spread = abs(one.difference) * math.sqrt(one.units) / t
            yield Finding(
                "L24",
                "warning",
                one.units,
                f"a question: {one.where} has p < {one.p_below:g} with {one.units} units, so that "
                f"|t| is above {t:.1f} and their differences of {one.difference:g} points on "
                f"average vary with a standard deviation below {spread:.2f} points; was the unit "
                "another one?",
                (one.where,),
            )


def smallest_t(p: float, units: int) -> float:
    """|t| that a paired t-test over so many units must exceed for this two-sided p."""
    from scipy import stats

    return float(stats.t.isf(p / 2, units - 1))


def _recalls(case: Case) -> Iterator[Finding]:
    """UA is the mean of the class recalls, within what rounding allows."""
    torn = []
    for one in case.printed or ():
        if one.metric != "UA" or not one.recalls:
            continue
        number, half = _decimal(one.value)
        recalls = [_decimal(recall) for recall in one.recalls]
        mean = sum((value for value, _ in recalls), Fraction()) / len(recalls)
        slack = half + sum((part for _, part in recalls), Fraction()) / len(recalls)
        if abs(number - mean) > slack:
            torn.append(
                f"{one.where}: UA {one.value}, and the mean recall is {float(mean):.2f} "
                f"({float(number - mean):+.2f})"
            )
    if torn:
        yield Finding(
            "L12",
            "warning",
            len(torn),
            f"{plural(len(torn), 'UA')} that is not the mean of the class recalls beside it: they "
            "are of different epochs, or of different utterances",
            tuple(torn[:EXAMPLES]),
        )


def _decimal(text: str) -> tuple[Fraction, Fraction]:
    """A printed number, and half a unit of its last decimal.

    Raises
    ------
    SerbenchError
        If it is no number.
    """
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise SerbenchError(f"the printed value {text!r}", expected="a number: 79.36") from error
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int):
        raise SerbenchError(f"the printed value {text!r}", expected="a number: 79.36")
    return Fraction(number), Fraction(10) ** exponent / 2


def consistent(printed: Iterable[Printed]) -> list[Finding]:
    """What L12 and L24 say of the numbers of papers, without any folds."""
    from serbench.listing import Listing

    case = Case(Listing("printed numbers", (), ()), printed=tuple(printed))
    return [*_recalls(case), *_grim(case), *_p_values(case)]


L12 = Rule(
    "L12", "WA and UA are of one model", (*PER_METRIC, Check(_recalls, RECALLS, of_folds=False))
)
L24 = Rule(
    "L24",
    "printed numbers can be counts of utterances",
    (Check(_grim, PRINTED, of_folds=False), Check(_p_values, PRINTED, of_folds=False)),
)
