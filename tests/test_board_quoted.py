"""What papers print below a board that is not quite on their ground."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from serbench.board import Board, with_quoted
from serbench.boards import boards
from serbench.labels import Classes
from serbench.predictions import Predictions, to_parquet
from serbench.store import Plan, Store
from serbench.trial import Trial

SEVEN = Classes(("anger", "boredom", "disgust", "fear", "happiness", "neutral", "sadness"))


def board(folder: Path, name: str, folds: int, **rule: object) -> Board:
    """Of one speaker a fold, seven utterances each."""
    store = Store(folder)
    made = [
        Trial(
            protocol={"name": name, "corpora": ["emodb"], "target_access": "none", **rule},
            labels={"name": "own", "repeat": {}}, task=SEVEN.record(), corpora={"emodb": "f" * 64},
            split="s", folds=folds, fold=f"{fold}", train={"digest": "b", "size": 4},
            tests={"emodb": {"digest": "c", "size": 7}}, validation=None, target=None, recipes=(),
            seed=0, model={"name": "svm", "version": "1", "settings": {}},
        )
        for fold in range(folds)
    ]  # fmt: skip
    store.plan(Plan(made[0].row, {"findings": []}, tuple(one.id for one in made)))
    for one in made:
        ids = tuple(f"emodb/{one.fold}{n}" for n in range(7))
        said = Predictions(SEVEN.names, ids, (one.fold,) * 7, np.arange(7), np.eye(7, dtype="f4"))
        store.save(one, {"predictions-emodb.parquet": to_parquet(said)}, {"notes": {}})
    (found,) = boards(store, canaries=False)
    return with_quoted(found, ("last",))


def test_numbers_of_other_folds_are_left_out_and_it_is_said(tmp_path: Path) -> None:
    found = board(tmp_path, "last-epoch", 3, split_seed=46)
    assert found.quoted == ()
    assert found.unquoted.endswith("3 folds where the paper has 10")


@pytest.mark.parametrize(
    ("name", "folds", "rule", "told"),
    [
        ("last-epoch", 10, {"split_seed": 7}, "another split seed: 7 where the paper has 46"),
        ("loso", 4, {}, "4 folds where the paper has 10"),
    ],
)
def test_another_ground_is_named_on_every_row(
    tmp_path: Path, name: str, folds: int, rule: dict[str, object], told: str
) -> None:
    found = board(tmp_path, name, folds, **rule)
    assert found.quoted
    assert found.unquoted == ""
    for record in found.records()[1:]:
        assert told in record["unlike"]
        assert any("utterances where the usual one has" in clause for clause in record["unlike"])
