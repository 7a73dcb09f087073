"""What was looked at while a model ran, and which rules it broke."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from serbench.errors import StoreError

EXAMPLES = 5  # that a problem carries


@dataclass(frozen=True)
class Problem:
    """A rule that a model broke.

    Parameters
    ----------
    rule
        "L09", "L10", "L18", "L20", "L21" or "L22".
    count
        How many utterances, files or parts of the model it is about; the message says which.
    message
        One sentence for people.
    examples
        A few of them.
    """

    rule: str
    count: int
    message: str
    examples: tuple[str, ...] = ()

    @classmethod
    def of(cls, rule: str, message: str, affected: Iterable[str]) -> Problem:
        """A problem of these things, of which the first few are kept as examples."""
        every = list(affected)
        return cls(rule, len(every), message, tuple(every[:EXAMPLES]))


@dataclass(frozen=True)
class Behaviour:
    """What was checked of one training, and what was found.

    Parameters
    ----------
    checked
        The checks that ran, by the names of their modules ("watch", "invariance", ...): a rule that
        was not looked at is not a rule that was kept.
    problems
        Rules that were broken.
    notes
        What cannot be told, or is worth a word and breaks no rule.
    """

    checked: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, checked: Iterable[str], problems: Iterable[Problem], notes: Iterable[str] = ()
    ) -> Behaviour:
        """Each check once, each note once, and equal problems (of several test sets) as one."""
        together: dict[tuple[str, str], Problem] = {}
        for problem in problems:
            key = problem.rule, problem.message
            count = together[key].count if key in together else 0
            first = together.get(key, problem).examples
            together[key] = replace(problem, count=count + problem.count, examples=first)
        return cls(
            tuple(dict.fromkeys(checked)), tuple(together.values()), tuple(dict.fromkeys(notes))
        )

    @property
    def rules(self) -> frozenset[str]:
        """The rules that were broken."""
        return frozenset(problem.rule for problem in self.problems)

    def record(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "checked": list(self.checked),
            "problems": [
                asdict(problem) | {"examples": list(problem.examples)} for problem in self.problems
            ],
            "notes": list(self.notes),
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Behaviour:
        """Read what :meth:`record` wrote.

        Raises
        ------
        StoreError
            If a field is missing, unknown or of another kind.
        """
        found = _fields(record, {"checked": list, "problems": list, "notes": list}, "a behaviour")
        return cls(
            checked=_texts(found["checked"], "checked"),
            problems=tuple(_problem(each) for each in found["problems"]),
            notes=_texts(found["notes"], "notes"),
        )


def _problem(record: Any) -> Problem:
    kinds = {"rule": str, "count": int, "message": str, "examples": list}
    found = _fields(record, kinds, "a problem")
    return Problem(**found | {"examples": _texts(found["examples"], "examples")})


def _fields(record: Any, kinds: Mapping[str, type], what: str) -> dict[str, Any]:
    if not isinstance(record, Mapping) or set(record) != set(kinds):
        raise StoreError(f"{what} {record!r}"[:200], expected="the fields " + ", ".join(kinds))
    wrong = [name for name, kind in kinds.items() if type(record[name]) is not kind]
    if wrong:
        raise StoreError(f"{what} whose {', '.join(wrong)} is of the wrong kind")
    return dict(record)


def _texts(values: list[Any], name: str) -> tuple[str, ...]:
    if not all(isinstance(value, str) for value in values):
        raise StoreError(f"{name} that are no texts: {values!r}"[:200])
    return tuple(values)
