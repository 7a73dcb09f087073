"""Settings as a trial records them, and probabilities as the contract wants them."""

import numpy as np
import pytest

from serbench.access import Adapts, adapts, needed_access
from serbench.data import Utterances
from serbench.errors import ModelError, UsageError
from serbench.labels import Classes, Scale
from serbench.model import answer, build, defaults, settings


class Toy:
    def __init__(self, *, hidden=64, rate=0.5, name="adam", deep=False, width=None, sizes=[1]):  # noqa: B006
        if hidden < 1:
            raise ValueError("hidden must be 1 or more")
        self.hidden = hidden

    def fit(self, train, *, seed):
        return self

    def predict_proba(self, test):
        return np.full((len(test), 2), 0.5)


def test_defaults_are_filled_in():
    assert settings(Toy, {}) == {
        "hidden": 64, "rate": 0.5, "name": "adam", "deep": False, "width": None, "sizes": [1],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ({"hidden": "8"}, 8), ({"rate": "1"}, 1.0), ({"rate": "1e-3"}, 1e-3),
        ({"name": "7"}, "7"), ({"deep": "true"}, True), ({"deep": "False"}, False),
        ({"width": "3"}, 3), ({"width": "wide"}, "wide"), ({"sizes": "[1, 2]"}, [1, 2]),
    ],
)  # fmt: skip
def test_strings_are_read_as_the_default_is(given, value):
    (name,) = given
    read = settings(Toy, given)[name]
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    "given", [{"hidden": "1.5"}, {"hidden": "x"}, {"hidden": "true"}, {"deep": "1"}]
)
def test_values_of_the_wrong_kind_are_refused(given):
    with pytest.raises(UsageError):
        settings(Toy, given)


def test_unknown_setting_suggests_the_near_one():
    with pytest.raises(UsageError, match="did you mean 'hidden'"):
        settings(Toy, {"hiden": "3"})


def test_refused_value_is_said():
    with pytest.raises(UsageError, match="hidden must be 1 or more"):
        build(Toy, settings(Toy, {"hidden": "0"}))


def test_parameters_must_be_recordable():
    def without(layers):
        return Toy()

    def star(**anything):
        return Toy()

    def object_default(x=object()):  # noqa: B008
        return Toy()

    for factory, match in ((without, "no default"), (star, "anything"), (object_default, "JSON")):
        with pytest.raises(ModelError, match=match):
            defaults(factory)


def test_a_model_must_fit_and_predict():
    class Half:
        def fit(self, train, *, seed):
            return self

    with pytest.raises(ModelError, match="no predict_proba"):
        build(Half, {})


class Says(Toy):
    def __init__(self, said):
        self.said = said

    def predict_proba(self, test):
        return self.said


TEST = Utterances(Classes(("a", "b")), None, range(2))


def test_probabilities_are_held_to_the_contract():
    good = [[0.25, 0.75], [1, 0]]
    assert answer(Says(good), TEST).dtype == np.float32
    for bad, match in (
        ([[0.5, 0.5]], "shape"),
        ([[0.5, np.nan], [1, 0]], "NaN"),
        ([[0.5, 0.6], [1, 0]], "not probabilities"),
        ([[1.5, -0.5], [1, 0]], "not probabilities"),
        ([[2.0, 3.0], [1, 0]], "not probabilities"),
    ):
        with pytest.raises(ModelError, match=match):
            answer(Says(bad), TEST)


def test_a_whole_number_for_a_setting_with_a_point_is_one_with_a_point():
    assert settings(Toy, {"rate": 1})["rate"] == 1.0
    assert isinstance(settings(Toy, {"rate": 1})["rate"], float)


class Rates:
    def __init__(self, said=()):
        self.said = said

    def fit(self, train, *, seed):
        return self

    def predict(self, test):
        return np.asarray(self.said)


def test_a_model_that_rates_needs_no_probabilities():
    assert isinstance(build(Rates, {}), Rates)
    scale = Utterances(Scale(-3, 3), None, range(2))
    assert answer(Rates([0.5, -3.0]), scale).tolist() == [[0.5], [-3.0]]
    with pytest.raises(ModelError, match="answers on a scale"):
        answer(Rates([0.5, 0.5]), TEST)
    with pytest.raises(ModelError, match="tells classes apart"):
        answer(Toy(), scale)
    for bad, match in (([0.5], "shape"), ([0.5, np.nan], "NaN"), ([0.5, 1e39], "float32")):
        with pytest.raises(ModelError, match=match):
            answer(Rates(bad), scale)


class Adapting(Toy):
    def fit_adapted(self, train, target, *, seed):
        return self


def test_what_a_model_asks_of_the_test_side():
    class Grouping(Toy):
        speaker_groups = True

    class Either(Adapting):
        target_access = "none"

    class Idle(Adapting):
        adapts = False

    assert needed_access(Toy()) == "none"
    assert needed_access(Grouping()) == "speaker-norm"
    assert needed_access(Adapting()) == "unlabelled"
    assert needed_access(Either()) == "none"
    assert needed_access(Idle()) == "none"
    assert adapts(Either())
    assert not adapts(Idle())
    assert isinstance(Adapting(), Adapts)
    assert not isinstance(Toy(), Adapts)


def test_a_setting_may_decide_what_is_asked():
    class Switched(Adapting):
        def __init__(self, *, adapt=True):
            self.target_access = "unlabelled" if adapt else "none"

    assert [needed_access(Switched(adapt=adapt)) for adapt in (True, False)] == [
        "unlabelled",
        "none",
    ]


def test_an_access_that_nobody_grants_is_refused():
    class Greedy(Toy):
        target_access = "labelled"

    class Empty(Toy):
        target_access = "unlabelled"

    with pytest.raises(ModelError, match="'labelled'") as error:
        needed_access(Greedy())
    assert error.value.expected == "none, unlabelled, speaker-norm"
    with pytest.raises(ModelError, match="does not adapt"):
        needed_access(Empty())
