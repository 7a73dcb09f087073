"""What is noted beside a row, of what a board shows and no score depends on, held against facts."""

from __future__ import annotations

from collections.abc import Iterator

from serbench.ground import Ground
from serbench.planned import Plan
from serbench.sources import groups_of
from serbench.verifying.finding import Finding


def check_noted(plan: Plan, ground: Ground, *, sounds: bool) -> Iterator[Finding]:
    """What a plan notes otherwise than the corpus, the folds and the protocol have it.

    Parameters
    ----------
    sounds
        Whether the corpus itself is here, so that it is known what is missing of it or altered.
    """
    facts: dict[str, object] = {
        "seeds": ground.protocol.seeds,
        "speaker_independent": _apart(ground),
    }
    if sounds:
        found = [one for scan in ground.pool.scans.values() for one in scan.findings]
        facts["findings"] = any(one.grave for one in found)
        facts["altered"] = any(one.kind == "altered" for one in found)
    for name, fact in facts.items():
        if name not in plan.notes:
            continue
        noted = plan.notes[name]
        told = bool(noted) if isinstance(fact, bool) and isinstance(noted, list) else noted
        if told != fact or isinstance(told, bool) != isinstance(fact, bool):
            words = f"{name} is noted as {told!r}, and is {fact!r} here"
            yield Finding("notes", words)


def _apart(ground: Ground) -> bool:
    """Whether no fold tests a speaker that it trains on."""
    pool = ground.pool
    who = groups_of(pool.utterances)
    return not any(
        set(who[pool.positions(split.train)].tolist()) & set(who[pool.positions(ids)].tolist())
        for split in ground.splits
        for ids in split.tests.values()
    )
