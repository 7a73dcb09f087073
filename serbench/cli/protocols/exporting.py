"""``serbench protocols export``: the folds of a protocol for other tools."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from serbench.cli.options import AllowPartial, CorpusRoot
from serbench.cli.protocols.dealing import asked, dealt
from serbench.errors import UsageError

if TYPE_CHECKING:
    from serbench.listing import Listing

EXAMPLES = """
[bold]Examples[/bold]

serbench protocols export loso --corpus emodb > loso-emodb.csv

serbench protocols export kfold --corpus emodb --format emobox --out folds

serbench protocols export loso --corpus emodb --format nkululeko --out folds

serbench protocols export cross-corpus --corpus emodb --corpus ravdess --out pairs.csv

serbench protocols export EmoBox/data/emodb --corpus emodb --out emobox.csv
"""
FORMATS = ("csv", "emobox", "nkululeko")


def export(
    name: Annotated[str, typer.Argument(help="A protocol, or a file or folder of splits.")],
    corpus: Annotated[
        list[str],
        typer.Option(
            help="A corpus (corpora list). Repeatable. Protocols across corpora take them all at "
            "once, the others one by one. Default: the protocol's, where it has its usual ones."
        ),
    ] = [],  # noqa: B006
    format_: Annotated[
        str, typer.Option("--format", help="csv (one table), emobox or nkululeko (a folder).")
    ] = "csv",
    out: Annotated[
        Path | None,
        typer.Option(
            help="A file for csv, else a folder, which does not exist yet; for several corpora one "
            "by one always a folder. CSV goes to standard output without it."
        ),
    ] = None,
    labels: Annotated[
        str | None, typer.Option(help="Label space (labels list). Default: the protocol's.")
    ] = None,
    target_access: Annotated[
        str | None, typer.Option(help="none, unlabelled, speaker-norm. Default: the protocol's.")
    ] = None,
    corpus_root: CorpusRoot = [],  # noqa: B006
    allow_partial: AllowPartial = False,
) -> None:
    """Write who trains and who tests, for another tool or for a paper's supplement.

    The folds are those of a run, on the corpus as it is here. In CSV, files are named as the
    corpus's authors distribute them; for EmoBox and nkululeko as they stand below the corpus's
    folder on this machine. Transcripts are not written: they may not be passed on with the folds.

    `serbench run --protocol PLACE` takes what was written as a protocol, which is called as the
    file or folder is, with the label space that the folds were drawn under. `serbench audit PLACE`
    looks for leaks in it.
    """
    if format_ not in FORMATS:
        raise UsageError(f"--format {format_}", expected="one of " + ", ".join(FORMATS))
    protocol = asked(name, target_access)
    names = list(dict.fromkeys(corpus or protocol.corpora))
    if not names:
        raise UsageError(
            f"no corpus to deal {protocol.name} out to",
            expected="--corpus NAME",
            advice="serbench corpora list",
        )
    one_by_one = len(names) > 1 and not protocol.across
    _check(out, format_, names if one_by_one else [])
    from serbench.cli.progress import Screen
    from serbench.registry import registered
    from serbench.splitters import counted

    screen = Screen()
    for listing, roots, remarks in dealt(protocol, names, corpus_root, labels, allow_partial):
        for remark in remarks:
            screen.note(remark)
        if out is None:
            _print_csv(listing)
            continue
        target = out
        if one_by_one:
            target = out / (f"{protocol.name}-{next(iter(roots))}" + ".csv" * (format_ == "csv"))
        _write(listing, target, format_, roots)
        screen.note(f"{counted(len(listing.splits), 'fold')} of {listing.name} in {target}")
        called = target.stem if format_ == "csv" else target.name
        if called in registered("protocols"):
            screen.note(
                f"{called} is a registered protocol: serbench run takes these folds under another "
                "name alone"
            )


def _check(out: Path | None, format_: str, names: Sequence[str]) -> None:
    """Refuse what cannot be written, before a corpus is read."""
    if out is None:
        if format_ != "csv":
            raise UsageError(f"--format {format_} without --out", expected="--out FOLDER")
        if names:
            raise UsageError(
                f"the folds of {', '.join(names)} without --out",
                expected="--out FOLDER: each corpus has folds of its own, in a table of its own",
            )
        return
    if format_ == "csv" and not names and out.suffix.lower() != ".csv":
        raise UsageError(f"--out {out}", expected="a file that ends in .csv")
    folder = format_ != "csv" or bool(names)
    if out.exists() and not (folder and out.is_dir() and not any(out.iterdir())):
        raise UsageError(
            f"--out {out} exists already",
            expected="a new or an empty folder" if folder else "a new file",
            advice="delete it, or write elsewhere",
        )


def _print_csv(listing: Listing) -> None:
    from serbench.interchange.sounds import Sounds
    from serbench.interchange.table import write_table

    if isinstance(sys.stdout, io.TextIOWrapper):  # whatever the locale says, and LF alone
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    write_table(listing, sys.stdout, Sounds())


def _write(listing: Listing, target: Path, format_: str, roots: dict[str, Path]) -> None:
    from serbench.interchange.writing import write

    write(listing, target, format_, None if format_ == "csv" else roots)
