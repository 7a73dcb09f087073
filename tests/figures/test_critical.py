"""The critical-difference diagram: mean ranks, bars that tell the truth, silence where due."""

from dataclasses import replace

import pytest

from serbench.figures import critical
from serbench.intervals import Interval
from serbench.overall import overall


@pytest.fixture(scope="module")
def table(forged):
    """UA by model and corpus, to the table of it."""
    scores = forged.scores(5, 5)

    def make(**models):
        count = len(next(iter(models.values())))
        boards = [
            forged.board(corpora=(f"c{i}",), held=False, rows=tuple(
                forged.row(name, replace(scores, ua=Interval(ua[i], 0, 1, 0, 1, "jackknife")))
                for name, ua in models.items()
            ))
            for i in range(count)
        ]  # fmt: skip
        (found,) = overall(boards)
        return found

    return make


NINE = [0.50 + 0.01 * i for i in range(9)]


def above(base, *by):
    """Scores that lie by so much above others, in turn."""
    return [score + by[i % len(by)] for i, score in enumerate(base)]


def test_bars_join_what_shares_a_letter_and_dots_say_who(table, forged):
    found = table(
        good=above(NINE, 0.2, 0.21, 0.22), fine=above(NINE, 0.19, 0.2, 0.23, 0.18, 0.24),
        poor=NINE, bad=above(NINE, -0.1, 0.02),
    )  # fmt: skip
    letters = {entry.model: entry.rank.letters for entry in found.ranked}
    assert set(letters["good"]) & set(letters["fine"])
    assert not set(letters["good"]) & set(letters["poor"])
    apart = {one["name"]: one["not_told_apart_from"] for one in critical.data(found)}
    assert apart["good"] == ["fine"]
    groups = critical._bars(found)
    assert len(groups) == len({letter for own in letters.values() for letter in own})
    chart = critical.draw(found)
    assert min(forged.sizes(chart)) >= 10.67
    drawn = forged.svg(chart)
    for entry in found.ranked:
        assert f"{entry.mean_rank:.2f}" in drawn
    assert "Nemenyi" in drawn


def test_a_bar_has_no_dot_for_one_that_it_passes_over(table, forged):
    found = table(a=above(NINE, 0.2), b=above(NINE, 0.1), c=NINE)
    marks = {"a": "a", "b": "b", "c": "a"}  # as tests may have it: a and c alike, b unlike both
    entries = tuple(
        replace(entry, rank=replace(entry.rank, letters=marks[entry.model]))
        for entry in found.entries
    )
    passed = replace(found, entries=entries)
    assert critical._bars(passed) == [(1.0, 3.0)]
    drawn = forged.values(critical.draw(passed))
    dots = [v for v in drawn if set(v) == {"x", "y"}]
    (bar,) = [v for v in drawn if set(v) == {"x", "x2", "y"} and v["y"] == dots[0]["y"]]
    assert sorted(dot["x"] for dot in dots) == [bar["x"], bar["x2"]]


def test_five_corpora_are_not_drawn(table):
    found = table(a=NINE[:5], b=above(NINE[:5], 0.1))
    assert critical.silent(found) == "5 corpora: Wilcoxon cannot reach 0.05"
    with pytest.raises(ValueError, match="Wilcoxon cannot reach"):
        critical.draw(found)


def test_one_model_is_not_drawn(table):
    assert critical.silent(table(a=NINE)).startswith("1 of its models")
