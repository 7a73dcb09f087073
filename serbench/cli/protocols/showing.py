"""``serbench protocols show``: a protocol's card in words, and its folds counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from serbench.cli.options import AllowPartial, CorpusRoot, JsonFlag, print_json
from serbench.cli.protocols.dealing import asked, dealt
from serbench.errors import UsageError

if TYPE_CHECKING:
    from serbench.listing import Listing

EXAMPLES = """
[bold]Examples[/bold]

serbench protocols show loso

serbench protocols show kfold-speaker --corpus emodb

serbench protocols show cross-corpus --corpus emodb --corpus ravdess --json

serbench protocols show my_splits/ --corpus emodb
"""
SELECTIONS = {
    "last": "the last epoch is scored",
    "val": "the epoch that is best on whole speakers held out of training is scored",
    "best-on-test": "the epoch that is best on the test set is scored, which is never ranked",
    "best-on-test-per-metric": "for each metric the epoch that is best on the test set is scored, "
    "which is never ranked",
}
ACCESSES = {
    "none": "nothing of the test side is heard but the utterance that is predicted",
    "unlabelled": "training hears the sound of the whole test set, without its labels",
    "speaker-norm": "a model is told which test utterances have one speaker, not who that is",
}
FOLD = ("fold", "train", "speakers", "test set", "test", "speakers", "classes missing")


def show(
    name: Annotated[str, typer.Argument(help="A protocol, or a file or folder of splits.")],
    corpus: Annotated[
        list[str],
        typer.Option(help="Count its folds on this corpus. Repeatable, for those across corpora."),
    ] = [],  # noqa: B006
    labels: Annotated[
        str | None, typer.Option(help="Label space (labels list). Default: the protocol's.")
    ] = None,
    target_access: Annotated[
        str | None, typer.Option(help="none, unlabelled, speaker-norm. Default: the protocol's.")
    ] = None,
    corpus_root: CorpusRoot = [],  # noqa: B006
    allow_partial: AllowPartial = False,
    json: JsonFlag = False,
) -> None:
    """A protocol's card; with --corpus, the sizes of its folds too."""
    if not corpus and (labels is not None or corpus_root or allow_partial):
        raise UsageError(
            "--labels, --corpus-root or --allow-partial without --corpus",
            expected="--corpus NAME, on which the folds are counted",
        )
    protocol = asked(name, target_access)
    card = protocol.card()
    if not json:
        _print(card)
    folds: dict[str, Any] = {}
    for listing, _, remarks in dealt(protocol, corpus, corpus_root, labels, allow_partial):
        rows = _counted(listing)
        folds[listing.name] = rows
        if not json:
            _print_folds(listing, rows, remarks)
    if json:
        print_json(card | ({"folds": folds} if corpus else {}))


def _print(card: Mapping[str, Any]) -> None:
    from rich.text import Text

    from serbench.cli.corpora.describing import console, print_grid

    screen = console()
    screen.print(Text.assemble((card["name"], "bold"), f": {card['title']}"))
    print_grid([(key, Text(value)) for key, value in in_words(card).items() if value], screen)


def in_words(card: Mapping[str, Any]) -> dict[str, str]:
    """A protocol's card as people read it, each field under its heading."""
    splitter = dict(card["splitter"])
    kind = splitter.pop("kind")
    settings = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in splitter.items())
    seeds: dict[int, list[str]] = defaultdict(list)
    for corpus, seed in card["split_seeds"].items():
        seeds[seed].append(corpus)
    others = "".join(f"; {seed} of {', '.join(names)}" for seed, names in sorted(seeds.items()))
    trainings = f"{card['seeds']} training" + "s" * (card["seeds"] != 1)
    return {
        "trains": card["trains"],
        "tests": card["tests"],
        "speakers": "apart: none of a test set is heard in training"
        if card["speaker_independent"]
        else "may be on both sides",
        "rule": f"{kind} ({settings})" if settings else kind,
        "split seed": f"{card['split_seed']}{others}",
        "seeds": f"{trainings} of each fold, unless more are asked for",
        "labels": " or ".join(card["labels"]) + ", unless others are asked for",
        "corpora": ", ".join(card["corpora"]) or "any that it fits",
        "selection": f"{card['selection']}: {SELECTIONS[card['selection']]}",
        "target access": f"{card['target_access']}: {ACCESSES[card['target_access']]}",
        "if it does not fit, try": ", ".join(card["alternatives"]),
        "reproduces": card["reproduces"],
        "source": card["source"],
        "digest": card["digest"],
    }


def _counted(listing: Listing) -> list[dict[str, Any]]:
    """The sizes of each fold, and the classes that a side of it lacks."""
    items = {item.id: item for item in listing.items}

    def side(ids: Sequence[str]) -> dict[str, Any]:
        here = [items[name] for name in ids]
        labels = {item.label for item in here}
        return {
            "utterances": len(here),
            "speakers": len({item.who for item in here}),
            "missing": [name for name in listing.classes if name not in labels],
        }

    return [
        {
            "fold": split.fold,
            "train": side(split.train),
            "tests": {name: side(ids) for name, ids in split.tests.items()},
            "validation": side(split.validation) if split.validation else None,
        }
        for split in listing.splits
    ]


def _print_folds(listing: Listing, rows: Sequence[dict[str, Any]], remarks: Sequence[str]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    from serbench.cli.corpora.describing import console

    screen = console()
    screen.print()
    screen.print(Text(listing.name, "bold"))
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    numbers = {"train", "speakers", "test", "valid"}
    validated = any(row["validation"] for row in rows)
    headings = (*FOLD[:3], "valid", *FOLD[3:]) if validated else FOLD
    for heading in headings:
        table.add_column(heading, justify="right" if heading in numbers else "left")
    for row in rows:
        valid = [str(row["validation"]["utterances"])] if row["validation"] else ["0"]
        for test_set, test in row["tests"].items():
            train = row["train"]
            lacks = [f"test: {', '.join(test['missing'])}"] if test["missing"] else []
            if train["missing"]:
                lacks.insert(0, f"train: {', '.join(train['missing'])}")
            cells = [
                row["fold"], train["utterances"], train["speakers"],
                *(valid if validated else []),
                test_set, test["utterances"], test["speakers"], "; ".join(lacks),
            ]  # fmt: skip
            table.add_row(*(Text(str(cell)) for cell in cells))
    screen.print(table)
    for remark in remarks:
        screen.print(remark)
