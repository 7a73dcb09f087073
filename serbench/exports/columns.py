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
from serbench.errors import CorpusError
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
# Of CSV alone, after all others: the label space that was asked for, and the sound on this machine.
LABELS, PATH = "labels", "path"


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
    labels
        The label space as it stands for this corpus; None where none was asked for.
    """

    card: CorpusCard
    scan: Scan
    utterances: tuple[Utterance, ...]
    classes: tuple[str, ...]
    emotions: tuple[str | None, ...]
    target: str = ""
    targets: tuple[float | list[str], ...] = ()
    labels: LabelSpace | None = None

    @cached_property
    def attributes(self) -> dict[str, str]:
        """Attribute to the name of its column, in alphabetical order.

        One that is named as a column of every corpus is called ``attribute_...``.
        """
        names = sorted({name for utterance in self.utterances for name in utterance.attributes})
        taken = {*COLUMNS, AUDIO, TARGET, LABELS, PATH}
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

    @property
    def repeated(self) -> tuple[str, ...]:
        """A sentence for each class whose utterances the label space counts several times."""
        if self.labels is None:
            return ()
        return tuple(
            f"{self.labels.name}: each utterance of {name} counts {times} times, "
            "and is written once"
            for name, times in self.labels.repeat.items()
            if times > 1
        )

    @property
    def labelled(self) -> str:
        """Under which labels the utterances stand, in words."""
        if self.labels is None:
            return "Every utterance, under the corpus's own emotions."
        said = f"Label space {self.labels.name}: {self.labels.title}."
        return " ".join((said, *(f"{sentence}." for sentence in self.repeated)))

    def record(self) -> dict[str, Any]:
        """What identifies a table, for those formats that can say it of themselves."""
        space = self.labels
        return {
            "corpus": self.card.name,
            "release": self.scan.release,
            "fingerprint": self.scan.fingerprint,
            "partial": self.scan.partial,
            "labels": None if space is None else space.name,
            "repeat": {} if space is None else {k: n for k, n in space.repeat.items() if n > 1},
            "note": self.labelled,
        }


def path_of(utterance: Utterance) -> str:
    """Where the sound file stands on this machine, absolute, as tables can hold it.

    Raises
    ------
    CorpusError
        If the path is no UTF-8: no table of text can name it.
    """
    path = str(utterance.audio.absolute())
    try:
        path.encode()
    except UnicodeEncodeError as error:
        raise CorpusError(
            f"the path {path!r} is not in UTF-8",
            expected="names in UTF-8, for a table that names the files",
            advice="rename the folder, or link to it under another name",
        ) from error
    return path


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
    here = cohort.labels
    once = {row.id for row in cohort.table()}  # copies, of a space that repeats, are not in it
    kept = [i for i, utterance in enumerate(cohort.utterances) if utterance.id in once]
    utterances = tuple(cohort.utterances[i] for i in kept)
    task = cohort.task
    if isinstance(task, Classes):
        emotions = tuple(task.names[int(cohort.y[i])] for i in kept)
        return Normalised(corpus.card, scan, utterances, task.names, emotions, labels=here)
    targets: tuple[float | list[str], ...]
    if isinstance(task, Tags):
        kind = "tags"
        given = [zip(task.names, cohort.y[i], strict=True) for i in kept]
        targets = tuple([name for name, is_given in row if is_given] for row in given)
    else:
        kind = "float64"
        targets = tuple(float(cohort.y[i]) for i in kept)
    emotions_ = _own(utterances)
    return Normalised(corpus.card, scan, utterances, classes, emotions_, kind, targets, here)


def _own(utterances: tuple[Utterance, ...]) -> tuple[str | None, ...]:
    return tuple(utterance.emotion or None for utterance in utterances)
