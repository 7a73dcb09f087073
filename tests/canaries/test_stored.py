"""A flock on disk, and as the predictions of a model."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from serbench.canaries.flock import as_predictions, as_ratings
from serbench.canaries.predict import CANARIES, predict
from serbench.canaries.stored import from_parquet, to_parquet
from serbench.errors import StoreError, UnknownName
from serbench.scores import class_scores, scale_scores


@pytest.fixture(scope="module")
def emodb(released, left_out):
    return predict(left_out(released("emodb")))


def same(one, other):
    assert one.classes == other.classes
    assert one.names == other.names
    assert one.decisions.keys() == other.decisions.keys()
    for place, d in one.decisions.items():
        back = other.decisions[place]
        assert (d.ids, d.speakers) == (back.ids, back.speakers)
        np.testing.assert_array_equal(d.truth, back.truth)
        for name in one.names:
            np.testing.assert_array_equal(d.by[name], back.by[name])


def test_there_and_back(emodb):
    content = to_parquet(emodb)
    same(from_parquet(content, "x"), emodb)
    assert to_parquet(from_parquet(content, "x")) == content


def test_columns_for_whoever_reads_it_without_serbench(emodb, tmp_path):
    (tmp_path / "c.parquet").write_bytes(to_parquet(emodb))
    rows = pq.ParquetFile(tmp_path / "c.parquet").read().to_pylist()
    assert list(rows[0]) == [
        *("id", "speaker", "corpus", "fold", "truth", "by_majority", "by_uniform"),
        *("by_speaker", "by_text", "by_duration", "by_file"),
    ]
    assert len(rows) == 535
    assert rows[0]["by_majority"] == "anger"


def test_a_class_that_no_test_utterance_has_stays_a_class(small):
    items = {"1": {"label": "a"}, "2": {"label": "a"}}
    flock = predict(small(items, train="1", test="2", classes=("b", "a")))
    back = from_parquet(to_parquet(flock), "x")
    assert back.classes == ("b", "a")
    assert np.isnan(
        class_scores({(0, "1"): as_predictions(back, "majority")["1", "x"]}).ua.estimate
    )


def test_a_scale_there_and_back(small):
    items = {name: {"speaker": name} for name in "1234"}
    values = {"1": 0.5, "2": -1.5, "3": 1 / 3, "4": 2.0}
    flock = predict(small(items, train="1 2", test="3 4", classes=()), values=values)
    same(from_parquet(to_parquet(flock), "x"), flock)
    ratings = as_ratings(flock, "majority")["1", "x"]
    assert ratings.values.tolist() == [-0.5, -0.5]
    scores = scale_scores({(0, "1"): ratings})
    assert scores.intervals["mae"].estimate == pytest.approx((2.5 + 0.5 + 1 / 3) / 2)


def test_scored_as_a_model_is(emodb):
    """Recall by recall, as a cross-tabulation counts it."""
    trials = {(0, fold): p for (fold, _), p in as_predictions(emodb, "text").items()}
    scores = class_scores(trials)
    hits = np.concatenate([d.truth == d.by["text"] for d in emodb.decisions.values()])
    truth = np.concatenate([d.truth for d in emodb.decisions.values()])
    assert scores.wa.estimate == pytest.approx(hits.mean())
    assert scores.ua.estimate == pytest.approx(np.mean([hits[truth == c].mean() for c in range(7)]))
    assert (scores.speakers, scores.utterances, scores.tied) == (10, 535, 0.0)
    assert scores.ua.df == 9
    majority = {(0, fold): p for (fold, _), p in as_predictions(emodb, "majority").items()}
    assert class_scores(majority).ua.estimate == pytest.approx(1 / 7)
    assert class_scores(majority).wa.estimate == pytest.approx(0.2373832, abs=5e-8)


def test_a_canary_that_is_not_there(emodb):
    with pytest.raises(UnknownName, match="no canary 'dialogue'"):
        as_predictions(emodb, "dialogue")
    assert "dialogue" in CANARIES


def rewritten(content, change):
    table = change(pq.read_table(pa.BufferReader(content)))
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.drop_columns(["fold"]),
        lambda table: table.replace_schema_metadata({}),
        lambda table: table.replace_schema_metadata({"classes": "{"}),
        lambda table: table.replace_schema_metadata({"classes": '"anger"'}),
        lambda table: table.replace_schema_metadata({"classes": '["anger"]'}),
        lambda table: table.replace_schema_metadata({"classes": "[]"}),
        lambda table: table.set_column(4, "truth", pa.nulls(len(table), pa.string())),
    ],
)
def test_what_is_no_such_file(emodb, change):
    with pytest.raises(StoreError, match=r"canaries\.parquet is not a canaries file"):
        from_parquet(rewritten(to_parquet(emodb), change), "canaries.parquet")


def test_what_is_no_parquet():
    with pytest.raises(StoreError, match="is not a Parquet file"):
        from_parquet(b"PAR1", "canaries.parquet")
