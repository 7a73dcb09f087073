"""L05, L06: no recording is on both sides, under whatever name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator

import numpy as np

from serbench.audit.case import Case
from serbench.audit.evidence import Alike
from serbench.audit.finding import EXAMPLES, Finding, Severity
from serbench.audit.recordings import parent_of
from serbench.audit.rule import CORPUS, Check, Need, Rule, by_fold, plural

SOUNDS = "sound has", "sounds have"

SAMPLES = Need(
    "samples",
    "checksums of the samples",
    lambda case: any(item.samples for item in case.sides.items),
    CORPUS,
)
SEARCHED = Need(
    "sounds", "the sounds, searched for copies", lambda case: case.alike is not None, CORPUS
)


def _same_utterance(case: Case) -> Iterator[Finding]:
    """The rudest leak: one id on both sides."""
    items = case.sides.items
    seen = {
        fold.name: [items[i].id for i in sorted(set(fold.train.tolist()) & set(fold.test.tolist()))]
        for fold in case.sides.folds
    }
    yield from by_fold(
        "L05", "error", seen, "{count:utterance is|utterances are} trained on and tested, {folds}"
    )


def _listed_twice(case: Case) -> Iterator[Finding]:
    """One id several times on a side that trains or validates; of a test side, L14 tells."""
    items = case.sides.items
    for side in ("train", "validation"):
        seen = {}
        for fold in case.sides.folds:
            times = np.bincount(getattr(fold, side), minlength=len(items))
            seen[fold.name] = [items[int(i)].id for i in np.flatnonzero(times > 1)]
        where = "the training side" if side == "train" else "the validation set"
        yield from by_fold(
            "L05",
            "warning",
            seen,
            "{count:utterance stands|utterances stand} several times on "
            f"{where}, {{folds}}: counted several times",
        )


def _same_file(case: Case) -> Iterator[Finding]:
    yield from _told("L05", case, equal_files(case), "one file")


def _same_samples(case: Case) -> Iterator[Finding]:
    yield from _told("L05", case, equal_samples(case), "equal samples")


def _copies(case: Case) -> Iterator[Finding]:
    known = {frozenset(group.ids) for group in equal_samples(case)}
    found = [a for a in case.alike or () if a.kind != "near" and frozenset(a.ids) not in known]
    yield from _told("L05", case, found, "equal once trimmed and levelled")


def _near(case: Case) -> Iterator[Finding]:
    found = [alike for alike in case.alike or () if alike.kind == "near"]
    yield from _told("L06", case, found, "copies with another gain, codec, offset or noise")


def equal_files(case: Case) -> list[Alike]:
    """Items that are one whole file."""
    whole = (
        ((item.corpus, item.file), item.id)
        for item in case.sides.items
        if item.file and item.start is None and item.end is None and item.parent is None
    )
    return _groups(whole)


def equal_samples(case: Case) -> list[Alike]:
    """Items whose samples have one checksum."""
    return _groups((item.samples, item.id) for item in case.sides.items if item.samples)


def one_sound(case: Case) -> list[Alike]:
    """Items that are one sound, as far as anything tells, altered copies apart."""
    copies = [alike for alike in case.alike or () if alike.kind != "near"]
    return [*equal_files(case), *equal_samples(case), *copies]


def _groups(keyed: Iterable[tuple[Hashable, str]]) -> list[Alike]:
    found = defaultdict[Hashable, list[str]](list)
    for key, name in keyed:
        found[key].append(name)
    return [Alike(tuple(ids), "exact") for ids in found.values() if len(ids) > 1]


def _told(rule: str, case: Case, groups: Iterable[Alike], how: str) -> Iterator[Finding]:
    """Groups of items that sound alike: across sides, under two labels, or within one side.

    Copies that a label space makes of an utterance are its weight and no finding; L08 minds their
    sides.
    """
    items, position = case.sides.items, case.sides.position
    pairs: list[list[int]] = []  # or more than two
    for group in groups:
        members = [position[name] for name in group.ids if name in position]
        whole = {parent_of(items[i], position) or items[i].id: i for i in members}
        if len(whole) > 1:
            pairs.append(sorted(whole.values()))
    across: dict[str, list[str]] = {}
    straddling: set[int] = set()
    for fold in case.sides.folds:
        train, test = set(fold.train.tolist()), set(fold.test.tolist())
        broken = [n for n, m in enumerate(pairs) if train & set(m) and test & set(m)]
        straddling.update(broken)
        across[fold.name] = [_named(case, pairs[n]) for n in broken]
    severity: Severity = "error" if rule == "L05" else "warning"
    message = f"{{count:{'|'.join(SOUNDS)}}} several ids ({how}), on both sides {{folds}}"
    yield from by_fold(rule, severity, across, message)
    contradicting = [m for m in pairs if len({items[i].label for i in m if items[i].label}) > 1]
    if contradicting:
        yield Finding(
            rule,
            "error",
            len(contradicting),
            f"{plural(len(contradicting), *SOUNDS)} several ids ({how}) and different labels",
            tuple(_named(case, m, labels=True) for m in contradicting[:EXAMPLES]),
        )
    within = [m for n, m in enumerate(pairs) if n not in straddling and m not in contradicting]
    if within:
        yield Finding(
            rule,
            "warning" if rule == "L05" else "info",
            len(within),
            f"{plural(len(within), *SOUNDS)} several ids ({how}), on one side of every fold: "
            "counted several times",
            tuple(_named(case, m) for m in within[:EXAMPLES]),
        )


def _named(case: Case, members: Iterable[int], *, labels: bool = False) -> str:
    items = [case.sides.items[i] for i in members]
    return " = ".join(f"{item.id} ({item.label})" if labels else item.id for item in items)


L05 = Rule(
    "L05",
    "no sound is on both sides, or there twice",
    (
        Check(_same_utterance),
        Check(_listed_twice),
        Check(_same_file),
        Check(_same_samples, SAMPLES),
        Check(_copies, SEARCHED),
    ),
)
L06 = Rule("L06", "no altered copy of a sound is on both sides", (Check(_near, SEARCHED),))
