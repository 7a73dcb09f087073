"""L15, of label maps: what each label as written stands for, said once and for all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import numpy as np

from serbench.audit.case import Case
from serbench.audit.finding import EXAMPLES, Finding
from serbench.audit.rule import Check, Need, plural
from serbench.registry import nearest

LABEL_MAP = Need("label-map", "a label map", lambda case: bool(case.listing.label_map))
DIGESTS = Need(
    "label-digests",
    "the label maps of several sources",
    lambda case: len(case.declared.label_digests) > 1,
)
# Labels that papers tell apart here and put together there.
MERGED = (
    ("calm", "neutral"),
    ("excited", "happy"),
    ("excitement", "happiness"),
    ("surprise", "pleasant surprise"),
    ("frustrated", "angry"),
    ("frustration", "anger"),
)


def _label_map(case: Case) -> Iterator[Finding]:
    """Every label as written has an entry, and every entry a label."""
    stated = case.listing.label_map
    labels = case.sides.labels
    counts = np.bincount(labels.codes[labels.codes >= 0], minlength=len(labels.names))
    written = dict(zip(labels.names, counts.tolist(), strict=True))
    lacking = [name for name in written if name not in stated]
    if lacking:
        yield Finding(
            "L15",
            "error",
            sum(written[name] for name in lacking),
            f"the label map lacks {plural(len(lacking), 'label')} of the data, "
            + ", ".join(
                f"{name!r} ({plural(written[name], 'utterance')}{_meant(name, stated)})"
                for name in lacking[:EXAMPLES]
            ),
            tuple(lacking[:EXAMPLES]),
        )
    idle = [name for name in stated if name not in written]
    if idle:
        yield Finding(
            "L15",
            "warning",
            len(idle),
            f"{plural(len(idle), 'entry', 'entries')} of the label map that no utterance has: "
            + ", ".join(map(repr, idle[:EXAMPLES])),
            tuple(idle[:EXAMPLES]),
        )
    misspelt = [f"{name!r} for {meant!r}" for name, meant in stated.items() if _nearly(name, meant)]
    if misspelt:
        yield Finding(
            "L15",
            "warning",
            len(misspelt),
            f"{plural(len(misspelt), 'label is', 'labels are')} spelt almost as the class, and not "
            "quite: " + ", ".join(misspelt[:EXAMPLES]),
            tuple(misspelt[:EXAMPLES]),
        )


def _meant(name: str, stated: Iterable[str]) -> str:
    """The entry that was most likely meant."""
    hint = nearest(name, stated)
    return f"; it has {hint!r}" if hint else ""


def _nearly(name: str, meant: str) -> bool:
    """One letter off: boredem, Boredom. Sad and Sadness, Fear and Fearful are two words."""
    left, right = name.casefold(), meant.casefold()
    if left == right or len(left) != len(right):
        return False
    return sum(a != b for a, b in zip(left, right, strict=True)) == 1


def _merges(case: Case) -> Iterator[Finding]:
    """Pairs that papers put together in one table and tell apart in the next: say which."""
    stated = case.listing.label_map
    alike = defaultdict[str, dict[str, str]](dict)  # class to its labels, spellings as one
    for label, meaning in stated.items():
        alike[meaning].setdefault(label.casefold(), label)
    merged = [
        f"{', '.join(list(labels.values())[:EXAMPLES])} as {meaning}"
        for meaning, labels in alike.items()
        if len(labels) > 1
    ]
    if merged:
        yield Finding(
            "L15",
            "info",
            len(merged),
            f"{plural(len(merged), 'class stands', 'classes stand')} for several labels: "
            + "; ".join(merged[:EXAMPLES]),
            tuple(merged[:EXAMPLES]),
        )
    names = {name.casefold() for name in stated.values()}
    kept = [f"{a} and {b}" for a, b in MERGED if {a, b} <= names]
    if kept:
        yield Finding(
            "L15",
            "info",
            len(kept),
            "told apart here, and put together in other papers: " + ", ".join(kept),
            tuple(kept),
        )


def _digests(case: Case) -> Iterator[Finding]:
    digests = case.declared.label_digests
    if len(set(digests.values())) > 1:
        named = tuple(f"{who}: {digest[:8]}" for who, digest in digests.items())
        yield Finding(
            "L15",
            "error",
            len(set(digests.values())),
            f"{plural(len(set(digests.values())), 'label map')} that differ, by their digests",
            named[:EXAMPLES],
        )


OF_MAPS = (
    Check(_label_map, LABEL_MAP, of_folds=False),
    Check(_merges, LABEL_MAP, of_folds=False),
    Check(_digests, DIGESTS, of_folds=False),
)
