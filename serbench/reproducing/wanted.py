"""What a published number takes: a training, its corpora, and the command that runs it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from serbench.folders import find_corpus
from serbench.protocols import Protocol
from serbench.published import Published
from serbench.registry import load
from serbench.reproducing.figure import PaperFigure, printed
from serbench.reproducing.measured import Sought
from serbench.reproducing.table import PaperTable, behind, lines, pair_of


def asked_for(table: PaperTable, numbers: Sequence[Published]) -> tuple[Published, ...]:
    """Every number that a training of ours could stand beside, of all parts, each once."""
    found: dict[int, Published] = {}
    for part in table.parts:
        for line in lines(table, part, numbers):
            for one in filter(None, line.numbers):
                pair = pair_of(table, part, one, numbers)
                for each in pair or behind(table, part, one, numbers):
                    if each.model and each.protocol:
                        found[id(each)] = each
    return tuple(found.values())


def soughts(work: PaperTable | PaperFigure, numbers: Sequence[Published]) -> tuple[Sought, ...]:
    """The trainings that stand in a table or a figure, in its order."""
    if isinstance(work, PaperFigure):
        return tuple(panel.sought for panel in work.panels)
    return tuple(Sought.of(one) for one in asked_for(work, numbers))


def beside_all(work: PaperTable | PaperFigure, numbers: Sequence[Published]) -> list[Sought]:
    """All that is looked for in a results folder, of a figure also beside what is printed of it."""
    found = list(soughts(work, numbers))
    if isinstance(work, PaperFigure):
        told = (one for panel in work.panels for one in printed(work, panel, numbers))
        found += [Sought.of(one) for one in told if one.model]
    return found


def missing_corpora(sought: Sought, roots: Mapping[str, Path]) -> tuple[str, ...]:
    """Those of a training's corpora whose folder nobody has named, or that has gone."""
    gone = []
    for name in sought.corpora:
        folder = find_corpus(name, roots)
        if folder is None or not folder.exists():
            gone.append(name)
    return tuple(gone)


def command(sought: Sought) -> str:
    """What runs a training, to be typed as it is."""
    protocol: Protocol = load("protocols", sought.protocol)
    words = ["serbench", "run", "--model", sought.model, "--protocol", sought.protocol]
    if tuple(sorted(protocol.corpora)) != sought.corpora:
        words += [word for name in sought.corpora for word in ("--corpus", name)]
    if protocol.labels[:1] != (sought.labels,):
        words += ["--labels", sought.labels]
    if sought.target_access != protocol.target_access:
        words += ["--target-access", sought.target_access]
    if sought.selection == "val":
        words += ["--selection", "val"]
    words += [word for name, v in sought.settings.items() for word in ("--set", f"{name}={v}")]
    return shlex.join(words)
