"""``serbench corpora remove``: forget where a corpus is."""

from __future__ import annotations

from typing import Annotated

import typer

EXAMPLES = """
[bold]Example[/bold]

serbench corpora remove whispers
"""


def remove(
    name: Annotated[str, typer.Argument(help="A corpus that `serbench corpora add` remembers.")],
) -> None:
    """Forget where a corpus is. Nothing in its folder is touched."""
    from serbench.folders import find_corpus, remove_corpus

    folder = remove_corpus(name)
    typer.echo(f"{name}: {folder} is forgotten; nothing in it was deleted")
    other = find_corpus(name, {})
    if other is not None:
        typer.echo(f"{name} is still found in {other}, by $SERBENCH_CORPORA")
