"""Utterances with all that is known of them beside their sound, and who trains and tests of them.

Whoever looks at a protocol without hearing a sound reads this: the audit, the canaries, exports of
folds. It comes from a corpus as scanned, or from a folder of somebody else's splits, which knows
less: what is not known is None, or "" for a name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from serbench.protocols import Split


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One utterance."""

    id: str
    label: str = ""  # its class, as the splits' author names it
    corpus: str = ""
    file: str = ""  # as distributed, or as a third party names it
    path: Path | None = None  # on this disk
    speaker: str = ""
    gender: str | None = None
    session: str | None = None
    dialogue: str | None = None
    scenario: str | None = None
    style: str | None = None
    sentence: str | None = None  # the number of a text that several utterances speak
    text: str | None = None
    parent: str | None = None  # id of the item that this one is an augmented copy of
    source: str | None = None  # the recording that this one is a segment of
    start: float | None = None  # seconds into it
    end: float | None = None
    duration: float | None = None  # seconds
    rate: int | None = None  # Hz
    channels: int | None = None
    samples: str | None = None  # SHA-256 of the decoded samples

    @property
    def who(self) -> tuple[str, str]:
        """The speaker, told apart from speakers of other corpora with the same name."""
        return self.corpus, self.speaker


@dataclass(frozen=True)
class Listing:
    """Utterances and their folds.

    Parameters
    ----------
    name
        What is looked at: "loso on emodb", or the name of a folder.
    items
        Every utterance that a fold names, each once, and those that none does.
    splits
        The folds, by ids of the items. Ids that no item has are kept, to be found.
    classes
        The classes in their order; empty where they are those of the items.
    label_map
        What each label stands for, where the splits' author says so in a table beside them.
    notes
        What was odd in reading the splits, a sentence each.
    label_space
        The name of the one that the folds were drawn under, if it is known.
    speaker_independent
        Whether whoever drew the folds says that no speaker is on both sides; None: nobody says.
    """

    name: str
    items: tuple[Item, ...]
    splits: tuple[Split, ...]
    classes: tuple[str, ...] = ()
    label_map: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    label_space: str = ""
    speaker_independent: bool | None = None
