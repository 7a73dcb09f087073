"""MMSA's edition, by what is known of it: how many clips each fold has.

Which of them have which label nobody has published, so that a row that was lost from its table
shows here alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from serbench.corpus import Finding
from serbench_corpora.mosei.segments import Labels

EDITION = "MMSA's edition"
# Yu et al., Learning Modality-Specific Representations with Self-Supervised Multi-Task Learning for
# Multimodal Sentiment Analysis, AAAI 2021, table 1.
CLIPS = {"train": 16326, "valid": 1871, "test": 4659}


def clips_lacking(labels: Labels) -> Iterator[Finding]:
    """A finding for each fold of which MMSA has another number of clips."""
    if labels.kind != "mmsa":
        return
    found = Counter(labels.folds.get(segment.video) for segment in labels.segments)
    for fold, expected in CLIPS.items():
        if found[fold] != expected:
            said = f"fold {fold}: {found[fold]} clips in {labels.path}, {expected} in {EDITION}"
            yield Finding("count", said)
