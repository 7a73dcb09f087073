"""Emotions, tasks and label spaces: what is to be told apart, and what was merged to get there.

A corpus names its own (native) labels. Its adapter maps each of them to an :class:`Emotion`, one to
one in meaning. Whatever is merged or left out beyond that stands in a named :class:`LabelSpace`,
where a reader of the protocol sees it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol


class Emotion(StrEnum):
    """The standard vocabulary. Not a limit: a corpus may map to any other lower-case name."""

    ANGER = "anger"
    BOREDOM = "boredom"
    CALM = "calm"
    CONTEMPT = "contempt"
    DISGUST = "disgust"
    EXCITEMENT = "excitement"
    FEAR = "fear"
    FRUSTRATION = "frustration"
    HAPPINESS = "happiness"
    NEUTRAL = "neutral"
    SADNESS = "sadness"
    SURPRISE = "surprise"
    OTHER = "other"


@dataclass(frozen=True)
class Classes:
    """One of several classes. Their order is the order of a model's probability columns."""

    names: tuple[str, ...]

    def record(self) -> dict[str, Any]:
        return {"kind": "classes", "names": list(self.names)}


@dataclass(frozen=True)
class Scale:
    """A number between two ends, such as sentiment from -3 to 3."""

    low: float
    high: float

    def record(self) -> dict[str, Any]:
        return {"kind": "scale", "low": self.low, "high": self.high}


@dataclass(frozen=True)
class Tags:
    """Any number of tags at once."""

    names: tuple[str, ...]

    def record(self) -> dict[str, Any]:
        return {"kind": "tags", "names": list(self.names)}


Task = Classes | Scale | Tags


def task_of(record: Mapping[str, Any]) -> Task:
    """The task that a ``record()`` is of.

    >>> task_of({"kind": "scale", "low": -3.0, "high": 3.0})
    Scale(low=-3.0, high=3.0)
    """
    if record["kind"] == "scale":
        return Scale(record["low"], record["high"])
    kind = Classes if record["kind"] == "classes" else Tags
    return kind(tuple(record["names"]))


Answer = str | float | tuple[bool, ...]  # of a Classes, a Scale, a Tags task
PERCEIVED, INTENDED = "perceived", "intended"


class Labelled(Protocol):
    """What a label space looks at of an utterance (:class:`serbench.corpus.Utterance`)."""

    @property
    def emotion(self) -> str: ...
    @property
    def intended(self) -> str | None: ...
    @property
    def attributes(self) -> Mapping[str, float]: ...


