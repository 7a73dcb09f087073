from __future__ import annotations

import numpy as np
import pytest

from serbench.behaviour.invariance import MOST, check_answers, differs
from serbench.data import Utterances
from serbench.labels import Classes, Scale, Tags
from serbench.model import answer

TASK = Classes(("anger", "neutral", "sadness"))
SCALE = Scale(-3.0, 3.0)
TAGS = Tags(("happiness", "sadness"))


class Numbers:
    """A source whose waveform is the utterance's own random vector."""

    def __init__(self, count, seed=0):
        self.all = np.random.default_rng(seed).normal(size=(count, 3)).astype(np.float32)

    def waveform(self, row, rate, channel):
        return self.all[row]

    def feature(self, row, recipe):
        raise NotImplementedError

    def text(self, row):
        return None


class Honest:
    def predict_proba(self, test):
        return self.shares(self.heard(test), test.task)

    def predict(self, test):
        return self.heard(test)[:, 0].clip(-3, 3)

    def heard(self, test):
        return np.stack([test.waveform(i) for i in range(len(test))]).astype(np.float64)

    def shares(self, x, task):
        if isinstance(task, Tags):
            return 1 / (1 + np.exp(-x[:, :2]))
        weight = np.exp(x)
        return weight / weight.sum(1, keepdims=True)


class Company(Honest):
    def heard(self, test):
        x = super().heard(test)
        return (x - x.mean(0)) / (x.std(0) + 1e-9)


class Drawing(Honest):
    def __init__(self):
        self.rng = np.random.default_rng(0)

    def heard(self, test):
        return super().heard(test) + self.rng.normal(0, 0.1, (len(test), 3))


class ByPlace(Honest):
    def heard(self, test):
        return super().heard(test) + 0.1 * np.arange(len(test))[:, None] * [1, 0, 0]


class Remembering(Honest):
    """Adds a little once it was asked about something else than before."""

    asked = 0
    last = None

    def heard(self, test):
        x = super().heard(test)
        key = np.sort(x[:, 0]).tobytes()
        if self.last not in (None, key):
            self.asked = 1
        self.last = key
        return x + np.array([0.2 * self.asked, 0, 0]) if len(x) > 20 else x


class Rounding(Honest):
    """What another order of additions does in float32."""

    def heard(self, test):
        return super().heard(test) * (1 + 1e-6 * len(test))


class Speakers(Honest):
    """Standardises by whom it takes for one speaker: the sign of the third number."""

    def heard(self, test):
        x = super().heard(test)
        for group in (x[:, 2] > 0, x[:, 2] <= 0):
            if group.any():
                x[group] -= x[group].mean(0)
        return x


def _rules(model, count=100, task=TASK, source=None, **more):
    test = Utterances(task, source or Numbers(count), range(count))
    return [problem.rule for problem in check_answers(model, test, answer(model, test), **more)]


@pytest.mark.parametrize("count", [1, 2, 5, MOST, MOST + 1, 200])
@pytest.mark.parametrize("task", [TASK, SCALE, TAGS])
def test_an_honest_model_raises_nothing(count, task):
    assert _rules(Honest(), count, task) == []
    assert _rules(Rounding(), count, task) == []


@pytest.mark.parametrize("count", [3, 5, MOST, 200])
@pytest.mark.parametrize("task", [TASK, SCALE, TAGS])
def test_statistics_of_the_test_set_are_found(count, task):
    assert _rules(Company(), count, task) == ["L09"]


@pytest.mark.parametrize("model", [Drawing, ByPlace, Remembering])
@pytest.mark.parametrize("count", [30, 200])
def test_order_and_memory_are_found(model, count):
    assert _rules(model(), count) == ["L20"]


def test_the_message_says_how():
    test = Utterances(TASK, Numbers(30), range(30))

    def said(model):
        (problem,) = check_answers(model, test, answer(model, test))
        return problem

    assert "the same again" in said(Drawing()).message
    assert "another order" in said(ByPlace()).message
    assert "after other questions" in said(Remembering()).message
    found = said(Company())
    assert "which other utterances" in found.message
    assert found.count == 16  # a half, and one more that was asked about alone
    assert found.examples[0] == "test utterance 0"


def test_nothing_asked_is_nothing_found():
    class Silent(Honest):
        def predict_proba(self, test):
            return np.empty((0, 3))

    assert _rules(Silent(), 0) == []


def test_dependence_within_speakers_alone_is_another_rule():
    source = Numbers(60)
    speakers = (source.all[:, 2] > 0).astype(int)
    assert _rules(Speakers(), 60, source=source) == ["L09"]
    assert _rules(Speakers(), 60, source=source, speakers=speakers) == ["L10"]
    assert _rules(Company(), 60, source=source, speakers=speakers) == ["L09"]
    everyone = np.zeros(60, int)  # one speaker: nothing tells the two apart
    assert _rules(Speakers(), 60, source=source, speakers=everyone) == ["L09"]


def test_under_speaker_norm_a_speakers_utterances_stay_together():
    class ByGroup(Honest):
        def heard(self, test):
            x = super().heard(test)
            for group in np.unique(test.groups):
                x[test.groups == group] -= x[test.groups == group].mean(0)
            return x

    class Everyone(ByGroup):
        def heard(self, test):
            x = super().heard(test)
            return x / x.std()

    groups = np.arange(120) % 6
    test = Utterances(TASK, Numbers(120), range(120), groups=groups)

    def rules(model, **more):
        return [p.rule for p in check_answers(model, test, answer(model, test), **more)]

    assert rules(ByGroup(), groups=groups) == []
    assert rules(ByGroup()) == ["L09"]  # had it not been told the speakers
    assert rules(Everyone(), groups=groups) == ["L09"]


def test_a_change_of_class_counts_unless_it_was_a_tie():
    one = np.array([[0.5, 0.4997, 0.0003], [0.5, 0.5, 0.0], [0.4, 0.3, 0.3]], np.float32)
    two = np.array([[0.4997, 0.5, 0.0003], [0.499999, 0.500001, 0.0], [0.4, 0.3, 0.3]], np.float32)
    assert differs(TASK, one, two).tolist() == [True, False, False]
    assert differs(TASK, one, one + np.float32([2e-3, 0, -2e-3])).all()
    tags = np.array([[0.5003, 0.1], [0.500002, 0.1]], np.float32)
    assert differs(TAGS, tags, tags - np.float32([6e-4, 0])).tolist() == [True, True]
    assert differs(TAGS, tags, tags - np.float32([4e-6, 0])).tolist() == [False, False]


def test_a_scale_is_compared_by_its_range():
    one = np.zeros((2, 1), np.float32)
    assert differs(SCALE, one, one + np.float32([[5e-3], [7e-3]])).tolist() == [False, True]
    assert differs(Scale(0, 100), one, one + 0.05).tolist() == [False, False]


class Crowded(Company):
    """Standardises by the company where it is large."""

    def heard(self, test):
        return super().heard(test) if len(test) > 64 else Honest.heard(self, test)


def test_a_model_that_treats_crowds_otherwise():
    few, many = Utterances(TASK, Numbers(12), range(12)), Utterances(TASK, Numbers(99), range(99))
    speakers = np.arange(99) // 9
    model = Crowded()
    assert check_answers(model, few, answer(model, few)) == []
    (found,) = check_answers(model, few, answer(model, few), crowd=100)
    assert found.rule == "L09"
    # Whole speakers are fewer than a crowd: alone and in pairs they are answered alike.
    (found,) = check_answers(model, many, answer(model, many), speakers=speakers)
    assert found.rule == "L09"
