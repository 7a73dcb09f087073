"""A corpus at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from serbench.cli.corpora.reading import Name
from serbench.cli.options import CorpusRoot
from serbench.cli.plot.drawn import Target
from serbench.cli.plot.options import Data, Figure, NoTitle, Width

if TYPE_CHECKING:
    from serbench.figures.room import Room

EXAMPLES = """
[bold]Examples[/bold]

serbench plot corpus emodb -o emodb.svg

serbench plot corpus emodb --corpus-root emodb=data/EMO-DB --data emodb.csv -o emodb.pdf
"""


def corpus(
    name: Name,
    figure: Figure,
    corpus_root: CorpusRoot = [],  # noqa: B006
    data: Data = None,
    no_title: NoTitle = False,
    width: Width = "",
) -> None:
    """A corpus's utterances by speaker and emotion, and how long they are.

    `serbench corpora show NAME --figure FILE` draws the same beside its card.
    """
    from serbench.adapters import adapter
    from serbench.cli.corpora.reading import roots_for, scan_folder
    from serbench.figures.corpus import FITS, NOTE, draw
    from serbench.figures.counts import Counts
    from serbench.folders import corpus_folder

    target = Target(figure, data, not no_title, width)
    target.check()
    roots = roots_for([name], corpus_root)
    made = adapter(name, roots.get(name))
    folder = corpus_folder(name, roots, made.card.how_to_get)
    made = adapter(name, folder)
    found = scan_folder(made, folder, allow_partial=True)

    def drawn(room: Room | None) -> Any:
        chart = draw(made.card, found, room)
        if no_title:
            import altair as alt

            chart.title = alt.Undefined
        return chart

    counts = Counts.of(found.utterances)
    records = [
        {counts.by: row, "emotion": emotion, "utterances": counts.cells[row, emotion]}
        for row in counts.rows
        for emotion in counts.emotions
    ]
    target.write(drawn, FITS, f"{made.card.title}: {found.release}", records, caption=NOTE)
