"""Marks of rows: one sign for each thing to be known, and a note for each sign."""

import dataclasses
from types import SimpleNamespace

import pytest

from serbench.cli.legend import FLAGS, badges, method, notes
from serbench.cli.marks import SIGNS, UNFINISHED, Marks, sign
from serbench.cli.render import as_markdown, markdown_list
from serbench.labels import Classes
from serbench.scores import class_scores


@pytest.fixture(scope="module")
def forged(request):
    """Rows with flags of several kinds on one board."""
    import numpy as np

    from serbench.board import Board
    from serbench.predictions import Predictions
    from serbench.rows import Row

    truth = np.repeat([0, 1], 4)
    said = Predictions(("a", "b"), tuple("abcdefgh"), tuple("ssssTTTT"), truth, np.eye(2)[truth])
    scores = class_scores({(0, "1"): said})
    facts = {
        "version": "1", "variant": "", "settings": {}, "n_folds": 1, "n_seeds": 1,
        "trials_done": 1, "trials_planned": 1, "trials_failed": 0, "trials_damaged": 0,
        "selection": "last", "canary": False, "broken": {}, "stages_missing": False,
        "deterministic": True, "scores": scores,
    }  # fmt: skip
    rows = (
        Row(**{**facts, "model": "chance", "chance": 2}),
        Row(**{**facts, "model": "both", "chance": 1, "trials_planned": 3}),
        Row(**{**facts, "model": "peeked", "scores": None, "stages_missing": True}),
        Row(**{**facts, "model": "half", "scores": None, "trials_planned": 3}),
    )
    return Board(
        corpora=("emodb",), fingerprints={"emodb": "f" * 64}, labels="own",
        task=Classes(("a", "b")), label_field="", protocol="loso", target_access="none",
        split="s", badges=("speaker-independent", "1 warning"), speaker_independent=True,
        partial=False, altered=False, repeated={}, rows=rows,
    )  # fmt: skip


def test_each_thing_has_a_sign_of_its_own(forged):
    marks = Marks.of(forged)
    assert len(set(marks.signs.values())) == len(marks.signs) >= 3
    chance = marks.signs["failed_as_chance"]
    first, second, *_ = (marks.beside(row).split(",") for row in forged.rows)
    assert chance in first
    assert {chance, marks.signs[UNFINISHED]} <= {*second}
    assert marks.beside(forged.rows[2]) == marks.signs["no_stages"]


def test_each_sign_has_a_note_of_its_own(forged):
    told = notes(forged)
    for what, one in Marks.of(forged).signs.items():
        assert f"{one} {FLAGS[what]}" in told
    assert not any(line.startswith(("* ", "+ ")) for line in told)


def test_there_is_always_another_sign():
    assert [sign(at) for at in (0, 4, 5, 10)] == ["†", "‖", "††", "†††"]
    assert len({sign(at) for at in range(20)}) == 20
    assert not set(SIGNS) & {*"*+~^?0123456789abc"}


def test_readers_of_a_paper_are_sent_to_no_command(forged):
    here, paper = notes(forged), notes(forged, paper=True)
    assert any("serbench run" in line for line in here)
    assert any("serbench audit" in line for line in here)
    assert not any("serbench" in line or "--" in line for line in paper)
    assert any("rows without all their trials" in line for line in paper)
    assert "1 warning by the audit" in badges(forged, paper=True)
    assert "1 warning," in badges(forged)


def test_in_markdown_every_note_is_an_entry(forged):
    text = as_markdown(forged)
    _, _, below = text.partition("\n\n")[2].partition("\n\n")
    lines = below.strip().splitlines()
    assert len(lines) > 3
    assert all(line.startswith("- ") for line in lines)
    assert markdown_list(["* a"]) == [r"- \* a"]


@pytest.mark.parametrize(
    ("name", "rule", "told"),
    [
        ("TIM-Net*", "last", "TIM-Net (last epoch)"),
        ("TIM-Net**", "best-on-test", "TIM-Net (best epoch)"),
        ("TIM-Net* fold1", "last", "TIM-Net (last epoch) fold1"),
        ("DBL-MM", "last", "DBL-MM"),
    ],
)
def test_asterisks_of_methods_are_written_out(name, rule, told):
    assert method(SimpleNamespace(method=name, selection=rule)) == told


def test_two_rows_of_one_name_and_no_settings_shown(forged):
    again = dataclasses.replace(forged.rows[0], version="2")
    board = dataclasses.replace(forged, rows=(forged.rows[0], again))
    assert "| chance version=2 |" in as_markdown(board, ["model", "ua"])
