"""``serbench verify``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from serbench.cli.options import CorpusRoot, JsonFlag, print_json
from serbench.errors import UsageError

if TYPE_CHECKING:
    from serbench.verifying.rerunning import Again
    from serbench.verifying.verdict import RowVerdict, Verdict

EXAMPLES = """
[bold]Examples[/bold]

serbench verify mine.tar

serbench verify submissions/ --corpus-root savee=data/SAVEE --json

serbench verify results/ --rerun 2
"""
AGAINST = {
    "corpus": "held against the corpus on this machine",
    "release": "held against the release's manifest",
    "predictions": "folds proved by their digests",
    "": "folds not held against anything",
}


def verify(
    path: Annotated[
        Path,
        typer.Argument(
            metavar="PATH",
            help="A submission (.tar), a folder of them, or a results folder.",
        ),
    ],
    rerun: Annotated[
        int, typer.Option(metavar="N", help="Train N folds of each row again, drawn at random.")
    ] = 0,
    corpus_root: CorpusRoot = [],  # noqa: B006  typer's way to say "none"
    model: Annotated[
        list[str],
        typer.Option(
            metavar="PATH.py:CLASS",
            help="With --rerun: a model that is not installed, by a file of yours. Its SHA-256 "
            "must be the recorded one. Repeatable.",
        ),
    ] = [],  # noqa: B006
    salt: Annotated[
        str,
        typer.Option(
            help="With --rerun: a word that the draw hangs on, too, so that nobody who knows the "
            "submission's id knows the folds."
        ),
    ] = "",
    allow: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="With --rerun: the share of decisions that another kind of machine may turn. "
            "Default: 0.05.",
        ),
    ] = None,
    device: Annotated[str, typer.Option(help="With --rerun: auto, cpu, cuda, cuda:1.")] = "auto",
    json: JsonFlag = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Say how far each row can be believed: claimed, recomputed or re-run.

    Every file, id, fold and utterance is checked and every score computed again from the
    predictions. Corpora that are on this machine are held against the rows; what could not be
    looked at is listed. Nothing from PATH is ever executed. docs/submit.md explains each check.

    Exits with 1 if a row is no more than claimed.
    """
    from serbench.cli.outcome import running
    from serbench.cli.progress import Screen
    from serbench.folders import cache_folder, corpus_roots
    from serbench.verifying.verify import verify as follow

    cache = cache_folder().absolute()
    asked = _again(rerun, cache, device, model, salt, allow)
    screen = Screen(quiet=quiet)
    with running(screen):
        verdicts = follow(path, corpus_roots(corpus_root), cache, screen, asked)
    if json:
        print_json(_record(verdicts))
    else:
        for line in _lines(verdicts):
            typer.echo(line)
    if not verdicts or not all(one.holds for one in verdicts):
        raise typer.Exit(1)


def _again(
    count: int, cache: Path, device: str, models: list[str], salt: str, allow: float | None
) -> Again | None:
    from serbench.registry import is_path
    from serbench.verifying.rerunning import ALLOWED, Again

    if count < 0:
        raise UsageError(f"--rerun {count}", expected="how many folds of each row, 0 or more")
    if not count:
        given = {"--model": models, "--salt": salt, "--allow": allow is not None}
        given["--device"] = device != "auto"
        for option, said in given.items():
            if said:
                raise UsageError(f"{option} without --rerun", expected=f"--rerun N {option} ...")
        return None
    if allow is not None and not 0 <= allow < 1:
        raise UsageError(f"--allow {allow}", expected="a share from 0 to below 1")
    if strange := [spec for spec in models if not is_path(spec)]:
        raise UsageError(
            f"--model {strange[0]}",
            expected="path/to/file.py:Class; what is installed needs no naming",
        )
    named = {spec.rpartition(":")[2]: spec for spec in models}
    return Again(count, cache, device, named, salt, ALLOWED if allow is None else allow)


def _record(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    return {
        "holds": bool(verdicts) and all(one.holds for one in verdicts),
        "rungs": _counts(verdicts),
        "brought": [one.record() for one in verdicts],
    }


def _counts(verdicts: Sequence[Verdict]) -> dict[str, int]:
    from serbench.verifying.rung import Rung

    found = Counter(str(one.rung(row)) for one in verdicts for row in one.rows)
    return {str(rung): found[str(rung)] for rung in Rung}


def _lines(verdicts: Sequence[Verdict]) -> Iterator[str]:
    from serbench.printable import one_line

    for verdict in verdicts:
        named = f", submission {verdict.id}" if verdict.kind == "submission" and verdict.id else ""
        yield f"{one_line(verdict.path)}{named}"
        for finding in verdict.findings:
            yield f"  {_told(finding)}"
        for row in verdict.rows:
            yield from _of_row(verdict, row)
    counts = _counts(verdicts)
    total = sum(counts.values())
    told = ", ".join(f"{count} {rung}" for rung, count in counts.items() if count)
    yield f"{total} {'row' if total == 1 else 'rows'}: {told or 'none'}"


def _of_row(verdict: Verdict, row: RowVerdict) -> Iterator[str]:
    from serbench.printable import one_line

    yield f"  {verdict.rung(row):10}  {one_line(row.title)}: {_scored(row)}{AGAINST[row.against]}"
    for agreed in row.again:
        yield f"    re-run: {one_line(agreed)}"
    for finding in row.findings:
        yield f"    {_told(finding)}"
    for what in row.unchecked:
        yield f"    not checked: {one_line(what)}"


def _scored(row: RowVerdict) -> str:
    """The headline as it was computed again."""
    scores = row.scores or {}
    for name, title in (("ua", "UA"), ("acc7", "ACC7")):
        value = scores.get(name)
        if isinstance(value, float):
            return f"{title} {100 * value:.1f}, {row.trials} trials, "
    return f"{row.trials} trials, "


def _told(finding: Any) -> str:
    where = f" ({finding.file})" if finding.file else ""
    return f"{finding.severity} [{finding.code}] {finding.message}{where}"
