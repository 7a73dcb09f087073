from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from serbench.errors import ModelError, UsageError
from serbench.testing.models import check_model
from serbench.testing.subject import TASK


@dataclass(frozen=True)
class Energy:
    """Level and zero crossings of the whole utterance."""

    name: ClassVar[str] = "energy"
    rate: int = 8000
    channel: str = "first"
    dims: int = 2
    extractor: str = "numpy"

    def extract(self, samples, rate):
        level = np.log(np.abs(samples).mean() + 1e-6)
        return np.array([level, (np.diff(np.sign(samples)) != 0).mean()], np.float32)


class Honest:
    """Nearest class means. The faults below are each one change to it."""

    recipes = (Energy(),)

    def __init__(self, *, softness: float = 1.0) -> None:
        self.softness = softness

    def fit(self, train, *, seed):
        x = self._read(train)
        self.mean_, self.deviation_ = x.mean(0), x.std(0)
        x = (x - self.mean_) / self.deviation_
        self.centres_ = np.stack(
            [
                x[train.y == k].mean(0) if (train.y == k).any() else np.full(2, 1e3)
                for k in range(len(train.task.names))
            ]
        )
        return self

    def predict_proba(self, test):
        x = (self._read(test) - self.mean_) / self.deviation_
        far = np.linalg.norm(x[:, None] - self.centres_, axis=2) / self.softness
        weight = np.exp(far.min(1, keepdims=True) - far)
        return weight / weight.sum(1, keepdims=True)

    def _read(self, data):
        return np.stack([data.feature(i, Energy()) for i in range(len(data))])


def test_an_honest_model_passes():
    check_model(Honest)
    check_model(Honest, {"softness": 0.5})


class Everything(Honest):
    """All that a model may offer, and all of it well."""

    inputs = frozenset({"audio", "text"})
    targets = frozenset({"gender"})
    instead = {"gender": "--set gender=false"}  # noqa: RUF012
    corpus_settings = {"emodb": {"softness": 2.0}}  # noqa: RUF012
    deterministic = True

    def fit(self, train, *, seed):
        assert set(train.target("gender")) == {0, 1}
        assert all(train.text(i) for i in range(len(train)))
        learnt, held = train.holdout(0.5, seed)
        assert len(learnt) == len(held) == len(train.subset(range(12))) == 12
        return super().fit(train, seed=seed)

    def represent(self, test):
        return (self._read(test) - self.mean_) / self.deviation_

    def attention(self, test):
        return np.ones((len(test), 3, 4), np.float32)

    def parameters_for(self, task):
        return 2 * len(task.names) + 4


def test_a_model_that_offers_everything_passes():
    check_model(Everything)


def _refused(factory, message):
    with pytest.raises(ModelError, match=message) as error:
        check_model(factory)
    assert error.value.expected
    return error.value


def test_normalising_by_the_test_set_is_found():
    class Fault(Honest):
        def predict_proba(self, test):
            x = self._read(test)
            self.mean_, self.deviation_ = x.mean(0), x.std(0) + 1e-3
            return super().predict_proba(test)

    error = _refused(Fault, "judged alone gets other probabilities")
    assert "statistics of the test set" in error.advice


def test_a_judgement_by_position_is_found():
    class Fault(Honest):
        def predict_proba(self, test):
            said = super().predict_proba(test)
            said[0] = np.roll(said[0], 1)
            return said

    _refused(Fault, "gets other probabilities")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda said: said[:, :3],
        lambda said: said[:-1],
        lambda said: said.argmax(1),
        lambda said: said * 2,
        lambda said: said * np.nan,
        lambda said: said - 0.1 * np.array([1, -1, 1, -1]),
    ],
)
def test_what_is_no_table_of_probabilities_is_found(wrong):
    class Fault(Honest):
        def predict_proba(self, test):
            return wrong(super().predict_proba(test))

    with pytest.raises(ModelError, match="predict_proba returned"):
        check_model(Fault)


def test_a_class_that_training_never_showed_must_stay_finite():
    class Fault(Honest):
        def fit(self, train, *, seed):
            super().fit(train, seed=seed)
            self.centres_[TASK.names.index("boredom")] = np.nan  # the mean of nothing
            return self

    with pytest.raises(ModelError, match="NaN"):
        check_model(Fault)


