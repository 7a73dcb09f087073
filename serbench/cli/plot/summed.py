"""Models over several corpora, by mean rank."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serbench.cli.options import Results
from serbench.cli.plot.asked import Asked
from serbench.cli.plot.drawn import Target, sentence
from serbench.cli.plot.options import (
    Accesses,
    Corpora,
    Data,
    Figure,
    Labels,
    Models,
    NoTitle,
    Protocols,
    Selections,
    Width,
)
from serbench.errors import UsageError

if TYPE_CHECKING:
    from serbench.overall import Overall

EXAMPLES = """
[bold]Examples[/bold]

serbench plot critical-difference --protocol loso --selection last -o cd.pdf
"""


def critical_difference(
    figure: Figure,
    corpus: Corpora = [],  # noqa: B006
    protocol: Protocols = [],  # noqa: B006
    model: Models = [],  # noqa: B006
    labels: Labels = [],  # noqa: B006
    selection: Selections = [],  # noqa: B006
    target_access: Accesses = [],  # noqa: B006
    data: Data = None,
    no_title: NoTitle = False,
    width: Width = "",
    results: Results = None,
) -> None:
    """Mean ranks over corpora, with bars over models that are not told apart.

    By Wilcoxon's signed-rank test with Holm's adjustment, from six corpora on: of fewer it cannot
    reach 0.05, and nothing is drawn. Only models with every corpus take part.
    """
    from serbench.cli.overall import heading
    from serbench.figures import critical as drawn
    from serbench.overall import overall

    target = Target(figure, data, not no_title, width)
    target.check()
    asked = Asked(results, corpus, protocol, model, labels, selection, target_access)
    table = _one(overall(asked.boards()), asked)
    if reason := drawn.silent(table):
        raise UsageError(
            f"no critical-difference diagram of {heading(table)}: {reason}",
            expected="six corpora or more, with every corpus for two models or more",
            advice="serbench leaderboard --overall shows the scores and ranks that there are",
        )
    target.write(
        lambda room: drawn.draw(table, room),
        drawn.FITS,
        drawn.described(table),
        drawn.data(table),
        title=heading(table),
        below=[f"{len(table.corpora)} corpora: {', '.join(table.corpora)}"],
        caption=" ".join([drawn.NOTE, *([sentence(table.powerless)] if table.powerless else [])]),
    )


def _one(found: list[Overall], asked: Asked) -> Overall:
    from serbench.cli.overall import heading

    if not found:
        raise UsageError(
            "no two corpora under one protocol" + (f" match {asked.named}" if asked.named else ""),
            expected="boards of single corpora, of one protocol and label space",
            advice=asked.meant,
        )
    if len(found) > 1:
        raise UsageError(
            f"{len(found)} tables match",
            expected="one: " + "; ".join(map(heading, found)),
            advice="narrow it by --protocol, --labels, --selection or --target-access",
        )
    return found[0]
