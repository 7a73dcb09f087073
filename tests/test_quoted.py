"""What papers print, beside the board that it answers."""

import pytest

from serbench.literature import literature
from serbench.quoted import quoted


def on_emodb(*rules):
    return quoted(("emodb",), "own", "last-epoch", "none", rules)


def test_a_system_is_a_row_with_all_its_scores():
    (timnet,) = (one for one in on_emodb("last") if one.method == "TIM-Net*")
    printed = {name: one.value for name, one in timnet.numbers.items()}
    assert printed == {"ua": "89.19", "wa": "90.28"}
    assert timnet.short == "TIM-Net, Table 1"
    record = timnet.record(["ua", "ua_fold", "wa", "wa_fold", "rank_low"])
    assert record["ua"] == pytest.approx(0.8919)
    assert record["wa_fold"] == pytest.approx(0.9028)  # as the paper takes it
    assert (record["wa"], record["rank_low"]) == (None, None)
    assert (record["trust"], record["ranked"]) == ("from-paper", False)
    assert record["reimplemented_as"] == "timnet"


def test_what_was_chosen_by_the_test_set_is_asked_for():
    assert {one.selection for one in on_emodb("last")} == {"last"}
    best = [one for one in on_emodb("best-on-test") if one.short == "TIM-Net, Table 1"]
    assert {"GM-TCN", "CPAC", "TIM-Net**"} <= {one.method for one in best}


def test_no_board_has_numbers_of_another():
    assert quoted(("emodb",), "own", "kfold-speaker", "none", ("last",)) == ()
    assert quoted(("emodb",), "own", "last-epoch", "unlabelled", ("last",)) == ()
    assert all(one.first.corpora == "emodb" for one in on_emodb("last", "best-on-test"))


def test_what_counting_asks_is_a_doubt():
    asked = (one for one in literature() if one.query and not one.unmatched)
    one = next(one for one in asked if one.metric == "wa")
    rule = one.selection or "last"
    found = quoted(one.corpora.split("+"), one.labels, one.protocol, one.target_access, [rule])
    assert any(f"a question: {one.query}" in each.doubts for each in found)
