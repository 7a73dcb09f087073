"""What a request is refused for before a corpus is read, and what whoever asks should hear."""

import dataclasses
from pathlib import Path

import pytest

from serbench import bench, preparing
from serbench.cli.progress import Screen
from serbench.errors import CorpusError, ProtocolError, UsageError
from serbench.preparing import prepare
from serbench.protocols import KFOLD
from serbench.request import Request, corpora_of, selection_of
from serbench.store import Store

MODEL = """
import numpy as np

class Quick:
    deterministic = {deterministic}

    def fit(self, train, *, seed):
        return self

    def predict_proba(self, test):
        return np.full((len(test), 7), 1 / 7)
"""


class Notes:
    """A watcher that remembers its notes."""

    def __init__(self):
        self.notes = []
        screen = Screen(quiet=True)
        self.step, self.trials = screen.step, screen.trials

    def note(self, text):
        self.notes.append(text)


@pytest.fixture
def ask(forged_savee, tmp_path):
    def make(*models, protocol="kfold", **changes):
        return dataclasses.replace(
            Request(
                models=[(name, {}) for name in models or ("prior",)], protocols=[protocol],
                corpora=["savee"], results=tmp_path / "results", cache=tmp_path / "cache",
                roots={"savee": forged_savee}, allow_partial=True,
            ),
            **changes,
        )  # fmt: skip

    return make


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"selection": "val"}, "the model 'prior' has no epochs that --selection val"),
        ({"selection": "best-on-test"}, "the model 'prior' has no epochs"),
        ({"access": "unlabelled"}, "the model 'timnet' makes no use of the test side"),
        ({"seeds": 0}, "--seeds 0"),
        ({"selection": "val", "keep": "last"}, "--selection val with --stages last"),
    ],
)
def test_it_is_refused_before_a_corpus_is_read(ask, monkeypatch, changes, found):
    """One model that does not fit refuses the whole command, by its name, at once."""
    monkeypatch.setattr(preparing, "scan", lambda *_, **__: pytest.fail("a corpus was read"))
    with pytest.raises(UsageError) as error:
        bench.run(ask("timnet", "prior", **changes), Notes())
    assert error.value.found.startswith(found)


def test_a_protocol_that_chooses_an_epoch_wants_them_all(ask):
    choosing = dataclasses.replace(KFOLD, selection="best-on-test")
    assert selection_of(ask(), choosing) == "best-on-test"
    assert selection_of(ask(selection="last", keep="last"), choosing) == "last"
    with pytest.raises(UsageError, match="--selection best-on-test with --stages last"):
        selection_of(ask(keep="last"), choosing)


def test_a_corpus_that_is_named_twice_is_one(ask):
    twice = ask(corpora=["savee", "emovo", "savee"])
    assert corpora_of(twice, KFOLD) == [("savee",), ("emovo",)]
    across = dataclasses.replace(KFOLD, splitter=Across())
    assert corpora_of(twice, across) == [("emovo", "savee")]


class Across:
    kind = "across"
    across = True


def test_options_that_do_nothing_are_said(ask, tmp_path):
    watcher = Notes()
    found = prepare(ask(seeds=3, keep="all", compile=True, precision="float32"), watcher)
    assert len(found.jobs) == 10
    assert "prior gives one answer whatever the seed: it is trained once a fold" in watcher.notes
    for option in ("--stages", "--compile", "--precision"):
        said = f"none of these models is a net that serbench trains: {option} has no use here"
        assert said in watcher.notes
    watcher = Notes()
    prepare(ask(features="torch"), watcher)
    assert any("--features has no use here" in note for note in watcher.notes)
    for deterministic, notes in (("True", 1), ("False", 0)):
        file = tmp_path / f"{deterministic.lower()}.py"
        file.write_text(MODEL.format(deterministic=deterministic))
        watcher = Notes()
        assert len(prepare(ask(f"{file}:Quick", seeds=2), watcher).jobs) == 20 - 10 * notes
        assert sum("whatever the seed" in note for note in watcher.notes) == notes
    watcher = Notes()
    prepare(ask("timnet", seeds=2, keep="all", features="torch"), watcher)
    assert not any("has no use" in note or "whatever" in note for note in watcher.notes)


def test_what_an_error_advises_is_kept_beside_the_nearest_protocol(ask):
    with pytest.raises(ProtocolError) as error:
        prepare(ask(protocol="cross-corpus"), Notes())
    own, _, nearest = error.value.advice.partition("; or ")
    assert own.startswith("give --corpus for each of them")
    assert nearest.startswith("use --protocol loso (")


def test_records_hold_no_path_of_this_machine(ask, forged_savee, tmp_path):
    request = ask()
    bench.run(request, Notes())
    for file in Path(request.results).rglob("*.json"):
        text = file.read_text()
        assert str(forged_savee) not in text
        assert str(tmp_path) not in text
    assert list(Store(request.results).ids())


def test_usual_corpora_that_are_not_here_are_named_together(ask, forged_savee):
    with pytest.raises(CorpusError, match="folders of casia, emodb, emovo, ravdess") as error:
        prepare(ask(protocol="cross-corpus", corpora=[]), Notes())
    assert error.value.advice.endswith("here are savee")
