"""The heat map of pairs of corpora: every cell and mean, what is missing, what is within."""

import dataclasses

import pytest

from serbench.diagonal import diagonal
from serbench.figures import transfer

CORPORA = ("aa", "bb", "cc")
RIGHTS = {("aa", "bb"): 5, ("aa", "cc"): 6, ("bb", "aa"): 4, ("bb", "cc"): 7, ("cc", "aa"): 3,
          ("cc", "bb"): 8}  # fmt: skip


@pytest.fixture(scope="module")
def whole(forged):
    scores = forged.crossed(CORPORA, RIGHTS, seeds=2)
    return forged.board(
        forged.row("m", scores, n_seeds=2), corpora=CORPORA, protocol="cross-corpus"
    )


def cells(board, within=None):
    found = transfer.data(board, board.rows[0], within)
    return {(one["source"], one["target"]): one for one in found}


def test_cells_and_means(whole):
    found = cells(whole)
    cell = found["aa", "bb"]
    assert (cell["ua"], cell["ua_sd"]) == (pytest.approx(55), pytest.approx(10 / 2**0.5))
    assert cell["adjusted"] == pytest.approx((0.55 - 1 / 3) / (2 / 3))
    assert found["aa", "mean"]["ua"] == pytest.approx(60)
    assert found["mean", "cc"]["ua"] == pytest.approx(70)
    assert found["mean", "mean"]["ua"] == pytest.approx(100 * whole.rows[0].scores.ua.estimate)
    assert found["aa", "aa"]["ua"] is None


def test_a_missing_cell_is_grey_and_no_mean_hides_it(whole, forged):
    row = whole.rows[0]
    kept = tuple(cell for cell in row.scores.cells if (cell.source, cell.target) != ("aa", "bb"))
    row = dataclasses.replace(row, scores=dataclasses.replace(row.scores, cells=kept))
    found = {(one["source"], one["target"]): one for one in transfer.data(whole, row)}
    assert (found["aa", "bb"]["kind"], found["aa", "bb"]["ua"]) == ("missing", None)
    for place, count in ((("aa", "mean"), "1/2"), (("mean", "bb"), "1/2"),
                         (("mean", "mean"), "5/6")):  # fmt: skip
        assert (found[place]["ua"], found[place]["cells"]) == (None, count)
    assert found["mean", "cc"]["ua"] == pytest.approx(70)
    shown = {(v["source"], v["target"]): v for v in forged.values(transfer.draw(whole, row))
             if "source" in v}  # fmt: skip
    assert shown["aa", "bb"]["fill"] != shown["aa", "cc"]["fill"]
    assert shown["aa", "mean"]["told"] == "1/2 cells"


def test_within_one_corpus_is_framed_and_in_no_mean(whole, forged):
    inside = {"bb": forged.scores(9, 9, 9)}
    found = cells(whole, inside)
    assert (found["bb", "bb"]["kind"], found["bb", "bb"]["ua"]) == ("within", pytest.approx(90))
    assert found["bb", "mean"]["ua"] == cells(whole)["bb", "mean"]["ua"]
    shown = {(v["source"], v["target"]): v
             for v in forged.values(transfer.draw(whole, whole.rows[0], inside))
             if "source" in v}  # fmt: skip
    assert shown["bb", "bb"]["frame"] == shown["aa", "aa"]["frame"] != "transparent"
    assert (shown["bb", "bb"]["told"], shown["aa", "aa"]["told"]) == ("90.0", "")
    assert shown["aa", "bb"]["frame"] == "transparent"


def test_below_chance_is_as_pale_as_chance(forged):
    poor = forged.crossed("ab", {("a", "b"): 1, ("b", "a"): 2})
    board = forged.board(forged.row("m", poor), corpora=("a", "b"), protocol="cross-corpus")
    shown = [v for v in forged.values(transfer.draw(board, board.rows[0])) if "source" in v]
    assert {v["strength"] for v in shown} == {0.0}
    assert cells(board)["a", "b"]["adjusted"] < 0


def test_one_training_side_has_one_row(forged):
    scores = forged.crossed(CORPORA, {("x", "aa"): 4, ("x", "bb"): 5, ("x", "cc"): 6}, rest=True)
    board = forged.board(forged.row("m", scores), corpora=CORPORA, protocol="leave-one-corpus-out")
    found = cells(board)
    assert set(found) == {("the rest", name) for name in (*CORPORA, "mean")}
    assert found["the rest", "mean"]["ua"] == pytest.approx(50)
    assert found["the rest", "aa"]["ua_sd"] is None


def test_only_the_very_same_stands_on_the_diagonal(whole, forged):
    row = whole.rows[0]

    def inside(**changes):
        own = {
            key: changes.pop(key) for key in ("variant", "version", "selection") if key in changes
        }
        one = forged.row("m", forged.scores(9, 9), **own)
        return forged.board(one, **{"corpora": ("bb",), **changes})

    assert set(diagonal([inside()], whole, row)) == {"bb"}
    for other in (
        inside(variant="hidden=4"), inside(version="2"), inside(selection="val"),
        inside(protocol="kfold"), inside(labels="shared5"), inside(target_access="unlabelled"),
        inside(fingerprints={"bb": "0" * 64}),
    ):  # fmt: skip
        assert diagonal([other], whole, row) == {}


def test_it_is_drawn(whole, forged):
    chart = transfer.draw(whole, whole.rows[0])
    assert min(forged.sizes(chart)) >= 10.67
    drawn = forged.svg(chart)
    assert "tested on" in drawn
    assert ">55.0<" in drawn
    assert "aa to bb 55.0" in transfer.described(whole, whole.rows[0])


def test_a_row_of_one_corpus_is_refused(four):
    with pytest.raises(ValueError, match="no scores of pairs of corpora"):
        transfer.draw(four, four.rows[0])
