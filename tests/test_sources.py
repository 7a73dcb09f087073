"""What is handed to a model of the test side: each sound once, in an order that tells nothing."""

import numpy as np
import pytest

from serbench.cohort import Cohort
from serbench.corpus import Corpus, CorpusCard, Release, Utterance
from serbench.features.cache import FeatureCache
from serbench.labels import OWN, Classes, LabelSpace
from serbench.plan import heard
from serbench.pool import Pool
from serbench.protocols import Split
from serbench.scanned import Scan
from serbench.sources import test_set as judged_set
from serbench.sources import training_set

SAMPLES = "dbeacf"  # what the sounds' digests begin with: another order than that of ids
DOUBLED = LabelSpace("doubled", "", Classes(("anger", "happiness")), repeat={"anger": 3})


class Toy(Corpus):
    card = CorpusCard(
        name="toy", title="Toy", language="-", licence="-", how_to_get="-", citation="@misc{toy,}",
        releases=(Release("Toy", {}, {}),),
    )  # fmt: skip
    labels = {"a": "anger", "h": "happiness"}  # noqa: RUF012

    def entries(self, root):
        raise NotImplementedError


class Plain:
    def fit(self, train, *, seed):
        return self

    def predict_proba(self, test):
        return np.full((len(test), 2), 0.5)


def pool(space):
    utterances = tuple(
        Utterance(
            id=f"toy/{i}", audio=f"/toy/{i}.wav", file=f"{i}.wav", speaker="ab"[i // 3],
            native="ah"[i % 2], corpus="toy", emotion=Toy.labels["ah"[i % 2]], rate=16000,
            channels=1, duration=1.0, samples=start * 64,
        )
        for i, start in enumerate(SAMPLES)
    )  # fmt: skip
    return Pool([Cohort(Toy(), Scan("toy", None, "Toy", utterances, (), "f" * 64), space)])


@pytest.fixture
def cache(tmp_path):
    return FeatureCache(tmp_path)


def asked(here, cache, ids, grouped=False):
    return judged_set(here, cache, here.positions(ids), Plain(), grouped=grouped)


def test_a_test_set_comes_in_the_order_of_its_sounds(cache):
    here = pool(OWN)
    ids = ("toy/0", "toy/1", "toy/2", "toy/5")
    found = asked(here, cache, ids)
    assert [u.id for u in found.utterances] == ["toy/1", "toy/0", "toy/2", "toy/5"]
    assert [found.utterances[place].id for place in found.places] == list(ids)


def test_copies_of_a_class_that_counts_several_times_are_heard_once(cache):
    """Two sounds that are alike would spell their class to whoever hears the whole test set."""
    here = pool(DOUBLED)
    ids = [u.id for u in here.utterances]
    assert len(ids) == 3 + 3 * 3
    found = asked(here, cache, ids, grouped=True)
    assert len(found.test) == 6
    assert found.test.groups.shape == (6,)
    assert len({u.samples for u in found.utterances}) == 6
    judged = [found.utterances[place].id for place in found.places]
    assert judged == [name.partition("#")[0] for name in ids]


def test_the_unlabelled_target_of_a_training_has_no_copies():
    here = pool(DOUBLED)
    (split,) = here.with_copies([Split("1", ("toy/0", "toy/1"), {"toy": ("toy/4", "toy/5")})])
    assert len(split.tests["toy"]) == 4
    assert heard(here, split) == heard(pool(OWN), Split("1", (), {"toy": ("toy/4", "toy/5")}))
    assert heard(here, split)["size"] == 2


def test_copies_count_in_training(cache):
    here = pool(DOUBLED)
    rows = here.positions(["toy/0", "toy/0#2", "toy/0#3", "toy/1"])
    assert len(training_set(here, cache, rows, Plain())) == 4
