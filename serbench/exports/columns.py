"""The columns of a normalised corpus, the same for every corpus and every format.

First those that every corpus has, then a column for each of its attributes (valence, arousal,
intensity, ...), on the scale of the corpus.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from serbench.cohort import Cohort
from serbench.corpus import Corpus, CorpusCard, Utterance
from serbench.labels import OWN, Classes, LabelSpace, Tags
from serbench.scan import Scan

# Name and type: a class, votes by label, tags, or a plain type.
COLUMNS: dict[str, str] = {
    "id": "string",
    "file": "string",  # as its authors distribute it
    "speaker": "string",
    "emotion": "class",
    "native": "string",  # the label as written
    "intended": "string",
    "gender": "string",
    "session": "string",
    "dialogue": "string",
    "scenario": "string",
    "style": "string",
    "sentence": "string",
    "fold": "string",  # of the corpus's official split
    "text": "string",
    "start": "float64",  # seconds into the file
    "end": "float64",
    "duration": "float64",  # seconds
    "rate": "int64",  # Hz
    "channels": "int64",
    "samples": "string",  # SHA-256 of the decoded samples
    "votes": "votes",
}
AUDIO = "audio"  # of the formats that can hold sound or point to it
TARGET = "target"  # of a label space that is no classification


@dataclass(frozen=True)
class Normalised:
    """What an export writes: the utterances in the order of their ids, and what each is.

    Attributes
    ----------
    classes
        All classes in the order of their numbers, those without an utterance too.
    emotions
        The class of each utterance; None for one that has no emotion.
    target
        The type of the column ``target``: "float64" or "tags"; "" where there is none.
    targets
        What the label space asks for of each utterance, where it is no class.
    """

    card: CorpusCard
    scan: Scan
    utterances: tuple[Utterance, ...]
    classes: tuple[str, ...]
    emotions: tuple[str | None, ...]
    target: str = ""
    targets: tuple[float | list[str], ...] = ()

    @cached_property
    def attributes(self) -> dict[str, str]:
        """Attribute to the name of its column, in alphabetical order.

        One that is named as a column of every corpus is called ``attribute_...``.
        """
        names = sorted({name for utterance in self.utterances for name in utterance.attributes})
        taken = {*COLUMNS, AUDIO, TARGET}
        return {name: f"attribute_{name}" if name in taken else name for name in names}

    @cached_property
    def columns(self) -> dict[str, str]:
        """Every column and its type, in their order."""
        attributes = dict.fromkeys(self.attributes.values(), "float64")
        return COLUMNS | ({TARGET: self.target} if self.target else {}) | attributes

    def rows(self) -> Iterator[dict[str, Any]]:
        """The utterances by column; None where nothing is known."""
        attributes = self.attributes
        plain = [name for name in COLUMNS if name != "emotion"]
        for i, utterance in enumerate(self.utterances):
            row = dict.fromkeys(self.columns)
            row |= {name: getattr(utterance, name) for name in plain}
            row["emotion"] = self.emotions[i]
            if self.target:
                row[TARGET] = self.targets[i]
            for attribute, column in attributes.items():
                row[column] = utterance.attributes.get(attribute)
            yield row


def normalise(corpus: Corpus, scan: Scan, labels: LabelSpace | None = None) -> Normalised:
    """What to write of a scanned corpus.

    Parameters
    ----------
    labels
        Write only what this label space keeps: under its classes, or with its scale or tags as the
        column ``target``. An utterance that it counts several times is written once. None: every
        utterance under the corpus's own emotions, those without one too.

    Raises
    ------
    ProtocolError
        If the label space does not fit the corpus.
    """
    own = OWN.resolve(corpus.labels)
    classes = own.names if isinstance(own, Classes) else ()
    if labels is None:
        return Normalised(corpus.card, scan, scan.utterances, classes, _own(scan.utterances))
    cohort = Cohort(corpus, scan, labels)
    once = {row.id for row in cohort.table()}  # copies, of a space that repeats, are not in it
    kept = [i for i, utterance in enumerate(cohort.utterances) if utterance.id in once]
    utterances = tuple(cohort.utterances[i] for i in kept)
    task = cohort.task
    if isinstance(task, Classes):
        emotions = tuple(task.names[int(cohort.y[i])] for i in kept)
        return Normalised(corpus.card, scan, utterances, task.names, emotions)
    targets: tuple[float | list[str], ...]
    if isinstance(task, Tags):
        kind = "tags"
        given = [zip(task.names, cohort.y[i], strict=True) for i in kept]
        targets = tuple([name for name, is_given in row if is_given] for row in given)
    else:
        kind = "float64"
        targets = tuple(float(cohort.y[i]) for i in kept)
    return Normalised(corpus.card, scan, utterances, classes, _own(utterances), kind, targets)


def _own(utterances: tuple[Utterance, ...]) -> tuple[str | None, ...]:
    return tuple(utterance.emotion or None for utterance in utterances)
