"""What a rule is: a title, and checks that each say what they need to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from serbench.audit.case import Case
from serbench.audit.finding import EXAMPLES, Finding, Severity


@dataclass(frozen=True)
class Need:
    """Something that a check cannot do without.

    ``name`` is a key of :attr:`serbench.audit.case.Case.reasons`; ``what`` completes "needs ...".
    ``option`` is what gives it on the command line, if anything does.
    """

    name: str
    what: str
    met: Callable[[Case], bool]
    option: str = ""

    def told(self, case: Case) -> str:
        """What is missing in a case, why, and which option would help."""
        reason = case.reasons.get(self.name, "")
        why = f" ({reason})" if reason else ""
        # The folder of what is at hand tells nothing more, and an option that is given no other.
        idle = self.option == CORPUS and (reason.startswith("--") or _at_hand(case))
        # Where a model was at work, the reason says why that did not do.
        idle |= self.option == MODEL and bool(reason)
        return f"needs {self.what}{why}" + (f": {self.option}" if self.option and not idle else "")


CORPUS = "--corpus NAME --corpus-root NAME=DIR"  # whose files tell what lists of them do not
MODEL = "--model NAME"


def _at_hand(case: Case) -> bool:
    return all(item.path is not None for item in case.listing.items)


@dataclass(frozen=True)
class Check:
    """One way to find a rule broken.

    ``of_folds``: it looks at who trains and who tests, and has nothing to say where nobody knows.
    """

    find: Callable[[Case], Iterable[Finding]]
    need: Need | None = None
    of_folds: bool = True

    def wants(self, case: Case) -> Need | None:
        """What it lacks in a case; None where it can be made."""
        needs = ((FOLDS,) if self.of_folds else ()) + ((self.need,) if self.need else ())
        return next((need for need in needs if not need.met(case)), None)


def _train_and_test(case: Case) -> bool:
    return any(split.train and any(split.tests.values()) for split in case.listing.splits)


FOLDS = Need("folds", "folds that train and test", _train_and_test)


@dataclass(frozen=True)
class Rule:
    """A rule of a sound comparison, and how it is checked."""

    id: str
    title: str
    checks: tuple[Check, ...]


def by_fold(
    rule: str,
    severity: Severity,
    seen: Mapping[str, Sequence[str]],
    message: str,
) -> list[Finding]:
    """One finding of all folds that something is seen in; none where it is seen in none.

    Parameters
    ----------
    seen
        Fold to the names of what is wrong there. The finding counts each name once.
    message
        May hold ``{count:speaker is|speakers are}``, of names over all folds, and ``{folds}``, as
        "in 3 of 10 folds".
    """
    broken = {fold: names for fold, names in seen.items() if names}
    if not broken:
        return []
    names = list(dict.fromkeys(name for found in broken.values() for name in found))
    where = f"in {len(broken)} of {len(seen)} folds" if len(seen) > 1 else "in the one fold"
    return [
        Finding(
            rule,
            severity,
            len(names),
            message.format(count=_Count(len(names)), folds=where),
            tuple(names[:EXAMPLES]),
            tuple(broken),
            tuple(len(found) for found in broken.values()),
        )
    ]


class _Count(int):
    """A number that a message may hold with its noun: ``{count:fold is|folds are}``."""

    def __format__(self, nouns: str) -> str:
        one, _, many = nouns.partition("|")
        return plural(int(self), one, many) if nouns else str(int(self))


def plural(count: int, one: str, many: str = "") -> str:
    """A number with its noun: "1 fold", "3 folds"."""
    return f"{count} {one if count == 1 else many or one + 's'}"
