"""``serbench submit``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from serbench.cli.options import JsonFlag, Results, once, print_json, read_from
from serbench.errors import UsageError

if TYPE_CHECKING:
    from serbench.submission.submitting import Submitted

EXAMPLES = """
[bold]Examples[/bold]

serbench submit -o mine.tar --model my-model --card CARD.toml

serbench submit -o loso.tar --protocol loso --corpus savee --corpus emodb --stages
"""


def submit(
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE.tar", help="The file to write.")
    ],
    results: Results = None,
    corpus: Annotated[list[str], typer.Option(help="Only rows on this corpus. Repeatable.")] = [],  # noqa: B006  typer's way to say "none"
    protocol: Annotated[
        list[str], typer.Option(help="Only rows under this protocol. Repeatable.")
    ] = [],  # noqa: B006
    model: Annotated[list[str], typer.Option(help="Only this model's rows. Repeatable.")] = [],  # noqa: B006
    card: Annotated[
        Path | None,
        typer.Option(
            metavar="CARD.toml",
            help="title, authors, contact, url, licence and description of the models.",
        ),
    ] = None,
    stages: Annotated[
        bool,
        typer.Option(
            "--stages",
            help="Pack what was said after every epoch as well: what shows that an epoch was not "
            "picked.",
        ),
    ] = False,
    partial: Annotated[
        bool,
        typer.Option("--partial", help="Pack rows that lack trials, too; the submission says so."),
    ] = False,
    json: JsonFlag = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Pack finished rows into a file for a board: predictions, claimed scores, a model card.

    The same rows give the same bytes. The id that is printed is the SHA-256 of what the submission
    says of itself: quote it where you quote the numbers. docs/submit.md describes the rest.
    """
    from serbench.cli.progress import Screen
    from serbench.store import Store
    from serbench.submission.card import Card, read_card
    from serbench.submission.submitting import chosen_rows
    from serbench.submission.submitting import submit as pack

    if output.is_dir() or not output.absolute().parent.is_dir():
        raise UsageError(f"-o {output}", expected="a file, in a folder that exists")
    if output.suffix != ".tar":
        raise UsageError(f"-o {output}", expected="a name that ends in .tar")
    store = Store(read_from(results))
    rows = chosen_rows(store, corpora=once(corpus), protocols=once(protocol), models=once(model))
    names = {str(plans[0].row["model"]["name"]) for plans in rows}
    about = Card() if card is None else read_card(card, names)
    with Screen(quiet=quiet).step("examining trials") as tell:
        done = pack(output, store, rows, about, stages=stages, partial=partial, progress=tell)
    if json:
        print_json(_record(done))
        return
    for title, row in zip(done.titles, done.rows, strict=True):
        lacking = f" of {row.planned}, partial" if row.partial else ""
        typer.echo(f"{title}: {len(row.trials)} trials{lacking}")
    typer.echo(f"{done.path}: {done.bytes / 1e6:,.2f} MB")
    typer.echo(f"submission {done.id}")


def _record(done: Submitted) -> dict[str, object]:
    rows = [
        {
            "title": title,
            "row": row.digest,
            "trials": len(row.trials),
            "planned": row.planned,
            "partial": row.partial,
            "stages": row.stages,
            "claimed": dict(row.claimed),
        }
        for title, row in zip(done.titles, done.rows, strict=True)
    ]
    return {"path": str(done.path), "id": done.id, "bytes": done.bytes, "rows": rows}
