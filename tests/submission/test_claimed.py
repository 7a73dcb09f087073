"""Where a claim is not what was found."""

import pytest

from serbench.submission.claimed import differences


@pytest.mark.parametrize(
    ("claimed", "found"),
    [
        ({"ua": 0.5}, {"ua": 0.5 + 1e-12}),
        ({"cells": [{"ua": None}]}, {"cells": [{"ua": None}]}),
        ({}, {}),
    ],
)
def test_alike(claimed, found):
    assert list(differences(claimed, found)) == []


@pytest.mark.parametrize(
    ("claimed", "found", "words"),
    [
        ({"ua": 0.51}, {"ua": 0.5}, "ua: 0.51 is claimed, 0.5 was found"),
        ({"ua": 1}, {"ua": 1.0}, "ua: 1 is claimed, 1.0 was found"),
        ({"ua": True}, {"ua": 1}, "ua: True is claimed, 1 was found"),
        ({"ua": 0.5}, {}, "ua: 0.5 is claimed, nothing was found"),
        ({}, {"ua": 0.5}, "ua: nothing is claimed, 0.5 was found"),
        ({"c": [{"ua": 1.0}]}, {"c": [{"ua": 2.0}]}, "c[0].ua: 1.0 is claimed, 2.0 was found"),
        ({"c": [1]}, {"c": [1, 2]}, "c: [1] is claimed, [1, 2] was found"),
        ({"ua": float("nan")}, {"ua": 0.5}, "ua: nan is claimed, 0.5 was found"),
        ({"ua": None}, {"ua": 0.5}, "ua: None is claimed, 0.5 was found"),
    ],
)
def test_apart(claimed, found, words):
    assert list(differences(claimed, found)) == [words]
