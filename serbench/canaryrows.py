"""The rows of canaries on a board: what is known beside the sound, scored as a model is."""

from __future__ import annotations

from collections.abc import Sequence

from serbench.background import Background
from serbench.canaries.flock import as_predictions, as_ratings
from serbench.errors import StoreError
from serbench.gathered import scored
from serbench.held import Found
from serbench.labels import Scale
from serbench.rows import Row
from serbench.scorecache import ScoreCache, key
from serbench.staged import Scores
from serbench.storedscores import from_record, to_record

CANARY = "canary: "  # how the names of their rows begin


def canary_rows(beside: Background | None, found: Found) -> tuple[Row, ...]:
    """The canaries of a row's board."""
    if beside is None:
        return ()
    read = as_ratings if isinstance(found.task, Scale) else as_predictions
    return tuple(
        _canary(
            name,
            found,
            scored(found, {(0, *at): said for at, said in read(beside.flock, name).items()}),
        )
        for name in beside.flock.names
    )


def known_canaries(
    stood: str, found: Found, cache: ScoreCache
) -> tuple[tuple[str, ...] | None, tuple[Row, ...]] | None:
    """The badges of a board and its canaries, from the score cache; None if it has not got them.

    Parameters
    ----------
    stood
        The digest of all that they come from (:func:`serbench.background.stands`).
    """
    try:
        known = cache.get(_key(stood, found))
        badges = None if known["badges"] is None else tuple(map(str, known["badges"]))
        rows = [_canary(name, found, from_record(one)) for name, one in known["canaries"]]
    except (StoreError, KeyError, TypeError, ValueError):
        return None
    return badges, tuple(rows)


def keep_canaries(
    stood: str,
    found: Found,
    badges: tuple[str, ...] | None,
    rows: Sequence[Row],
    cache: ScoreCache,
) -> None:
    """Keep them for the next time."""
    scores = [[_name(row), to_record(row.scores)] for row in rows if row.scores is not None]
    kept = {"badges": None if badges is None else list(badges), "canaries": scores}
    cache.put(_key(stood, found), kept)


def _key(stood: str, found: Found) -> str:
    return key(beside=stood, task=found.task.record(), across=found.across)


def _name(row: Row) -> str:
    return row.model.removeprefix(CANARY)


def _canary(name: str, found: Found, scores: Scores) -> Row:
    return Row(
        model=CANARY + name,
        version="1",
        variant="",
        settings={},
        selection="last",
        canary=True,
        scores=scores,
        broken={},
        stages_missing=False,
        n_folds=found.row["folds"],
        n_seeds=1,
        trials_done=0,
        trials_planned=0,
        trials_failed=0,
        trials_damaged=0,
    )
