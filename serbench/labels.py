"""Emotions, tasks and label spaces: what is to be told apart, and what was merged to get there.

A corpus names its own (native) labels. Its adapter maps each of them to an :class:`Emotion`, one to
one in meaning. Whatever is merged or left out beyond that stands in a named :class:`LabelSpace`,
where a reader of the protocol sees it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


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


@dataclass(frozen=True)
class LabelSpace:
    """A named choice of classes, with what it merges and what it leaves out.

    Parameters
    ----------
    name, title
        The registered name, and one line for people.
    merge
        Emotion to class, or to None where utterances of that emotion are left out.
        Emotions that are not named keep their own name.
    classes
        The classes, in the order of the probability columns; empty: every emotion that the corpus
        has a label for, merged, in the order of these labels as written (EMO-DB's A E F L N T W:
        fear first). Fixed by the adapter and never by the data, so that a class without a test
        utterance stays a class.
    """

    name: str
    title: str
    merge: Mapping[str, str | None] = field(default_factory=dict)
    classes: tuple[str, ...] = ()

    def label(self, emotion: str) -> str | None:
        """The class of an emotion, None where it is left out."""
        merged = self.merge.get(emotion, emotion)
        if merged is not None and self.classes and merged not in self.classes:
            return None
        return merged

    def task(self, native: Mapping[str, str | None]) -> Classes:
        """The classes to tell apart.

        Their order matters to more than the eye: where a model's votes tie, the lower index wins.
        In the corpus's own order a script that works on its labels as written breaks ties alike.

        Parameters
        ----------
        native
            The corpus's labels as written, and the emotion of each; None: left out.
        """
        if self.classes:
            return Classes(self.classes)
        emotions = (native[label] for label in sorted(native))
        merged = (self.label(str(emotion)) for emotion in emotions if emotion is not None)
        return Classes(tuple(dict.fromkeys(name for name in merged if name is not None)))

    def record(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "merge": dict(sorted(self.merge.items())),
            "classes": list(self.classes),
        }


OWN = LabelSpace(name="own", title="the corpus's own emotions, nothing merged")