@pytest.mark.parametrize("source", ["fresh", "numpy", "torch"])
def test_random_predictions_are_found(source):
    def draw(n):
        import torch

        if source == "fresh":
            return np.random.default_rng().dirichlet(np.ones(4), n)
        if source == "numpy":
            return np.random.dirichlet(np.ones(4), n)  # noqa: NPY002
        return torch.rand(n, 4).softmax(1).numpy()

    class Fault(Honest):
        def predict_proba(self, test):
            return draw(len(test))

    error = _refused(Fault, "otherwise when asked again")
    assert "last bit" in error.expected


def test_a_judgement_that_hangs_on_the_global_generator_is_found():
    class Fault(Honest):
        def predict_proba(self, test):
            state = np.random.get_state()  # noqa: NPY002
            said = super().predict_proba(test) + np.random.random()  # noqa: NPY002
            np.random.set_state(state)  # noqa: NPY002
            return said / said.sum(1, keepdims=True)

    _refused(Fault, "global random numbers")


def test_a_training_without_the_seed_is_found():
    class Fault(Honest):
        def fit(self, train, *, seed):
            super().fit(train, seed=seed)
            self.centres_ += np.random.default_rng().normal(0, 0.1, self.centres_.shape)
            return self

    error = _refused(Fault, "trained twice with seed")
    assert "seeded with `seed`" in error.advice


def test_a_false_claim_of_determinism_is_found():
    class Fault(Honest):
        deterministic = True

        def fit(self, train, *, seed):
            super().fit(train, seed=seed)
            self.centres_ += np.random.default_rng(seed).normal(0, 0.1, self.centres_.shape)
            return self

    _refused(Fault, "declares itself deterministic")


@pytest.mark.parametrize("what", ["y", "speakers", "target"])
def test_changed_labels_are_found(what):
    class Fault(Honest):
        targets = frozenset({"gender"})

        def fit(self, train, *, seed):
            super().fit(train, seed=seed)
            array = train.target("gender") if what == "target" else getattr(train, what)
            array[0] += 1
            return self

    _refused(Fault, "in place")


def test_a_fit_that_returns_nothing_is_found():
    class Fault(Honest):
        def fit(self, train, *, seed):
            super().fit(train, seed=seed)

    assert _refused(Fault, "fit returned None").advice == "end fit with `return self`"


def test_undeclared_features_are_found():
    class Fault(Honest):
        recipes = ()

    _refused(Fault, "did not declare")


def test_undeclared_targets_and_texts_are_found():
    class Gender(Honest):
        def fit(self, train, *, seed):
            train.target("gender")
            return super().fit(train, seed=seed)

    class Text(Honest):
        def predict_proba(self, test):
            test.text(0)
            return super().predict_proba(test)

    _refused(Gender, "asked for the target 'gender'")
    _refused(Text, "asked for text")


def test_unknown_inputs_targets_and_false_recipes_are_found():
    class Video(Honest):
        inputs = frozenset({"audio", "video"})

    class Age(Honest):
        targets = frozenset({"age"})

    class Names(Honest):
        recipes = ("mfcc",)

    assert _refused(Video, "video").advice == "leave out ['video']"
    assert _refused(Age, "age").advice == "leave out ['age']"
    _refused(Names, "'mfcc'")


@pytest.mark.parametrize("name", ["_source", "_rows", "_recipes"])
def test_a_model_that_digs_is_found(name):
    class Trains(Honest):
        def fit(self, train, *, seed):
            getattr(train.subset(range(24)), name)
            return super().fit(train, seed=seed)

    class Judges(Honest):
        def predict_proba(self, test):
            assert hasattr(test, name)
            return super().predict_proba(test)

    assert "nothing else of an utterance" in _refused(Trains, f"{name}' of a training set").expected
    _refused(Judges, f"{name}' of a test set")


@pytest.mark.parametrize("name", ["y", "ids", "paths", "speakers"])
def test_a_test_set_has_no_labels_and_no_ids(name):
    class Fault(Honest):
        def predict_proba(self, test):
            getattr(test, name)
            return super().predict_proba(test)

    class Careful(Honest):
        def predict_proba(self, test):
            assert not hasattr(test, name)
            return super().predict_proba(test)

    _refused(Fault, f"reached for '{name}' of a test set")
    check_model(Careful)


def test_utterances_are_not_to_be_assigned_to():
    class Fault(Honest):
        def fit(self, train, *, seed):
            train.y = train.y % 2
            return super().fit(train, seed=seed)

    _refused(Fault, "assigned to 'y'")


