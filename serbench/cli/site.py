"""``serbench site``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from serbench.cli.options import Results, one_of, read_from
from serbench.errors import SerbenchError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from serbench.board import Board
    from serbench.site.masthead import Masthead
    from serbench.site.words import Words

BROKEN = re.compile(r"^BROKE (\w+), unranked: ")  # how a terminal tells it, beside the row
EXAMPLES = """
[bold]Examples[/bold]

serbench site public

serbench site public --corpus emodb --protocol loso

serbench site public --selection last --selection best-on-test

serbench site public --title "Speech Lab Ghent" --date 2026-11-22
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
    title: Annotated[
        str,
        typer.Option(
            help="Whose pages these are, such as a laboratory's name: on every page, and the "
            "author of what cites a board."
        ),
    ] = "serbench",
    date: Annotated[
        str,
        typer.Option(
            metavar="YYYY-MM-DD",
            help="The day that stands on every page. Default: none, so that the same results give "
            "the same pages.",
        ),
    ] = "",
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
    such a site is left alone, and so is a site where there is no board to put in its place.
    """
    from serbench.board import with_quoted
    from serbench.boards import boards
    from serbench.cli.meant import meant_of
    from serbench.cli.progress import Screen, clock
    from serbench.folders import cache_folder
    from serbench.protocols import RANKED, SELECTIONS
    from serbench.scorecache import ScoreCache
    from serbench.site.building import build
    from serbench.site.folder import check, is_site
    from serbench.site.masthead import masthead
    from serbench.site.page import check as check_extra
    from serbench.store import Store

    check_extra()
    head = masthead(title, date)
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
            advice=meant_of(store, corpora=corpus, protocols=protocol, models=model)
            or "serbench leaderboard, for what there is",
        )
    if not found and is_site(folder):
        raise UsageError(
            f"{source} holds no board, and {folder} holds a site",
            expected="results of at least one run, to replace it by",
            advice="--results FOLDER or $SERBENCH_RESULTS, where the results are; to have an empty "
            "site, another folder",
        )
    with screen.step("pages") as told:
        built = build(
            store, found, words(found, head), folder, cache=cache, workers=workers, told=told
        )
    for line in built.missed:
        screen.note(line)
    screen.note(
        f"{built.boards} board{'s' * (built.boards != 1)} in {folder / 'index.html'}, "
        f"{clock(time.monotonic() - start)}"
    )


def words(boards: Sequence[Board], head: Masthead | None = None) -> Words:
    """What the pages say: the words of the command line, as far as they are for who reads pages."""
    from serbench.cli.legend import notes, printed
    from serbench.site.masthead import Masthead
    from serbench.site.words import Said, Words, for_pages

    told = []
    for board in boards:
        beside = {*printed(board.quoted)}  # stands beside their own table
        lines = [line for line in notes(board, paper=True) if line not in beside]
        told.append(Said(board.heading, tuple(for_pages(lines)), _flags(board)))
    return Words(tuple(told), _protocols(boards), head or Masthead())


def _flags(board: Board) -> Mapping[str, str]:
    """What a board's flags mean, where no command is at hand."""
    from serbench.cli.legend import FLAGS, OF_SENTIMENT
    from serbench.labels import Scale

    known = OF_SENTIMENT if isinstance(board.task, Scale) else FLAGS
    told = {flag: BROKEN.sub(r"broke rule \1: ", text) for flag, text in known.items()}
    return {
        **told,
        "no_stages": "no epochs to choose from: it is no net, or its trainings kept none",
    }


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
