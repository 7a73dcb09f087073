"""``serbench models new``: begin a model of one's own, as a package."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

EXAMPLES = """
[bold]Examples[/bold]

serbench models new my-model

serbench models new my-model --dir ~/models/my-model
"""


def new(
    name: Annotated[str, typer.Argument(help="What to call it: lower case, digits and -.")],
    dir_: Annotated[
        Path | None,
        typer.Option("--dir", metavar="DIR", help="The folder to write it to. Default: ./NAME."),
    ] = None,
) -> None:
    """Write a small package with a net that runs as it is. Overwrites nothing."""
    from serbench.scaffold import scaffold

    folder = Path(name) if dir_ is None else dir_.expanduser()
    for path in scaffold(name, folder):
        typer.echo(path)
    typer.echo("next:")
    typer.echo(f"  cd {folder}")
    typer.echo("  pip install -e '.[test]' && pytest")
    typer.echo(f"  serbench run --model {name} --protocol loso --corpus emodb")
