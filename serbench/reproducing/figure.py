"""What a figure of a paper shows: its kind, and the trainings that it is drawn from.

What the paper prints of it in numbers stands in ``results/literature.csv`` as the numbers of tables
do; where its authors released a confusion matrix, that stands with the panel.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from serbench.protocols import Selection
from serbench.published import Published
from serbench.reproducing.measured import Sought

Kind = Literal["curves", "confusion", "tsne", "attention"]
ASKED_AGAIN: tuple[Kind, ...] = ("tsne", "attention")  # of a trained net, and no net is stored


@dataclass(frozen=True)
class Panel:
    """One training of a figure, and what is printed of it.

    Parameters
    ----------
    method
        As the paper has it: "GM-TCN".
    model, settings
        The registered model, and the paper's settings of it.
    protocol, corpus, labels, selection
        What it is trained and scored by.
    numbers
        Where its printed numbers stand in ``results/literature.csv``: (table, method) each.
    classes, counts
        The confusion matrix that the authors released, rows the truth; empty: none.
    instead
        What of its corpus is not the paper's, a clause each: see :meth:`on`.
    """

    method: str
    model: str
    settings: Mapping[str, Any]
    protocol: str
    corpus: str
    labels: str = "own"
    selection: Selection = "last"
    numbers: Sequence[tuple[str, str]] = ()
    classes: Sequence[str] = ()
    counts: Sequence[Sequence[int]] = ()
    instead: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The method and the corpus."""
        return f"{self.method} on {self.corpus}"

    @property
    def sought(self) -> Sought:
        """What is looked for in a results folder."""
        return Sought(
            self.model, self.settings, self.protocol, (self.corpus,), self.labels, "none",
            self.selection,
        )  # fmt: skip

    def on(self, corpus: str) -> Panel:
        """The same method on a corpus that the paper does not show, where nothing is printed."""
        space = "" if self.labels == "own" else f", label space {self.labels}"
        return replace(
            self, corpus=corpus, labels="own", numbers=(), classes=(), counts=(),
            instead=(f"on {corpus} where the paper has {self.corpus}{space}",),
        )  # fmt: skip


@dataclass(frozen=True)
class PaperFigure:
    """A figure of a paper.

    Parameters
    ----------
    name
        What it is asked for by: "timnet-fig3".
    paper
        As in :class:`serbench.published.Published`: "TIM-Net".
    figure
        Its number, "3"; "" where only what it shows is known.
    title
        What it shows, in a line.
    citation
        Who printed it, where and when.
    kind
        "curves" over the epochs; "confusion" matrices; "tsne" planes of test utterances;
        "attention" of one of them.
    panels
        In the paper's order.
    note
        What a reader must know of all of it.
    axes
        Of attention: what a column and a row of its map are.
    """

    name: str
    paper: str
    figure: str
    title: str
    citation: str
    kind: Kind
    panels: Sequence[Panel]
    note: str = ""
    axes: tuple[str, str] = ("column", "row")

    def on(self, corpora: Sequence[str]) -> PaperFigure:
        """The same of these corpora alone, the paper's or others; of none named, as it is."""
        if not corpora:
            return self
        found: list[Panel] = []
        for corpus in dict.fromkeys(corpora):
            own = [panel for panel in self.panels if panel.corpus == corpus]
            first = {panel.method: panel for panel in reversed(self.panels)}
            methods = dict.fromkeys(panel.method for panel in self.panels)
            found += own or [first[method].on(corpus) for method in methods]
        return replace(self, panels=tuple(found))

    def of(self, models: Collection[str]) -> PaperFigure:
        """The same of these models alone; of none named, as it is."""
        kept = tuple(panel for panel in self.panels if not models or panel.model in models)
        return replace(self, panels=kept)


def printed(
    figure: PaperFigure, panel: Panel, numbers: Sequence[Published]
) -> tuple[Published, ...]:
    """What is printed of a panel, in the order of its sources."""
    return tuple(
        one
        for table, method in panel.numbers
        for one in numbers
        if (one.paper, one.table, one.method) == (figure.paper, table, method)
        and one.corpora == panel.corpus
    )
