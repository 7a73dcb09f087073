"""What a corpus must have for a model, before anything is computed."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np
import pytest

from serbench.choice import ModelChoice
from serbench.cohort import Cohort
from serbench.corpus import Corpus, CorpusCard, Release, Utterance
from serbench.errors import ModelError, ProtocolError, UsageError
from serbench.labels import Classes, LabelSpace, Scale, Tags
from serbench.plan import check_fit, held_out_of, plan
from serbench.pool import Pool
from serbench.protocols import LOSO
from serbench.scanned import Scan


class Toy(Corpus):
    card = CorpusCard(
        name="toy", title="Toy", language="-", licence="-", how_to_get="-", citation="@misc{toy,}",
        releases=(Release("Toy 1", {"a": 4, "h": 4}, {}),),
    )  # fmt: skip
    labels: ClassVar = {"a": "anger", "h": "happiness"}

    def entries(self, root):
        raise NotImplementedError


SPACE = LabelSpace("two", "", Classes(("anger", "happiness")))


def pool(space=SPACE, **of_some):
    """Eight utterances of two speakers with all that is asked for, but for what is given here."""
    utterances = []
    for i, native in enumerate("ahahahah"):
        fields = {"gender": "female", "text": "so be it", "attributes": {"sentiment": 0.5}}
        utterances.append(
            Utterance(
                id=f"toy/{i}", audio=None, file=f"{i}.wav", speaker="ab"[i // 4], native=native,
                corpus="toy", emotion=Toy.labels[native], rate=16000, channels=1, duration=1.0,
                samples=f"{i:064d}", **(fields | (of_some if i % 4 == 3 else {})),
            )
        )  # fmt: skip
    scan = Scan("toy", None, "Toy 1", tuple(utterances), (), "f" * 64)
    return Pool([Cohort(Toy(), scan, space)])


class Plain:
    def fit(self, train, *, seed):
        return self

    def predict_proba(self, test):
        return np.full((len(test), 2), 0.5)


class Needy(Plain):
    inputs = frozenset({"audio", "text"})
    targets = frozenset({"gender"})
    instead: ClassVar = {"text": "take the model deaf", "gender": "--set gender=false"}


class Valued(Plain):
    def predict(self, test):
        return np.zeros(len(test))


def test_a_corpus_that_has_everything_fits():
    check_fit(pool(), Needy())


def test_a_model_that_asks_for_nothing_fits_everywhere():
    check_fit(pool(text=None, gender=None), Plain())


@pytest.mark.parametrize(
    ("lacking", "what", "advice"),
    [
        ({"text": None}, "a transcript", "take the model deaf"),
        ({"gender": None}, "the speaker's gender", "--set gender=false"),
        ({"gender": "unknown"}, "the speaker's gender", "--set gender=false"),
    ],
)
def test_what_is_lacking_is_counted_and_named(lacking, what, advice):
    with pytest.raises(UsageError, match=f"needs {what} .* 2 of 8 in toy") as error:
        check_fit(pool(**lacking), Needy())
    assert "toy/3, toy/7" in error.value.found
    assert error.value.advice == advice


def test_an_empty_transcript_is_one():
    check_fit(pool(text=""), Needy())


def test_a_model_without_advice_has_none():
    class Mute(Needy):
        instead: ClassVar = {}

    with pytest.raises(UsageError) as error:
        check_fit(pool(text=None), Mute())
    assert error.value.advice == ""


def test_only_what_the_label_space_keeps_must_have_it():
    only = LabelSpace("anger against the rest", "", SPACE.task, where={"gender": ("female",)})
    check_fit(pool(only, gender=None), Needy())


def test_a_scale_takes_a_model_that_gives_values():
    space = LabelSpace("sentiment", "", Scale(-3.0, 3.0), label_field="sentiment")
    check_fit(pool(space), Valued())
    with pytest.raises(ModelError, match="tells classes apart"):
        check_fit(pool(space), Plain())


@pytest.mark.parametrize(
    ("task", "asked"),
    [(Tags(("sentiment",)), "any number of tags"), (Scale(0.0, 5.0), "a scale from 0 to 5")],
)
def test_what_has_no_scores_is_refused_at_once(task, asked):
    space = LabelSpace("unscored", "", task, label_field="sentiment")
    with pytest.raises(ProtocolError, match=f"'unscored' asks for {asked}.* has no scores"):
        check_fit(pool(space), Valued())


NEEDY = """
class Needy:
    targets = {"gender"}
    instead = {"gender": "--set gender=false"}
    corpus_settings = {"toy": {"width": 3}}

    def __init__(self, *, gender=True, width=1):
        self.targets = {"gender"} if gender else set()
    def fit(self, train, *, seed):
        return self
    def predict_proba(self, test):
        return None
"""


def test_a_plan_is_made_of_what_fits_alone(tmp_path):
    file = tmp_path / "needy.py"
    file.write_text(NEEDY)

    def planned(here, **chosen):
        splits = LOSO.splits(here.table())
        choice = ModelChoice.of(f"{file}:Needy", chosen).on("toy")
        return plan(here, LOSO, splits, choice, seeds=2)

    trials = planned(pool())
    assert [(trial.fold, trial.seed) for trial in trials] == [
        (fold, seed) for fold in ("a", "b") for seed in (0, 1)
    ]
    assert trials[0].model["settings"] == {"gender": True, "width": 3}
    with pytest.raises(UsageError, match="the speaker's gender"):
        planned(pool(gender=None))
    without = planned(pool(gender=None), gender=False)
    assert without[0].model["settings"] == {"gender": False, "width": 3}
    assert len({trial.id for trial in (*trials, *without)}) == 8


def test_a_scale_over_several_corpora_has_no_scores_yet():
    """Cells are scored by classes: refused before anything is trained, not on the board."""
    space = LabelSpace("sentiment", "", Scale(-3.0, 3.0), label_field="sentiment")

    class Other(Toy):
        card = dataclasses.replace(Toy.card, name="other")

    here = pool(space)
    (one,) = here.cohorts.values()
    renamed = tuple(
        dataclasses.replace(u, id=f"other/{i}", corpus="other")
        for i, u in enumerate(one.scan.utterances)
    )
    scan = dataclasses.replace(one.scan, corpus="other", utterances=renamed)
    both = Pool([one, Cohort(Other(), scan, space)])
    with pytest.raises(ProtocolError, match=r"other\+toy at once.* no scores yet"):
        check_fit(both, Valued())


def test_held_out_speakers_have_their_name_to_themselves():
    here = pool()
    (split, _) = LOSO.splits(here.table())
    clash = dataclasses.replace(split, tests={"validation": split.tests["toy"]})
    assert held_out_of(here, LOSO, clash, "last").train == split.train
    with pytest.raises(ProtocolError, match="a corpus is called 'validation'"):
        held_out_of(here, LOSO, clash, "val")
