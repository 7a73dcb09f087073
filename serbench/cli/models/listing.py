"""``serbench models list``."""

from __future__ import annotations

from serbench.cli.options import JsonFlag, print_json

EXAMPLES = """
[bold]Examples[/bold]

serbench models list

serbench models list --json
"""


def list_(json: JsonFlag = False) -> None:
    """Every registered model with its owner. None of them is imported."""
    from serbench.registry import registered

    rows = [
        {"name": name, "owner": claim.owner, "target": claim.target, "claims": len(claims)}
        for name, claims in registered("models").items()
        for claim in claims
    ]
    if json:
        print_json(rows)
        return
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table("name", "owner", "from", box=SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        contested = " (contested)" if row["claims"] != 1 else ""
        table.add_row(f"{row['name']}{contested}", str(row["owner"]), str(row["target"]))
    Console(highlight=False).print(table)
