"""What a model declares: features, inputs, targets, settings that can be recorded."""

from __future__ import annotations

import numpy as np
import pytest

from serbench.errors import ModelError, UsageError
from serbench.testing.models import check_model


def test_constructors_that_cannot_be_recorded_are_found(honest, refused):
    class Positional(honest):
        def __init__(self, softness):
            super().__init__(softness=softness)

    class Unspeakable(honest):
        def __init__(self, *, softness=np.float32(1)):  # noqa: B008
            super().__init__(softness=softness)

    refused(Positional, "no default")
    refused(Unspeakable, "JSON")
    with pytest.raises(UsageError, match="hardness"):
        check_model(honest, {"hardness": 1})


def test_undeclared_features_are_found(honest, refused):
    class Fault(honest):
        recipes = ()

    refused(Fault, "did not declare")


def test_undeclared_targets_and_texts_are_found(honest, refused):
    class Gender(honest):
        def fit(self, train, *, seed):
            train.target("gender")
            return super().fit(train, seed=seed)

    class Text(honest):
        def predict_proba(self, test):
            test.text(0)
            return super().predict_proba(test)

    refused(Gender, "asked for the target 'gender'")
    refused(Text, "asked for text")


def test_unknown_inputs_targets_and_false_recipes_are_found(honest, refused):
    class Video(honest):
        inputs = frozenset({"audio", "video"})

    class Age(honest):
        targets = frozenset({"age"})

    class Names(honest):
        recipes = ("mfcc",)

    assert refused(Video, "video").advice == "leave out ['video']"
    assert refused(Age, "age").advice == "leave out ['age']"
    refused(Names, "'mfcc'")


@pytest.mark.parametrize(
    ("own", "what"),
    [({"hardness": 1}, "no parameter 'hardness'"), ({"softness": "soft"}, "cannot be read")],
)
def test_settings_for_a_corpus_must_be_the_models_own(honest, refused, own, what):
    class Fault(honest):
        corpus_settings = {"savee": own}  # noqa: RUF012

    refused(Fault, f"what the model gives for savee .*{what}")


def test_a_place_on_this_machine_in_a_trial_is_found(honest, refused, tmp_path):
    class Placed(honest):
        def __init__(self, *, folder=""):
            super().__init__()
            self.folder = folder

    class Identified(Placed):
        @staticmethod
        def identify(settings):
            return {"folder": "digest of what lies there" if settings["folder"] else ""}

    class Wrong(Placed):
        @staticmethod
        def identify(settings):
            return {"folder": {1, 2}}

    class Short(Placed):
        @staticmethod
        def identify(settings):
            return {}

    check_model(Placed)
    check_model(Identified, {"folder": str(tmp_path)})
    with pytest.raises(ModelError, match="a place on this machine") as error:
        check_model(Placed, {"folder": str(tmp_path)})
    assert "identify" in error.value.advice
    refused(Wrong, "identify returned")
    assert refused(Short, "identify returned the settings none").expected == "folder"
