"""What a submission claims of a row: its scores, as a board shows them, and what they are of."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from serbench.held import Gathered

TOLERANCE = 1e-9  # of a share of 1: what another SciPy may move in an interval's last digits


def claim_of(gathered: Gathered) -> dict[str, Any]:
    """The claim that a row's predictions bear out, as JSON values.

    ``scores`` are those of its board's record, None where no seed has all its folds.
    """
    scores = gathered.scores
    return {
        "selection": gathered.selection,
        "n_seeds": gathered.n_seeds,
        "n_folds": gathered.held.row["folds"],
        "n_utterances": None if scores is None else scores.utterances,
        "n_speakers": None if scores is None else scores.speakers,
        "scores": None if scores is None else scores.record(),
    }


def differences(claimed: Any, found: Any, name: str = "") -> Iterator[str]:
    """Where a claim is not what was found: "ua: 0.91 is claimed, 0.74 was found"."""
    if isinstance(claimed, dict) and isinstance(found, dict):
        for key in sorted({*claimed, *found}, key=str):
            yield from differences(
                claimed.get(key, _NOTHING), found.get(key, _NOTHING), f"{name}.{key}".lstrip(".")
            )
    elif isinstance(claimed, list) and isinstance(found, list) and len(claimed) == len(found):
        for place, (one, other) in enumerate(zip(claimed, found, strict=True)):
            yield from differences(one, other, f"{name}[{place}]")
    elif not _alike(claimed, found):
        yield f"{name}: {claimed!r:.80} is claimed, {found!r:.80} was found"


def _alike(claimed: Any, found: Any) -> bool:
    if type(claimed) is float and type(found) is float:
        return math.isclose(claimed, found, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return type(claimed) is type(found) and bool(claimed == found)


class _Nothing:
    def __repr__(self) -> str:
        return "nothing"


_NOTHING = _Nothing()
