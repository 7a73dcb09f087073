"""``serbench protocols``: who trains, who tests."""

from __future__ import annotations

from typing import Annotated

import typer

from serbench.cli.options import JsonFlag, print_json

app = typer.Typer(help="Protocols: who trains, who tests.", no_args_is_help=True)


@app.command("list")
def list_(json: JsonFlag = False) -> None:
    """Every registered protocol."""
    from serbench.registry import load, registered

    cards = [load("protocols", name).card() for name in registered("protocols")]
    if json:
        print_json(cards)
        return
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table("name", "title", "speakers", "reproduces", box=SIMPLE_HEAD, pad_edge=False)
    for card in cards:
        speakers = "apart" if card["speaker_independent"] else "on both sides"
        table.add_row(card["name"], card["title"], speakers, card["reproduces"])
    Console(highlight=False, markup=False).print(table)


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="A protocol.")],
    json: JsonFlag = False,
) -> None:
    """A protocol's card."""
    from serbench.registry import load

    card = load("protocols", name).card()
    if json:
        print_json(card)
        return
    for key, value in card.items():
        if value not in ("", {}):
            typer.echo(f"{key.replace('_', ' ')}: {value}")
