"""One label space for every step, with or without other corpora."""

import pytest

from serbench.errors import UsageError
from serbench.inflation.spaces import one_space
from serbench.registry import load


def corpora(*names):
    return [load("corpora", name)() for name in names]


@pytest.mark.parametrize(
    ("asked", "names", "found"),
    [
        (None, ("emodb",), "own"),
        (None, ("iemocap",), "own"),
        (None, ("emodb", "ravdess"), "shared5"),
        (None, ("casia", "emodb", "emovo", "ravdess", "savee"), "shared5"),
        ("shared5", ("emodb",), "shared5"),
        ("msp4", ("emodb", "msp-improv"), "msp4"),
    ],
)
def test_the_space(asked, names, found):
    assert one_space(asked, names[0], corpora(*names)).name == found


@pytest.mark.parametrize(
    ("asked", "names", "advice"),
    [
        # What EMO-DB and MSP-IMPROV share is another set of classes on EMO-DB alone.
        (None, ("emodb", "msp-improv"), "--labels msp4"),
        ("intersection", ("emodb", "ravdess"), "--labels shared5"),
        ("own", ("emodb", "ravdess"), "--labels shared5"),
        ("shared5", ("msp-improv",), "--labels msp4"),
        ("mosei-sentiment", ("emodb",), "--labels own"),
    ],
)
def test_a_space_that_is_not_one(asked, names, advice):
    with pytest.raises(UsageError) as refused:
        one_space(asked, names[0], corpora(*names))
    assert advice in refused.value.advice
    assert f"--labels {asked}" not in refused.value.advice.split(" or ")
