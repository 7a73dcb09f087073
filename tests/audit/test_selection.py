"""L11, L12, L13 and L23: what was chosen by looking at the test set."""

import dataclasses

import numpy as np
import pytest

from serbench.audit import Case, Declared
from serbench.audit.evidence import Run, Training
from serbench.audit.selection import at_least

EPOCHS = 50


def trainings(choose, folds=10, seed=0):
    """Test curves that scatter about nothing, and an epoch that a rule takes of each."""
    rng = np.random.default_rng(seed)
    made = []
    for fold in range(folds):
        ua, wa = rng.random(EPOCHS), rng.random(EPOCHS)
        made.append(
            Training(
                str(fold), 0, tuple(range(1, EPOCHS + 1)),
                {"ua": tuple(ua.tolist()), "wa": tuple(wa.tolist())},
                int(choose(ua, wa, rng)) + 1,
            )
        )  # fmt: skip
    return tuple(made)


def case(toy, made, **declared):
    return Case(toy(), Declared(**declared), run=Run({}, trainings=made))


def test_an_epoch_that_is_the_best_in_every_fold_was_chosen_there(toy, found):
    (one,) = found("L11", case(toy, trainings(lambda ua, wa, rng: ua.argmax())))
    assert (one.severity, one.count, len(one.folds)) == ("error", 10, 10)
    assert "UA in 10 of 10 trainings" in one.message
    (one,) = found("L11", case(toy, trainings(lambda ua, wa, rng: wa.argmax())))
    assert "WA in 10 of 10 trainings" in one.message


def test_so_was_one_that_is_the_best_in_most(toy, found):
    made = trainings(
        lambda ua, wa, rng: ua.argmax() if rng.random() < 0.5 else rng.integers(EPOCHS)
    )
    (one,) = found("L11", case(toy, made))
    assert 2 < one.count < 10


@pytest.mark.parametrize("seed", range(5))
def test_an_epoch_that_something_else_chose_is_not_suspected(toy, found, seed):
    made = trainings(lambda ua, wa, rng: rng.integers(EPOCHS), seed=seed)
    assert found("L11", case(toy, made)) == []


def test_the_last_epoch_is_no_choice_though_curves_rise(toy, found):
    rising = tuple(
        dataclasses.replace(
            one, chosen=EPOCHS, curves={"ua": tuple(np.linspace(0, 1, EPOCHS).tolist())}
        )
        for one in trainings(lambda ua, wa, rng: 0)
    )
    assert found("L11", case(toy, rising)) == []


def test_ties_make_the_best_epoch_likely(toy, found):
    flat = tuple(
        dataclasses.replace(one, curves={"ua": (0.5,) * EPOCHS}, chosen=1 + int(one.fold))
        for one in trainings(lambda ua, wa, rng: 0)
    )
    assert found("L11", case(toy, flat)) == []


def test_a_single_training_proves_nothing(toy, found):
    made = trainings(lambda ua, wa, rng: ua.argmax(), folds=1)
    assert found("L11", case(toy, made)) == []


def test_the_chance_of_so_many_hits():
    from scipy.stats import binom

    assert at_least([1 / 30] * 10, 3) == pytest.approx(binom.sf(2, 10, 1 / 30))
    assert at_least([0.2, 0.7], 2) == pytest.approx(0.14)
    assert at_least([], 0) == 1


def test_a_rule_that_says_so_is_a_warning(toy, found):
    for rule, severities in (("last", []), ("val", []), ("best-on-test", ["warning"])):
        one = Case(toy(), Declared(selection=rule))
        assert [finding.severity for finding in found("L11", one)] == severities
        assert found("L12", one) == []
    per_metric = Case(toy(), Declared(selection="best-on-test-per-metric"))
    assert len(found("L11", per_metric)) == len(found("L12", per_metric)) == 1


def with_validation(listing, of):
    splits = tuple(
        dataclasses.replace(split, validation=tuple(of(split))) for split in listing.splits
    )
    return dataclasses.replace(listing, splits=splits)


def test_a_validation_set_that_is_tested(toy, found):
    (one,) = found("L11", with_validation(toy(), lambda split: split.tests["toy"][:2]))
    assert (one.severity, one.count, len(one.folds)) == ("error", 8, 4)


def test_a_validation_set_that_is_the_test_set_by_another_name(toy, found):
    listing = toy()
    items = tuple(dataclasses.replace(item, samples=item.id) for item in listing.items)
    again = tuple(
        dataclasses.replace(item, id=f"v{item.id}", file=f"v{item.file}", speaker="nobody")
        for item in items
    )
    spoilt = with_validation(listing, lambda split: [f"v{one}" for one in split.tests["toy"]])
    (one,) = found("L11", dataclasses.replace(spoilt, items=items + again))
    assert (one.severity, one.count, len(one.folds)) == ("error", len(items), 4)
    assert "under another id" in one.message


def test_tested_speakers_who_choose_the_epoch(toy, found):
    listing = toy()
    first = {split.fold: split.tests["toy"][0] for split in listing.splits}
    splits = tuple(
        dataclasses.replace(
            split, tests={"toy": split.tests["toy"][1:]}, validation=(first[split.fold],)
        )
        for split in listing.splits
    )
    (one,) = found("L11", dataclasses.replace(listing, splits=splits))
    assert (one.severity, one.count) == ("warning", 4)


def test_a_validation_set_that_is_trained_on(toy, found):
    (one,) = found("L11", with_validation(toy(), lambda split: split.train[:2]))
    assert one.severity == "warning"


def reporting(one, ua, wa):
    return dataclasses.replace(
        one, reported={"ua": one.curves["ua"][ua], "wa": one.curves["wa"][wa]}
    )


def test_wa_and_ua_of_two_epochs(toy, found):
    made = trainings(lambda ua, wa, rng: 0)
    honest = tuple(reporting(one, 7, 7) for one in made)
    assert found("L12", case(toy, honest)) == []
    torn = (reporting(made[0], 3, 9), *honest[1:])
    (one,) = found("L12", case(toy, torn))
    assert (one.severity, one.count, one.folds) == ("warning", 1, ("0",))
    assert one.examples == ("0: UA of epoch 4, WA of epoch 10",)


def test_a_seed_of_each_corpuss_own(toy, found):
    one = Declared(protocol="last-epoch", split_seeds={"casia": 32, "emodb": 46, "ravdess": 46})
    (finding,) = found("L13", Case(toy(), one))
    assert (finding.severity, finding.count) == ("warning", 3)
    same = Declared(protocol="kfold", split_seeds={"casia": 0, "emodb": 0})
    assert found("L13", Case(toy(), same)) == []


def test_how_often_the_test_sets_were_used(toy, found):
    assert found("L23", Case(toy(), run=Run({}))) == []
    (one,) = found("L23", Case(toy(), run=Run({}, models=12)))
    assert (one.severity, one.count) == ("info", 12)
