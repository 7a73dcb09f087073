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
    assert Wanted.of("net").means("net", {"epochs": 3})
    assert Wanted.of("net[]").means("net", {})
    assert not Wanted.of("net[]").means("net", {"epochs": 3})
    assert Wanted.of("net[epochs=3]").means("net", {"epochs": 3, "width": 2})
    assert not Wanted.of("net[epochs=3]").means("net", {"epochs": 4})
    assert not Wanted.of("net[epochs=3]").means("net", {})
    assert not Wanted.of("net").means("svm", {})
