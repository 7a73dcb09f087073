"""L15, L16: what labels mean, and whether every class is trained on and tested."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from serbench.audit.case import Case
from serbench.audit.finding import EXAMPLES, Finding
from serbench.audit.label_maps import OF_MAPS
from serbench.audit.released import LABELS_OF_RELEASE, contradicted
from serbench.audit.rule import Check, Need, Rule, by_fold, plural

TENFOLD = 10


def _are_classes(case: Case) -> bool:
    """Whether labels are names, and not values of a scale ("1.33") or tags ("(True, False)")."""
    if case.listing.classes:
        return True
    names = case.sides.labels.names
    return bool(names) and not all(_is_scale(name) or name.startswith("(") for name in names)


LABELS = Need("labels", "the labels, as classes", _are_classes)


def no_classes(case: Case) -> str:
    """Why the labels are none."""
    if not case.sides.labels.known:
        return "no utterance has one"
    return "they are values of a scale, or tags"


RUN_OF_CLASSES = Need(
    "run", "a finished run", lambda case: case.run is not None and _are_classes(case)
)


def _is_scale(label: str) -> bool:
    try:
        float(label)
    except ValueError:
        return False
    return "." in label


def classes(case: Case) -> tuple[str, ...]:
    """All classes, in their order."""
    return case.listing.classes or tuple(sorted(case.sides.labels.names))


def _one_sided(case: Case) -> Iterator[Finding]:
    labels = case.sides.labels
    folds = [fold for fold in case.sides.folds if len(fold.train)]
    only = {
        fold.name: labels.named(labels.among(fold.test) & ~labels.among(fold.train))
        for fold in folds
    }
    yield from by_fold(
        "L15", "error", only, "{count:class is|classes are} tested and never trained on, {folds}"
    )
    tested, trained = (np.zeros(len(labels.names), dtype=np.bool_) for _ in range(2))
    for fold in folds:
        tested |= labels.among(fold.test)
        trained |= labels.among(fold.train)
    never = labels.named(trained & ~tested)
    if never:
        yield Finding(
            "L15",
            "error",
            len(never),
            f"{plural(len(never), 'class', 'classes')} are trained on and tested in no fold",
            tuple(never[:EXAMPLES]),
        )


def _rare(case: Case) -> Iterator[Finding]:
    """A class needs two utterances a fold, or its recall there is that of one sound.

    Folds beyond ten ask for no more: there is one for each speaker.
    """
    labels, k = case.sides.labels, min(len(case.sides.folds), TENFOLD)
    used = np.unique(np.concatenate([np.empty(0, np.int64)] + [
        side for fold in case.sides.folds for side in (fold.train, fold.test)
    ]))  # fmt: skip
    codes = labels.codes[used]
    counts = np.bincount(codes[codes >= 0], minlength=len(labels.names)).tolist()
    few = [(c, n) for c, n in zip(counts, labels.names, strict=True) if 0 < c < 2 * k]
    single = [name for count, name in few if count == 1]
    for names, severity, what in (
        (single, "error", "a single utterance, which cannot be trained on and tested"),
        (
            [f"{name} ({count})" for count, name in sorted(few) if count > 1],
            "warning",
            f"fewer than {2 * k} utterances, two for each of {plural(k, 'fold')}",
        ),
    ):
        if names:
            yield Finding(
                "L15",
                severity,  # type: ignore[arg-type]  # one of two literals
                len(names),
                f"{plural(len(names), 'class has', 'classes have')} {what}",
                tuple(names[:EXAMPLES]),
            )


def _unlisted(case: Case) -> Iterator[Finding]:
    """Labels of the data that are none of the classes, and classes that nothing is of.

    Where there is a label map, it is what the labels are held against.
    """
    if not case.listing.classes or case.listing.label_map:
        return
    found, listed = set(case.sides.labels.names), set(case.listing.classes)
    if strange := sorted(found - listed):
        yield Finding(
            "L15",
            "error",
            len(strange),
            f"{plural(len(strange), 'label')} of the data are none of the classes",
            tuple(strange[:EXAMPLES]),
        )
    if empty := [name for name in case.listing.classes if name not in found]:
        yield Finding(
            "L15",
            "error",
            len(empty),
            f"{plural(len(empty), 'class has', 'classes have')} no utterance: UA is undefined",
            tuple(empty[:EXAMPLES]),
        )


def _absent(case: Case) -> Iterator[Finding]:
    """A class that a fold does not test: its recall there is undefined."""
    labels = case.sides.labels
    every = classes(case)
    seen = {}
    for fold in case.sides.folds:
        tested = set(labels.named(labels.among(fold.test)))
        seen[fold.name] = [name for name in every if name not in tested]
    cells = sum(len(names) for names in seen.values())
    yield from by_fold(
        "L16",
        "info",
        seen,
        f"{{count:class has|classes have}} no test utterance {{folds}} ({cells} of "
        f"{plural(len(every) * len(seen), 'recall')}): UA must be pooled over folds",
    )


def _contradicted(case: Case) -> Iterator[Finding]:
    yield from contradicted(case, "label", "L15")


def _judged_by_others(case: Case) -> Iterator[Finding]:
    """A score is worth what it was held against."""
    labels = case.run.labels if case.run else {}
    other = [
        f"{item.id}: {labels[item.id]}, and it is {item.label}"
        for item in case.sides.items
        if labels.get(item.id, item.label) != item.label
    ]
    if other:
        yield Finding(
            "L15",
            "error",
            len(other),
            f"{plural(len(other), 'utterance was', 'utterances were')} judged by another label "
            "than the corpus has",
            tuple(other[:EXAMPLES]),
        )


L15 = Rule(
    "L15",
    "labels mean one thing, and each class can be learnt and tested",
    (
        Check(_one_sided, LABELS),
        Check(_rare, LABELS),
        Check(_unlisted, LABELS, of_folds=False),
        Check(_contradicted, LABELS, of_folds=False),
        LABELS_OF_RELEASE,
        Check(_judged_by_others, RUN_OF_CLASSES, of_folds=False),
        *OF_MAPS,
    ),
)
L16 = Rule("L16", "every fold tests every class", (Check(_absent, LABELS),))
