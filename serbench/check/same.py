"""Sounds that stand under more than one id, in one corpus or across several."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from serbench.corpus import Utterance


def shared_sounds(utterances: Iterable[Utterance]) -> list[tuple[str, ...]]:
    """Groups of ids whose decoded samples are the same, each sorted, all sorted by their first.

    Across corpora of different formats this finds what was copied, not what was resampled.
    """
    same: dict[str, set[str]] = defaultdict(set)
    for utterance in utterances:
        same[utterance.samples].add(utterance.id)
    return sorted(tuple(sorted(ids)) for ids in same.values() if len(ids) > 1)
