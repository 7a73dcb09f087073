"""The published numbers: all there, all translated, each beside its board or with a reason."""

from __future__ import annotations

import csv
import dataclasses
import re
from collections import Counter
from pathlib import Path

import pytest

from serbench.audit.printed import attainable
from serbench.errors import SerbenchError
from serbench.literature import Published, beside, literature, located
from serbench.registry import registered

ROOT = Path(__file__).parents[1]
KEYS = Path(__file__).with_name("literature_keys.csv")
WORDS = ROOT / "results" / "literature_words.csv"
SOURCES = ROOT.parent / "shared" / "facts" / "published.csv"


def key(one: Published) -> tuple[str, ...]:
    metric = one.printed_metric.partition(" (neg")[0]  # the convention is our addition
    return one.paper, one.table, one.method, one.printed_corpora, metric, one.value


def cells(path: Path) -> list[tuple[str, ...]]:
    with path.open(newline="", encoding="utf-8") as file:
        return [tuple(row) for row in csv.reader(file)][1:]


def test_every_number_is_there_once_and_as_printed() -> None:
    found = Counter(map(key, literature()))
    assert found == Counter(cells(KEYS))
    assert found.total() == 509
    assert max(found.values()) == 1


@pytest.mark.skipif(not SOURCES.is_file(), reason="the list that was gathered from is not here")
def test_the_keys_are_those_that_were_gathered() -> None:
    """Value by value; names of supplements differ, and nothing else."""
    with SOURCES.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = ("paper", "method", "corpus", "protocol", "metric", "value")
    ours = [
        (*k[:1], *k[2:4], one.printed_protocol, *k[4:]) for one in literature() for k in [key(one)]
    ]
    assert ours == [tuple(row[name] for name in names) for row in rows]


def test_each_has_a_board_or_a_reason() -> None:
    assert [one for one in literature() if not one.unmatched and not one.protocol] == []
    reasons = Counter(reason for one in literature() for reason in one.unmatched)
    assert reasons["protocol not stated"] == 48
    assert reasons["the best of ten runs; boards show the mean over runs"] == 126
    matched = [one for one in literature() if not one.unmatched]
    assert len(matched) == 232
    for one in matched:
        asked = one.corpora.split("+"), one.labels, one.protocol, one.selection or "last"
        assert one in beside(*asked, metric=one.metric, target_access=one.target_access)


def test_the_page_has_the_files_own_figures() -> None:
    page = (ROOT / "docs" / "reproduce.md").read_text(encoding="utf-8")
    every = Counter(" | ".join(one.unmatched) for one in literature())
    told = {reason: int(n) for n, reason in re.findall(r"^ +(\d+) +(.+)$", page, re.MULTILINE)}
    assert told.pop("(may stand beside a board)") == every.pop("")
    assert told == every


def test_one_table_translates_the_words() -> None:
    said = {(column, printed): ours for column, printed, ours in cells(WORDS)}
    assert len(said) == len(cells(WORDS)), "a word with two meanings"
    used = set()
    for one in literature():
        for column in ("corpora", "metric", "protocol"):
            printed = getattr(one, f"printed_{column}")
            used.add((column, printed))
            exempt = column == "protocol" and not one.protocol and one.unmatched
            assert exempt or getattr(one, column) == said[column, printed], one
    assert used == set(said), "a word that nobody prints"


def test_our_names_are_registered() -> None:
    for one in literature():
        assert set(one.corpora.replace("->", "+").split("+")) <= set(registered("corpora"))
        assert not one.labels or one.labels in registered("labels")
        assert not one.protocol or one.protocol in registered("protocols")
        assert not one.model or one.model in registered("models")
        assert (one.settings is None) == (not one.model)


def test_spreads_stand_with_their_means() -> None:
    spreads = {
        (one.method, one.metric.removesuffix("_sd")): one.number
        for one in literature()
        if one.metric.endswith("_sd")
    }
    means = {(one.method, one.metric): one.spread for one in literature() if one.spread is not None}
    assert means == spreads
    assert len(means) == 6


def test_beside_a_board() -> None:
    found = beside(["emodb"], "own", "loso", metric="wa")
    assert [(one.method, one.value) for one in found if one.table == "III"] == [
        ("BiLSTM-1", "80.80"),
        ("BiLSTM-2", "73.14"),
        ("DBL-MM", "84.87"),
    ]
    stars = beside(["emodb"], "own", "last-epoch", metric="ua")
    assert ("TIM-Net*", "89.19") in {(one.method, one.value) for one in stars}
    assert all(one.selection == "last" for one in stars)
    flattered = beside(["emodb"], "own", "last-epoch", "best-on-test", metric="ua")
    assert ("TIM-Net**", "95.17") in {(one.method, one.value) for one in flattered}
    five = ["savee", "casia", "emodb", "emovo", "ravdess"]  # in any order
    heard = beside(five, "shared5", "cross-corpus", metric="ua", target_access="unlabelled")
    assert [(one.method, one.value, one.spread) for one in heard] == [("CAAM", "32.37", 0.27)]
    assert beside(["emodb"], "shared5", "loso") == ()
    assert beside(["savee"], "own", "loso", metric="p") == ()