class Memory(Honest):
    """The nearest training utterance: tells its training set apart to the last."""

    def fit(self, train, *, seed):
        self.seen_, self.y_ = self._read(train), train.y.copy()
        return self

    def columns(self):
        return self.y_

    def predict_proba(self, test):
        far = np.linalg.norm((self._read(test)[:, None] - self.seen_) * [1, 10], axis=2)
        return np.eye(4)[self.columns()[far.argmin(1)]]


def test_columns_in_the_tasks_order_pass():
    check_model(Memory)


@pytest.mark.parametrize(
    "order",
    [
        lambda y: np.unique(y, return_inverse=True)[1],  # the absent class comes last
        lambda y: np.argsort(np.argsort(TASK.names))[y],  # alphabetical
        lambda y: 3 - y,
        lambda y: (y + 1) % 4,
    ],
)
def test_columns_in_another_order_are_found(order):
    class Fault(Memory):
        def columns(self):
            return order(self.y_)

    error = _refused(Fault, "not in the order of task.names")
    assert "sadness, boredom, neutral, anger" in error.expected


def test_a_model_that_has_hardly_learned_may_prefer_a_class_it_never_saw():
    class Beginner(Memory):
        def predict_proba(self, test):
            said = 0.9 * np.full((len(test), 4), 0.25) + 0.1 * super().predict_proba(test)
            said[:, 1] += 2 * (said[:, 2] - 0.25)  # boredom wherever it is neutral
            return said / said.sum(1, keepdims=True)

    check_model(Beginner)


@pytest.mark.parametrize(
    ("own", "what"),
    [({"hardness": 1}, "no parameter 'hardness'"), ({"softness": "soft"}, "cannot be read")],
)
def test_settings_for_a_corpus_must_be_the_models_own(own, what):
    class Fault(Honest):
        corpus_settings = {"savee": own}  # noqa: RUF012

    _refused(Fault, f"what the model gives for savee .*{what}")


def test_a_place_on_this_machine_in_a_trial_is_found(tmp_path):
    class Placed(Honest):
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
    _refused(Wrong, "identify returned")
    assert _refused(Short, "identify returned the settings none").expected == "folder"


@pytest.mark.parametrize(
    "wrong",
    [
        lambda said: said[:-1],
        lambda said: said[:, 0],
        lambda said: said[:, None],
        lambda said: said[:, :0],
        lambda said: said > 0,
        lambda said: said * np.inf,
        lambda said: [row[: 1 + i % 2] for i, row in enumerate(said)],
    ],
)
def test_what_is_no_representation_is_found(wrong):
    class Fault(Everything):
        def represent(self, test):
            return wrong(super().represent(test))

    _refused(Fault, "represent returned")


def test_a_representation_by_the_test_set_is_found():
    class Fault(Everything):
        def represent(self, test):
            x = self._read(test)
            return x - x.mean(0)

    assert "representation" in _refused(Fault, "judged alone gets other representation").found


def test_a_random_representation_is_found():
    class Fault(Everything):
        def represent(self, test):
            return np.random.default_rng().normal(size=(len(test), 2))

    _refused(Fault, "represents otherwise when asked again")


def test_a_representation_without_the_seed_is_found():
    class Fault(Everything):
        deterministic = False

        def fit(self, train, *, seed):
            self.turned_ = np.random.default_rng().normal()
            return super().fit(train, seed=seed)

        def represent(self, test):
            return super().represent(test) * self.turned_

    _refused(Fault, "trained twice with seed 7, the model represents otherwise")


@pytest.mark.parametrize(
    "wrong", [lambda said: said[:-1], lambda said: said[:, 0, 0], lambda said: said * np.nan]
)
def test_what_is_no_attention_is_found(wrong):
    class Fault(Everything):
        def attention(self, test):
            return wrong(super().attention(test))

    _refused(Fault, "attention returned")


def test_attention_that_changes_is_found():
    class Fault(Everything):
        def attention(self, test):
            return np.random.default_rng().random((len(test), 3))

    _refused(Fault, "attends otherwise when asked again")


@pytest.mark.parametrize("count", [0, -1, 2.5, None, True])
def test_a_size_that_is_none_is_found(count):
    class Fault(Everything):
        def parameters_for(self, task):
            return count

    _refused(Fault, "parameters_for returned")


def test_constructors_that_cannot_be_recorded_are_found():
    class Positional(Honest):
        def __init__(self, softness):
            super().__init__(softness=softness)

    class Unspeakable(Honest):
        def __init__(self, *, softness=np.float32(1)):  # noqa: B008
            super().__init__(softness=softness)

    _refused(Positional, "no default")
    _refused(Unspeakable, "JSON")
    with pytest.raises(UsageError, match="hardness"):
        check_model(Honest, {"hardness": 1})


