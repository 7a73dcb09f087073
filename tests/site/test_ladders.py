"""Which protocols of a model make a ladder, and what is said of the others."""

import pytest

from serbench.gathered import rows_of
from serbench.site.ladders import climbs, measured
from serbench.store import Store


@pytest.fixture
def ladder(tmp_path, adding):
    """Measures the ladders of one model that was run under these protocols."""

    def made(*protocols, epochs=0, again=()):
        store = Store(tmp_path / "results")
        for place, name in enumerate((*protocols, *again)):
            fields = {"protocol": {"name": name, "corpora": ["savee"]}, "split": f"{place}" * 64}
            adding(store, "net", 1.0 + 0.3 * place, epochs=epochs, **fields)
        found = climbs(rows_of(store))
        return measured(store.root, found.get("net", ()))

    return made


def steps(found):
    (one,) = found.ladders
    return [(rung.step.protocol, rung.step.title) for rung in one.measured]


def test_other_random_folds_stand_for_those_that_were_not_run(ladder):
    found = ladder("last-epoch", "loso")
    assert steps(found) == [("last-epoch", "random folds, last epoch"), ("loso", "one speaker out")]
    record = found.ladders[0].record()
    assert [step["step"] for step in record["steps"] if step["ua"] is not None] == [
        "last-epoch/last",
        "loso/last",
    ]
    assert "net on savee: random folds are those of last-epoch" in found.notes


def test_their_epochs_are_a_step_too(ladder):
    found = ladder("last-epoch", "loso", epochs=3)
    assert steps(found)[0] == ("last-epoch", "random folds, best epoch")
    assert len(steps(found)) == 3


def test_the_same_folds_are_one_measurement(ladder):
    found = ladder("last-epoch", "kfold-speaker", "loso")
    told = [note.partition(": ")[2] for note in found.notes if "stands twice" in note]
    same = "are the same folds here: one measurement, which stands twice"
    assert told == [
        f"random folds, last epoch and whole speakers {same}",
        f"whole speakers and one speaker out {same}",
    ]  # the fixture has one speaker a fold under every name


def test_what_was_measured_and_is_not_drawn_says_why(ladder):
    found = ladder("kfold", "last-epoch", "loso", "holdout")
    assert [protocol for protocol, _ in steps(found)] == ["kfold", "loso"]
    notes = [note.partition(": ")[2] for note in found.notes]
    assert (
        "last-epoch is measured, and is not on the ladder: kfold stands for random folds" in notes
    )
    assert "holdout is measured, and is not on the ladder: it is no step" in notes
    assert "no random folds, best epoch: the model has no epochs to choose from" in notes
    assert "no whole speakers: not run" in notes


def test_of_several_rows_none_is_taken(ladder):
    found = ladder("kfold", "loso", "kfold-speaker", again=["kfold"])
    assert [protocol for protocol, _ in steps(found)] == ["kfold-speaker", "loso"]
    assert (
        "net on savee: kfold is measured, and is not on the ladder: several rows could be meant, "
        "and none is taken"
    ) in found.notes


def test_one_step_is_no_ladder(ladder):
    assert ladder("loso", "holdout").ladders == ()
