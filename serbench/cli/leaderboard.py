"""``serbench leaderboard``."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from serbench.cli.options import FIRST, JsonFlag, Results, one_of, read_from
from serbench.errors import UsageError

if TYPE_CHECKING:
    from serbench.board import Board
    from serbench.protocols import Selection
    from serbench.store import Store

EXAMPLES = """
[bold]Examples[/bold]

serbench leaderboard

serbench leaderboard --corpus emodb --protocol loso --format md

serbench leaderboard --format csv > board.csv

serbench leaderboard --corpus emodb --protocol loso --format latex > board.tex

serbench leaderboard --protocol loso --overall

serbench leaderboard --corpus emodb --protocol last-epoch --selection all --trust all

serbench leaderboard --corpus emodb --protocol loso --reference svm --columns model,ua,delta,p

serbench leaderboard --corpus emodb --protocol last-epoch --model timnet --folds

serbench leaderboard --protocol last-epoch --selection last --selection best-on-test
"""
TRUSTS = ("recomputed", "from-paper", "all")
TURN = 0.0002  # seconds


def leaderboard(
    corpus: Annotated[
        list[str], typer.Option(help="Only boards with this corpus. Repeatable.")
    ] = [],  # noqa: B006
    protocol: Annotated[list[str], typer.Option(help="Only this protocol. Repeatable.")] = [],  # noqa: B006
    model: Annotated[list[str], typer.Option(help="Only this model. Repeatable.")] = [],  # noqa: B006
    selection: Annotated[
        list[str],
        typer.Option(
            help="Only epochs chosen by this rule: last, val, best-on-test, "
            "best-on-test-per-metric; or all. Default: last and val, which are ranked. Repeatable."
        ),
    ] = [],  # noqa: B006
    format_: Annotated[
        str, typer.Option("--format", help="table, md, latex (booktabs), csv or json.")
    ] = "table",
    labels: Annotated[
        list[str], typer.Option(help="Only this label space (labels list). Repeatable.")
    ] = [],  # noqa: B006
    target_access: Annotated[
        list[str],
        typer.Option(
            help="Only what may be heard of the test side: none, unlabelled, speaker-norm. "
            "Repeatable."
        ),
    ] = [],  # noqa: B006
    reference: Annotated[
        str | None,
        typer.Option(help="The model that the others are held against. Default: the best."),
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(
            help="Columns of the tables, separated by commas: rank, model, settings, epoch, ua, "
            "letters, wa, f1, ua-fold, wa-fold, missing, delta, p, sd, worst-class, worst-speaker, "
            "recalls, drawn, params, hours, badges, units; or all. Default: those that fit; "
            "params (that are trained) and hours (of all trials together, on their device) only "
            "where named."
        ),
    ] = None,
    trust: Annotated[
        list[str],
        typer.Option(
            help="Rows of this trust: recomputed (scored here from what was said of every "
            "utterance), from-paper (as printed, below the others, never ranked); or all. "
            "Default: recomputed. Repeatable."
        ),
    ] = [],  # noqa: B006
    folds: Annotated[bool, typer.Option("--folds", help="Each fold by itself.")] = False,
    overall: Annotated[
        bool,
        typer.Option(
            "--overall",
            help="Models by corpora: all boards of one protocol in a table, with mean ranks. From "
            "six corpora on, tests over them.",
        ),
    ] = False,
    wide: Annotated[
        bool,
        typer.Option(
            "--wide", help="Of --format latex: a table* over both columns of a two-column paper."
        ),
    ] = False,
    no_score_cache: Annotated[
        bool,
        typer.Option(
            "--no-score-cache", help="Compute every score from the predictions, and keep none."
        ),
    ] = False,
    json: JsonFlag = False,
    results: Results = None,
) -> None:
    """Show the boards of a results folder, scored from its stored predictions.

    UA is the mean recall over the classes, pooled over all folds; WA is the accuracy. Of a
    sentiment from -3 to 3: ACC7 rounds to whole numbers; ACC2 and its weighted F1 tell two sides
    apart, under both conventions; MAE is the mean absolute error, r the correlation. Intervals are
    95%, with the speaker as their unit.

    Scores of predictions that were scored before are taken from the cache.
    """
    from serbench.boards import boards
    from serbench.cli.render import FORMATS, print_boards
    from serbench.folders import cache_folder
    from serbench.scorecache import ScoreCache
    from serbench.store import Store

    one_of("--format", format_, FORMATS)
    if target_access:
        from serbench.access import ACCESSES

        for access in target_access:
            one_of("--target-access", access, ACCESSES)
    if json and format_ not in {"table", "json"}:
        raise UsageError(f"--json with --format {format_}", expected="one of them")
    if wide and format_ != "latex":
        raise UsageError(f"--wide with --format {format_}", expected="--format latex")
    folder = read_from(results)
    store, form = Store(folder), "json" if json else format_
    asked: dict[str, Any] = {
        "corpora": corpus, "protocols": protocol, "models": model, "labels": labels,
        "accesses": target_access,
    }  # fmt: skip
    if overall:  # the others are in its tests and ranks too
        asked["models"] = []
    names = {"corpora": corpus, "protocols": protocol, "models": model, "labels": labels}
    others = [*target_access]
    if folds:
        _refuse_with(
            "--folds", "folds are of the last epoch, and are not ranked",
            selection=selection, trust=trust, reference=reference, columns=columns,
            latex=form == "latex", overall=overall,
        )  # fmt: skip
        from serbench.by_fold import by_fold
        from serbench.cli.folds import print_folds

        each = by_fold(store, **asked)
        _check_matched(bool(each), store, names, others)
        print_folds(each, form)
    else:
        rules = _selections(selection)
        cache = None if no_score_cache else ScoreCache(cache_folder())
        with _hurried():
            shown = boards(
                store, **asked, selections=rules, cache=cache, reference=reference or ""
            )  # fmt: skip
        _check_matched(bool(shown), store, names, [*others, *selection])
        if reference and not any(board.reference for board in shown):
            raise UsageError(
                f"--reference {reference}: not ranked on any of these boards",
                expected="one of " + ", ".join(_ranked_on(shown)),
            )
        if overall:
            _refuse_with("--overall", "a table of all corpora", trust=trust, columns=columns,
                         reference=reference)  # fmt: skip
            from serbench.cli.overall import alone, print_overall
            from serbench.overall import of_models
            from serbench.overall import overall as tabled

            tables = tabled(shown)
            if model:
                cut = [of_models(table, model) for table in tables]
                tables = [one for one in cut if not all(entry.canary for entry in one.entries)]
                _check_matched(bool(tables), store, names, others)
            print_overall(tables, form, wide=wide, left_out=alone(shown, tables))
            return
        print_boards(_trusted(shown, trust, rules), form, _named(columns), wide=wide)


def _trusted(
    boards: Sequence[Board], trust: Sequence[str], rules: Sequence[Selection]
) -> list[Board]:
    """The boards with the rows that were asked for."""
    from serbench.board import with_quoted

    for one in trust:
        one_of("--trust", one, TRUSTS)
    wanted = set(trust or ["recomputed"])
    shown = list(boards)
    if wanted & {"from-paper", "all"}:
        shown = [with_quoted(board, rules) for board in shown]
    if not wanted & {"recomputed", "all"}:
        shown = [replace(board, rows=(), competing=0) for board in shown if board.quoted]
    return shown


def _refuse_with(option: str, why: str, **others: Any) -> None:
    """Nothing that is asked for is ignored in silence."""
    given = [f"--{name}" for name, value in others.items() if value]
    if given:
        raise UsageError(
            f"{option} with {', '.join(given)}".replace("--latex", "--format latex"),
            expected=f"one of them: {why}",
        )


def _named(columns: str | None) -> list[str]:
    return [name.strip() for name in (columns or "").split(",") if name.strip()]


def _ranked_on(boards: Sequence[Board]) -> list[str]:
    return sorted({row.model for board in boards for row in board.rows if row.competes})


@contextmanager
def _hurried() -> Iterator[None]:
    """Without looking for cycles among millions of small records: a fifth of a board's time.

    And threads take turns every 0.2 ms, not 5: what is read ahead is hashed meanwhile, 1 ms for
    each time that it has to wait for its turn.
    """
    collects, turn = gc.isenabled(), sys.getswitchinterval()
    gc.disable()
    sys.setswitchinterval(TURN)
    try:
        yield
    finally:
        sys.setswitchinterval(turn)
        if collects:
            gc.enable()


def _selections(asked: list[str]) -> tuple[Selection, ...]:
    from serbench.protocols import RANKED, SELECTIONS

    if not asked:
        return RANKED
    for rule in asked:
        one_of("--selection", rule, (*SELECTIONS, "all"))
    return tuple(rule for rule in SELECTIONS if rule in asked or "all" in asked)


def _check_matched(
    found: bool, store: Store, names: Mapping[str, Sequence[str]], others: Sequence[str]
) -> None:
    """Names that match nothing are an error; an empty folder that nobody filtered is none.

    Parameters
    ----------
    names
        By what they are of, as :func:`serbench.cli.meant.meant_of` takes them.
    """
    from serbench.cli.meant import meant_of
    from serbench.gathered import rows_of

    asked = [*(name for each in names.values() for name in each), *others]
    if found or not asked:
        return
    there: dict[str, set[str]] = {}
    for plan, *_ in rows_of(store):
        protocol = plan.row["protocol"]
        board = f"{'+'.join(protocol['corpora'])} under {protocol['name']}"
        there.setdefault(board, set()).add(plan.row["model"]["name"])
    listed = (f"{board}: {', '.join(sorted(models))}" for board, models in sorted(there.items()))
    raise UsageError(
        "no board matches " + " ".join(asked),
        expected="; ".join(listed) or "the results folder is empty",
        advice=meant_of(store, **names) if there else FIRST,
    )
