"""Models over corpora: Demsar's own table, what is missing, what failed, what is not ranked."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from serbench.board import Board
from serbench.canaryrows import CANARY
from serbench.intervals import Interval
from serbench.labels import Classes
from serbench.overall import of_models, overall
from serbench.predictions import Predictions
from serbench.rows import Row
from serbench.scores import class_scores
from serbench.stats.pairwise import pairwise

CLASSES = ("low", "high")
TRUTH = np.repeat([0, 1], 4)
SAID = Predictions(CLASSES, tuple("abcdefgh"), tuple("ssssTTTT"), TRUTH, np.eye(2)[TRUTH])
SCORES = class_scores({(0, "1"): SAID})

# Table 6 of Demsar (2006): C4.5, +m, +cf, +m+cf. One printed tie was ranked before rounding.
DEMSAR = np.array(
    [
        [0.763, 0.768, 0.771, 0.798], [0.599, 0.591, 0.590, 0.569], [0.954, 0.971, 0.968, 0.967],
        [0.628, 0.661, 0.654, 0.657], [0.882, 0.888, 0.886, 0.898], [0.936, 0.931, 0.916, 0.931],
        [0.661, 0.668, 0.609, 0.685], [0.583, 0.583, 0.563, 0.625], [0.775, 0.838, 0.866, 0.875],
        [1.0, 1.0, 1.0, 1.0], [0.940, 0.962, 0.965, 0.962], [0.619, 0.666, 0.614, 0.669],
        [0.972, 0.981, 0.97501, 0.975], [0.957, 0.978, 0.946, 0.970],
    ]
)  # fmt: skip


def row(model, ua, **changes):
    """A model with this UA; None: not run."""
    scores = None if ua is None else replace(SCORES, ua=Interval(ua, 0, 1, 0.1, 1, "jackknife"))
    facts = {
        "model": model, "version": "1", "variant": "", "settings": {}, "selection": "last",
        "canary": model.startswith(CANARY), "scores": scores, "broken": {}, "stages_missing": False,
        "n_folds": 2, "n_seeds": 1, "trials_done": 2, "trials_planned": 2, "trials_failed": 0,
        "trials_damaged": 0,
    }  # fmt: skip
    return Row(**{**facts, **changes})


def board(corpus, *rows, **changes):
    facts = {
        "corpora": (corpus,), "fingerprints": {corpus: "f" * 64}, "labels": "own",
        "task": Classes(CLASSES), "label_field": "", "protocol": "loso", "target_access": "none",
        "split": "s" * 64, "speaker_independent": True, "partial": False, "altered": False,
        "repeated": {}, "badges": None, "rows": rows,
    }  # fmt: skip
    return Board(**{**facts, **changes})


def boards(table, models="ABCD"):
    """A board for each line of a table; NaN: not run."""
    return [
        board(
            f"c{i:02}",
            *(
                row(name, None if math.isnan(ua) else float(ua))
                for name, ua in zip(models, line, strict=False)
            ),
        )
        for i, line in enumerate(table)
    ]


def test_demsars_table():
    (found,) = overall(boards(DEMSAR))
    by_name = {entry.model: entry for entry in found.entries}
    ranks = [by_name[name].mean_rank for name in "ABCD"]
    assert ranks == pytest.approx([3.142857, 2.0, 2.892857, 1.964286], abs=1e-6)
    assert found.friedman.chi2 == pytest.approx(9.278571, abs=1e-6)
    assert (found.friedman.f, found.friedman.f_p) == pytest.approx((3.686313, 0.019823), abs=1e-6)
    assert found.nemenyi.critical == pytest.approx(1.253559, abs=1e-6)
    assert [entry.model for entry in found.ranked] == ["D", "B", "C", "A"]  # by mean UA
    assert found.ranked[0].mean == pytest.approx(DEMSAR[:, 3].mean())
    order = ["ABCD".index(entry.model) for entry in found.ranked]
    np.testing.assert_allclose(found.adjusted, pairwise(DEMSAR[:, order]).adjusted)
    gap = DEMSAR[:, 0].mean() - DEMSAR[:, 3].mean()
    assert (by_name["A"].delta, by_name["A"].shared) == (pytest.approx(gap), 14)
    assert (found.reference, found.silent, found.powerless) == ("D", "", "")


def test_a_model_that_leaves_out_its_hardest_corpus_does_not_come_first():
    trap = np.array(
        [[0.60, 0.62, 0.55], [0.70, 0.69, 0.75], [0.50, 0.48, 0.52], [0.40, 0.41, 0.30]]
    )
    (whole,) = overall(boards(trap))
    assert whole.ranked[2].model == "C"
    trap[3, 2] = math.nan
    (found,) = overall(boards(trap))
    assert [entry.model for entry in found.entries] == ["A", "B", "C"]
    last = found.entries[2]
    assert (last.rank, last.done, last.shared) == (None, 3, 3)
    assert math.isnan(last.mean)
    a = np.array([0.60, 0.70, 0.50])
    assert found.reference == "A"  # .55 like B's, and its name comes first
    assert last.delta == pytest.approx(trap[:3, 2].mean() - a.mean())
    assert found.ranked[0].mean_rank == pytest.approx(1.5)  # C takes no part


def test_wilcoxon_against_the_mean_tells_nobody_apart():
    ahead = np.full(12, 0.61) + np.arange(12) / 1000
    behind = np.full(12, 0.60)
    ahead[0], behind[0] = 0.40, 0.95  # one corpus turns the mean round
    (table,) = overall(boards(np.column_stack([behind, ahead]), "AB"))
    first, second = table.ranked
    assert (first.model, table.contrary) == ("A", 1)
    assert [(one.rank.best, one.rank.worst, one.rank.letters) for one in table.ranked] == [
        (1, 2, "a"),
        (1, 2, "a"),
    ]
    assert math.isnan(second.rank.p)
    assert table.record()["contrary"] == 1


def test_a_filter_hides_models_and_leaves_their_ranks_and_the_family():
    (table,) = overall(boards(DEMSAR))
    shown = of_models(table, ["C", "D"])
    assert {entry.model for entry in shown.entries} == {"C", "D"}
    every = {entry.model: entry.rank for entry in table.entries}
    assert all(entry.rank == every[entry.model] for entry in shown.entries)
    assert (shown.pairs, shown.record()["n_ranked"]) == (6, 4)


def test_five_corpora_allow_no_test_and_say_so():
    (found,) = overall(boards(DEMSAR[:5]))
    assert found.silent == "5 corpora: Wilcoxon cannot reach 0.05"
    assert {entry.rank.letters for entry in found.ranked} == {""}
    assert {(entry.rank.best, entry.rank.worst) for entry in found.ranked} == {(1, 4)}
    assert all(entry.rank.drawn for entry in found.ranked)  # that describes, and tests nothing
    assert found.records()[0]["no_test"] == found.silent


def test_of_six_corpora_holm_may_leave_nothing_to_find():
    (found,) = overall(boards(DEMSAR[:6]))
    assert found.silent == ""
    assert found.powerless.startswith("6 corpora: Wilcoxon's smallest p is 0.031, and over 6 pairs")
    (two,) = overall(boards(DEMSAR[:6, :2]))
    assert two.powerless == ""


def test_failed_is_scored_as_chance_and_ranked():
    crashed = row("B", None, trials_failed=2, trials_done=0)
    half = row("C", 0.7, chance=1)
    lines = [board("a", row("A", 0.6), crashed, half), board("b", row("A", 0.8), row("B", 0.9),
             row("C", 0.8))]  # fmt: skip
    (found,) = overall(lines)
    by_name = {entry.model: entry for entry in found.entries}
    assert by_name["B"].rank is not None
    assert (by_name["B"].mean, by_name["B"].failed) == (pytest.approx((0.5 + 0.9) / 2), ("a",))
    assert by_name["C"].failed == ("a",)
    assert by_name["A"].failed == ()
    some = replace(crashed, trials_failed=1, trials_planned=3)
    (found,) = overall([board("a", row("A", 0.6), some), lines[1]])
    assert {entry.model for entry in found.entries if entry.rank is None} == {"B", "C"}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"broken": {"L22": 1}}, "broke L22 on a"),
        ({"seeds_wanted": 5}, "fewer seeds than the protocol asks for on a"),
    ],
)
def test_what_is_not_ranked_on_one_board_is_not_ranked_at_all(changes, why):
    lines = [board("a", row("A", 0.6), row("B", 0.9, **changes)), board("b", row("A", 0.6),
             row("B", 0.9))]  # fmt: skip
    (found,) = overall(lines)
    best = next(entry for entry in found.entries if entry.model == "B")
    assert (best.rank, best.why, best.whole) == (None, (why,), True)
    assert [entry.model for entry in found.ranked] == ["A"]


def test_rules_protocols_and_label_spaces_never_mix():
    chosen = row("A", 0.9, selection="best-on-test")
    lines = [
        board("a", row("A", 0.6), chosen), board("b", row("A", 0.7), chosen),
        board("c", row("A", 0.6), protocol="kfold"), board("d", row("A", 0.6), labels="shared5"),
        board("e", row("A", 0.6), target_access="unlabelled"),
    ]  # fmt: skip
    found = overall(lines)
    assert [(one.selection, one.corpora) for one in found] == [
        ("last", ("a", "b")), ("best-on-test", ("a", "b")),
    ]  # fmt: skip
    assert found[1].ranked == ()
    assert found[1].entries[0].why == ("its epochs were chosen on the test set",)


def test_one_board_a_corpus_the_whole_release_first():
    partial = board("a", row("A", 0.9), row("B", 0.9), partial=True, fingerprints={"a": "0" * 64})
    lines = [partial, board("a", row("A", 0.6)), board("b", row("A", 0.7))]
    (found,) = overall(lines)
    assert found.entries[0].mean == pytest.approx(0.65)
    assert [entry.model for entry in found.entries] == ["A"]
    assert found.left_out == ("a: another release or other folds (00000000, ssssssss)",)


def test_a_corpus_where_ua_is_undefined_is_left_out_and_named():
    lines = [board(name, row("A", 0.6), row("B", 0.5)) for name in "ab"]
    lines.append(board("c", row("A", math.nan), row("B", math.nan)))
    (found,) = overall(lines)
    assert found.corpora == ("a", "b")
    assert found.left_out == ("c: a class has no test utterance, UA is undefined",)


def test_two_rows_of_one_name_are_not_guessed_between():
    lines = [board("a", row("A", 0.6), row("A", 0.9)), board("b", row("A", 0.7))]
    (found,) = overall(lines)
    assert found.ranked == ()
    assert found.entries[0].why == ("two rows of one name on a",)


def test_canaries_stand_below_and_records_are_json():
    lines = [board(name, row("A", 0.6), row(CANARY + "file", 0.9)) for name in "ab"]
    (found,) = overall(lines)
    assert [entry.model for entry in found.entries] == ["A", CANARY + "file"]
    records = json.loads(json.dumps(found.records(), allow_nan=False))
    assert records[0]["ranked"]
    assert records[1]["canary"]
    assert records[0]["cells"][0] == {"corpus": "a", "ua": 0.6, "state": "measured"}
    assert records[1]["delta"] == pytest.approx(0.3)


def test_unanimous_corpora_have_a_finite_record():
    (found,) = overall(boards([[0.9, 0.6, 0.3]] * 6, "ABC"))
    assert found.friedman.flags == ("unanimous",)
    record = json.loads(json.dumps(found.record(), allow_nan=False))
    assert record["iman_davenport_f"] is None
    assert record["iman_davenport_p"] == pytest.approx((1 / 6) ** 5)


def test_one_corpus_is_no_table():
    assert overall([board("a", row("A", 0.5))]) == []
