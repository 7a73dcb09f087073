"""L18, L19: what a look-up without sound makes of names, and of the form of files."""

from __future__ import annotations

from collections.abc import Iterator

from serbench.audit.behaviour import NAMES_AT_WORK
from serbench.audit.case import Case
from serbench.audit.evidence import Canary
from serbench.audit.finding import Finding
from serbench.audit.rule import Check, Need, Rule

NOTABLE = 3.0  # standard deviations of guessing, either way
WORDS = {"speaker-text": "speaker and text", "path": "name", "file": "file format"}
NAMES = ("path",)
FORM = ("duration", "file")


def told(canary: Canary) -> str:
    """What a look-up reaches, in words."""
    what = WORDS.get(canary.name, canary.name)
    return (
        f"a look-up by {what} reaches UA {100 * canary.ua:.1f} where chance is "
        f"{100 * canary.chance:.1f} (z {canary.z:+.1f})"
    )


PATHS = Need("canaries", "a look-up of labels by name", lambda c: c.canary(*NAMES) is not None)
FILES = Need(
    "canaries", "look-ups of labels by duration and format", lambda c: c.canary(*FORM) is not None
)


def _names(case: Case) -> Iterator[Finding]:
    """Names that spell the label harm where a model is handed them."""
    canary = case.canary(*NAMES)
    if canary is None or canary.z <= NOTABLE:
        return
    hidden = case.declared.opaque
    yield Finding(
        "L18",
        "info" if hidden else "warning",
        sum(len(fold.test) for fold in case.sides.folds),
        told(canary)
        + (
            "; models are handed neither ids nor paths here"
            if hidden
            else ": hand no id and no path to a model"
        ),
        tuple(item.file or item.id for item in case.sides.items[:1]),
    )


def _form(case: Case) -> Iterator[Finding]:
    for name in FORM:
        canary = case.canary(name)
        if canary is not None and abs(canary.z) > NOTABLE:
            count = sum(len(fold.test) for fold in case.sides.folds)
            yield Finding("L19", "warning", count, told(canary))


L18 = Rule("L18", "names do not give labels away", (Check(_names, PATHS), NAMES_AT_WORK))
L19 = Rule("L19", "durations and file formats do not give labels away", (Check(_form, FILES),))
