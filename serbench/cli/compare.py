"""``serbench compare``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from serbench.cli.options import JsonFlag, Results, one_of, read_from
from serbench.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from serbench.store import Store

OF = {"corpora": "corpus", "protocols": "protocol", "labels": "label space"}
EXAMPLES = """
[bold]Examples[/bold]

serbench compare timnet svm

serbench compare timnet svm logreg --corpus emodb --protocol loso --reference svm

serbench compare "timnet\\[epochs=30]" "timnet[]" --format md

serbench compare "svm\\[version=1]" "svm\\[version=2]"

serbench compare dann caam --protocol cross-corpus --target-access unlabelled --format latex
"""


def compare(
    models: Annotated[
        list[str],
        typer.Argument(
            help="Two models or more, by name; name\\[setting=value,...] where a model has several "
            "rows, name\\[version=2] for the one of a version, name[] for the one with its "
            "defaults."
        ),
    ],
    corpus: Annotated[list[str], typer.Option(help="Only boards with this corpus.")] = [],  # noqa: B006
    protocol: Annotated[list[str], typer.Option(help="Only this protocol.")] = [],  # noqa: B006
    labels: Annotated[list[str], typer.Option(help="Only this label space.")] = [],  # noqa: B006
    target_access: Annotated[
        list[str], typer.Option(help="Only this: none, unlabelled, speaker-norm.")
    ] = [],  # noqa: B006
    selection: Annotated[
        str, typer.Option(help="The epoch that is scored: last or val, which are ranked.")
    ] = "last",
    reference: Annotated[
        str | None,
        typer.Option(help="One of the models: the others are held against it alone."),
    ] = None,
    format_: Annotated[
        str, typer.Option("--format", help="text, md, latex (booktabs), csv or json.")
    ] = "text",
    json: JsonFlag = False,
    results: Results = None,
) -> None:
    """Say in plain words what lies between models, and whether it is anything.

    On every board that two of them share, in the seeds that both have: the difference with its 95%
    interval, the test that suits the protocol with its p adjusted for all comparisons of the board,
    the smallest difference that it could have seen, effect sizes, and beside it the tests that
    papers print, each under its name and with what its difference is the mean of.

    Speakers are the unit within a corpus, corpora across corpora. Fewer than three units, or an
    exact test that cannot reach 5% with so few, are said to show nothing; so are speakers who were
    trained on. Where the test favours the lower score, no order is claimed.
    """
    from serbench.access import ACCESSES
    from serbench.cli.comparisons import FORMATS, print_comparisons
    from serbench.comparison.reading import comparisons
    from serbench.protocols import RANKED
    from serbench.store import Store

    one_of("--format", format_, FORMATS)
    one_of("--selection", selection, RANKED)
    for access in target_access:
        one_of("--target-access", access, ACCESSES)
    if json and format_ not in {"text", "json"}:
        raise UsageError(f"--json with --format {format_}", expected="one of them")
    folder = read_from(results)
    store = Store(folder)
    _check_held(store, corpora=corpus, protocols=protocol, labels=labels)
    found = comparisons(
        store,
        models,
        corpora=corpus,
        protocols=protocol,
        labels=labels,
        accesses=target_access,
        selection=selection,  # type: ignore[arg-type]  # checked above
        reference=reference or "",
    )
    if not any(one.pairs for one in found):
        raise UsageError(
            "nothing to compare: " + "; ".join(dict.fromkeys(
                f"{name} on {one.board.heading}: {why}" for one in found for name, why in one.absent
            )),
            expected="two of the models with scores on one board",
        )  # fmt: skip
    print_comparisons(found, "json" if json else format_)


def _check_held(store: Store, **asked: Sequence[str]) -> None:
    """Hold the filters to what there is: a model is not to blame for a mistyped corpus."""
    from serbench.cli.meant import meant, names_of

    if not any(asked.values()):
        return
    held = names_of(store)
    for kind, names in asked.items():
        for name in names:
            if name not in held[kind]:
                raise UsageError(
                    f"no results of the {OF[kind]} {name!r}",
                    expected="one of " + (", ".join(sorted(held[kind])) or "none: no results yet"),
                    advice=meant(name, held[kind]),
                )
