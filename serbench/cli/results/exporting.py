"""``serbench results export``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from serbench.cli.options import JsonFlag, Results, one_of, print_json, read_from
from serbench.errors import UsageError

EXAMPLES = """
[bold]Examples[/bold]

serbench results export tables

serbench results export tables --format csv --corpus emodb --protocol loso

serbench results export tables --model svm --model timnet --json
"""
SCORES = "scores.csv"


def export(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where the tables are to be: new, or of before.")
    ],
    format_: Annotated[
        str, typer.Option("--format", help="Of the predictions: parquet or csv.")
    ] = "parquet",
    corpus: Annotated[
        list[str], typer.Option(help="Only boards with this corpus. Repeatable.")
    ] = [],  # noqa: B006
    protocol: Annotated[list[str], typer.Option(help="Only this protocol. Repeatable.")] = [],  # noqa: B006
    model: Annotated[list[str], typer.Option(help="Only this model. Repeatable.")] = [],  # noqa: B006
    results: Results = None,
    json: JsonFlag = False,
) -> None:
    """Write the results as plain tables, for people who do not use serbench.

    DIR/predictions has a row for each test utterance that each training was asked about: what is
    right, what was said, and the probability of every class. DIR/scores.csv has a row for each row
    of each board, as `serbench leaderboard --format csv`. Utterances and speakers go by their ids
    alone: no sound, no text, no path. The same results give the same bytes.
    """
    from serbench.boards import boards
    from serbench.cli.render import as_csv
    from serbench.longtable import CLASSES, FORMATS, RATINGS
    from serbench.longtable import export as write_tables
    from serbench.store import Store
    from serbench.writing import write_aside

    one_of("--format", format_, FORMATS)
    store = Store(read_from(results))
    _check_place(folder, {f"{name}.{form}" for name in (CLASSES, RATINGS) for form in FORMATS})
    asked: dict[str, Any] = {"corpora": corpus, "protocols": protocol, "models": model}
    written = write_tables(store, folder, format_, **asked)
    records = [record for board in boards(store, **asked) for record in board.records()]
    write_aside(folder / SCORES, as_csv(records).encode())
    files = {**written.rows, SCORES: len(records)}
    if json:
        print_json({
            "folder": str(folder), "rows": files, "trials": written.trials,
            "damaged": written.damaged,
        })  # fmt: skip
        return
    for name, rows in files.items():
        typer.echo(f"{folder / name}: {rows} rows")
    typer.echo(f"{written.trials} trainings; utterances and speakers by their ids alone")
    if written.damaged:
        typer.echo(
            f"{written.damaged} damaged trials were left out: serbench results repair", err=True
        )


def _check_place(folder: Path, own: set[str]) -> None:
    """Refuse a folder with other files in it than an export writes.

    Raises
    ------
    UsageError
        With one of them.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is no folder", expected="a folder, or a name that is free")
    held = {path.name for path in folder.iterdir()} if folder.exists() else set()
    if others := sorted(held - own - {SCORES}):
        raise UsageError(
            f"{folder} holds {others[0]}, which no export wrote",
            expected="an empty folder, an export of before, or a name that is free",
        )
