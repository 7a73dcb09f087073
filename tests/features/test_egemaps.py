"""openSMILE's functionals."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from serbench.audio import read
from serbench.errors import FeatureError, MissingExtra
from serbench.features import egemaps
from serbench.features.egemaps import DIMS, Egemaps
from serbench.features.recipe import library


@pytest.fixture
def opensmile():
    return pytest.importorskip("opensmile")


@pytest.mark.corpus("EMO-DB")
@pytest.mark.parametrize("name", ["03a01Fa.wav", "16b10Wb.wav"])
def test_the_values_of_the_file(opensmile, real_corpus, name):
    path = real_corpus("EMO-DB") / "wav" / name
    smile = opensmile.Smile(
        feature_set=opensmile.FeatureSet.eGeMAPSv02,
        feature_level=opensmile.FeatureLevel.Functionals,
    )
    expected = smile.process_file(path).to_numpy()[0]
    samples, rate = read(path)
    found = Egemaps().extract(samples, rate)
    assert found.shape == (88,)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-4)


@pytest.mark.parametrize("feature_set", [name for name in DIMS if name != "eGeMAPSv01b"])
def test_dims(opensmile, feature_set, y):
    recipe = Egemaps(feature_set=feature_set)
    assert recipe.extract(y, 16000).shape == (recipe.dims,)


def test_twice_the_same(opensmile, y):
    first, other = Egemaps().extract(y, 16000), Egemaps().extract(y[::-1].copy(), 16000)
    assert not np.array_equal(first, other)
    np.testing.assert_array_equal(Egemaps().extract(y, 16000), first)


@pytest.mark.parametrize("samples", [0, 1, 400, 900])
def test_too_short(opensmile, samples, y):
    with pytest.raises(FeatureError, match=rf"{samples / 16000:.4f} s \({samples} samples\)"):
        Egemaps().extract(y[-samples:] if samples else y[:0], 16000)


def test_extractor(opensmile):
    assert Egemaps().extractor == f"opensmile {opensmile.__version__}"


def test_not_installed(monkeypatch, y):
    monkeypatch.setitem(sys.modules, "opensmile", None)
    egemaps._smile.cache_clear()
    with pytest.raises(MissingExtra, match=r"serbench\[opensmile\]"):
        Egemaps().extract(y, 16000)


def test_not_installed_says_the_extractor_too(monkeypatch):
    def none(name):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(egemaps, "library", none)
    with pytest.raises(MissingExtra, match="opensmile"):
        _ = Egemaps().extractor


def test_the_library_that_is_missing_is_a_missing_module():
    with pytest.raises(ModuleNotFoundError):
        library("no-such-distribution")


def test_unknown_feature_set():
    with pytest.raises(ValueError, match="known: eGeMAPSv02"):
        Egemaps(feature_set="eGeMAPSv99")  # type: ignore[arg-type]
