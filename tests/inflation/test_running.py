"""Ladders end to end on forged corpora: what runs, what is found, what does not fit."""

import dataclasses

import pytest

from serbench import bench
from serbench.boards import boards
from serbench.cli.progress import Screen
from serbench.errors import SerbenchError, StoreError, UsageError
from serbench.inflation.running import run
from serbench.inflation.stored import read
from serbench.registry import load
from serbench.request import Request
from serbench.store import Store
from serbench.testing.forge import forge_corpus

NET = """
from dataclasses import dataclass
from torch import nn
from serbench.features.frames import Mfcc
from serbench.nets.net import Net
from serbench.nets.outputs import width
from serbench.nets.pooling import MeanPooling

RECIPE = Mfcc(coefficients=8)

class Module(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.pool, self.head = MeanPooling(), nn.Linear(8, classes)

    def forward(self, inputs):
        return self.head(self.pool(inputs["mfcc"]) / 50)

@dataclass(kw_only=True, eq=False)
class Small(Net):
    epochs: int = 3
    batch: int = 32
    learning_rate: float = 0.1
    optimiser: str = "adam"
    recipes = (RECIPE,)

    def build(self, task):
        return Module(width(task))
"""


@pytest.fixture(scope="module")
def roots(tmp_path_factory):
    """A SAVEE of four speakers, an EMO-DB of ten: three and one utterance of each emotion."""
    folder = tmp_path_factory.mktemp("forged")
    return {
        name: forge_corpus(
            load("corpora", name)(), folder / name, per_cell=count, seconds=(0.3, 0.4)
        )
        for name, count in (("savee", 3), ("emodb", 1))
    }


@pytest.fixture
def ask(roots, tmp_path):
    def request(*models, corpus="savee", others=(), **changes):
        names = (corpus, *others)
        return Request(
            models=models or [("prior", {})], protocols=(), corpora=[corpus],
            results=tmp_path / "results", cache=tmp_path / "cache",
            roots={name: roots[name] for name in names if name in roots},
            allow_partial=True, seeds=changes.pop("seeds", 1), **changes,
        )  # fmt: skip

    return request


class Heard:
    """A watcher that remembers its notes."""

    def __init__(self):
        self.notes = []
        self._screen = Screen(quiet=True)
        self.step, self.trials = self._screen.step, self._screen.trials

    def note(self, text):
        self.notes.append(text)


def told(ladder):
    return {rung.step.key: rung.missing for rung in ladder.rungs}


def test_a_net_and_a_prior_from_top_to_bottom(ask, tmp_path):
    file = tmp_path / "small.py"
    file.write_text(NET)
    request = ask(("prior", {}), (f"{file}:Small", {}), others=["emodb"])
    watcher = Heard()
    first = run(request, ["emodb"], watcher)
    # Of each model: 10 folds, 4 speakers, 2 sources.
    assert (first.planned, first.done, first.found, first.failures) == (32, 32, 0, {})
    prior, net = first.ladders
    short = "4 speakers (DC, JE, JK, KL); expected: at least 10, one for each of 10 folds"
    assert short in told(prior)["kfold-speaker/last"]
    assert told(prior)["kfold/best-on-test"] == "the model has no epochs to choose from"
    assert [rung.step.key for rung in net.measured] == [
        "kfold/best-on-test", "kfold/last", "loso/last", "cross-corpus/last",
    ]  # fmt: skip
    assert (net.model, net.labels, net.sources, net.speakers) == ("Small", "shared5", ("emodb",), 4)
    best, last, *_ = net.measured
    assert best.wa.estimate >= last.wa.estimate  # it is chosen by WA, fold by fold
    assert best.counts.sum() == last.counts.sum() == net.utterances
    assert prior.measured[-1].ua.estimate == pytest.approx(1 / 5)  # one answer for all of them
    assert (prior.partial, prior.speakers) == (True, 4)
    assert len(watcher.notes) == len(set(watcher.notes))
    on_boards = boards(Store(request.results), selections=("best-on-test", "last"))
    rows = {
        (board.protocol, row.selection): row.scores
        for board in on_boards
        for row in board.rows
        if row.model == "Small" and row.scores
    }
    for rung in net.measured:
        scores = rows[rung.step.protocol, rung.step.selection]
        if rung.step.across:
            (scores,) = (one.scores for one in scores.cells if one.target == "savee")
        assert (rung.ua, rung.wa) == (scores.ua, scores.wa)
    again = run(request, ["emodb"], Heard())
    assert (again.done, again.found) == (0, 32)
    assert again.ladders[1].record() == net.record()


def test_without_another_corpus_there_is_no_last_step(ask):
    """One utterance of ten speakers for each emotion: just enough for every step."""
    (ladder,) = run(ask(corpus="emodb"), [], Heard()).ladders
    assert (ladder.labels, list(told(ladder).values())[1:]) == ("own", ["", "", ""])
    apart = [rung.speaker_independent for rung in ladder.measured]
    assert apart == [False, True, True]


def test_a_step_that_the_results_need_no_run_for_is_found(ask):
    request = ask()
    bench.run(dataclasses.replace(request, protocols=["loso"]), Heard())
    outcome = run(request, [], Heard())
    assert (outcome.found, outcome.done) == (4, 10)
    (stored,) = read(request.results, [("prior", {})], "savee", [])
    assert [rung.ua for rung in stored.measured] == [
        rung.ua for rung in outcome.ladders[0].measured
    ]


def test_a_failing_model_says_why(ask, tmp_path):
    file = tmp_path / "torn.py"
    file.write_text(
        "class Torn:\n"
        "    def fit(self, train, *, seed):\n"
        "        raise RuntimeError('torn apart')\n"
        "    def predict_proba(self, test):\n"
        "        return None\n"
    )
    with pytest.raises(StoreError, match="0 of 10 trials are finished, 10 failed") as failed:
        run(ask((f"{file}:Torn", {})), [], Heard())
    assert "torn apart" in failed.value.advice


@pytest.mark.parametrize(
    ("others", "changes", "match"),
    [
        (["emodb"], {"labels": "own"}, "does not tell the same classes apart"),
        ([], {"labels": "mosei-sentiment"}, "does not tell the same classes apart"),
        ([], {"seeds": 0}, "--seeds 0"),
        (["emodbb"], {}, "emodbb"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_training(ask, others, changes, match):
    request = ask(others=others, **changes)
    with pytest.raises(SerbenchError, match=match):
        run(request, others, Heard())
    assert not (request.results / "trials").exists()


def test_a_folder_of_a_corpus_that_is_not_asked_for_is_refused(ask, roots):
    request = dataclasses.replace(ask(), roots=roots)
    with pytest.raises(UsageError, match="--corpus-root emodb"):
        run(request, [], Heard())
