"""What papers print, beside the board that it answers."""

import pytest

from serbench.literature import literature
from serbench.quoted import quoted, standing
from serbench.unlike import Ground

TIMNET = {"name": "last-epoch", "split_seed": 46}


def ground(**other):
    known = {"corpora": ("emodb",), "labels": "own", "protocol": TIMNET, "folds": 10}
    return Ground(**{**known, "speakers": 10, "utterances": 535, **other})


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


def test_what_is_not_known_to_be_pooled_says_so():
    (swrr, *_) = quoted(("iemocap",), "iemocap4", "loso", "none", ("last",))
    record = swrr.record(["ua"])
    assert record["aggregation"] == {"wa": "unknown", "ua": "unknown"}
    assert "whether pooled or a mean over folds is not said" in record["doubts"]
    (gmtcnet,) = (one for one in on_emodb("last") if one.method == "GM-TCNet")
    assert "whether pooled or a mean over folds is not said" in gmtcnet.doubts


def test_on_its_own_ground_nothing_is_remarked():
    rows, why = standing(ground(), "none", ("last",))
    assert rows == on_emodb("last")
    assert why == ""


def test_numbers_of_other_folds_do_not_stand():
    rows, why = standing(ground(folds=3), "none", ("last",))
    assert rows == ()
    assert why == "no number that papers print stands here: 3 folds where the paper has 10"
    nothing = standing(ground(protocol={"name": "kfold"}, folds=3), "none", ("last",))
    assert nothing == ((), "")  # where papers print nothing there is nothing to explain


def test_another_draw_or_release_is_remarked_on_each():
    other = ground(protocol={**TIMNET, "split_seed": 7}, speakers=4, utterances=40)
    rows, why = standing(other, "none", ("last",))
    assert (len(rows), why) == (len(on_emodb("last")), "")
    for one in rows:
        assert one.record([])["unlike"] == [
            "another split seed: 7 where the paper has 46",
            "another release: 4 speakers and 40 utterances where the usual one has 10 and 535",
        ]
