"""What a board's table writes of a record."""

from serbench.site.columns import CLASSES, MINUS, SENTIMENT, Cell, rank, shown

RECORD = {
    "ua": 0.6571, "ua_low": 0.5331, "ua_high": 0.78, "wa": 0.5, "flags": [], "n_folds": 10,
    "n_seeds": 1, "n_speakers": 10, "rank_low": None, "letters": "", "delta": None,
}  # fmt: skip
RANKED = RECORD | {
    "rank_low": 1, "rank_high": 3, "rank_drawn_low": 1, "rank_drawn_high": 2, "letters": "ab",
    "delta": -0.0714, "delta_low": -0.1, "delta_high": 0.02, "p_holm": 0.0004,
    "worst_class": "fear", "worst_class_recall": 0.125, "ua_fold": 0.6, "n_missing": 1,
}  # fmt: skip


def cells(record):
    return {column.key: column.cell(record) for column in CLASSES}


def test_columns_without_anything_are_left_out():
    plain = [column.key for column in shown(CLASSES, [RECORD])]
    assert plain == ["ua", "wa", "n_folds"]
    more = [column.key for column in shown(CLASSES, [RECORD, RANKED])]
    assert more == [
        "rank_low", "ua", "letters", "delta", "p_holm", "wa", "worst_class_recall", "ua_fold",
        "n_folds",
    ]  # fmt: skip


def test_what_is_written():
    told = cells(RANKED)
    assert told["ua"] == Cell("65.7", "[53.3, 78.0]", 0.6571)
    assert told["delta"] == Cell(f"{MINUS}7.1", f"[{MINUS}10.0, 2.0]", -0.0714)
    assert told["p_holm"].text == "< 0.001"
    assert told["worst_class_recall"] == Cell("12.5", "fear", 0.125)
    assert told["ua_fold"] == Cell("60.0", "1 cell empty", 0.6)
    assert told["n_folds"].text == "10 / 10 / 1"
    assert told["letters"].text == "ab"


def test_what_it_took_to_train():
    told = cells(RECORD | {"parameters": 1234567, "train_seconds_sum": 720.0})
    assert told["parameters"] == Cell("1,234,567", value=1234567)
    assert told["train_seconds_sum"] == Cell("0.20", value=720.0)
    assert cells(RECORD)["train_seconds_sum"] == cells(RECORD)["parameters"] == Cell("\N{EN DASH}")
    took = {"train_seconds_sum": 1.0, "parameters": 1}
    for columns in (CLASSES, SENTIMENT):
        assert {*took} < {column.key for column in shown(columns, [RECORD | took])}


def test_a_spread_has_no_sign():
    assert cells(RECORD | {"ua_seed_sd": 0.0123})["ua_seed_sd"].text == "1.2"


def test_what_a_board_is_read_for_is_shown_unasked():
    plain = [column.key for column in CLASSES if not column.extra]
    assert plain == ["rank_low", "ua", "letters", "delta", "p_holm", "wa", "n_folds"]
    assert not any(column.extra for column in SENTIMENT[:-3])


def test_ranks_are_intervals():
    assert rank(RANKED) == Cell("1\N{EN DASH}3", "drawn 1\N{EN DASH}2", 1)
    assert rank({"rank_low": 2, "rank_high": 2}).text == "2"
    assert rank({}) == Cell("\N{EN DASH}")


def test_an_undefined_headline_is_told():
    assert cells(RECORD | {"ua": None, "flags": ["undefined"]})["ua"].text == "undefined"
