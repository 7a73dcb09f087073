"""The format of what a results folder keeps, and the way from an older one to the present one.

Trials, their records and plans carry the number of their format. What a newer serbench wrote is
never guessed at: it is refused, with what to do. What an older one wrote is rewritten, on request
(``serbench results repair --migrate``), by a chain of pure functions, each from one format to the
next. A trial's format is part of what its id is the SHA-256 of, so that a migrated trial has
another id than before, and equal trials stay one trial.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from serbench.errors import SerbenchError

FORMAT = 1  # of trials, records and plans as this serbench writes them

Kind = Literal["trial", "record", "plan"]
Change = Callable[[dict[str, Any]], dict[str, Any]]


class OtherFormat(SerbenchError):
    """What is there is whole, as far as can be told, but of a format that is not read as it is.

    It is no :class:`serbench.errors.StoreError`: nothing that passes over damaged files may take
    it for one of them, and set it aside.
    """


class NewerFormat(OtherFormat):
    """A newer serbench wrote it."""


class OlderFormat(OtherFormat):
    """An older serbench wrote it."""


def _same(record: dict[str, Any]) -> dict[str, Any]:
    return record


@dataclass(frozen=True)
class Step:
    """From one format to the next: pure functions of JSON objects.

    They need not set ``format``, which is done for them. What has not changed is left out.

    Parameters
    ----------
    trial, record, plan
        Of ``trial.json``, of ``record.json`` and of a file in ``plans/``. The row of a plan is to
        be what its migrated trials have in common, and is held to that. The ids of the trials in
        records and plans, and the SHA-256 of their files, follow by themselves.
    """

    trial: Change = _same
    record: Change = _same
    plan: Change = _same


STEPS: dict[int, Step] = {}  # by the format that each begins from


def check(kind: Kind, found: object, where: str) -> None:
    """Refuse what is of another format than :data:`FORMAT`.

    Parameters
    ----------
    found
        The format as written.
    where
        What it stands in, for people.

    Raises
    ------
    NewerFormat, OlderFormat
        With what to do about it.
    ValueError
        If it is no number of a format at all.
    """
    if found == FORMAT and not isinstance(found, bool):
        return
    if not isinstance(found, int) or isinstance(found, bool) or found < 0:
        raise ValueError(f"its format is {found!r}")
    expected = f"format {FORMAT}, which this version of serbench reads and writes"
    if found > FORMAT:
        raise NewerFormat(
            f"{where} is a {kind} of format {found}, by a newer serbench",
            expected=expected,
            advice="upgrade serbench (pip install --upgrade serbench); nothing was changed",
        )
    raise OlderFormat(
        f"{where} is a {kind} of format {found}, by an older serbench",
        expected=expected,
        advice="serbench results repair --migrate",
    )


def migrated(kind: Kind, record: Mapping[str, Any], where: str) -> dict[str, Any]:
    """A record of an older format as one of the present format. One of the present stays.

    Raises
    ------
    NewerFormat
        If it is of a newer one.
    OlderFormat
        If there is no way from its format.
    ValueError
        If it is of none.
    """
    present = dict(record)
    try:
        check(kind, present.get("format"), where)
    except OlderFormat as error:
        for number in range(present["format"], FORMAT):
            if number not in STEPS:
                raise OlderFormat(
                    error.found,
                    expected=error.expected,
                    advice=f"no way from format {number} is known here: use the serbench that "
                    "wrote it, or run the trials again",
                ) from error
            present = {**getattr(STEPS[number], kind)(dict(present)), "format": number + 1}
    return present
