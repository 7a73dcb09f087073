"""A finished run, audited from what it left on the disk."""

import dataclasses
import shutil
import sys

import pytest

from serbench import bench, predictions
from serbench.audit import audit
from serbench.audit.gather import speakers_of
from serbench.background import background
from serbench.canonical import digest
from serbench.cli.progress import Screen
from serbench.errors import StoreError
from serbench.finished import NOT_DRAWN, rows_alike, run_case
from serbench.pool import Pool
from serbench.registry import load
from serbench.request import Request
from serbench.scan import scan
from serbench.store import Store

UNIFORM = """
import numpy as np

class Uniform:
    deterministic = True
    def fit(self, train, *, seed):
        return self
    def predict_proba(self, test):
        names = test.task.names
        return np.full((len(test), len(names)), 1 / len(names))
"""


@pytest.fixture(scope="module")
def ran(forged_savee, tmp_path_factory):
    """Two models under two protocols, one of them in the paper's own order of files."""
    folder = tmp_path_factory.mktemp("ran")
    (folder / "uniform.py").write_text(UNIFORM, encoding="utf-8")
    request = Request(
        models=[("prior", {}), (f"{folder}/uniform.py:Uniform", {})],
        protocols=["loso", "last-epoch"],
        corpora=["savee"], results=folder / "results", cache=folder / "cache",
        roots={"savee": forged_savee}, allow_partial=True, workers=1,
    )  # fmt: skip
    before = set(sys.modules)
    assert not bench.run(request, Screen(quiet=True)).failures
    for name in set(sys.modules) - before:
        if name.startswith("serbench_file_"):  # the model's file, read as a module
            del sys.modules[name]
    return request.results


@pytest.fixture(scope="module")
def pool(forged_savee):
    corpus = load("corpora", "savee")()
    found = scan(corpus, forged_savee, allow_partial=True)
    return Pool.of([(corpus, found)], load("labels", "own"))


@pytest.fixture(scope="module")
def given(pool, forged_savee, tmp_path_factory):
    """A model under somebody's own folds: thirds of the utterances, and one fold alone."""
    folder = tmp_path_factory.mktemp("given")
    ids = [utterance.id for utterance in pool.utterances]
    thirds = [f"{name},{i % 3}" for i, name in enumerate(ids)]
    (folder / "thirds.csv").write_text("\n".join(["id,fold", *thirds]) + "\n", encoding="utf-8")
    sides = [f"{name},{'train' if i % 3 else 'test'}" for i, name in enumerate(ids)]
    (folder / "one.csv").write_text("\n".join(["id,side", *sides]) + "\n", encoding="utf-8")
    request = Request(
        models=[("prior", {})],
        protocols=[str(folder / "thirds.csv"), str(folder / "one.csv")],
        corpora=["savee"], results=folder / "results", cache=folder / "cache",
        roots={"savee": forged_savee}, allow_partial=True, workers=1,
    )  # fmt: skip
    assert not bench.run(request, Screen(quiet=True)).failures
    return request.results


@pytest.fixture
def results(ran, tmp_path):
    """A copy that may be spoilt."""
    return Store(shutil.copytree(ran, tmp_path / "results"))


def row(store, model="prior", protocol="loso"):
    for plans, models in rows_alike(store):
        asked = plans[0].row
        if (asked["model"]["name"], asked["protocol"]["name"]) == (model, protocol):
            return plans, models
    raise AssertionError


def test_a_run_whose_corpus_is_at_hand(ran, pool):
    store = Store(ran)
    for protocol, badge in (("loso", "speaker-independent"), ("last-epoch", "speaker-dependent")):
        plans, models = row(store, protocol=protocol)
        assert models == 2
        case = run_case(store, plans, models, pool)
        verdict = audit(case)
        assert badge in verdict.badges
        assert verdict.found("error") == ()
        name = case.run.row
        assert (name.model, name.protocol, name.corpora) == ("prior", protocol, ("savee",))
        assert name.key == digest(plans[0].row)
        assert verdict.name == name.title
        assert name.title.startswith(f"prior, {protocol} on savee, labels own")
        assert {"L14", "L17", "L23"} <= set(verdict.checked)
        assert not any(one.rule == "L14" for one in verdict.not_checked)
        (tried,) = (one for one in verdict.findings if one.rule == "L23")
        assert tried.count == 2


def test_folds_follow_from_predictions_where_no_corpus_is(ran, pool):
    store = Store(ran)
    plans, models = row(store, "Uniform")
    without, with_it = run_case(store, plans, models), run_case(store, plans, models, pool)
    assert {split.fold: set(split.train) for split in without.listing.splits} == {
        split.fold: set(split.train) for split in with_it.listing.splits
    }
    verdict = audit(without)
    assert "speaker-independent" in verdict.badges
    assert verdict.found("error") == ()


