"""A small results folder with a little of everything, and the site of it, written once."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from serbench.board import with_quoted
from serbench.boards import Board, boards
from serbench.predictions import Predictions, stages_to_parquet, to_parquet
from serbench.protocols import SELECTIONS
from serbench.ratings import Ratings
from serbench.ratings import to_parquet as ratings_to
from serbench.session import Stage
from serbench.store import Plan, Store
from serbench.trial import Trial

CLASSES = ("anger", "happiness", "neutral")
HOSTILE = "<script>alert(1)</script>"
SPEAKERS = "abcdef"


def trial(model: str, fold: str, seed: int = 0, **other: Any) -> Trial:
    fields: dict[str, Any] = {
        "protocol": {"name": "loso", "corpora": ["savee"]},
        "labels": {"name": "own", "label_field": "perceived", "repeat": {}},
        "task": {"kind": "classes", "names": list(CLASSES)}, "corpora": {"savee": "f" * 64},
        "split": "s" * 64, "folds": 6, "fold": fold, "train": {"digest": "b", "size": 45},
        "tests": {"savee": {"digest": "c", "size": 9}}, "validation": None, "target": None,
        "model": {"name": model, "version": "1", "settings": {"hidden": 64}}, "recipes": (),
        "seed": seed, **other,
    }  # fmt: skip
    return Trial(**fields)


def answers(speaker: str, skill: float) -> tuple[Any, ...]:
    """Nine utterances of a speaker, and what a model of this skill says of them."""
    truth = np.arange(9) % 3
    rng = np.random.default_rng(ord(speaker))
    scores = rng.normal(size=(9, 3))
    scores[np.arange(9), truth] += skill
    said = np.exp(scores)
    ids = tuple(f"savee/{speaker}{i}" for i in range(9))
    return ids, (speaker,) * 9, truth, said / said.sum(axis=1, keepdims=True)


def add(store: Store, model: str, skill: float, folds: str = SPEAKERS, **other: Any) -> None:
    """A row; of a net that kept its epochs if ``epochs`` is among the others."""
    epochs = other.pop("epochs", 0)
    notes = {"variant": other.pop("variant", {}), "speaker_independent": True, "findings": [],
             "altered": []}  # fmt: skip
    planned = [trial(model, fold, **other) for fold in SPEAKERS]
    store.plan(Plan(planned[0].row, notes, tuple(one.id for one in planned)))
    for one in planned:
        if one.fold in folds:
            ids, speakers, truth, said = answers(one.fold, skill)
            (test,) = one.tests
            predictions = Predictions(CLASSES, ids, speakers, truth, said.astype(np.float32))
            files = {f"predictions-{test}.parquet": to_parquet(predictions)}
            if epochs:
                stages = [
                    Stage(i, 2.0 / i, i / epochs, {test: said.astype("<f2")})
                    for i in range(1, epochs + 1)
                ]
                files[f"stages-{test}.parquet"] = stages_to_parquet(stages, test, np.arange(9))
            took = {"parameters": 1234567, "seconds": 720.0, "device": f"cuda: {HOSTILE}",
                    "stacked": 6}  # fmt: skip
            store.save(one, files, {"notes": notes} | (took if epochs else {}))


def add_sentiment(store: Store) -> None:
    protocol = {"name": "fixed", "corpora": ["cmu-mosei"]}
    one = trial(
        "rater", "1", protocol=protocol, folds=1, task={"kind": "scale", "low": -3.0, "high": 3.0},
        corpora={"cmu-mosei": "e" * 64}, tests={"cmu-mosei": {"digest": "c", "size": 12}},
        labels={"name": "mosei-sentiment", "label_field": "sentiment", "repeat": {}},
    )  # fmt: skip
    truth = np.linspace(-3, 3, 12)
    said = (truth * 0.6 + 0.2).astype(np.float32)
    ratings = Ratings(tuple(f"m/{i:02}" for i in range(12)), tuple("aaabbbcccddd"), truth, said)
    store.plan(Plan(one.row, {"variant": {}}, (one.id,)))
    store.save(one, {"predictions-cmu-mosei.parquet": ratings_to(ratings)}, {"notes": {}})


@pytest.fixture(scope="session")
def adding() -> Callable[..., None]:
    """What puts a row into a results folder."""
    return add


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ranked models, one with epochs, one unfinished, one called after a script, a sentiment."""
    folder = tmp_path_factory.mktemp("site") / "results"
    store = Store(folder)
    add(store, "good", 2.0, epochs=4)
    add(store, "fair", 1.0, variant={"hidden": 64})
    add(store, "half", 1.0, folds="abc")
    add(store, HOSTILE, 0.1)
    kfold = {"name": "kfold", "corpora": ["savee"]}
    add(store, "good", 3.0, protocol=kfold, split="t" * 64)
    elsewhere = {"protocol": {"name": "loso", "corpora": ["toy"]}, "corpora": {"toy": "d" * 64}}
    for model, skill in (("good", 1.8), ("fair", 0.8)):
        variant = {"hidden": 64} if model == "fair" else {}
        own = {"variant": variant, "tests": {"toy": {"digest": "c", "size": 9}}}
        add(store, model, skill, **own, **elsewhere)
    add_sentiment(store)
    return folder


@pytest.fixture(scope="session")
def found(results: Path) -> list[Board]:
    every = boards(Store(results))
    return [with_quoted(board, SELECTIONS) for board in every]


@pytest.fixture(scope="session")
def drawn_before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of figures."""
    return tmp_path_factory.mktemp("drawn")


@pytest.fixture(scope="session")
def site(
    results: Path, found: list[Board], drawn_before: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The site of that folder."""
    from serbench.cli.site import words
    from serbench.site.building import build

    folder = tmp_path_factory.mktemp("written") / "site"
    built = build(Store(results), found, words(found), folder, cache=drawn_before, workers=1)
    assert built.missed == ()
    return folder


class Page(HTMLParser):
    """What stands in a page: its elements with their attributes, and its text by element."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.inside: list[str] = []
        self.said: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in {"meta", "input", "br"}:
            self.inside.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        while self.inside and self.inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.said.append((self.inside[-1] if self.inside else "", data))

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def text(self, tag: str) -> str:
        return " ".join("".join(text for name, text in self.said if name == tag).split())


@pytest.fixture(scope="session")
def read() -> Callable[[Path], Page]:
    return lambda path: Page(path.read_text(encoding="utf-8"))
