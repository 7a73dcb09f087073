"""``serbench labels``: what is told apart, what is merged to get there, and who is left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from serbench.cli.options import AllowPartial, CorpusRoot, JsonFlag, print_json

if TYPE_CHECKING:
    from serbench.labels import LabelSpace

app = typer.Typer(help="Label spaces: what is merged, who is left out.", no_args_is_help=True)

EXAMPLES = """
[bold]Examples[/bold]

serbench labels show iemocap4

serbench labels show shared5 --corpus emodb --json
"""


@app.command("list")
def list_(json: JsonFlag = False) -> None:
    """Every registered label space. A guest's is named and not imported."""
    from serbench.cli.corpora.describing import console, print_guests
    from serbench.cli.corpora.reading import print_table
    from serbench.registry import guests, load, shipped

    spaces = [load("labels", name) for name in shipped("labels")]
    others = guests("labels")
    if json:
        print_json([*(_card(space) for space in spaces), *others])
        return
    print_table(("name", "told apart", "what it is"), [(s.name, _task(s), s.title) for s in spaces])
    print_guests(others, "labels", console())


@app.command(epilog=EXAMPLES)
def show(
    name: Annotated[str, typer.Argument(help="A label space.")],
    corpus: Annotated[
        str | None, typer.Option(help="Count it in this corpus's folder, not on its card.")
    ] = None,
    corpus_root: CorpusRoot = [],  # noqa: B006
    allow_partial: AllowPartial = False,
    json: JsonFlag = False,
) -> None:
    """A label space: what it merges, what it leaves out, and what each corpus has of it."""
    from serbench.registry import load

    space: LabelSpace = load("labels", name)
    card = _card(space)
    if corpus is not None:
        card["counts"] = {corpus: _counted(space, corpus, corpus_root, allow_partial)}
    if json:
        print_json(card)
        return
    typer.echo(f"{space.name}: {space.title}")
    typer.echo(f"told apart: {_task(space)}")
    for emotion, merged in space.merge.items():
        typer.echo(f"  {emotion}: " + ("left out" if merged is None else f"counts as {merged}"))
    for field, values in space.where.items():
        typer.echo(f"  only where {field} is {' or '.join(values)}")
    for label, times in space.repeat.items():
        typer.echo(f"  each utterance of {label} counts {times} times")
    typer.echo(space.note)
    for other, variant in space.variants.items():
        typer.echo(f"On {other}: {variant.title}. {variant.note}")
    _print_counts(card["counts"])


def _print_counts(counts: Mapping[str, Mapping[str, int]]) -> None:
    """A column per corpus: there are fewer of them than of emotions."""
    from serbench.cli.corpora.reading import print_table

    totals = ("all", "left out")
    names = [name for of in counts.values() for name in of if name not in totals]
    rows = [
        (name, *(of.get(name, "") for of in counts.values()))
        for name in (*dict.fromkeys(names), *totals)
    ]
    if counts:
        print_table(("", *counts), rows)


def _card(space: LabelSpace) -> dict[str, Any]:
    return {
        **space.record(),
        "title": space.title,
        "note": space.note,
        "variants": {corpus: variant.record() for corpus, variant in space.variants.items()},
        "counts": _by_cards(space),
    }


def _task(space: LabelSpace) -> str:
    if space.task is None:
        return "every emotion of the corpus"
    record = space.task.record()
    if record["kind"] == "scale":
        return f"{space.label_field}, {record['low']:g} to {record['high']:g}"
    names = ", ".join(record["names"])
    return f"any of {names}" if record["kind"] == "tags" else names


def _by_cards(space: LabelSpace) -> dict[str, dict[str, int]]:
    """Counts in the usual release of each corpus that has all of the classes.

    Of serbench's own: a guest's corpus was not asked for, and ``--corpus`` counts in it.
    """
    from serbench.registry import load, shipped

    table = {}
    for name in shipped("corpora"):
        corpus = load("corpora", name)
        counts = space.counts(name, corpus.labels, corpus.card.standard.counts)
        if counts and all(counts.values()):
            total = sum(counts.values())
            table[name] = {**counts, "all": total, "left out": corpus.card.standard.utterances}
            table[name]["left out"] -= _distinct(space, name, counts)
    return table


def _distinct(space: LabelSpace, corpus: str, counts: dict[str, int]) -> int:
    """Utterances, where some are counted several times."""
    here = space.on(corpus)
    return sum(count // here.repeat.get(name, 1) for name, count in counts.items())


def _counted(
    space: LabelSpace, name: str, corpus_root: list[str], allow_partial: bool
) -> dict[str, int]:
    from serbench.adapters import located
    from serbench.cli.corpora.reading import roots_for, scan_folder
    from serbench.cohort import Cohort

    corpus, folder = located(name, roots_for([name], corpus_root))
    cohort = Cohort(corpus, scan_folder(corpus, folder, allow_partial), space)
    return {
        **cohort.counts(),
        "all": len(cohort.utterances),
        "left out": sum(cohort.left_out.values()),
    }