def test_somebodys_folds_are_joined_to_the_corpus_at_hand(given, pool):
    """Nobody has the splits any more: the trials prove who trained, the corpus tells the rest."""
    store = Store(given)
    plans, models = row(store, protocol="thirds")
    case = run_case(store, plans, models, pool)
    assert {len(split.train) for split in case.listing.splits} == {len(pool.utterances) * 2 // 3}
    verdict = audit(case)
    beside = background(store, plans[0].row)
    assert beside is not None
    assert verdict.badges == beside.verdict.badges  # the board and the audit agree
    assert all(item.path is not None and item.samples for item in case.listing.items)
    assert case.declared.speakers == speakers_of(pool)
    assert {item.path for item in run_case(store, plans, models).listing.items} == {None}


def test_one_given_fold_trains_on_what_is_never_tested(given, pool):
    """Predictions alone do not name those who train; the corpus does."""
    store = Store(given)
    plans, models = row(store, protocol="one")
    (split,) = run_case(store, plans, models, pool).listing.splits
    (tested,) = split.tests.values()
    assert len(split.train) + len(tested) == len(pool.utterances)
    assert run_case(store, plans, models).listing.splits == ()


def test_what_a_run_was_judged_by_is_what_the_corpus_has(ran, pool):
    store = Store(ran)
    case = run_case(store, *row(store), pool)
    name, *_ = case.run.labels
    tampered = dataclasses.replace(case.run, labels={**case.run.labels, name: "surprise"})
    assert case.run.labels[name] != "surprise"
    before, after = (
        list(audit(dataclasses.replace(case, run=run)).found("error"))
        for run in (case.run, tampered)
    )
    assert before == []
    (one,) = after
    assert (one.rule, one.count) == ("L15", 1)
    assert one.examples[0].startswith(f"{name}: surprise, and it is ")


def test_seeds_of_an_installed_protocol_are_known_without_its_corpora(ran):
    store = Store(ran)
    assert run_case(store, *row(store)).declared.split_seeds == {}
    seeds = run_case(store, *row(store, protocol="last-epoch")).declared.split_seeds
    assert seeds["savee"] == 44
    assert len(set(seeds.values())) > 1


def test_folds_that_cannot_be_proved_are_not_believed(ran):
    """TIM-Net's training sets are in the order of class folders: no digest agrees with ids'."""
    store = Store(ran)
    verdict = audit(run_case(store, *row(store, protocol="last-epoch")))
    assert "L01" not in verdict.checked
    assert not any("speaker" in badge for badge in verdict.badges)
    assert any(NOT_DRAWN in one.needs for one in verdict.not_checked)


def test_another_corpus_than_the_runs_is_not_taken_for_it(ran, pool):
    store = Store(ran)
    plans, models = row(store)
    cohort = pool.cohorts["savee"]
    fewer = cohort.scan.utterances[:-1]
    other = dataclasses.replace(cohort.scan, utterances=fewer, fingerprint="0" * 64)
    changed = Pool.of([(load("corpora", "savee")(), other)], load("labels", "own"))
    case = run_case(store, plans, models, changed)
    assert case.listing.items[0].file == ""  # as the predictions have it


def test_a_trial_that_is_missing_and_one_that_is_damaged(results, pool):
    plans, models = row(results)
    first, second = plans[0].trials[:2]
    shutil.rmtree(results.folder(first))
    path = results.folder(second) / "predictions-savee.parquet"
    path.write_bytes(path.read_bytes()[:-1])
    verdict = audit(run_case(results, plans, models, pool))
    told = {one.message: one for one in verdict.findings if one.rule == "L14"}
    damaged, missing = told.values()
    assert damaged.examples == (second[:12],)
    assert missing.count == 2
    assert all(one.severity == "error" for one in told.values())


def test_epochs_are_known_of_nets_and_their_rule_is_looked_at(ran, pool, monkeypatch):
    """Stages as a net would leave them: each fold has its best epoch elsewhere."""
    import numpy as np

    from serbench import finished
    from serbench.session import Stage

    def stages(store, trial_id, test, task):
        said = predictions.from_parquet(store.read(trial_id, f"predictions-{test}.parquet"), test)
        rng = np.random.default_rng(int(trial_id[:8], 16))
        shape = (len(said.ids), len(task.names))
        noise = [rng.dirichlet(np.ones(shape[1]), shape[0]).astype(np.float16) for _ in range(40)]
        return [Stage(n, 1.0, 0.5, {test: one}) for n, one in enumerate(noise, 1)]

    monkeypatch.setattr(finished, "stages", stages)
    store = Store(ran)
    plans, models = row(store, protocol="last-epoch")
    last = audit(run_case(store, plans, models, pool))
    assert not any(one.rule == "L11" for one in last.findings)
    best = audit(run_case(store, plans, models, pool, selection="best-on-test"))
    assert {one.severity for one in best.findings if one.rule == "L11"} == {"error", "warning"}
    assert "best-on-test" in best.badges


def test_an_empty_folder(tmp_path):
    with pytest.raises(StoreError, match="no finished trial"):
        rows_alike(Store(tmp_path))
