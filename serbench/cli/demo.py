"""``serbench demo``: the whole way, from sound to two boards, with no data at hand."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from serbench.cli.options import JsonFlag

if TYPE_CHECKING:
    from serbench.board import Board

EXAMPLES = """
[bold]Examples[/bold]

serbench demo

serbench demo --dir my-demo && serbench leaderboard --results my-demo/results-0
"""
CORPUS = "savee"  # whose folder layout the forged voices are written in
NET = {"hidden": "24", "epochs": "12", "learning_rate": "0.003"}  # small enough for two minutes
MODELS: tuple[tuple[str, dict[str, str]], ...] = (("prior", {}), ("svm-mfcc", {}), ("dblmm", NET))
PROTOCOLS = ("loso", "kfold")
PER_CELL = 8  # utterances for each speaker and emotion


def demo(
    folder: Annotated[
        Path, typer.Option("--dir", help="Where the forged corpus and the results are kept.")
    ] = Path("serbench-demo"),
    seed: Annotated[int, typer.Option(help="Forges another corpus.")] = 0,
    json: JsonFlag = False,
) -> None:
    """Forge a small corpus of synthetic voices, run three models under two protocols, and compare.

    The voices are synthetic: these boards show how serbench works, not how well a model does.
    """
    from serbench import bench
    from serbench.boards import boards
    from serbench.cli.progress import Screen
    from serbench.cli.render import print_boards
    from serbench.folders import cache_folder
    from serbench.registry import load
    from serbench.request import Request
    from serbench.store import Store
    from serbench.testing.forge import forge_corpus

    screen = Screen()
    screen.note("All voices are synthetic: this shows how serbench works, not how good a model is.")
    corpus = load("corpora", CORPUS)()
    root = folder / f"forged-{CORPUS}-{seed}"
    if not root.is_dir():
        aside = root.with_name(f".{root.name}.{os.getpid()}")  # whole or not at all
        with screen.step(f"forging voices in the layout of {corpus.card.title}") as tell:
            forge_corpus(corpus, aside, seed=seed, per_cell=PER_CELL, progress=tell)
        aside.rename(root)
    results = folder / f"results-{seed}"
    failed = False
    for protocol in PROTOCOLS:
        request = Request(
            models=MODELS,
            protocols=[protocol],
            corpora=[CORPUS],
            results=results.absolute(),
            cache=cache_folder().absolute(),
            roots={CORPUS: root.absolute()},
            allow_partial=True,  # forged on purpose with fewer utterances than the card says
            executor="processes",
            keep="last",
        )
        failed |= bool(bench.run(request, screen).failures)
    shown = boards(Store(results), corpora=[CORPUS], protocols=PROTOCOLS)
    print_boards(shown, "json" if json else "table")
    screen.note(_why(shown))
    screen.note(f"kept in {folder}: serbench leaderboard --results {results}")
    if failed:
        raise typer.Exit(1)


def _why(shown: Sequence[Board]) -> str:
    """One line: how far the boards lie apart, and why."""
    best = {board.protocol: max(row.ua or 0 for row in board.rows) for board in shown}
    gap = 100 * (best["kfold"] - best["loso"])
    return (
        f"Why they differ: under kfold every test speaker is also in the training set, under loso "
        f"none is; knowing the voice is worth {gap:+.1f} points of UA to the best model here."
    )
