"""What stands beside one published number: ours, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from serbench.published import Published
from serbench.reproducing.measured import Measured, Measurements, Sought, Unfinished
from serbench.reproducing.page import Cell
from serbench.reproducing.values import Value, value
from serbench.reproducing.wanted import command, missing_corpora


@dataclass(frozen=True)
class Lack:
    """Why a training is not there: a state of ``page.STATES``, a clause, and what would run it."""

    state: str
    note: str
    command: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Beside:
    """Ours, from a results folder.

    Parameters
    ----------
    roots
        Folders of corpora, named for this command.
    """

    measurements: Measurements
    roots: Mapping[str, Path]

    def cell(self, one: Published) -> Cell:
        """A number with ours beside it."""
        if not one.protocol:
            return Cell(one, "no protocol", notes=one.unmatched)
        if not one.model:
            return Cell(one, "not re-implemented", notes=("method not re-implemented",))
        found = self.measurements.beside(Sought.of(one))
        if not isinstance(found, Measured):
            return self.without(one, found)
        ours = value(found, one)
        if ours is None:
            return Cell(one, "not run", notes=("undefined: a class has no test utterance",))
        state = "deviates" if found.deviations else "measured"
        asked = command(Sought.of(one)) if found.deviations else ""
        return Cell(one, state, ours, (*told(found, asked), *_ways(one, ours)), asked)

    def without(self, one: Published, found: Unfinished | None) -> Cell:
        """A number that nothing was measured for."""
        lack = self.lack(Sought.of(one), found)
        return Cell(one, lack.state, None, (lack.note,), lack.command, lack.missing)

    def lack(self, sought: Sought, found: Unfinished | None) -> Lack:
        """Why nothing of a training is there."""
        lacking = missing_corpora(sought, self.roots)
        asked = command(sought)
        why = f" ({found.reason})" if found else ""
        if lacking:
            one_of = lacking[0] if len(lacking) == 1 else "NAME"
            takes = f"it takes {_listed(lacking)}, not here: serbench corpora add {one_of} DIR"
            return Lack("no corpus", f"not run yet{why}; {takes}", asked, lacking)
        return Lack("not run", f"not run yet{why}: {asked}", asked)


def told(found: Measured, asked: str, more: Sequence[str] = ()) -> list[str]:
    """What is to be said of a measured row.

    Parameters
    ----------
    asked
        What would run the paper's settings.
    more
        What else is not the paper's.
    """
    notes = []
    if found.deviations or more:
        off = ", ".join((*more, *found.deviations))
        whose = "with its settings" if more else "as the paper has it"
        notes.append(f"not the paper's: {off}; {whose}: {asked}")
    if found.held.broken:
        notes.append("broke " + " ".join(found.held.broken))
    if found.held.trials_done < found.held.trials_planned:
        notes.append(f"{found.held.trials_done} of {found.held.trials_planned} trials done")
    if found.others:
        what = "row" if found.others == 1 else "rows"
        notes.append(
            f"{found.others} more {what} of it in the folder, of other settings, folds or "
            "releases: serbench leaderboard"
        )
    return notes


def _ways(one: Published, ours: Value) -> list[str]:
    """The score taken the other way, where the paper does not say which is its own."""
    if one.aggregation != "unknown" or ours.other is None:
        return []
    name = one.metric.removeprefix("recall_").upper()
    other = f"{100 * ours.other:.{one.decimals}f}"
    told = f"the paper does not say how it averages: ours is {ours.how}"
    return [f"{told}; {name} as a {ours.other_how} is {other}"]


def _listed(names: Sequence[str]) -> str:
    """Names as a sentence has them: "a, b and c"."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
