"""Scores computed again from predictions alone, and held against what is claimed."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from typing import Any

from serbench.gathered import gather
from serbench.planned import Plan
from serbench.store import Store
from serbench.submission.claimed import claim_of, differences
from serbench.submission.statement import StatedRow
from serbench.verifying.finding import Finding, reason

MOST = 5  # differences that are spelled out


class _Finished(Store):
    """A results folder without its reasons of failures: only what was said is scored."""

    def failure(self, trial_id: str) -> None:
        return None


def recomputed(
    store: Store,
    plan: Plan,
    whole: Collection[str],
    stated: StatedRow | None,
    findings: list[Finding],
) -> dict[str, Any] | None:
    """The scores of a row, computed again.

    Parameters
    ----------
    whole
        The trials that hold.
    stated
        What is claimed; None: nothing.
    findings
        Where the two differ is added here.

    Returns
    -------
    None where no seed has all its folds, or nothing can be scored.
    """
    kept = dataclasses.replace(plan, trials=tuple(sorted(whole)))
    seen = _Finished(store.root) if type(store) is Store else store
    try:
        found = claim_of(gather(seen, [kept]))
    except Exception as error:  # noqa: BLE001  a stranger's file may hold anything
        findings.append(Finding("scores", f"nothing can be scored: {reason(error)}"))
        return None
    if stated is not None:
        apart = list(differences(dict(stated.claimed), found))
        findings += [Finding("scores", words) for words in apart[:MOST]]
        if len(apart) > MOST:
            findings.append(Finding("scores", f"and {len(apart) - MOST} more differences"))
    scores: dict[str, Any] | None = found["scores"]
    if scores is None:
        words = "no seed has all its folds: there is nothing to score"
        findings.append(Finding("scores", words, severity="warning"))
    return scores
