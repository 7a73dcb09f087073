"""L14: each utterance is tested once, and judged."""

import dataclasses

from serbench.audit import Case, Declared, audit
from serbench.audit.evidence import Run
from serbench.listing import Listing
from serbench.protocols import Split


def judged_of(listing):
    return {split.fold: dict(split.tests) for split in listing.splits}


def test_whole_folds_are_well(toy, dealt, found):
    for listing in (toy(), dealt(toy()), toy(speakers=2)):
        assert found("L14", listing) == []


def test_an_utterance_that_no_fold_tests(toy, found):
    listing = toy()
    first = listing.splits[0]
    less = dataclasses.replace(first, tests={"toy": first.tests["toy"][1:]})
    (one,) = found("L14", dataclasses.replace(listing, splits=(less, *listing.splits[1:])))
    assert (one.severity, one.count, one.examples) == ("error", 1, ("toy/s0/anger0",))


def test_an_utterance_that_two_folds_test(toy, found):
    listing = toy()
    first = listing.splits[0]
    more = dataclasses.replace(first, tests={"toy": (*first.tests["toy"], "toy/s1/anger0")})
    (one,) = found("L14", dataclasses.replace(listing, splits=(more, *listing.splits[1:])))
    assert (one.severity, one.examples) == ("error", ("toy/s1/anger0",))
    assert "more or less often" in one.message


def test_an_utterance_that_one_fold_tests_twice(toy, found):
    listing = toy()
    first = listing.splits[0]
    twice = dataclasses.replace(first, tests={"toy": (*first.tests["toy"], "toy/s0/anger0")})
    (one,) = found("L14", dataclasses.replace(listing, splits=(twice, *listing.splits[1:])))
    assert (one.count, one.folds) == (1, ("s0",))


def test_repeated_folds_are_a_warning(toy, dealt, found):
    listing = toy()
    again = tuple(dataclasses.replace(s, fold=f"again {s.fold}") for s in dealt(listing).splits)
    (one,) = found("L14", dataclasses.replace(listing, splits=(*listing.splits, *again)))
    assert (one.severity, one.count) == ("warning", 2)


def test_ids_of_nothing(toy, found):
    listing = toy()
    first = dataclasses.replace(listing.splits[0], train=(*listing.splits[0].train, "toy/ghost"))
    (one,) = found("L14", dataclasses.replace(listing, splits=(first, *listing.splits[1:])))
    assert (one.severity, one.examples, one.folds) == ("error", ("toy/ghost",), ("s0",))


def test_a_single_fold_shares_out_nothing(toy, found):
    listing = toy()
    single = dataclasses.replace(listing, splits=listing.splits[:1])
    assert found("L14", single) == []
    first = listing.splits[0]
    aside = dataclasses.replace(single, splits=(dataclasses.replace(first, train=first.train[5:]),))
    (one,) = found("L14", aside)
    assert (one.severity, one.count) == ("info", 5)


def test_a_corpus_of_which_the_lists_hold_a_part(toy, found):
    every = frozenset({*(item.id for item in toy().items), "toy/lost"})
    (one,) = found("L14", Case(toy(), Declared(manifest=every)))
    assert (one.severity, one.examples) == ("error", ("toy/lost",))


def across(toy):
    corpora = [toy(speakers=2, corpus=name) for name in "abc"]
    ids = {part.items[0].corpus: tuple(i.id for i in part.items) for part in corpora}
    splits = tuple(
        Split(source, ids[source], {name: ids[name] for name in ids if name != source})
        for source in ids
    )
    return Listing("pairs", sum((part.items for part in corpora), ()), splits)


def test_each_source_tests_every_target_once(toy, found):
    listing = across(toy)
    assert found("L14", listing) == []
    first = listing.splits[0]
    less = dataclasses.replace(first, tests={**first.tests, "b": first.tests["b"][1:]})
    (one,) = found("L14", dataclasses.replace(listing, splits=(less, *listing.splits[1:])))
    assert (one.severity, one.count) == ("error", 1)


def test_pairs_of_one_source_are_one_round(toy, found):
    listing = across(toy)
    pairs = tuple(
        Split(f"{split.fold}>{target}", split.train, {target: ids})
        for split in listing.splits
        for target, ids in split.tests.items()
    )
    assert found("L14", dataclasses.replace(listing, splits=pairs)) == []


def test_leaving_each_corpus_out_is_whole(toy, found):
    listing = across(toy)
    ids = {split.fold: split.train for split in listing.splits}
    splits = tuple(
        Split(name, sum((ids[other] for other in ids if other != name), ()), {name: ids[name]})
        for name in ids
    )
    assert found("L14", dataclasses.replace(listing, splits=splits)) == []


def test_whole_predictions_are_well(toy, found):
    listing = toy()
    run = Run({0: judged_of(listing), 1: judged_of(listing)}, tuple(judged_of(listing)), folds=4)
    assert found("L14", Case(listing, run=run)) == []


def test_predictions_that_leave_utterances_out(toy, found):
    listing = toy()
    judged = judged_of(listing)
    judged["s2"] = {"toy": judged["s2"]["toy"][:-3]}
    (one,) = found("L14", Case(listing, run=Run({0: judged}, folds=4)))
    assert (one.severity, one.count, one.folds) == ("error", 3, ("s2",))
    assert "missing" in one.message


def test_predictions_of_other_utterances_and_of_one_twice(toy, found):
    listing = toy()
    judged = judged_of(listing)
    judged["s0"] = {"toy": (*judged["s0"]["toy"], "toy/s1/anger0", "toy/s0/anger0")}
    surplus, repeated = found("L14", Case(listing, run=Run({7: judged}, folds=4)))
    assert surplus.examples == ("toy/s1/anger0",)
    assert repeated.examples == ("toy/s0/anger0",)
    assert "seed 7" in repeated.message


def test_folds_that_were_not_run(toy, found):
    listing = toy()
    judged = judged_of(listing)
    del judged["s3"]
    (one,) = found("L14", Case(listing, run=Run({0: judged}, ("s0", "s1", "s2", "s3"), folds=4)))
    assert (one.count, one.examples) == (1, ("s3",))
    (one,) = found("L14", Case(listing, run=Run({0: judged}, folds=4)))
    assert (one.count, one.examples) == (1, ())


def test_damaged_files_are_told(toy, found):
    run = Run({0: judged_of(toy())}, folds=4, damaged=("ab12cd34ef56",))
    (one,) = found("L14", Case(toy(), run=run))
    assert one.examples == ("ab12cd34ef56",)


def test_folds_in_which_nobody_trains(toy, found):
    listing = toy()
    empty = tuple(dataclasses.replace(split, train=()) for split in listing.splits)
    none = dataclasses.replace(listing, splits=empty)
    (one,) = found("L14", none)
    assert (one.severity, one.count) == ("error", 4)
    assert one.message == "nobody trains in 4 of 4 folds"
    verdict = audit(Case(none))
    assert verdict.badges == ("1 error",)
    assert not {"L01", "L05"} & set(verdict.checked)
    assert found("L15", none) == []
    some = dataclasses.replace(listing, splits=(empty[0], *listing.splits[1:]))
    (one,) = found("L14", some)
    assert one.folds == ("s0",)
    assert found("L15", some) == []


def test_a_fold_in_which_nobody_is_tested(toy, found):
    listing = toy()
    first, *others = listing.splits
    lone = dataclasses.replace(listing, splits=(dataclasses.replace(first, tests={}), *others))
    assert "nobody is tested in 1 of 4 folds" in {one.message for one in found("L14", lone)}
