"""What every figure of a board is asked with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Figure = Annotated[
    Path, typer.Option("--figure", "-o", help="The file: .svg, .png, .pdf or .html.")
]
Data = Annotated[
    Path | None, typer.Option("--data", help="Write the numbers that the figure shows: FILE.csv.")
]
NoTitle = Annotated[
    bool, typer.Option("--no-title", help="Without a title, which a caption makes needless.")
]
Width = Annotated[
    str,
    typer.Option(
        "--width",
        metavar="column|text|PT",
        help="The width that it is to have in a paper: column (252 pt), text (516 pt, both "
        "columns), or points. Its text is then of 7 points or more. Default: the figure's own.",
    ),
]
Corpora = Annotated[
    list[str], typer.Option("--corpus", help="Only boards with this corpus. Repeatable.")
]
Protocols = Annotated[list[str], typer.Option("--protocol", help="Only this protocol. Repeatable.")]
Models = Annotated[list[str], typer.Option("--model", help="Only this model. Repeatable.")]
Labels = Annotated[list[str], typer.Option("--labels", help="Only this label space (labels list).")]
Selections = Annotated[
    list[str],
    typer.Option(
        "--selection",
        help="Only epochs chosen by this rule: last, val, best-on-test, best-on-test-per-metric; "
        "or all. Default: last and val, which are ranked.",
    ),
]
Accesses = Annotated[
    list[str],
    typer.Option(
        "--target-access",
        help="Only what may be heard of the test side: none, unlabelled, speaker-norm.",
    ),
]
Number = Annotated[
    int | None,
    typer.Option("--board", min=1, help="Of several boards that match, the one of this number."),
]
