"""Differences, speakers and ranks of one board: what is drawn is what the board says."""

import numpy as np
import pytest

from serbench.figures import differences, speakers, stability
from serbench.figures.look import entitled

FIGURES = (differences, speakers, stability)
LEAST = 10.67  # pixels of 8 points


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.__name__)
def test_only_ranked_models_are_held_against_one_another(figure, four):
    names = {record["name"] for record in figure.data(four)}
    assert names == {"best", "next hidden=4", "last"}


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.__name__)
def test_it_is_drawn_with_words_and_text_of_eight_points(figure, four, forged):
    chart = figure.draw(four)
    assert min(forged.sizes(chart)) >= LEAST
    drawn = forged.svg(entitled(chart, "toy under loso", ["3 classes"]))
    for text in ("toy under loso", "next hidden=4"):
        assert text in drawn
    assert chart.to_dict(validate=False)["description"] == figure.described(four)


def test_differences_are_those_of_the_board(four):
    by_name = {record["name"]: record for record in differences.data(four)}
    rank = next(row.rank for row in four.rows if row.model == "last")
    last = by_name["last"]
    drawn = (last["delta"], last["delta_low"], last["delta_high"])
    assert drawn == pytest.approx(tuple(100 * end for end in rank.delta))
    assert (last["p_holm"], last["letters"]) == (rank.p, rank.letters)
    assert last["p_holm"] < 0.05
    best = by_name["best"]
    assert (best["reference"], best["delta"], best["delta_low"]) == (True, 0.0, None)


def test_points_that_are_told_apart_are_filled(four, forged):
    marks = {v["name"]: v["fill"] for v in forged.values(differences.draw(four)) if "fill" in v}
    assert marks["last"] != "white"
    assert marks["next hidden=4"] == marks["best"] == "white"


def test_differences_are_of_a_chosen_reference(forged):
    rows = [forged.row("a", forged.scores(9, 9, 8, 9)), forged.row("b", forged.scores(3, 4, 2, 4))]
    chosen = forged.board(*rows, reference="b")
    ours = {record["name"]: record for record in differences.data(chosen)}
    assert ours["b"]["reference"]
    assert ours["a"]["delta"] == pytest.approx(100 * (35 - 13) / 40)
    assert "UA % less that of b" in differences.described(chosen)


def test_a_difference_without_an_interval_is_a_point(forged):
    rows = [forged.row("a", forged.scores(9)), forged.row("b", forged.scores(4))]
    one = forged.board(*rows)
    b = differences.data(one)[1]
    assert (b["delta_low"], b["p_holm"], b["delta"]) == (None, None, pytest.approx(-50))
    headings = [v.get("text") for v in forged.values(differences.draw(one))]
    assert "p Holm" not in headings
    assert "points [95% CI]" in headings


def test_a_board_of_one_model_has_no_difference_and_no_ranks(forged):
    alone = forged.board(forged.row("a", forged.scores(9, 8)))
    for figure in (differences, stability):
        with pytest.raises(ValueError, match="fewer than two ranked models"):
            figure.draw(alone)


def test_every_speaker_has_a_dot_under_every_model(four, forged):
    dots = [v for v in forged.values(speakers.draw(four)) if "speaker" in v]
    by_place = {(v["place"], v["speaker"]): v["score"] for v in dots}
    assert len(by_place) == 3 * 4
    assert by_place[2, "s1"] == pytest.approx(40)
    last = next(row for row in four.rows if row.model == "last")
    told = [v["lowest"] for v in forged.values(speakers.draw(four)) if "lowest" in v]
    assert told[2] == "20.0 (s2)"
    records = [r for r in speakers.data(four) if r["name"] == "last"]
    assert [r["score"] for r in records] == pytest.approx(100 * last.scores.evidence.by_speaker)
    assert {r["utterances"] for r in records} == {30}


def test_of_many_speakers_boxes_are_drawn(forged):
    many = forged.scores(*(int(i) for i in np.arange(speakers.MOST + 1) % 10))
    drawn = forged.values(speakers.draw(forged.board(forged.row("a", many))))
    assert not any("speaker" in v for v in drawn)
    (box,) = [v for v in drawn if "q25" in v][:1]
    by_speaker = 100 * many.evidence.by_speaker
    assert box["q25"] == pytest.approx(np.quantile(by_speaker, 0.25))


def test_speakers_of_pairs_of_corpora_are_refused(forged):
    pairs = forged.crossed("ab", {("a", "b"): 5, ("b", "a"): 6})
    with pytest.raises(ValueError, match="each speaker"):
        speakers.draw(forged.board(forged.row("m", pairs), corpora=("a", "b")))


def test_ranks_are_those_of_the_board_and_wins_mirror(four):
    found = stability.data(four)
    for record, row in zip(found, [r for r in four.rows if r.competes], strict=True):
        assert (record["best"], record["worst"]) == (row.rank.best, row.rank.worst)
        assert (record["drawn_low"], record["drawn_high"]) == row.rank.drawn
    best, after, last = found
    assert best["beats"]["last"] == 1.0
    assert last["beats"]["best"] == 0.0
    assert best["beats"]["next hidden=4"] + after["beats"]["best"] == pytest.approx(1)


def test_two_speakers_leave_the_tests_ranks_alone(forged):
    rows = [forged.row("a", forged.scores(9, 8)), forged.row("b", forged.scores(3, 4))]
    found = forged.board(*rows)
    assert [record["beats"] for record in stability.data(found)] == [{}, {}]
    drawn = forged.values(stability.draw(found))
    assert not any("strength" in v for v in drawn)
    assert "95 of 100 drawings" not in [v.get("text") for v in drawn]


def test_models_of_one_name_stay_apart(forged):
    rows = [
        forged.row("a", forged.scores(9, 8, 9), version="1"),
        forged.row("a", forged.scores(3, 4, 2), version="2"),
    ]
    names = [record["name"] for record in stability.data(forged.board(*rows))]
    assert names == ["a (1)", "a (2)"]


@pytest.mark.parametrize(
    ("share", "told"), [(0.0, "0"), (0.001, "<1"), (0.5, "50"), (0.999, ">99"), (1.0, "100")]
)
def test_a_win_is_never_rounded_to_always(share, told):
    assert stability._hundred(share) == told
