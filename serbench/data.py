"""All that a model is ever given.

A training set shows sound, text, labels and speaker groups. A test set shows sound and text, and
speaker groups under the target access "speaker-norm". Neither shows an id, a path or a file name,
and a test set's order is that of its sounds' digests: nothing that a file's name or place spells
can reach a prediction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from serbench.audio import Channel
from serbench.errors import ModelError
from serbench.features.recipe import AnyRecipe, reads_text, record
from serbench.labels import Task


class Source(Protocol):
    """Where rows come from: a scanned corpus, a bundle of features, arrays in a test."""

    def waveform(self, row: int, rate: int | None, channel: Channel) -> NDArray[np.float32]: ...

    def feature(self, row: int, recipe: AnyRecipe) -> NDArray[np.float32]: ...

    def text(self, row: int) -> str | None: ...


class Utterances:
    """Utterances to be judged, by position.

    Parameters
    ----------
    task
        What to tell apart; ``task.names`` gives the order of the probability columns.
    source, rows
        Where the sounds are read from, and which of its rows these are.
    inputs
        What the model declared: "audio", "text". Only that is handed over.
    recipes
        The features that the model declared; others are refused, since the trial would not name
        them. None: any (outside of a trial).
    groups
        int64 [utterances]: numbers that tell the speakers apart and name none. Handed over under
        the target access "speaker-norm" alone; None: not to be known.
    """

    __slots__ = ("_groups", "_inputs", "_recipes", "_rows", "_source", "task")

    def __init__(
        self,
        task: Task,
        source: Source,
        rows: Sequence[int] | NDArray[np.int64],
        *,
        inputs: Iterable[str] = ("audio",),
        recipes: Iterable[AnyRecipe] | None = None,
        groups: NDArray[Any] | None = None,
    ) -> None:
        self.task = task
        self._source = source
        self._rows = np.asarray(rows, dtype=np.int64)
        self._inputs = frozenset(inputs)
        self._recipes = None if recipes is None else tuple(recipes)
        self._groups = None if groups is None else np.asarray(groups, dtype=np.int64)

    def __len__(self) -> int:
        return len(self._rows)

    def waveform(
        self, i: int, rate: int | None = None, channel: Channel = "first"
    ) -> NDArray[np.float32]:
        """Samples of utterance ``i``: float32 [samples], at ``rate`` Hz (None: as recorded)."""
        self._allow("audio")
        return self._source.waveform(int(self._rows[i]), rate, channel)

    def feature(self, i: int, recipe: AnyRecipe) -> NDArray[np.float32]:
        """The array of utterance ``i``: float32 [frames, dims] or [dims], from the cache.

        Raises
        ------
        ModelError
            If the model did not declare the recipe, or the corpus has no transcript that it reads.
        """
        if reads_text(recipe):
            self.text(i)  # refuses an utterance without a transcript
        else:
            self._allow("audio")
        if self._recipes is not None and recipe not in self._recipes:
            declared = ", ".join(str(record(known)) for known in self._recipes) or "none"
            raise ModelError(
                f"the model asked for a feature that it did not declare: {record(recipe)}",
                expected=f"one of its declared recipes ({declared})",
                advice="name the recipe in the model's `recipes`",
            )
        return self._source.feature(int(self._rows[i]), recipe)

    def text(self, i: int) -> str:
        """What is said in utterance ``i``.

        Raises
        ------
        ModelError
            If the corpus has no transcript of it.
        """
        self._allow("text")
        words = self._source.text(int(self._rows[i]))
        if words is None:
            raise ModelError(
                "the model reads text, and the corpus has no transcript of an utterance",
                advice="run it on a corpus with transcripts",
            )
        return words

    @property
    def groups(self) -> NDArray[np.int64]:
        """Which utterances have one speaker: int64 [utterances], numbers that name nobody.

        Raises
        ------
        ModelError
            Unless the protocol's target access is "speaker-norm".
        """
        if self._groups is None:
            raise ModelError(
                "the model asked which utterances have one speaker",
                expected='a protocol whose target access is "speaker-norm"',
                advice="--target-access speaker-norm, whose badge says so",
            )
        return self._groups

    def at(self, rows: Sequence[int] | NDArray[Any]) -> Utterances:
        """The utterances at these positions, in this order."""
        at = np.asarray(rows, dtype=np.int64)
        return Utterances(
            self.task,
            self._source,
            self._rows[at],
            inputs=self._inputs,
            recipes=self._recipes,
            groups=None if self._groups is None else self._groups[at],
        )

    def _allow(self, kind: str) -> None:
        if kind not in self._inputs:
            raise ModelError(
                f"the model asked for {kind}",
                expected="only what it declares: " + (", ".join(sorted(self._inputs)) or "nothing"),
                advice=f"add {kind!r} to the model's `inputs`",
            )


class LabelledUtterances(Utterances):
    """Utterances to learn from.

    Parameters
    ----------
    y
        int64 [utterances]: the index of the class in ``task.names``; float64 on a scale; bool
        [utterances, tags] of tags.
    speakers
        int64 [utterances]: numbers that tell speakers apart and name none.
    targets
        Further answers by name, such as "gender"; float or int arrays [utterances].
    """

    __slots__ = ("_targets", "speakers", "y")

    def __init__(
        self,
        task: Task,
        source: Source,
        rows: Sequence[int] | NDArray[np.int64],
        *,
        y: NDArray[Any],
        speakers: NDArray[Any],
        targets: Mapping[str, NDArray[Any]] | None = None,
        inputs: Iterable[str] = ("audio",),
        recipes: Iterable[AnyRecipe] | None = None,
    ) -> None:
        super().__init__(
            task, source, rows, inputs=inputs, recipes=recipes, groups=np.asarray(speakers)
        )
        self.y = np.asarray(y)
        self.speakers = np.asarray(speakers, dtype=np.int64)
        self._targets = dict(targets or {})

    def target(self, name: str) -> NDArray[Any]:
        """Another answer known of the training utterances, "gender" for example.

        Raises
        ------
        ModelError
            If the corpus does not know it of every utterance.
        """
        if name not in self._targets:
            known = ", ".join(sorted(self._targets)) or "none"
            raise ModelError(
                f"the model asked for the target {name!r}",
                expected=f"what it declares and the corpus knows: {known}",
                advice=f"add {name!r} to the model's `targets`",
            )
        return self._targets[name]

    def subset(self, rows: Sequence[int] | NDArray[Any]) -> LabelledUtterances:
        """The utterances at these positions, in this order."""
        at = np.asarray(rows, dtype=np.int64)
        return LabelledUtterances(
            self.task,
            self._source,
            self._rows[at],
            y=self.y[at],
            speakers=self.speakers[at],
            targets={name: values[at] for name, values in self._targets.items()},
            inputs=self._inputs,
            recipes=self._recipes,
        )

    def holdout(self, share: float, seed: int) -> tuple[LabelledUtterances, LabelledUtterances]:
        """Set whole speakers aside, at least one and never all.

        Parameters
        ----------
        share
            Of the speakers, 0 to 1, rounded to the nearest number of speakers.
        seed
            Draws them.

        Raises
        ------
        ModelError
            If there is but one speaker.
        """
        groups = np.unique(self.speakers)
        if len(groups) < 2:
            raise ModelError(
                "one speaker in the training set: none can be held out",
                expected="two speakers or more",
            )
        count = min(max(1, round(share * len(groups))), len(groups) - 1)
        drawn = np.random.default_rng(seed).permutation(groups)[:count]
        held = np.isin(self.speakers, drawn)
        return self.subset(np.flatnonzero(~held)), self.subset(np.flatnonzero(held))
