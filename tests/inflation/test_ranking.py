"""Whether two models keep their order from step to step."""

import numpy as np
import pytest

from serbench.errors import StoreError
from serbench.inflation.ranking import duels
from serbench.inflation.stored import read
from serbench.inflation.words import fought

SPEAKERS = [f"s{i // 4}" for i in range(40)]
RIGHT = np.array((0, 0, 1, 1) * 10)


def spoiled(each):
    """The first utterances of every speaker told wrong, alike for all but the last speaker."""
    said = RIGHT.reshape(10, 4).copy()
    said[:, :each] = 1 - said[:, :each]
    said[-1] = RIGHT[:4]
    return said.ravel()


def fight(shelf):
    return duels(read(shelf.store.root, [("one", {}), ("two", {})], "toy", []))


@pytest.fixture
def full(shelf):
    return shelf(truth=RIGHT, speakers=SPEAKERS)


def test_a_flip_that_is_shown(full):
    for model, kfold, loso in (("one", RIGHT, spoiled(3)), ("two", spoiled(1), spoiled(1))):
        full.within("kfold", kfold, model=model)
        full.within("loso", loso, folds=10, model=model)
    (duel,) = fight(full)
    assert (duel.one, duel.other) == ("one", "two")
    assert (duel.flips, duel.flip_shown) == (True, True)
    by = [lead.by.estimate for lead in duel.leads]
    assert by == pytest.approx([9 / 40, -18 / 40])
    head, first, second = fought(duel)
    assert head == "the ranking of one and two flips between steps:"
    assert first.startswith("random folds, last epoch: one 22.5 points [")
    assert first.endswith("ahead of two")
    assert second.startswith("one speaker out: two 45.0 points [")


def test_a_flip_that_other_speakers_might_undo(full):
    blip = RIGHT.copy()
    blip[0] = 1
    for model, kfold, loso in (("one", RIGHT, blip), ("two", spoiled(1), RIGHT)):
        full.within("kfold", kfold, model=model)
        full.within("loso", loso, folds=10, model=model)
    (duel,) = fight(full)
    assert (duel.flips, duel.flip_shown) == (True, False)
    assert "might undo" in fought(duel)[0]
    assert fought(duel)[2].endswith("ahead of one, which is not shown")


def test_an_order_that_holds(full):
    for model, said in (("one", RIGHT), ("two", spoiled(2))):
        full.within("kfold", said, model=model)
        full.within("loso", said, folds=10, model=model)
    (duel,) = fight(full)
    assert not duel.flips
    assert fought(duel)[0] == "the ranking of one and two is the same at every step:"


def test_models_are_compared_at_steps_that_both_have(full):
    full.within("kfold", RIGHT, model="one")
    full.within("loso", RIGHT, folds=10, model="one")
    full.within("loso", spoiled(1), folds=10, model="two")
    (duel,) = fight(full)
    assert [lead.step.key for lead in duel.leads] == ["loso/last"]
    assert (duel.flips, duel.flip_shown) == (None, None)
    assert fought(duel)[0] == (
        "one and two can be compared at one step at most, which does not tell whether they flip:"
    )


def test_the_same_folds_again_are_no_second_step(full):
    """A net that comes out otherwise on the same folds has not changed its place by protocol."""
    for model, there, here in (("one", RIGHT, spoiled(2)), ("two", spoiled(1), RIGHT)):
        full.within("kfold-speaker", there, folds=10, model=model)
        full.within("loso", here, folds=10, model=model)
    (duel,) = fight(full)
    assert [lead.again for lead in duel.leads] == [False, True]
    assert (duel.flips, duel.flip_shown) == (None, None)
    assert fought(duel)[2].endswith("ahead of one (the same folds: not a second measurement)")


def test_the_same_folds_without_the_step_above_are_a_step(full):
    full.within("kfold-speaker", RIGHT, folds=10, model="one")
    for model in ("one", "two"):
        full.within("loso", RIGHT, folds=10, model=model)
    assert [lead.again for lead in fight(full)[0].leads] == [False]


def test_a_model_that_broke_a_rule_is_ahead_of_nobody(full):
    full.within("loso", RIGHT, folds=10, model="one", broken=["L22"])
    full.within("loso", spoiled(1), folds=10, model="two", broken=[])
    (duel,) = fight(full)
    assert (duel.leads, duel.flips) == ((), None)
    assert duel.record()["broken"] == {"one": {"L22": 10}}
    assert fought(duel) == [
        "one and two are not ranked against each other: one broke L22 (in 10 trials)"
    ]


def test_a_single_seed_is_held_against_each_of_the_others(full):
    full.within("loso", RIGHT, folds=10, model="one")
    full.within("loso", spoiled(1), spoiled(2), folds=10, model="two")
    (lead,) = fight(full)[0].leads
    assert lead.by.estimate == pytest.approx((9 / 40 + 18 / 40) / 2)
    assert lead.by.method == "two-way"


def test_a_record_turns_with_the_order_of_the_models(full):
    full.within("loso", RIGHT, folds=10, model="one")
    full.within("loso", spoiled(1), folds=10, model="two")
    (there,) = fight(full)
    (back,) = duels(read(full.store.root, [("two", {}), ("one", {})], "toy", []))
    one, other = there.record()["leads"][0], back.record()["leads"][0]
    assert one["lead"] == -other["lead"]
    assert one["lead_low"] == pytest.approx(-other["lead_high"])
    assert there.record()["models"] == ["one", "two"]
    assert one["shown"] is True


def test_ladders_of_two_corpora_are_not_compared(full, shelf):
    full.within("loso", RIGHT, folds=10, model="one")
    (one,) = read(full.store.root, [("one", {})], "toy", [])
    import dataclasses

    with pytest.raises(StoreError, match="not tested on the same utterances"):
        duels([one, dataclasses.replace(one, corpus="other")])
