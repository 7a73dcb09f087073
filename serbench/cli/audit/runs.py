"""The rows of a results folder as cases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from serbench.cli.audit.asked import Asked
from serbench.cli.audit.at_hand import pool_of, searched
from serbench.errors import SerbenchError, UsageError

if TYPE_CHECKING:
    from serbench.audit import Case
    from serbench.pool import Pool
    from serbench.store import Plan
    from serbench.watcher import Watcher


def run_cases(asked: Asked, folder: Path, key: str, watcher: Watcher) -> Iterator[Case]:
    """The rows that are asked for.

    Parameters
    ----------
    key
        The first digits of a row's key or a trial's id; "": every row.

    Raises
    ------
    UsageError
        If there is none, or an option changes nothing of a run.
    """
    from serbench.finished import rows_alike, run_case
    from serbench.store import Store

    why = "a finished run is audited as its trials record it"
    asked.refuse("a finished run", why, "--labels", "--target-access", "--speaker-dependent")
    store = Store(folder)
    every = list(rows_alike(store))
    rows = [(plans, models) for plans, models in every if _is_asked(asked, plans, key)]
    if not rows:
        raise UsageError(
            f"{folder} holds no row" + _asked_of(asked, key),
            expected="; ".join(sorted({_told(plans[0]) for plans, _ in every})),
        )
    pools: dict[tuple[str, str], Pool | None] = {}
    for plans, models in rows:
        row = plans[0].row
        where = ("+".join(row["protocol"]["corpora"]), row["labels"]["name"])
        if where not in pools:
            pools[where] = _pool_at_hand(asked, plans[0], watcher)
        case = run_case(store, plans, models, pools[where], asked.cache, asked.selection)
        yield searched(asked, case, watcher)


def _is_asked(asked: Asked, plans: Sequence[Plan], key: str) -> bool:
    from serbench.canonical import digest

    row = plans[0].row
    wanted = not asked.corpora or bool(set(row["protocol"]["corpora"]) & set(asked.corpora))
    if asked.model is not None:
        wanted &= row["model"]["name"] == _stored_name(asked.model)
    ids = (digest(row), *(one for plan in plans for one in plan.trials))
    return wanted and any(one.startswith(key) for one in ids)


def _stored_name(model: str) -> str:
    """As trials have it: of a file's model, its class."""
    return model.rpartition(":")[2]


def _asked_of(asked: Asked, key: str) -> str:
    """What no row is of, in words."""
    parts = [f" and no trial {key}"] if key else []
    parts += [f" of the model {_stored_name(asked.model)}"] if asked.model else []
    parts += [f" on {', '.join(asked.corpora)}"] if asked.corpora else []
    return "".join(parts)


def _told(plan: Plan) -> str:
    protocol = plan.row["protocol"]
    corpora = "+".join(protocol["corpora"])
    return f"{plan.row['model']['name']}, {protocol['name']} on {corpora}"


def _pool_at_hand(asked: Asked, plan: Plan, watcher: Watcher) -> Pool | None:
    """The corpora of a row under its label space; None where one of them is not here."""
    from serbench.folders import find_corpus

    names = plan.row["protocol"]["corpora"]
    if not all(find_corpus(name, asked.roots) for name in names):
        return None
    try:
        return pool_of(asked, [plan.row["labels"]["name"]], names, watcher)
    except SerbenchError as error:
        watcher.note(f"{'+'.join(names)}: {error.found}; the folds are taken from the predictions")
        return None
