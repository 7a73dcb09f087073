"""Results folders of made-up predictions, which stand beside real published numbers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from serbench.labels import Classes
from serbench.predictions import Predictions, stages_to_parquet, to_parquet
from serbench.session import Stage
from serbench.store import Plan, Store
from serbench.trial import Trial

SEVEN = Classes(("anger", "boredom", "disgust", "fear", "happiness", "neutral", "sadness"))
SPEAKERS = tuple(f"{number:02}" for number in range(1, 7))
TEN = tuple(f"{number:02}" for number in range(1, 11))  # folds of TIM-Net
EACH = 21  # utterances of a speaker, three of each class


@pytest.fixture
def as_on_the_card() -> None:
    """Speakers and utterances are held against the corpus's card, as they are in earnest."""


@pytest.fixture(autouse=True)
def of_any_size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made-up corpora are small: of what release they are is not asked, unless a test does."""
    if "as_on_the_card" not in request.fixturenames:
        monkeypatch.setattr("serbench.unlike.usual_speakers", lambda _corpora: None)
        monkeypatch.setattr("serbench.unlike.usual_utterances", lambda _corpora, _labels: None)


def trials(
    model: str,
    settings: dict[str, Any],
    *,
    corpus: str = "emodb",
    protocol: str = "loso",
    labels: str = "own",
    seeds: int = 1,
    folds: tuple[str, ...] | None = None,
    release: str = "f",
    split: str = "s",
    drawn_by: int | None = None,
) -> list[Trial]:
    folds = folds or (TEN if protocol == "last-epoch" else SPEAKERS)
    asked = {"name": protocol, "corpora": [corpus], "target_access": "none"}
    if drawn_by is not None:
        asked["split_seed"] = drawn_by
    return [
        Trial(
            protocol=asked,
            labels={"name": labels, "repeat": {}}, task=SEVEN.record(),
            corpora={corpus: release * 64}, split=split, folds=len(folds), fold=fold,
            train={"digest": "b", "size": 4}, tests={corpus: {"digest": "c", "size": EACH}},
            validation=None, target=None, recipes=(), seed=seed,
            model={"name": model, "version": "1", "settings": settings},
        )
        for seed in range(seeds)
        for fold in folds
    ]  # fmt: skip


def said(fold: str, right: int, corpus: str = "emodb", size: int = EACH) -> Predictions:
    """Of a fold of so many utterances: the first ``right`` are judged right, the rest one off."""
    truth = np.arange(size) % 7
    answer = np.where(np.arange(size) < right, truth, (truth + 1) % 7)
    probabilities = np.eye(7, dtype=np.float32)[answer]
    ids = tuple(f"{corpus}/{fold}-{i:02}" for i in range(size))
    return Predictions(SEVEN.names, ids, (fold,) * size, truth, probabilities)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "results")


@pytest.fixture
def add(store: Store, adding: Callable[[Store], Callable[..., list[Trial]]]) -> Any:
    """What adds a row to the folder of a test."""
    return adding(store)


@pytest.fixture(scope="session")
def adding() -> Callable[[Store], Callable[..., list[Trial]]]:
    """What adds rows to a folder."""
    return _adding


def _adding(store: Store) -> Callable[..., list[Trial]]:
    """Plan a row and save its first ``kept`` trials.

    ``right`` is how many of a fold's utterances are judged right after the last epoch, ``best`` how
    many after the first of two; without it no epochs are kept.
    """

    def added(
        model: str,
        right: Callable[[Trial], int],
        *,
        settings: dict[str, Any],
        variant: dict[str, Any] | None = None,
        best: Callable[[Trial], int] | None = None,
        kept: int | None = None,
        findings: list[str] | None = None,
        deterministic: bool = False,
        each: int | Callable[[str], int] = EACH,
        **more: Any,
    ) -> list[Trial]:
        made = trials(model, settings, **more)
        notes = {
            "variant": variant or {}, "speaker_independent": True, "findings": findings or [],
            "deterministic": deterministic,
        }  # fmt: skip
        store.plan(Plan(made[0].row, notes, tuple(one.id for one in made)))
        for one in made[:kept]:
            corpus = next(iter(one.tests))
            size = each(one.fold) if callable(each) else each
            last = said(one.fold, right(one), corpus, size)
            files = {f"predictions-{corpus}.parquet": to_parquet(last)}
            if best is not None:
                epochs = (said(one.fold, best(one), corpus), last)
                stages = [
                    Stage(at, 1.0, 0.5, {corpus: then.probabilities.astype(np.float16)})
                    for at, then in enumerate(epochs, 1)
                ]
                name = f"stages-{corpus}.parquet"
                files[name] = stages_to_parquet(stages, corpus, np.arange(EACH))
            store.save(one, files, {"notes": notes})
        return made

    return added
