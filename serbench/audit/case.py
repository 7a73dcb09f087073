"""What is audited, and what is claimed of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from serbench.access import TargetAccess
from serbench.audit.evidence import Alike, Canary, Printed, Run
from serbench.listing import Listing
from serbench.protocols import Protocol, Selection
from serbench.splitters import GIVEN

if TYPE_CHECKING:
    from serbench.audit.finding import Finding
    from serbench.audit.sides import Sides
    from serbench.corpus import Entry


@dataclass(frozen=True)
class Declared:
    """What is claimed of the folds. None: nothing is.

    Parameters
    ----------
    protocol
        Its name, "" for somebody else's folds.
    speaker_independent, session_independent
        Whether no speaker, no session is on both sides. Where nothing is said of speakers, sharing
        them is an error; where sharing is declared, a badge.
    opaque
        Whether models are handed neither ids nor paths.
    selection, target_access
        As of a protocol.
    split_seeds
        Corpus to what draws its folds, where corpora have their own; {}: one draws them all.
    speakers
        Corpus to the number of its speakers, as its card has it.
    manifest
        Ids that the folds are of, all of them; None: those of the items.
    label_digests
        Who to the digest of the label map, where several say what labels mean.
    pretraining
        Corpora that the model has heard before, None if it was pre-trained and nobody says on what;
        () if it was not.
    """

    protocol: str = ""
    speaker_independent: bool | None = None
    session_independent: bool | None = None
    opaque: bool = False
    selection: Selection | None = None
    target_access: TargetAccess | None = None
    split_seeds: Mapping[str, int] | None = None
    speakers: Mapping[str, int] = field(default_factory=dict)
    manifest: frozenset[str] | None = None
    label_digests: Mapping[str, str] = field(default_factory=dict)
    pretraining: tuple[str, ...] | None = ()

    @classmethod
    def by(cls, protocol: Protocol, selection: Selection | None = None) -> Declared:
        """What a protocol claims, under a harness that hands no model an id or a path.

        Folds that somebody brought claim what is written beside them, mostly nothing.
        """
        folds: object = protocol.splitter if protocol.splitter.kind == GIVEN else protocol
        return cls(
            protocol=protocol.name,
            speaker_independent=getattr(folds, "speaker_independent", None),
            session_independent="session" in protocol.splitter.kind or None,
            opaque=True,
            selection=selection or protocol.selection,
            target_access=protocol.target_access,
            split_seeds=protocol.split_seeds,
        )


@dataclass(frozen=True)
class Case:
    """Folds, what is claimed of them, and what was gathered to judge them by.

    What is None was not gathered; ``reasons`` may say why, by the name of the need
    (:mod:`serbench.audit.rule`).

    Parameters
    ----------
    alike
        Items that sound alike, if sounds were searched.
    canaries
        What look-ups reach.
    behaviour
        Rule to its findings, of rules that watch a model at work; a rule that found nothing has
        ().
    run
        What a finished run holds.
    printed
        Numbers of a paper to hold against each other.
    releases
        Of somebody's folds: corpus to the files of its release, and what it says of each.
    """

    listing: Listing
    declared: Declared = field(default_factory=Declared)
    alike: tuple[Alike, ...] | None = None
    canaries: tuple[Canary, ...] | None = None
    behaviour: Mapping[str, tuple[Finding, ...]] | None = None
    run: Run | None = None
    printed: tuple[Printed, ...] | None = None
    releases: Mapping[str, Mapping[str, Entry]] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def sides(self) -> Sides:
        """Who stands on which side of each fold."""
        from serbench.audit.sides import Sides

        return Sides(self.listing)

    def canary(self, *names: str) -> Canary | None:
        """The first of these that was computed."""
        found = {canary.name: canary for canary in self.canaries or ()}
        return next((found[name] for name in names if name in found), None)
