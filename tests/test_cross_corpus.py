"""Several corpora end to end, on forged ones: trainings, targets, access, boards."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from serbench import bench
from serbench.boards import boards
from serbench.cli.app import app
from serbench.cli.progress import Screen
from serbench.errors import ProtocolError, UsageError
from serbench.registry import load
from serbench.request import Request
from serbench.store import Store
from serbench.testing.forge import forge_corpus

TINY = {"epochs": "2", "blocks": "2", "length": "8000", "batch": "32"}


@pytest.fixture(scope="module")
def roots(tmp_path_factory, forged_savee):
    folder = tmp_path_factory.mktemp("across")
    emovo = forge_corpus(
        load("corpora", "emovo")(), folder / "emovo", per_cell=2, seconds=(0.4, 0.6)
    )
    return {"savee": forged_savee, "emovo": emovo}


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """Features of both: computed by whoever is first, found by the others."""
    return tmp_path_factory.mktemp("features")


@pytest.fixture
def ask(roots, tmp_path, cache):
    def run(*models, protocol="cross-corpus", corpora=("savee", "emovo"), **changes):
        request = Request(
            models=[(name, dict(chosen)) for name, chosen in models], protocols=[protocol],
            corpora=list(corpora), results=tmp_path / "results", cache=cache,
            roots={name: roots[name] for name in corpora}, allow_partial=True, **changes,
        )  # fmt: skip
        outcome = bench.run(request, Screen(quiet=True))
        assert outcome.failures == {}
        return outcome, boards(Store(request.results), rows=outcome.rows)

    return run


def test_one_training_a_source_and_seed_serves_every_target(ask):
    outcome, (board,) = ask(("timnet", TINY), ("prior", {}), seeds=2)
    assert outcome.planned == 2 * 2 + 2  # two sources, two seeds; one of what is deterministic
    assert (board.corpora, board.labels, board.target_access) == (
        ("emovo", "savee"), "shared5", "none",
    )  # fmt: skip
    net = next(row for row in board.rows if row.model == "timnet")
    assert (net.n_folds, net.n_seeds, net.trials_done) == (2, 2, 4)
    assert {(cell.source, cell.target) for cell in net.scores.cells} == {
        ("emovo", "savee"), ("savee", "emovo"),
    }  # fmt: skip
    assert net.settings["length"] == 8000
    assert board.badges is not None
    assert "speaker-independent" in board.badges
    prior = next(row for row in board.rows if row.model == "prior")
    assert prior.ua == pytest.approx(0.2)


def test_every_target_is_heard_by_no_training_but_its_own_adapted_one(ask):
    outcome, (board,) = ask(("dann", TINY), access="unlabelled", seeds=1)
    assert outcome.planned == 2
    assert board.target_access == "unlabelled"
    row = next(row for row in board.rows if row.model == "dann")
    assert row.broken == {}
    assert "unlabelled target" in board.badges


def test_what_a_model_may_hear_and_what_it_wants_must_agree(ask):
    with pytest.raises(UsageError, match="'dann' adapts to the test side's sounds") as error:
        ask(("dann", TINY))
    assert error.value.expected == "--target-access unlabelled"
    with pytest.raises(UsageError, match="'prior' makes no use of the test side"):
        ask(("prior", {}), access="unlabelled")
    with pytest.raises(UsageError, match="'svm-mfcc' makes no use") as error:
        ask(("svm-mfcc", {}), access="speaker-norm")
    assert error.value.advice == "--set standardise=speaker"
    with pytest.raises(UsageError, match="which test utterances have one speaker"):
        ask(("svm-mfcc", {"standardise": "speaker"}))


def test_speakers_of_the_test_side_are_told_apart_where_that_is_allowed(ask):
    _, (board,) = ask(("svm-mfcc", {"standardise": "speaker"}), access="speaker-norm")
    row = next(row for row in board.rows if row.model == "svm-mfcc")
    assert board.target_access == "speaker-norm"
    assert "speaker-normalised" in board.badges
    assert row.broken == {}
    assert row.ua is not None


def test_each_target_is_left_out_once(ask):
    _, (board,) = ask(("prior", {}), protocol="leave-one-corpus-out")
    row = next(row for row in board.rows if row.model == "prior")
    assert [(cell.source, cell.target) for cell in row.scores.cells] == [
        ("the rest", "emovo"), ("the rest", "savee"),
    ]  # fmt: skip


def test_one_corpus_alone_is_explained(ask):
    with pytest.raises(ProtocolError, match="does not fit savee: 1 corpus"):
        ask(("prior", {}), corpora=("savee",))


def test_an_epoch_chosen_by_held_out_speakers_is_a_trial_of_its_own(ask):
    outcome, (board,) = ask(("timnet", TINY), protocol="holdout", corpora=("savee",))
    val, (board,) = ask(("timnet", TINY), protocol="holdout", corpora=("savee",), selection="val")
    assert (outcome.planned, val.planned, val.found) == (1, 1, 0)
    rules = {row.selection: row for row in board.rows if row.model == "timnet"}
    assert set(rules) == {"last", "val"}
    assert all(row.ranked and row.complete for row in rules.values())


def test_best_on_test_reads_the_same_trainings_and_is_never_ranked(ask):
    first, _ = ask(("timnet", TINY), protocol="holdout", corpora=("savee",))
    again, _ = ask(
        ("timnet", TINY), protocol="holdout", corpora=("savee",),
        selection="best-on-test-per-metric",
    )  # fmt: skip
    assert (first.done, again.done, again.found) == (1, 0, 1)
    assert "best-on-test-per-metric" in again.selections


def test_the_terminal_shows_pairs_and_json_every_cell(roots, tmp_path, monkeypatch):
    for name in ("RESULTS", "CACHE", "CONFIG"):
        monkeypatch.setenv(f"SERBENCH_{name}", str(tmp_path / name.lower()))
    monkeypatch.setenv("COLUMNS", "140")
    here = [f"--corpus-root={name}={folder}" for name, folder in roots.items()]
    both = ["--corpus", "savee", "--corpus", "emovo", *here, "--allow-partial"]
    command = ["run", "--model", "prior", "--protocol", "cross-corpus", *both]
    shown = CliRunner().invoke(app, command, catch_exceptions=False).stdout
    assert "emovo+savee under cross-corpus, label space shared5" in shown
    assert "trained on" in shown
    assert "canary: majority" in shown
    told = CliRunner().invoke(app, [*command, "--json"], catch_exceptions=False).stdout
    (row,) = json.loads(told)
    assert [(cell["source"], cell["target"]) for cell in row["cells"]] == [
        ("emovo", "savee"), ("savee", "emovo"),
    ]  # fmt: skip
    assert row["ua"] == pytest.approx(np.mean([cell["ua"] for cell in row["cells"]]))
    assert (row["target_access"], row["selection"], row["ranked"]) == ("none", "last", True)
