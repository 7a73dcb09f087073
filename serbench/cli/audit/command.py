"""The command ``serbench audit``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from serbench.cli.audit.asked import Asked
from serbench.cli.options import (
    AllowPartial,
    CorpusRoot,
    JsonFlag,
    Results,
    assignments,
    one_of,
    print_json,
)
from serbench.errors import SerbenchError, UsageError

if TYPE_CHECKING:
    from serbench.audit import Verdict
    from serbench.audit.row import RowName

EXAMPLES = """
[bold]Examples[/bold]

serbench audit loso --corpus emodb

serbench audit EmoBox/data/emodb

serbench audit my_splits.csv --corpus-root emodb=data/EMO-DB --json

serbench audit cross-corpus --corpus emodb --corpus ravdess --no-sounds --page audit.html

serbench audit results-local --fail-on warning

serbench audit loso --corpus savee --model timnet --set epochs=2
"""
FAIL_ON = ("error", "warning", "never")


def audit(
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET",
            help="A protocol (protocols list), a file or folder of splits (EmoBox, CSV, "
            "nkululeko), a results folder, or the first digits of a row's key or a trial's id.",
        ),
    ],
    corpus: Annotated[
        list[str],
        typer.Option(
            help="A corpus that the protocol is audited on; of a results folder, only rows on it. "
            "Repeatable."
        ),
    ] = [],  # noqa: B006  typer's way to say "none"
    model: Annotated[
        str | None,
        typer.Option(
            help="Watch a model at work, too: trained and tested a few times on make-believe "
            "recordings. Of a results folder, only its rows."
        ),
    ] = None,
    set_: Annotated[
        list[str],
        typer.Option("--set", metavar="NAME=VALUE", help="A setting of the model. Repeatable."),
    ] = [],  # noqa: B006
    labels: Annotated[
        str | None, typer.Option(help="Label space (labels list). Default: the protocol's.")
    ] = None,
    selection: Annotated[
        str | None, typer.Option(help="The epoch that is scored. Default: as the protocol says.")
    ] = None,
    target_access: Annotated[
        str | None, typer.Option(help="none, unlabelled, speaker-norm. Default: the protocol's.")
    ] = None,
    speaker_dependent: Annotated[
        bool,
        typer.Option(
            "--speaker-dependent",
            help="The splits are said to share speakers: that is then no error.",
        ),
    ] = False,
    sounds: Annotated[
        bool | None,
        typer.Option(
            "--sounds/--no-sounds",
            help="Search the sounds for copies. Default: where they are at hand.",
        ),
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Processes for the search.")] = None,
    corpus_root: CorpusRoot = [],  # noqa: B006
    allow_partial: AllowPartial = False,
    results: Results = None,
    json: JsonFlag = False,
    page: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a page of HTML, too.")
    ] = None,
    fail_on: Annotated[
        str, typer.Option(help="Exit with 1 on what is as grave: error, warning, never.")
    ] = "error",
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Say whether folds, or a finished run, test what they say they test.

    24 rules: speakers, sessions, texts and sounds on both sides, copies, coverage, labels, the
    choice of the epoch, what look-ups without sound reach, and more.

    A rule that nothing at hand allows to check is listed as not checked, never as kept.
    docs/audit.md explains each.

    Exits with 1 where something as grave as --fail-on is found, and with 2 where nothing could be
    audited.
    """
    from serbench.access import ACCESSES
    from serbench.cli.audit.shown import record, show
    from serbench.folders import cache_folder, corpus_roots, results_folder
    from serbench.protocols import SELECTIONS

    one_of("--fail-on", fail_on, FAIL_ON)
    one_of("--selection", selection, SELECTIONS)
    one_of("--target-access", target_access, ACCESSES)
    if set_ and model is None:
        raise UsageError(f"--set {set_[0]}", expected="--model NAME, which it is a setting of")
    asked = Asked(
        target=target,
        corpora=tuple(dict.fromkeys(corpus)),
        model=model,
        settings={name: value for _, name, value in assignments(set_)},
        labels=labels,
        selection=selection,  # type: ignore[arg-type]  # checked above
        access=target_access,  # type: ignore[arg-type]
        roots=corpus_roots(corpus_root),
        results=(results or results_folder()).absolute(),
        elsewhere=results is not None,
        cache=cache_folder().absolute(),
        allow_partial=allow_partial,
        sounds=sounds,
        workers=workers,
        dependent=speaker_dependent,
    )
    with _status_of_its_own():
        told = _told(asked, quiet)
        if page is not None:
            _write_page(page, [verdict for _, verdict in told])
    if json:
        print_json(record(told))
    else:
        show(told)
    if fail_on != "never" and any(one.found(fail_on) for _, one in told):  # type: ignore[arg-type]
        raise typer.Exit(1)


class NotAudited(UsageError):
    """What is to be audited cannot be read: with status 2, so that 1 means findings alone."""


@contextmanager
def _status_of_its_own() -> Iterator[None]:
    try:
        yield
    except UsageError:
        raise
    except SerbenchError as error:
        raise NotAudited(error.found, expected=error.expected, advice=error.advice) from error
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise NotAudited(f"{where}{error.strerror or error}") from error


def _told(asked: Asked, quiet: bool) -> list[tuple[RowName | None, Verdict]]:
    """The verdicts, those of a run by rows."""
    from serbench.audit import audit as examine
    from serbench.cli.audit.targets import cases_of
    from serbench.cli.progress import Screen

    told = [
        (case.run.row if case.run else None, examine(case))
        for case in cases_of(asked, Screen(quiet=quiet))
    ]
    return sorted(told, key=lambda one: one[0].place if one[0] else ())


def _write_page(path: Path, verdicts: list[Verdict]) -> None:
    from serbench.audit.page import page
    from serbench.writing import write_aside

    write_aside(path, page(verdicts).encode())
