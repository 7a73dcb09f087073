"""A plan as people and scripts read it: what each row of a board takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from serbench.estimating.figure import Figure
from serbench.planning import Planned, PlannedRow

MIB = 2**20  # bytes
UNKNOWN = "?"


def record(planned: Planned, workers: int) -> dict[str, Any]:
    """A plan as JSON values: seconds, bytes, and the source of each."""
    seconds = [value for row in planned.rows for value in row.seconds()]
    return {
        "trials": len(planned.file.jobs),
        "results": str(planned.file.results),
        "seconds": _sum(seconds),
        "workers": workers,
        "seconds_by_workers": _spread(seconds, workers),
        "rows": [_record(row) for row in planned.rows],
    }


def _record(row: PlannedRow) -> dict[str, Any]:
    told = row.estimate
    return {
        "model": row.plan.row["model"]["name"],
        "variant": dict(row.plan.notes["variant"]),
        "protocol": row.plan.row["protocol"]["name"],
        "corpora": list(row.plan.row["corpora"]),
        "labels": row.plan.row["labels"]["name"],
        "selection": row.plan.row["selection"],
        "trials": len(row.plan.trials),
        "missing": row.missing,
        "planned": len(row.jobs),
        "parameters": None if told is None else told.parameters,
        "device": None if told is None else told.device,
        "seconds_a_trial": _mean(row.seconds()),
        "seconds_source": None if told is None else told.rate.source,
        "seconds_how": None if told is None else told.rate.how,
        "memory": None if told is None else told.memory.value,
        "memory_source": None if told is None else told.memory.source,
        "memory_how": None if told is None else told.memory.how,
        "seconds": _sum(row.seconds()),
    }


def print_plan(planned: Planned, workers: int) -> None:
    """A table of the rows, and the hours of all."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("model", "protocol", "corpora"):
        table.add_column(name, no_wrap=True)
    for name in ("trials", "missing", "weights", "MiB\na trial", "hours\na trial", "hours"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("source", no_wrap=True)
    for row in planned.rows:
        table.add_row(*_cells(row), style=None if row.jobs else "dim")
    least = table.__rich_measure__(console, console.options.update(max_width=500)).maximum
    Console(highlight=False, width=max(least, console.width)).print(table)  # runs over, uncut
    seconds = [value for row in planned.rows for value in row.seconds()]
    for line in _totals(planned, seconds, workers):
        console.print(line, markup=False)
    for line in _notes(planned):
        console.print(line, style="dim", markup=False)


def _cells(row: PlannedRow) -> list[str]:
    told = row.estimate
    settings = ", ".join(f"{name}={value}" for name, value in row.plan.notes["variant"].items())
    selection = row.plan.row["selection"]
    name = row.plan.row["model"]["name"] + (f" ({settings})" if settings else "")
    protocol = row.plan.row["protocol"]["name"] + ("" if selection == "last" else f" {selection}")
    weights = "" if told is None or told.parameters is None else f"{told.parameters:,}"
    memory = source = ""
    if told is not None:
        value = told.memory.value
        memory = UNKNOWN if value is None else f"{_sign(told.memory)}{value / MIB:,.0f}"
        sources = dict.fromkeys([told.rate.source, told.memory.source])
        source = ", ".join(sources)
    mark = "" if told is None else _sign(told.rate)
    return [
        name,
        protocol,
        "+".join(row.plan.row["corpora"]),
        str(len(row.plan.trials)),
        str(row.missing),
        weights,
        memory,
        mark + _hours(_mean(row.seconds())) if row.jobs else "",
        mark + _hours(_sum(row.seconds())) if row.jobs else "",
        source,
    ]


def _totals(planned: Planned, seconds: Sequence[float | None], workers: int) -> list[str]:
    trials = len(planned.file.jobs)
    finished = sum(len(row.plan.trials) - row.missing for row in planned.rows)
    least = any(row.estimate and row.estimate.rate.source == "counted" for row in planned.rows)
    unknown = sum(value is None for value in seconds)
    known = [value for value in seconds if value is not None]
    lines = [
        f"{trials} trials planned"
        + (f", {finished} finished already" if finished else "")
        + f" in {planned.file.results}"
    ]
    if known:
        mark = "at least " if least else ""
        lines.append(
            f"{mark}{_hours(sum(known))} h one after the other, "
            f"{_hours(_spread(known, workers))} h by {workers} workers"
            + (f", beside {unknown} trials of which it is unknown" if unknown else "")
        )
    return lines


def _notes(planned: Planned) -> list[str]:
    """The device, and how each figure came about."""
    told = [(row, row.estimate) for row in planned.rows if row.estimate is not None]
    lines = [f"on {device}" for device in dict.fromkeys(one.device for _, one in told)]
    for row, one in told:
        name = f"{row.plan.row['model']['name']} {row.plan.row['protocol']['name']}"
        what = (("hours", one.rate), ("memory", one.memory))
        how = "; ".join(f"{label} {figure.source}: {figure.how}" for label, figure in what)
        lines.append(f"{name}: {how}")
    if told:
        lines.append(
            "what is measured or counted is one trial after the other, not stacked; features are "
            "computed before; memory is beside what Python and its libraries take"
        )
    return list(dict.fromkeys(lines))


def _sign(figure: Figure) -> str:
    return ">" if figure.source == "counted" else ""


def _hours(seconds: float | None) -> str:
    """Seconds as hours: three digits that mean something."""
    if seconds is None:
        return UNKNOWN
    return f"{seconds / 3600:.3g}"


def _sum(seconds: Sequence[float | None]) -> float | None:
    """All of them; None if one is not known, or there is none."""
    known = [value for value in seconds if value is not None]
    return round(sum(known), 3) if known and len(known) == len(seconds) else None


def _mean(seconds: Sequence[float | None]) -> float | None:
    total = _sum(seconds)
    return None if total is None else total / len(seconds)


def _spread(seconds: Sequence[float | None], workers: int) -> float | None:
    """What the busiest of so many workers has: no less than the longest trial."""
    total = _sum(seconds)
    longest = max((value for value in seconds if value is not None), default=0.0)
    return None if total is None else max(total / workers, longest)
