"""``serbench site``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from serbench.cli.options import Results, one_of, read_from
from serbench.errors import SerbenchError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from serbench.board import Board
    from serbench.site.words import Words

EXAMPLES = """
[bold]Examples[/bold]

serbench site public

serbench site public --corpus emodb --protocol loso

serbench site public --selection last --selection best-on-test
"""


def site(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR", help="Where the site is to be. A site that is there is replaced."
        ),
    ],
    corpus: Annotated[list[str], typer.Option(help="Only boards with this corpus.")] = [],  # noqa: B006
    protocol: Annotated[list[str], typer.Option(help="Only this protocol.")] = [],  # noqa: B006
    model: Annotated[list[str], typer.Option(help="Only this model.")] = [],  # noqa: B006
    selection: Annotated[
        list[str],
        typer.Option(
            help="Only epochs chosen by this rule: last, val, best-on-test, "
            "best-on-test-per-metric; or all. Default: last and val, which are ranked. Repeatable."
        ),
    ] = [],  # noqa: B006
    no_score_cache: Annotated[
        bool,
        typer.Option(
            "--no-score-cache",
            help="Compute every score from the predictions, draw every figure, and keep none.",
        ),
    ] = False,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes that draw. Default: one a core.")
    ] = None,
    results: Results = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Write the leaderboards as a folder of pages: no server, no network.

    A page for each board, model, corpus and protocol. Tables sort and filter, figures can be saved
    as SVG, PDF and data, and each number leads to the trials behind it. Open DIR/index.html, or put
    the folder on any web server.

    Everything in DIR is replaced, and only once all is written. A folder that holds anything but
    such a site is left alone.
    """
    from serbench.board import with_quoted
    from serbench.boards import boards
    from serbench.cli.progress import Screen, clock
    from serbench.folders import cache_folder
    from serbench.protocols import RANKED, SELECTIONS
    from serbench.scorecache import ScoreCache
    from serbench.site.building import build
    from serbench.site.folder import check
    from serbench.site.page import check as check_extra
    from serbench.store import Store

    check_extra()
    source = read_from(results)
    check(folder, source)
    for rule in selection:
        one_of("--selection", rule, ("all", *SELECTIONS))
    rules = tuple(r for r in SELECTIONS if r in selection or "all" in selection) or RANKED
    screen, store = Screen(quiet=quiet), Store(source)
    import time

    start = time.monotonic()
    cache = None if no_score_cache else cache_folder().absolute()
    found = boards(
        store, corpora=corpus, protocols=protocol, models=model, selections=rules,
        cache=None if cache is None else ScoreCache(cache),
    )  # fmt: skip
    found = [with_quoted(board, SELECTIONS) for board in found]
    asked = [*corpus, *protocol, *model]
    if asked and not found:
        raise UsageError(
            "no board matches " + " ".join(asked),
            expected="names that the results folder holds",
            advice="serbench leaderboard, for what there is",
        )
    with screen.step("pages") as told:
        built = build(store, found, words(found), folder, cache=cache, workers=workers, told=told)
    for line in built.missed:
        screen.note(line)
    screen.note(
        f"{built.boards} board{'s' * (built.boards != 1)} in {folder / 'index.html'}, "
        f"{clock(time.monotonic() - start)}"
    )


def words(boards: Sequence[Board]) -> Words:
    """What the pages say, in the words of the command line."""
    from serbench.cli.legend import FLAGS, SELECTION_NOTES, notes
    from serbench.site.words import Said, Words

    return Words(
        boards=tuple(
            Said(board.heading, tuple(line.removeprefix("* ") for line in notes(board)))
            for board in boards
        ),
        flags=dict(FLAGS),
        selections=dict(SELECTION_NOTES),
        protocols=_protocols(boards),
    )


def _protocols(boards: Sequence[Board]) -> Mapping[str, tuple[str, Mapping[str, str]]]:
    """The cards of those protocols that are installed; a results folder brings none of its own."""
    from serbench.cli.protocols.showing import in_words
    from serbench.registry import load, registered

    known = registered("protocols")
    told = {}
    for name in sorted({board.protocol for board in boards}):
        if name in known:
            try:
                card = load("protocols", name).card()
            except SerbenchError:
                continue
            told[name] = (str(card["title"]), {k: v for k, v in in_words(card).items() if v})
    return told
