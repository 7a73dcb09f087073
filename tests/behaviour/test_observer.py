from __future__ import annotations

import dataclasses
import json
import threading

import numpy as np
import pytest

from serbench.audio import read
from serbench.behaviour.observer import Observer, files_of
from serbench.behaviour.problem import Behaviour, Problem
from serbench.behaviour.watch import allowed
from serbench.errors import StoreError
from serbench.features.compute import compute
from serbench.features.frames import Mfcc
from serbench.sources import clip_of
from serbench.testing.leaky.honest import NearestMean
from serbench.testing.leaky.target_peeker import TargetPeeker
from serbench.testing.studio import studio


@pytest.fixture(scope="module")
def recordings():
    with studio(seconds=0.1) as made:
        yield made


def _observed(model, recordings, *, files="none"):
    home, away = recordings.of("home"), recordings.of("away")
    observer = Observer(files_of(away) if files == "none" else None, files_of(home))
    with observer.training(model):
        model.fit(recordings.training(home, model), seed=0)
    said = observer.answers(model, recordings.test(away, model))
    return observer.behaviour(), said


def test_an_honest_training_is_watched_and_nothing_found(recordings):
    seen, said = _observed(NearestMean(), recordings)
    assert seen == Behaviour(("watch", "state", "invariance"))
    model = NearestMean().fit(recordings.training(recordings.of("home"), NearestMean()), seed=0)
    test = recordings.test(recordings.of("away"), model)
    assert np.array_equal(said, model.predict_proba(test).astype(np.float32))


def test_target_files_count_unless_they_may_be_heard(recordings):
    seen, _ = _observed(TargetPeeker(), recordings)
    assert seen.rules == {"L22"}
    (problem,) = seen.problems
    assert problem.count == 12
    assert problem.examples[0] == "away/anger-eli-0.wav"
    seen, _ = _observed(TargetPeeker(), recordings, files="unlabelled")
    assert seen == Behaviour(("state", "invariance"))  # not looked at is not kept


def test_cached_features_of_the_test_side_count_too(recordings):
    away = recordings.of("away")
    recipe, cache = Mfcc(), recordings.cache
    for each in away:
        compute(clip_of(each), recipe, cache)
    files = files_of(away, cache, [recipe])
    assert len(files) == 2 * len(away)
    assert all(path.is_file() for path in files)

    class Peeker(NearestMean):
        def fit(self, train, *, seed):
            from serbench.features.key import Key

            cache.load(Key.of(clip_of(away[0]), recipe))
            return super().fit(train, seed=seed)

    observer = Observer(files)
    with observer.training(Peeker()):
        Peeker().fit(recordings.training(recordings.of("home"), NearestMean()), seed=0)
    assert observer.behaviour().problems[0].count == 1


def test_a_thread_of_the_models_is_watched_while_the_harness_reads(recordings):
    away = recordings.of("away")
    observer = Observer(files_of(away))

    class Threaded(NearestMean):
        def fit(self, train, *, seed):
            with allowed():  # the harness probes
                read(away[0].audio)
                thread = threading.Thread(target=read, args=(away[1].audio,))
                thread.start()
                thread.join()
            return self

    with observer.training(Threaded()):
        Threaded().fit(None, seed=0)
    (problem,) = observer.behaviour().problems
    assert problem.examples == ("away/" + away[1].audio.name,)


def test_what_was_fitted_must_outlast_predicting(recordings):
    class Moving(NearestMean):
        def standardised(self, heard):
            self.mean_ = self.mean_ + 1e-9
            return super().standardised(heard)

    class Adding(NearestMean):
        def predict_proba(self, test):
            self.last_ = len(test)
            return super().predict_proba(test)

    seen, _ = _observed(Moving(), recordings)
    assert seen.rules == {"L09"}
    assert seen.problems[0].examples == ("mean_",)
    seen, _ = _observed(Adding(), recordings)
    assert seen.problems == ()
    assert seen.notes == ("predicting added to the model: last_",)


def test_what_is_left_on_the_class_is_a_word_and_no_verdict(recordings):
    class Counting(NearestMean):
        fits = 0

        def fit(self, train, *, seed):
            type(self).fits += 1
            return super().fit(train, seed=seed)

    seen, _ = _observed(Counting(), recordings)
    assert seen.problems == ()
    assert "Counting.fits" in seen.notes[0]


def test_several_test_sets_give_one_problem_a_message():
    one = Problem("L09", 2, "same", ("a", "b"))
    other = dataclasses.replace(one, count=3, examples=("c",))
    seen = Behaviour.of(["x", "x"], [one, other, Problem("L20", 1, "same")], ["n", "n"])
    assert seen.checked == ("x",)
    assert [problem.count for problem in seen.problems] == [5, 1]
    assert seen.problems[0].examples == ("a", "b")
    assert seen.notes == ("n",)


def test_a_behaviour_is_written_and_read_as_json():
    seen = Behaviour(("watch",), (Problem.of("L22", "opened", "abcdefg"),), ("a word",))
    assert seen.problems[0].count == 7
    assert len(seen.problems[0].examples) == 5
    assert Behaviour.from_record(json.loads(json.dumps(seen.record()))) == seen


@pytest.mark.parametrize(
    "broken",
    [
        None,
        [],
        {},
        {"checked": [], "problems": []},
        {"checked": [], "problems": [], "notes": [], "more": 1},
        {"checked": "watch", "problems": [], "notes": []},
        {"checked": [1], "problems": [], "notes": []},
        {"checked": [], "problems": [{}], "notes": []},
        {"checked": [], "problems": ["L09"], "notes": []},
    ]
    + [
        {"checked": [], "notes": [], "problems": [{
            "rule": "L09", "count": 1, "message": "m", "examples": [], **wrong}]}
        for wrong in ({"count": "1"}, {"count": True}, {"rule": 9}, {"examples": [1]})
    ],
)  # fmt: skip
def test_a_damaged_record_is_refused(broken):
    with pytest.raises(StoreError):
        Behaviour.from_record(broken)
