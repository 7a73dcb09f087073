"""``serbench protocols list``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from serbench.cli.options import JsonFlag, print_json

EXAMPLES = """
[bold]Examples[/bold]

serbench protocols list

serbench protocols list --json
"""
COLUMNS = ("name", "title", "speakers", "epoch", "target\naudio")


def list_(json: JsonFlag = False) -> None:
    """Every registered protocol: whether speakers are apart, which epoch counts, what is heard.

    A guest's is named and not imported.
    """
    from serbench.registry import guests, load, shipped

    cards = [load("protocols", name).card() for name in shipped("protocols")]
    others = guests("protocols")
    if json:
        print_json([*cards, *others])
        return
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    from serbench.cli.corpora.describing import console, print_grid, print_guests

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in COLUMNS:
        table.add_column(column, overflow="fold", no_wrap=column in ("name", "epoch"))
    for card in cards:
        cells = (
            card["name"], card["title"], _speakers(card), card["selection"], card["target_access"],
        )  # fmt: skip
        table.add_row(*map(Text, cells))
    screen = console()
    screen.print(table)
    screen.print("what they reproduce")
    print_grid([(card["name"], card["reproduces"]) for card in cards], screen)
    print_guests(others, "protocols", screen)


def _speakers(card: Mapping[str, Any]) -> str:
    """What the rule makes of speakers; where the corpus's authors drew the split, it makes none."""
    from serbench.grouped import OfficialFold

    if card["splitter"]["kind"] == OfficialFold.kind:
        return "as they chose"
    return "apart" if card["speaker_independent"] else "on both sides"