def test_a_method_that_nobody_rebuilt_stands_beside_a_board_too() -> None:
    found = beside(["casia"], "own", "last-epoch", "best-on-test", metric="ua")
    assert "" in {one.model for one in found if one.method == "CPAC"}


@pytest.mark.parametrize(
    ("value", "fits"),
    [("79.36", False), ("50.40", False), ("54.79", True), ("60.63", True), ("87.71", True)],
)
def test_counts_of_savee(value: str, fits: bool) -> None:
    """Of 480 utterances: the known values of rule L24."""
    assert attainable(value, 480) is fits
    found = [one for one in literature() if one.corpora == "savee" and one.value == value]
    assert found
    assert {not one.query for one in found} == {fits}


def test_questions_are_asked_of_pooled_and_of_equal_folds_alone() -> None:
    asked = {(one.table, one.method, one.corpora, one.metric) for one in literature() if one.query}
    assert ("III", "BiLSTM-2", "savee", "ua") in asked  # 47.33: 840 steps
    assert len(asked) == 13
    for one in literature():
        if one.query:
            assert one.aggregation in {"pooled", "fold_mean", "best_run"}


def test_what_the_sources_contradict_is_said() -> None:
    def doubts(**asked: str) -> str:
        (one,) = (o for o in literature() if all(getattr(o, k) == v for k, v in asked.items()))
        return " ".join(one.doubts)

    assert "misprint" in doubts(
        paper="SD-CAFF", table="2", corpora="msp-improv", method="SD-CAFF", metric="wa"
    )
    assert "74.22" in doubts(paper="SD-CAFF", table="3", method="SD-CAFF(final)", metric="ua")
    assert "swapped" in doubts(table="README 2023-11", method="CPAC", corpora="savee", metric="wa")
    assert "86.31" in doubts(table="1", method="TIM-Net**", corpora="savee", metric="ua")
    assert "best epoch" in doubts(table="1", method="TIM-Net**", corpora="savee", metric="wa")
    assert "other convention" in doubts(table="2", paper="SWRR", method="SWRR", metric="acc2_non0")


def test_numbers() -> None:
    wa = next(one for one in literature() if one.value == "79.36")
    assert (wa.number, wa.share, wa.decimals, wa.place) == (79.36, 0.7936, 2, "TIM-Net, Table 1")
    bound = next(one for one in literature() if one.value == "<0.0001")
    assert (bound.number, bound.share, bound.query) == (None, None, "")
    assert bound.record()["doubts"] == list(bound.doubts)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("paper,table", "papers,table", "has the columns papers"),
        (",percent,", ",per cent,", "line 2: the unit 'per cent'"),
        (",75.06,", ",75.06%,", "line 2: the value '75.06%'"),
        (",best-on-test-per-metric,", ",best,", "line 2: the selection 'best'"),
        (
            '"{""dynamic"": ""mfcc"", ""epochs"": 30}"',
            "mfcc",
            "line 2: the settings 'mfcc' of sdcaff",
        ),
        (",sdcaff-5fold,", ",,", "line 2: neither a protocol nor a reason"),
        ("SD-CAFF,1,", "SD-CAFF,1,1,", "line 2: too many"),
        (",fold_mean,", ",mean,", "line 2: the aggregation 'mean'"),
        (",,,1,", ",,,one,", "line 2: the n_runs 'one'"),
    ],
)
def test_a_broken_file_is_refused_by_line(
    tmp_path: Path, old: str, new: str, complaint: str
) -> None:
    text = located().read_text(encoding="utf-8")
    assert old in text.split("\n", 2)[0] + text.split("\n", 2)[1]
    path = tmp_path / "broken.csv"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SerbenchError, match=complaint.replace("(", r"\(")):
        literature(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SerbenchError, match="cannot be read"):
        literature(tmp_path / "none.csv")


def test_a_wheel_holds_the_file_beside_the_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = tmp_path / "site-packages" / "serbench" / "literature.csv"
    monkeypatch.setattr("serbench.literature.__file__", str(inside.with_suffix(".py")))
    with pytest.raises(SerbenchError, match="neither"):
        located()
    checkout = tmp_path / "site-packages" / "results" / "literature.csv"
    for place in (checkout, inside):
        place.parent.mkdir(parents=True)
        place.touch()
        assert located() == place


def test_published_numbers_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        literature()[0].value = "100"  # type: ignore[misc]
