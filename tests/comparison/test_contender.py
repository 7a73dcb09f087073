"""How a row is asked for."""

import pytest

from serbench.comparison.contender import Wanted
from serbench.errors import UsageError


@pytest.mark.parametrize(
    ("text", "model", "settings"),
    [
        ("svm", "svm", None),
        ("svm[]", "svm", {}),
        ("net[epochs=30]", "net", {"epochs": 30}),
        ("net [epochs=30, merge=sum]", "net", {"epochs": 30, "merge": "sum"}),
        ("net[lr=1e-3 gender=false]", "net", {"lr": 0.001, "gender": False}),
    ],
)
def test_names_are_read(text, model, settings):
    assert Wanted.of(text) == Wanted(model, settings)


@pytest.mark.parametrize("text", ["", "[epochs=3]", "net[epochs]", "net[a=1][b=2]"])
def test_what_is_no_name_is_refused(text):
    with pytest.raises(UsageError):
        Wanted.of(text)


def test_settings_tell_rows_apart():
    assert Wanted.of("net").means("net", "1", {"epochs": 3})
    assert Wanted.of("net[]").means("net", "1", {})
    assert not Wanted.of("net[]").means("net", "1", {"epochs": 3})
    assert Wanted.of("net[epochs=3]").means("net", "1", {"epochs": 3, "width": 2})
    assert not Wanted.of("net[epochs=3]").means("net", "1", {"epochs": 4})
    assert not Wanted.of("net[epochs=3]").means("net", "1", {})
    assert not Wanted.of("net").means("svm", "1", {})


def test_versions_tell_rows_apart():
    assert Wanted.of("net[version=1.10]").means("net", "1.10", {"epochs": 3})
    assert not Wanted.of("net[version=1.10]").means("net", "1.1", {})
    assert Wanted.of("net[version=2, epochs=3]").means("net", "2", {"epochs": 3})
    assert not Wanted.of("net[version=2, epochs=3]").means("net", "1", {"epochs": 3})


def test_a_setting_called_version_is_the_one_that_is_meant():
    assert Wanted.of("encoder[version=2]").means("encoder", "1", {"version": 2})
    assert not Wanted.of("encoder[version=1]").means("encoder", "1", {"version": 2})


def test_what_json_does_not_have_is_text():
    assert not Wanted.of("net[rate=NaN]").means("net", "1", {"rate": 0.1})
