"""A results folder of a make-believe corpus, filled step by step."""

import numpy as np
import pytest

from serbench.behaviour.problem import Behaviour, Problem
from serbench.labels import Classes
from serbench.predictions import Predictions, stages_to_parquet
from serbench.predictions import to_parquet as predictions_to
from serbench.session import Stage
from serbench.store import Plan, Store
from serbench.trial import Trial

TASK = Classes(("low", "high"))
NOTES = {"variant": {}, "findings": [], "altered": []}


def sure(decided, classes):
    """Rows whose highest probability is that of the decided class."""
    rows = np.full((len(decided), classes), 0.1, np.float32)
    rows[np.arange(len(decided)), decided] = 0.9
    return rows


class Shelf:
    """Trials of one model after another, on utterances that are the same at every step.

    Parameters
    ----------
    truth, speakers
        Of each utterance of the corpus "toy", in the order of its ids.
    """

    def __init__(self, folder, truth, speakers, task=TASK, labels="own"):
        self.store = Store(folder)
        self.truth, self.speakers = np.array(truth), list(speakers)
        self.ids = [f"toy/{i:03}" for i in range(len(truth))]
        self.task, self.labels = task, labels

    def trial(self, protocol, fold, seed, folds, *, corpora=("toy",), model="m", version="1"):
        tests = [name for name in corpora if len(corpora) == 1 or name != fold]
        return Trial(
            protocol={"name": protocol, "corpora": list(corpora), "target_access": "none"},
            labels={"name": self.labels, "repeat": {}}, task=self.task.record(),
            corpora=dict.fromkeys(corpora, "f" * 64), split="s", folds=folds, fold=fold,
            train={"digest": "b", "size": 4},
            tests={name: {"digest": "c", "size": 4} for name in tests},
            validation=None, target=None,
            model={"name": model, "version": version, "settings": {}}, recipes=(), seed=seed,
        )  # fmt: skip

    def within(
        self, protocol, *said, folds=2, epochs=(), keep=None, without=(), broken=None, **what
    ):
        """Folds of the corpus, a seed for each ``said`` (the class told of every utterance).

        They are of whole speakers, but under "kfold". ``epochs`` are what was told before the last
        epoch; ``without`` (seed, fold) is not there; ``broken`` are the rules that every training
        was seen to break (None: nobody watched).
        """
        trials = [
            self.trial(protocol, str(fold), seed, folds, **what)
            for seed in range(len(said))
            for fold in range(folds)
        ]
        self._plan(trials, protocol)
        places = np.arange(len(self.ids))
        if protocol != "kfold":
            places = np.unique(self.speakers, return_inverse=True)[1]
        for one in trials:
            rows = np.flatnonzero(places % folds == int(one.fold))
            if (one.seed, one.fold) not in without:
                told = [each[rows] for each in map(np.asarray, (*epochs, said[one.seed]))]
                self._save(one, {"toy": rows}, told if epochs else told[-1:], keep, broken)

    def across(self, *said, protocol="cross-corpus", corpora=("other", "toy"), **what):
        """A training on each corpus; by seed, what was told of "toy" by each source."""
        trials = [
            self.trial(protocol, name, seed, len(corpora), corpora=corpora, **what)
            for seed in range(len(said))
            for name in corpora
        ]
        self._plan(trials, protocol)
        everything = np.arange(len(self.ids))
        for one in trials:
            told = self.truth if one.fold == "toy" else np.asarray(said[one.seed][one.fold])
            self._save(one, dict.fromkeys(one.tests, everything), [told], None)

    def _plan(self, trials, protocol):
        notes = {**NOTES, "speaker_independent": protocol != "kfold"}
        self.store.plan(Plan(trials[0].row, notes, tuple(one.id for one in trials)))

    def _save(self, trial, tests, told, keep, broken=None):
        files = {}
        for name, rows in tests.items():
            ids = tuple(self.ids[i].replace("toy", name) for i in rows)
            who = tuple(self.speakers[i] for i in rows)
            answers = [sure(each, len(self.task.names)) for each in told]
            said = Predictions(self.task.names, ids, who, self.truth[rows], answers[-1])
            files[f"predictions-{name}.parquet"] = predictions_to(said)
            if len(answers) > 1 or keep:
                stages = [
                    Stage(i, 1.0, 0.5, {name: each.astype(np.float16)})
                    for i, each in enumerate(answers, 1)
                ]
                order = np.arange(len(rows))
                files[f"stages-{name}.parquet"] = stages_to_parquet(stages, name, order)
        seen = [Problem.of(rule, "it was seen", ["a.wav"]) for rule in broken or ()]
        watched = {} if broken is None else {"behaviour": Behaviour.of(["watch"], seen).record()}
        self.store.save(trial, files, {"notes": NOTES, "keep": keep, **watched})


@pytest.fixture
def shelf(tmp_path):
    """Three speakers, two utterances of each of two classes; see ``Shelf``."""

    def make(truth=(0, 0, 1, 1) * 3, speakers="aaaabbbbcccc", **other):
        return Shelf(tmp_path / "results", truth, speakers, **other)

    return make
