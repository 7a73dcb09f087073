"""``serbench results pack`` and ``serbench leaderboard --no-score-cache``, as they are typed."""

import json

import pytest
from typer.testing import CliRunner

from serbench.canonical import canonical
from serbench.cli.app import app
from serbench.cli.results import app as results
from serbench.errors import UsageError
from serbench.predictions import Predictions, to_parquet
from serbench.store import Store
from serbench.trial import Trial


@pytest.fixture
def root(tmp_path, monkeypatch):
    import numpy as np

    root = tmp_path / "results"
    monkeypatch.setenv("SERBENCH_RESULTS", str(root))
    monkeypatch.setenv("SERBENCH_CACHE", str(tmp_path / "cache"))
    one = Trial(
        protocol={"name": "loso", "corpora": ["toy"]}, labels={"name": "own"},
        task={"kind": "classes", "names": ["a", "b"]}, corpora={"toy": "f"}, split="s", folds=1,
        fold="s1", train={}, tests={"toy": {}}, validation=None, target=None,
        model={"name": "m", "version": "1", "settings": {}}, recipes=(), seed=0,
    )  # fmt: skip
    said = Predictions(("a", "b"), ("1", "2"), ("s", "t"), np.arange(2), np.eye(2, dtype="f4"))
    Store(root).save(one, {"predictions-toy.parquet": to_parquet(said)}, {"notes": {}})
    return root


def typed(app, *arguments):
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_pack_and_show(root):
    before = typed(app, "leaderboard", "--format", "json")
    assert "1 trials packed, 1 new shards" in typed(results, "pack")
    again = json.loads(typed(results, "pack", str(root), "--json"))
    assert again == {"packed": 0, "shards": [], "bytes": 0, "doubles": 0, "left": []}
    assert typed(app, "leaderboard", "--format", "json") == before


def test_the_cache_is_left_alone_when_it_is_not_to_be_asked(root):
    before = typed(app, "leaderboard", "--format", "json", "--no-score-cache")
    scores = root.parent / "cache" / "scores"
    assert not scores.exists()
    assert typed(app, "leaderboard", "--format", "json") == before
    assert len(list(scores.glob("*/*.json"))) == 1


def test_a_folder_that_is_none(tmp_path):
    with pytest.raises(UsageError, match="does not exist"):
        typed(results, "pack", str(tmp_path / "none"))


def test_help_names_the_file_format():
    assert "tar" in canonical(typed(results, "pack", "--help"))
