"""The steps of the ladder, from the most flattering protocol of the literature to the hardest."""

from __future__ import annotations

from dataclasses import dataclass

from serbench.protocols import RANKED, Selection


@dataclass(frozen=True)
class Step:
    """One way in which papers come to a number.

    Parameters
    ----------
    protocol, selection
        The protocol and the rule that chooses the epoch.
    title
        A line for a table.
    label
        The same in two short lines, for a figure.
    subject, plural
        How a sentence names it, and whether that is a plural.
    shortcut
        Whether it lets a model profit from what it would not have of new speakers. What such a
        step gives more than another is what it flatters by.
    across
        Whether the model was trained on other corpora.
    """

    protocol: str
    selection: Selection
    title: str
    label: tuple[str, str]
    subject: str
    plural: bool = False
    shortcut: bool = False
    across: bool = False

    @property
    def key(self) -> str:
        """Its name for scripts."""
        return f"{self.protocol}/{self.selection}"

    @property
    def ranked(self) -> bool:
        """Whether a leaderboard would rank its number."""
        return self.selection in RANKED


STEPS = (
    Step(
        protocol="kfold",
        selection="best-on-test",
        title="random folds, best epoch",
        label=("random folds,", "best epoch"),
        subject="choosing the epoch on the test fold",
        shortcut=True,
    ),
    Step(
        protocol="kfold",
        selection="last",
        title="random folds, last epoch",
        label=("random folds,", "last epoch"),
        subject="random folds",
        plural=True,
        shortcut=True,
    ),
    Step(
        protocol="kfold-speaker",
        selection="last",
        title="whole speakers",
        label=("whole", "speakers"),
        subject="folds of whole speakers",
        plural=True,
    ),
    Step(
        protocol="loso",
        selection="last",
        title="one speaker out",
        label=("one speaker", "out"),
        subject="leaving one speaker out",
    ),
    Step(
        protocol="cross-corpus",
        selection="last",
        title="another corpus",
        label=("another", "corpus"),
        subject="training on another corpus",
        across=True,
    ),
)
WITHIN = tuple(dict.fromkeys(step.protocol for step in STEPS if not step.across))
ACROSS = next(step.protocol for step in STEPS if step.across)