@dataclass(frozen=True)
class LabelSpace:
    """A named choice of what is told apart, with what it merges and what it leaves out.

    Parameters
    ----------
    name, title
        The registered name, and one line for people.
    task
        What is told apart. None: every emotion that the corpus has a label for, merged, in the
        order of these labels as written (EMO-DB's A E F L N T W: fear first). Fixed by the adapter
        and never by the data, so that a class without a test utterance stays a class.
    merge
        Emotion to class, or to None where utterances of that emotion are left out. Emotions that
        are not named keep their own name; those that are no class of the task are left out.
    where
        Field of an utterance to the values that are kept, such as ``{"style": ("improvised",)}``.
    label_field
        For classes: "perceived" (what listeners heard, or the corpus's one label) or "intended"
        (what was to be played). For a scale: the attribute that it measures. Tags are attributes,
        and one is given where its attribute is above 0.
    repeat
        Class to the number of times that each of its utterances counts. Copies stay together on
        one side of every split.
    variants
        Corpus to the space that stands for this one there, where corpora differ in what is meant.
    expected
        Corpus to utterances per class, known beforehand of its usual release: a whole one that
        gives others is an error.
    note
        In words: what is merged, what is left out, and who does so.
    """

    name: str
    title: str
    task: Task | None = None
    merge: Mapping[str, str | None] = field(default_factory=dict)
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    label_field: str = PERCEIVED
    repeat: Mapping[str, int] = field(default_factory=dict)
    variants: Mapping[str, LabelSpace] = field(default_factory=dict)
    expected: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    note: str = ""

    def on(self, corpus: str) -> LabelSpace:
        """What this space means on a corpus; under one name, by which a worker asks for it."""
        variant = self.variants.get(corpus)
        return self if variant is None else dataclasses.replace(variant, name=self.name)

    def among(self, natives: Mapping[str, Mapping[str, str | None]]) -> LabelSpace:
        """What this space means for several corpora at once: corpus to the emotion of each label.

        Most spaces mean the same for any company; :class:`Intersection` does not.
        """
        del natives
        return self

    def lacks(self, corpus: str, native: Mapping[str, str | None]) -> tuple[str, ...]:
        """Classes of the task that no label of a corpus stands for, so that none is ever tested."""
        here = self.on(corpus)
        task = here.resolve(native)
        if not isinstance(task, Classes):
            return ()
        found = {here.label(str(emotion)) for emotion in native.values() if emotion is not None}
        return tuple(name for name in task.names if name not in found)

    def label(self, emotion: str) -> str | None:
        """The class of an emotion, None where it is left out."""
        merged = self.merge.get(emotion, emotion)
        if merged is not None and isinstance(self.task, Classes) and merged not in self.task.names:
            return None
        return merged

    def keeps(self, utterance: Labelled) -> bool:
        """Whether ``where`` lets an utterance in."""
        return all(getattr(utterance, name, None) in values for name, values in self.where.items())

    def answer(self, utterance: Labelled, native: Mapping[str, str | None]) -> Answer | None:
        """What is right for an utterance, None where it is left out.

        Parameters
        ----------
        native
            The corpus's labels as written, and the emotion of each.
        """
        if not self.keeps(utterance):
            return None
        if isinstance(self.task, Scale):
            return utterance.attributes.get(self.label_field)
        if isinstance(self.task, Tags):
            given = [utterance.attributes.get(name) for name in self.task.names]
            known = tuple(value > 0 for value in given if value is not None)
            return known if len(known) == len(given) else None
        emotion: str | None = utterance.emotion
        if self.label_field == INTENDED:
            emotion = None if utterance.intended is None else native.get(utterance.intended)
        return self.label(str(emotion)) if emotion else None

    def resolve(self, native: Mapping[str, str | None]) -> Task:
        """What is told apart on a corpus.

        The order of classes matters to more than the eye: where a model's votes tie, the lower
        index wins. In the corpus's own order a script that works on its labels as written breaks
        ties alike.

        Parameters
        ----------
        native
            The corpus's labels as written, and the emotion of each; None: left out.
        """
        if self.task is not None:
            return self.task
        emotions = (native[label] for label in sorted(native))
        merged = (self.label(str(emotion)) for emotion in emotions if emotion is not None)
        return Classes(tuple(dict.fromkeys(name for name in merged if name is not None)))

    def counts(
        self, corpus: str, native: Mapping[str, str | None], card: Mapping[str, int]
    ) -> dict[str, int] | None:
        """Utterances per class of a corpus that nobody has at hand; None where that is unknown.

        Parameters
        ----------
        native, card
            The emotion of each of the corpus's labels, and its utterances per label.
        """
        here = self.on(corpus)
        if corpus in here.expected:
            return dict(here.expected[corpus])
        task = here.resolve(native)
        if here.where or here.label_field != PERCEIVED or not isinstance(task, Classes):
            return None
        counts = dict.fromkeys(task.names, 0)
        for label, count in card.items():
            emotion = native.get(label)
            name = None if emotion is None else here.label(str(emotion))
            if name is not None:
                counts[name] += count * here.repeat.get(name, 1)
        return counts

    def record(self) -> dict[str, Any]:
        """All that decides about a label, as it stands in a trial."""
        return {
            "name": self.name,
            "task": None if self.task is None else self.task.record(),
            "merge": dict(sorted(self.merge.items())),
            "where": {name: list(values) for name, values in sorted(self.where.items())},
            "label_field": self.label_field,
            "repeat": dict(sorted(self.repeat.items())),
        }


OWN = LabelSpace(
    name="own",
    title="the corpus's own emotions, nothing merged",
    note="Labels that stand for no emotion, such as IEMOCAP's xxx (no agreement), are left out.",
)


@dataclass(frozen=True)
class Intersection(LabelSpace):
    """The emotions that every corpus of a company has, in alphabetical order, nothing merged."""

    def among(self, natives: Mapping[str, Mapping[str, str | None]]) -> LabelSpace:
        sets = [
            {OWN.label(e) for e in native.values() if e is not None} for native in natives.values()
        ]
        shared = sorted(name for name in set.intersection(*sets) if name is not None)
        return dataclasses.replace(self, task=Classes(tuple(shared)))


INTERSECTION = Intersection(
    name="intersection",
    title="the emotions that all corpora of a protocol have, nothing merged",
    note="Which these are depends on the corpora: the task of a trial names them. Utterances of "
    "any other emotion are left out.",
)
