from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from serbench.audit.rules import TITLES
from serbench.errors import ModelError
from serbench.testing import check_model
from serbench.testing.leaky import LEAKS
from serbench.testing.leaky.batch_normaliser import BatchNormaliser
from serbench.testing.leaky.best_of_each_metric import (
    best_of_each_metric,
    of_the_last_epoch,
    recalls_of,
    ua_of,
    wa_of,
)
from serbench.testing.leaky.carried_state import CarriedState
from serbench.testing.leaky.cases import with_predictions
from serbench.testing.leaky.honest import NearestMean
from serbench.testing.leaky.markdown import HEAD, row
from serbench.testing.leaky.path_reader import PathReader
from serbench.testing.leaky.plain_folds import CORPUS
from serbench.testing.leaky.target_peeker import TargetPeeker
from serbench.testing.studio import studio

PAGE = Path(__file__).resolve().parents[2] / "docs" / "leaks.md"


@pytest.fixture(scope="module")
def outcomes():
    """What was found of each leak, and of the same without its fault."""
    return {name: (leak.found(), leak.found_without()) for name, leak in LEAKS.items()}


@pytest.mark.parametrize("name", LEAKS)
def test_each_leak_is_caught_by_its_own_rule_and_by_no_other(name, outcomes):
    assert outcomes[name] == ({LEAKS[name].rule}, set())


def test_there_are_eight_of_eight_rules():
    rules = [leak.rule for leak in LEAKS.values()]
    assert sorted(rules) == ["L08", "L09", "L11", "L12", "L14", "L18", "L20", "L22"]
    assert set(rules) <= set(TITLES)


def _accuracy(model, recordings, train, test):
    model.fit(recordings.training(train, model), seed=0)
    said = model.predict_proba(recordings.test(test, model)).argmax(1)
    return np.mean([recordings.task.names[k] == each.emotion for k, each in zip(said, test)])  # noqa: B905


def test_the_leaks_of_models_pay():
    """A leak that gains nothing would prove little."""
    with studio(seconds=0.3) as recordings:
        home, away = recordings.of("home"), recordings.of("away")

        def scored(model):
            return _accuracy(model, recordings, home, away)

        honest = scored(NearestMean())
        assert scored(PathReader()) == 1.0 > honest
        carried = type("Carried", (CarriedState,), {})
        carried().fit(recordings.training(away, carried()), seed=0)  # as another fold does
        assert scored(carried()) == 1.0
        assert not CarriedState.known
        for other in (BatchNormaliser(), TargetPeeker()):
            fitted = NearestMean().fit(recordings.training(home, other), seed=0)
            other.fit(recordings.training(home, other), seed=0)
            test = recordings.test(away, other)
            assert np.abs(other.predict_proba(test) - fitted.predict_proba(test)).max() > 0.01


def test_dropping_the_doubtful_leaves_the_rest():
    case = with_predictions(leaky=True)
    whole = case.listing.splits[0].tests[CORPUS]
    assert case.run is not None
    kept = case.run.tested[0]["1"][CORPUS]
    assert set(kept) < set(whole)
    assert len(whole) - len(kept) == round(0.2 * len(whole))


def test_the_best_of_each_metric_is_of_no_one_epoch():
    rng = np.random.default_rng(1)
    tables = [np.diag(rng.integers(1, 20, 3)) + rng.integers(1, 9, (3, 3)) for _ in range(20)]
    said = best_of_each_metric(tables)
    assert said.ua == max(map(ua_of, tables))
    assert said.wa == max(map(wa_of, tables))
    last = of_the_last_epoch(tables)
    assert last.ua == pytest.approx(np.mean(last.recalls))
    assert last.recalls == recalls_of(tables[-1])
    assert last.wa == pytest.approx(tables[-1].trace() / tables[-1].sum())


def test_who_digs_is_stopped_at_the_door_too():
    """check_model hands out closed utterances; the runtime rules catch who gets past it."""
    check_model(NearestMean)
    for digs in (PathReader, TargetPeeker):
        with pytest.raises(ModelError, match="reached for '_source'"):
            check_model(digs)
    with pytest.raises(ModelError, match="judged alone"):
        check_model(BatchNormaliser)


def test_the_page_shows_what_is_caught_now(outcomes):
    text = PAGE.read_text(encoding="utf-8")
    rows = "\n".join(row(leak, *outcomes[name]) for name, leak in LEAKS.items())
    assert rows in text, "docs/leaks.md: paste what `python -m serbench.testing.leaky` prints"
    assert HEAD in text


@pytest.mark.slow
def test_the_table_is_printed():
    done = subprocess.run(
        [sys.executable, "-P", "-m", "serbench.testing.leaky"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout in PAGE.read_text(encoding="utf-8")
