"""Statistics over time, against numpy and scipy.stats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
import scipy.stats

from serbench.canonical import canonical
from serbench.errors import FeatureError
from serbench.features.frames import FrameDescriptors, LogMel, Mfcc
from serbench.features.functionals import DEFAULT, STATISTICS, Functionals
from serbench.features.recipe import Recipe, recipe_digest, record

ORACLES = {
    "mean": lambda x: np.mean(x, axis=0),
    "std": lambda x: np.std(x, axis=0),
    "min": lambda x: np.min(x, axis=0),
    "max": lambda x: np.max(x, axis=0),
    "median": lambda x: np.median(x, axis=0),
    "p25": lambda x: np.percentile(x, 25, axis=0),
    "p75": lambda x: np.percentile(x, 75, axis=0),
    "iqr": lambda x: scipy.stats.iqr(x, axis=0),
    "skewness": lambda x: scipy.stats.skew(x, axis=0),
    "kurtosis": lambda x: scipy.stats.kurtosis(x, axis=0),
}


@dataclass(frozen=True)
class Given:
    """The samples themselves as frames."""

    name: ClassVar[str] = "given"
    columns: int = 1
    rate: int = 16000
    channel: str = "first"
    extractor: ClassVar[str] = "none"

    @property
    def dims(self):
        return self.columns

    def extract(self, samples, rate):
        return samples.reshape(-1, self.columns)


def test_every_statistic_has_an_oracle():
    assert set(ORACLES) == set(STATISTICS)


@pytest.mark.parametrize("name", STATISTICS)
def test_to_the_last_bit(name, y):
    frames = Mfcc(deltas=2).extract(y, 16000)
    found = Functionals(of=Mfcc(deltas=2), statistics=(name,)).extract(y, 16000)
    np.testing.assert_array_equal(found, ORACLES[name](frames.astype(np.float64)).astype("f4"))


def test_statistic_by_statistic(y):
    recipe = Functionals(of=FrameDescriptors())
    frames = FrameDescriptors().extract(y, 16000).astype(np.float64)
    found = recipe.extract(y, 16000)
    assert found.shape == (recipe.dims,) == (8 * 45,)
    assert found.dtype == np.float32
    expected = np.concatenate([ORACLES[name](frames) for name in DEFAULT])
    np.testing.assert_array_equal(found, expected.astype(np.float32))


@pytest.mark.parametrize("value", [0.0, 0.1, -1e30, 1e-40])
def test_a_constant_column_is_defined(value):
    samples = np.full(50, value, np.float32)
    found = Functionals(of=Given(), statistics=tuple(STATISTICS)).extract(samples, 16000)
    numbers = dict(zip(STATISTICS, found, strict=True))
    for name in ("mean", "min", "max", "median", "p25", "p75"):
        assert numbers[name] == pytest.approx(samples[0], rel=1e-6)
    for name in ("iqr", "skewness", "kurtosis"):
        assert numbers[name] == 0
    assert numbers["std"] == pytest.approx(0, abs=abs(value) * 1e-7)


def test_one_frame_is_constant():
    found = Functionals(of=Given(columns=3)).extract(np.array([1, 2, 3], np.float32), 16000)
    assert found.reshape(8, 3).tolist() == [
        [1, 2, 3],
        [0, 0, 0],
        [1, 2, 3],
        [1, 2, 3],
        [1, 2, 3],
        [0, 0, 0],
        [0, 0, 0],
        [0, 0, 0],
    ]


def test_columns_that_hardly_move_are_no_constants():
    samples = np.full((40, 2), 1000.0, np.float32)
    samples[::4, 0] = np.nextafter(np.float32(1000), np.float32(2000))
    found = Functionals(of=Given(columns=2), statistics=("skewness",)).extract(
        samples.ravel(), 16000
    )
    assert found[0] == pytest.approx(scipy.stats.skew([1, 0, 0, 0]), rel=1e-6)
    assert found[1] == 0


def test_the_record_names_the_inner_recipe():
    recipe = Functionals(of=Mfcc(coefficients=13))
    written = record(recipe)
    assert written["name"] == "functionals"
    assert written["of"] == record(Mfcc(coefficients=13))
    assert written["of"]["name"] == "mfcc"
    assert written["statistics"] == list(DEFAULT)
    canonical(written)
    assert recipe_digest(recipe) != recipe_digest(Functionals(of=Mfcc(coefficients=14)))
    # Settings alone would not tell these two apart.
    assert recipe_digest(Functionals(of=Given())) != recipe_digest(Functionals(of=Renamed()))


@dataclass(frozen=True)
class Renamed(Given):
    name: ClassVar[str] = "renamed"


def test_what_it_takes_from_the_inner_recipe():
    recipe = Functionals(of=LogMel(rate=8000, channel="mean", fft=256))
    assert isinstance(recipe, Recipe)
    assert (recipe.rate, recipe.channel) == (8000, "mean")
    assert recipe.extractor == LogMel().extractor


def test_a_feature_that_is_no_sequence():
    inner = Functionals(of=Given())
    with pytest.raises(FeatureError, match=r"shape \(8,\)"):
        Functionals(of=inner).extract(np.arange(9, dtype=np.float32), 16000)


def test_too_short_for_the_inner_recipe():
    with pytest.raises(FeatureError, match="too short"):
        Functionals(of=FrameDescriptors()).extract(np.zeros(100, np.float32), 16000)


@pytest.mark.parametrize("statistics", [(), ("mode",)])
def test_unknown_statistics(statistics):
    with pytest.raises(ValueError, match=r"known: mean"):
        Functionals(of=Given(), statistics=statistics)


def test_only_a_dataclass_is_a_recipe():
    with pytest.raises(TypeError, match="frozen dataclass"):
        record(Mfcc)  # type: ignore[arg-type]
