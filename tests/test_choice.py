"""A model as it was asked for: defaults, what a corpus has of its own, what stands in a trial."""

from __future__ import annotations

import hashlib
import json

import pytest

from serbench.choice import ModelChoice, _own_modules, code_digest, identified
from serbench.errors import ModelError, UsageError
from serbench.registry import load

MODEL = """
class Model:
    version = "3"
    corpus_settings = {"savee": {"length": 130, "blocks": 4}, "iemocap": {"blocks": 10}}

    def __init__(self, *, length=100, blocks=8, rate=0.1):
        self.length = length
    def fit(self, train, *, seed):
        return self
    def predict_proba(self, test):
        return None


class Misspelt(Model):
    corpus_settings = {"savee": {"lenght": 130}}


class Placed(Model):
    corpus_settings = {}

    def __init__(self, *, encoder="hub/base", layer=1):
        self.encoder = encoder

    @staticmethod
    def identify(settings):
        return {**settings, "encoder": "digest of " + settings["encoder"].rpartition("/")[2]}


class Bare:
    def fit(self, train, *, seed):
        return self
    def predict_proba(self, test):
        return None
"""


@pytest.fixture
def spec(tmp_path):
    file = tmp_path / "models.py"
    file.write_text(MODEL)
    return lambda name: f"{file}:{name}"


def test_defaults_are_filled_in_and_what_was_set_is_remembered(spec):
    choice = ModelChoice.of(spec("Model"), {"blocks": "6"})
    assert choice.settings == {"length": 100, "blocks": 6, "rate": 0.1}
    assert choice.chosen == {"blocks"}
    with pytest.raises(UsageError, match="lenght"):
        ModelChoice.of(spec("Model"), {"lenght": 1})


def test_a_corpus_has_settings_of_its_own(spec):
    choice = ModelChoice.of(spec("Model"), {})
    assert choice.on("savee").settings == {"length": 130, "blocks": 4, "rate": 0.1}
    assert choice.on("iemocap").settings == {"length": 100, "blocks": 10, "rate": 0.1}
    assert choice.on("emodb") == choice
    assert ModelChoice.of(spec("Bare"), {}).on("savee").settings == {}


def test_what_the_user_set_goes_before(spec):
    choice = ModelChoice.of(spec("Model"), {"length": "100", "rate": "0.5"})
    assert choice.on("savee").settings == {"length": 100, "blocks": 4, "rate": 0.5}


def test_the_choice_itself_stays(spec):
    choice = ModelChoice.of(spec("Model"), {})
    assert choice.on("savee").on("savee") == choice.on("savee")
    assert choice.settings["length"] == 100


def test_settings_for_a_corpus_that_the_model_does_not_have(spec):
    with pytest.raises(ModelError, match="lenght for savee") as error:
        ModelChoice.of(spec("Misspelt"), {}).on("savee")
    assert "length" in error.value.expected


def test_a_variant_is_what_differs_from_the_usual_there(spec):
    def variant(corpus, **chosen):
        return ModelChoice.of(spec("Model"), chosen).on(corpus).variant(corpus)

    assert variant("savee") == variant("emodb") == {}
    assert variant("savee", length=130) == {}
    assert variant("savee", length=100) == {"length": 100}
    assert variant("emodb", length=100) == {}
    assert variant("emodb", length=130, rate=0.1) == {"length": 130}


def test_no_place_stands_in_a_trial(spec, tmp_path):
    placed = ModelChoice.of(spec("Placed"), {"encoder": str(tmp_path / "base")})
    assert placed.settings["encoder"] == str(tmp_path / "base")
    stands = {"encoder": "digest of base", "layer": 1}
    assert placed.identity()["settings"] == stands
    assert placed.variant("emodb") == {"encoder": "digest of base"}
    assert str(tmp_path) not in json.dumps(placed.identity()["settings"])
    assert ModelChoice.of(spec("Placed"), {}).identity()["settings"] == stands


def test_a_files_model_is_known_by_its_name_and_its_source(spec):
    identity = ModelChoice.of(spec("Model"), {}).identity()
    assert identity["name"] == "Model"
    assert identity["version"] == hashlib.sha256(MODEL.encode()).hexdigest()
    assert code_digest(load("models", spec("Model"))) == identity["version"]


def test_a_registered_model_is_known_by_its_name_and_its_version():
    identity = ModelChoice.of("svm-mfcc", {"c": "2"}).identity()
    assert (identity["name"], identity["version"]) == ("svm-mfcc", "1")
    assert identity["settings"]["c"] == 2.0
    assert len(code_digest(load("models", "svm-mfcc"))) == 64


def test_a_place_that_nobody_takes_out_is_refused(spec, tmp_path):
    (tmp_path / "base").mkdir()

    class Placed:
        identify = None

    values = {"encoder": str(tmp_path / "base")}
    with pytest.raises(ModelError, match="is a place on this machine"):
        identified(Placed, values)
    Placed.identify = staticmethod(lambda settings: {})
    with pytest.raises(ModelError, match="identify returned the settings none"):
        identified(Placed, values)
    Placed.identify = staticmethod(lambda settings: {"encoder": b"digest"})
    with pytest.raises(ModelError, match="identify returned"):
        identified(Placed, values)
    Placed.identify = staticmethod(lambda settings: {"encoder": "digest"})
    assert identified(Placed, values) == {"encoder": "digest"}


def test_the_code_of_a_model_is_that_of_all_its_files():
    digests = {name: code_digest(load("models", name)) for name in ("sdcaff", "swrr", "dblmm")}
    assert len(set(digests.values())) == 3
    modules = _own_modules(load("models", "sdcaff").__module__)
    assert {"serbench_baselines.sdcaff.layers", "serbench_baselines.sdcaff.features"} <= modules
    assert not any("swrr" in name for name in modules)
