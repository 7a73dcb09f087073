"""A sentiment from -3 to 3 the whole way: run, stored, scored, shown, refused where it must be."""

import csv
import io
import json

import numpy as np
import pytest
from typer.testing import CliRunner

from serbench.cli.app import app
from serbench.corpus import Entry
from serbench.predictions import stages_from_parquet
from serbench.ratings import from_parquet
from serbench.registry import load
from serbench.sentiment import sentiment_scores
from serbench.store import Store
from serbench.testing import forge_corpus

SMALL = ("epochs=2", "blocks=2", "filters=4", "length=8000")
SPACE = "mosei-sentiment"


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """A forged CMU-MOSEI with 16 utterances or more of each whole number; results beside it."""
    folder = tmp_path_factory.mktemp("sentiment")
    corpus = load("corpora", "cmu-mosei")()
    forge_corpus(corpus, folder / "mosei", per_cell=4, silent=True, rate=8000)
    return folder


@pytest.fixture(scope="module")
def serbench(here):
    with pytest.MonkeyPatch.context() as patch:
        for name in ("RESULTS", "CACHE", "CONFIG"):
            patch.setenv(f"SERBENCH_{name}", str(here / name.lower()))
        patch.setenv("COLUMNS", "200")
        yield lambda *options: CliRunner().invoke(app, list(map(str, options)))


def where(here):
    root = ("--corpus-root", f"cmu-mosei={here / 'mosei'}", "--allow-partial", "--workers", "1")
    return ("--protocol", "kfold", "--corpus", "cmu-mosei", *root)


@pytest.fixture(scope="module")
def run(here, serbench):
    """Runs both models, and whatever of them is missing."""
    settings = [word for one in SMALL for word in ("--set", f"timnet:{one}")]
    models = ("--model", "prior", "--model", "timnet", *settings)

    def call():
        result = serbench("run", *models, "--labels", SPACE, *where(here), "--json")
        assert result.exit_code == 0, result.stderr
        return result

    return call


@pytest.fixture(scope="module")
def first(run):
    """The result of the run that does the work."""
    return run()


def test_every_fold_of_both_models_is_scored(first):
    rows = {row["model"]: row for row in json.loads(first.stdout)}
    assert set(rows) == {"prior", "timnet"}
    for row in rows.values():
        assert (row["trials_done"], row["trials_failed"], row["n_folds"]) == (10, 0, 10)
        assert (row["n_utterances"], row["n_speakers"]) == (192, 8)
        assert row["acc7_low"] <= row["acc7"] <= row["acc7_high"]
        assert row["ua"] is row["wa"] is row["chance"] is None
    assert rows["prior"]["mae"] < 2.1  # its floor: labels are spread over -3..3
    assert rows["timnet"]["correlation"] is not None
    assert "UA" not in first.stderr


def test_what_is_stored_gives_what_is_shown(first, here):
    store = Store(here / "results")
    parts = [
        from_parquet(store.read(trial_id, "predictions-cmu-mosei.parquet"), trial_id)
        for trial_id in store.ids()
        if store.trial(trial_id).model["name"] == "timnet"
    ]
    assert len(parts) == 10
    assert len({name for part in parts for name in part.ids}) == 192
    truth = np.concatenate([part.truth for part in parts])
    scores = sentiment_scores(truth, np.concatenate([part.values for part in parts]))
    (row,) = (row for row in json.loads(first.stdout) if row["model"] == "timnet")
    for name, value in vars(scores).items():
        assert row[name] == pytest.approx(value), name
    ids = [name for part in parts for name in part.ids]
    found = load("corpora", "cmu-mosei")().entries(here / "mosei")
    entries = [one for one in found if isinstance(one, Entry)]
    labels = {f"cmu-mosei/{one.id}": one.attributes for one in entries}
    assert [labels[name]["sentiment"] for name in ids] == truth.tolist()


def test_the_prior_says_the_median_of_the_others(first, here):
    store = Store(here / "results")
    said = {}
    for trial_id in store.ids():
        trial = store.trial(trial_id)
        if trial.model["name"] == "prior":
            part = from_parquet(store.read(trial_id, "predictions-cmu-mosei.parquet"), trial_id)
            said[trial.fold] = part
    assert len(said) == 10
    for fold, part in said.items():
        others = np.concatenate([other.truth for name, other in said.items() if name != fold])
        assert set(part.values.tolist()) == {float(np.median(others))}


def test_a_stage_an_epoch_is_kept(first, here):
    store = Store(here / "results")
    nets = [i for i in store.ids() if store.trial(i).model["name"] == "timnet"]
    for trial_id in nets:
        content = store.read(trial_id, "stages-cmu-mosei.parquet")
        stages = stages_from_parquet(content, "cmu-mosei", 1, trial_id)
        assert [stage.epoch for stage in stages] == [1, 2]
        last = stages[-1].probabilities["cmu-mosei"]
        part = from_parquet(store.read(trial_id, "predictions-cmu-mosei.parquet"), trial_id)
        assert (last.dtype, last.shape) == (np.float16, (len(part.ids), 1))
        np.testing.assert_allclose(last[:, 0], part.values, rtol=1e-3, atol=1e-3)
    assert not any(
        name.startswith("stages-")
        for trial_id in set(store.ids()) - set(nets)
        for name in store.record(trial_id)["files"]
    )


def test_the_same_command_again_runs_nothing(first, run):
    again = run()
    assert "20 trials: 0 run, 20 found finished" in again.stderr
    assert json.loads(again.stdout) == json.loads(first.stdout)


def test_the_leaderboard_in_every_form(first, serbench):
    table = serbench("leaderboard").stdout
    assert "cmu-mosei under kfold, label space mosei-sentiment" in table
    assert "sentiment from -3 to 3, speaker-dependent, texts unknown" in table
    assert "| MAE | r |" in serbench("leaderboard", "--format", "md").stdout
    rows = list(csv.DictReader(io.StringIO(serbench("leaderboard", "--format", "csv").stdout)))
    shown = json.loads(serbench("leaderboard", "--json").stdout)
    assert [float(row["acc2_has0"]) for row in rows] == [row["acc2_has0"] for row in shown]


@pytest.mark.parametrize(
    ("model", "labels", "words"),
    [
        ("svm-mfcc", SPACE, "the label space is a scale from -3 to 3"),
        ("prior", "mosei-emotions6", "'mosei-emotions6'"),
    ],
)
def test_what_cannot_be_answered_or_scored_is_refused_at_once(
    first, here, command_line, model, labels, words
):
    before = sorted((here / "results").rglob("*"))
    folders = {f"SERBENCH_{name}": here / name.lower() for name in ("RESULTS", "CACHE", "CONFIG")}
    refused = command_line("run", "--model", model, "--labels", labels, *where(here), **folders)
    assert refused.returncode == 1
    refused.refused(
        f"error: {'the model' if model == 'svm-mfcc' else 'the label space'}",
        words,
        "to mend it: serbench labels",
    )
    assert sorted((here / "results").rglob("*")) == before
