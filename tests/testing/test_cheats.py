"""Models that cheat in ways of their own, each by the rule that it breaks."""

from __future__ import annotations

import builtins
import gc
import hashlib
import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from serbench.audio import read
from serbench.testing.examine import examine
from serbench.testing.leaky.honest import NearestMean, measured


def others(train):
    """The files of other corpora, found beside the training set's."""
    folder = train._source._clips[0].path.parent
    return [path for path in folder.parent.rglob("*.wav") if path.parent != folder]


class AdaptsWhenAsked(NearestMean):
    """Opens nothing in training, and all test files at the first question."""

    def fit(self, train, *, seed):
        self.found = others(train)
        return super().fit(train, seed=seed)

    def standardised(self, heard):
        every = np.stack([measured(read(path)[0]) for path in self.found])
        return (heard - every.mean(axis=0)) / every.std(axis=0)


class LooksWhileItIsMade(NearestMean):
    def __init__(self):
        for folder in Path(tempfile.gettempdir()).glob("serbench-studio-*"):
            for path in folder.rglob("away/*.wav"):
                path.read_bytes()


class OpensFromAFolder(NearestMean):
    def fit(self, train, *, seed):
        for path in others(train):
            folder = os.open(path.parent, os.O_RDONLY)
            os.close(os.open(path.name, os.O_RDONLY, dir_fd=folder))
            os.close(folder)
        return super().fit(train, seed=seed)


class NormalisesCrowds(NearestMean):
    """Takes the statistics of what it is asked about, if that is much."""

    def standardised(self, heard):
        if len(heard) <= 64:
            return super().standardised(heard)
        return (heard - heard.mean(axis=0)) / (heard.std(axis=0) + 1e-9)


class FindsUtterances(NearestMean):
    """Finds the harness's own utterances, with their labels, in the interpreter's memory."""

    def predict_proba(self, test):
        said, names = super().predict_proba(test), test.task.names
        labels = {
            each.samples: each.emotion
            for each in gc.get_objects()
            if type(each).__name__ == "Utterance"
        }
        for i, row in enumerate(test._rows):
            label = labels.get(test._source._clips[int(row)].samples)
            if label in names:
                said[i] = np.eye(len(names))[names.index(label)]
        return said


class ReadsFrames(NearestMean):
    """Finds them among the variables of who called it."""

    def predict_proba(self, test):
        frame = sys._getframe()
        while frame := frame.f_back:
            found = frame.f_locals.get("utterances")
            if found and len(found) == len(test):
                names = test.task.names
                return np.stack([np.eye(len(names))[names.index(u.emotion)] for u in found])
        return super().predict_proba(test)


class KeepsFirstAnswers(NearestMean):
    """What it first learnt or said of a sound, it says for ever, wherever it stands then."""

    def fit(self, train, *, seed):
        for i in range(len(train)):
            self.known(train.waveform(i), int(train.y[i]))
        return super().fit(train, seed=seed)

    def predict_proba(self, test):
        said = super().predict_proba(test)
        kept = [self.known(test.waveform(i), int(said[i].argmax())) for i in range(len(test))]
        return np.eye(said.shape[1])[kept]

    def known(self, samples, label):
        memory = vars(builtins).setdefault("_heard_before", {})
        return memory.setdefault(hashlib.sha256(samples.tobytes()).digest(), label)


@pytest.fixture(autouse=True)
def _forgotten():
    yield
    vars(builtins).pop("_heard_before", None)


@pytest.mark.parametrize(
    ("cheat", "rules"),
    [
        (AdaptsWhenAsked, {"L22"}),
        (LooksWhileItIsMade, {"L22"}),
        (OpensFromAFolder, {"L22"}),
        (NormalisesCrowds, {"L09"}),
        pytest.param(FindsUtterances, {"L18"}, marks=pytest.mark.slow),  # looks at every object
        (ReadsFrames, {"L18", "L20"}),  # whose variables it finds hangs on who asks
        (KeepsFirstAnswers, {"L20"}),
    ],
)
def test_a_cheat_is_caught(cheat, rules):
    assert examine(cheat).rules == rules