class Adapting(Honest):
    """Class means that are moved by how far the target's mean lies from the training set's."""

    def fit(self, train, *, seed):
        raise AssertionError("a model that adapts is trained by fit_adapted")

    def fit_adapted(self, train, target, *, seed):
        super().fit(train, seed=seed)
        self.mean_ = self._read(target).mean(0)
        return self


def test_an_adapting_model_passes():
    check_model(Adapting)


def test_a_model_with_two_ways_is_checked_in_the_one_that_it_declares():
    class Either(Adapting):
        target_access = "none"

        def fit(self, train, *, seed):
            return Honest.fit(self, train, seed=seed)

        def fit_adapted(self, train, target, *, seed):
            raise AssertionError("not asked for")

    check_model(Either)


@pytest.mark.parametrize("name", ["y", "speakers", "target", "id", "path"])
def test_a_target_shows_sounds_and_no_more(name):
    class Fault(Adapting):
        def fit_adapted(self, train, target, *, seed):
            getattr(target, name)
            return super().fit_adapted(train, target, seed=seed)

    _refused(Fault, f"reached for '{name}'")


def test_a_target_that_shows_its_speakers_would_be_more():
    class Fault(Adapting):
        def fit_adapted(self, train, target, *, seed):
            assert len(target.groups)
            return super().fit_adapted(train, target, seed=seed)

    _refused(Fault, "which utterances have one speaker")


def test_a_target_that_is_not_heard_is_found():
    class Fault(Adapting):
        def fit_adapted(self, train, target, *, seed):
            return Honest.fit(self, train, seed=seed)

    assert "leave fit_adapted out" in _refused(Fault, "reads nothing of the target").advice


def test_fit_adapted_returns_the_model():
    class Fault(Adapting):
        def fit_adapted(self, train, target, *, seed):
            super().fit_adapted(train, target, seed=seed)

    assert "end fit_adapted" in _refused(Fault, "fit_adapted returned None").advice


def test_a_judgement_kept_from_the_target_is_found():
    class Fault(Adapting):
        def fit_adapted(self, train, target, *, seed):
            super().fit_adapted(train, target, seed=seed)
            self.said_ = super().predict_proba(target)
            return self

        def predict_proba(self, test):
            return self.said_ if len(test) == len(self.said_) else super().predict_proba(test)

    _refused(Fault, "judged in another order gets other")


def test_a_target_of_another_size_is_tried():
    class Fault(Adapting):
        def fit_adapted(self, train, target, *, seed):
            super().fit_adapted(train, target, seed=seed)
            pairs = self._read(train)[::2] - self._read(target)  # 24 utterances, and 12
            self.mean_ = self.mean_ + 1e-6 * pairs.mean(0)
            return self

    error = _refused(Fault, "adapted to 5 of 12 utterances .* ValueError")
    assert "len(target)" in error.advice


def test_labels_changed_while_adapting_are_found():
    class Fault(Adapting):
        def fit_adapted(self, train, target, *, seed):
            super().fit_adapted(train, target, seed=seed)
            train.y[:] = 0
            return self

    _refused(Fault, "fit_adapted changed the training set's labels")


class Grouped(Honest):
    """Each speaker's utterances about their own mean."""

    speaker_groups = True

    def predict_proba(self, test):
        x = self._read(test)
        for group in np.unique(test.groups):
            own = test.groups == group
            x[own] -= x[own].mean(0) - self.mean_
        x = (x - self.mean_) / self.deviation_
        far = np.linalg.norm(x[:, None] - self.centres_, axis=2)
        weight = np.exp(far.min(1, keepdims=True) - far)
        return weight / weight.sum(1, keepdims=True)


def test_a_model_that_asks_for_speaker_groups_passes():
    check_model(Grouped)


def test_groups_that_are_not_asked_for_are_not_shown():
    class Fault(Grouped):
        speaker_groups = False

    _refused(Fault, "which utterances have one speaker")


def test_a_grouped_judgement_by_the_whole_test_set_is_found():
    class Fault(Grouped):
        def predict_proba(self, test):
            said = super().predict_proba(test)
            shifted = said / (said.mean(0) + 1e-3)
            return shifted / shifted.sum(1, keepdims=True)

    _refused(Fault, "beside its speaker's others alone gets other")
