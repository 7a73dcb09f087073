"""The prior: the training set's shares of the classes, or its median."""

import numpy as np
import pytest

from serbench.data import LabelledUtterances, Utterances
from serbench.labels import Classes, Scale
from serbench.model import answer
from serbench_baselines.prior import Prior


class Nothing:
    """Neither sound nor words: the prior asks for none."""


def sets(task, y):
    rows = np.arange(len(y))
    train = LabelledUtterances(task, Nothing(), rows, y=np.array(y), speakers=rows, inputs=())
    return train, Utterances(task, Nothing(), rows[:2], inputs=())


def test_shares_of_classes():
    train, test = sets(Classes(("a", "b", "c")), [0, 2, 0, 0])
    said = answer(Prior().fit(train, seed=0), test)
    np.testing.assert_array_equal(said, [[0.75, 0, 0.25]] * 2)


@pytest.mark.parametrize(("y", "median"), [([3.0, -3.0, 1 / 3], 1 / 3), ([0.0, 1.0], 0.5)])
def test_median_of_a_scale(y, median):
    train, test = sets(Scale(-3, 3), y)
    said = answer(Prior().fit(train, seed=0), test)
    assert said.shape == (2, 1)
    np.testing.assert_allclose(said, median, rtol=1e-6)


def test_no_constant_is_nearer():
    random = np.random.default_rng(0)
    y = random.integers(-9, 10, 101) / 3
    train, test = sets(Scale(-3, 3), y)
    said = float(answer(Prior().fit(train, seed=0), test)[0, 0])
    errors = [np.abs(y - other).mean() for other in np.linspace(-3, 3, 601)]
    assert np.abs(y - said).mean() <= min(errors) + 1e-6
