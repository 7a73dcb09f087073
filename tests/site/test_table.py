"""The table of a board: its marks, and whom the differences are to."""

from dataclasses import replace

import pytest

from serbench.site.atlas import Atlas
from serbench.site.boardpage import printed
from serbench.site.citing import cited
from serbench.site.page import page
from serbench.site.table import LONGEST, reference, table_of


@pytest.fixture(scope="module")
def board(found):
    return next(one for one in found if one.protocol == "loso" and one.corpora == ("toy",))


def sheet_of(board):
    from serbench.cli.site import words

    told = words([board])
    return Atlas.of([board], told).sheets[0], told


def test_a_flag_has_its_mark_at_the_number(board):
    best, *others = board.rows
    board = replace(board, rows=(replace(best, chance=2), *others))  # two trials failed
    sheet, told = sheet_of(board)
    text = page(
        "board", sheet.href, told.masthead, sheet=sheet, board=board, said=sheet.said, figures=[],
        missed=[], table=table_of(sheet, board.records()), printed=printed(()),
        citation=cited(sheet, told.masthead),
    )  # fmt: skip
    score = f"{100 * best.ua:.1f}</a>"
    assert text.count('<sup class="marks">') == 1
    assert f'{score}<sup class="marks"><a href="#note-1" title="failed trials are scored' in text
    notes = text.partition('class="notes"')[2]
    assert '<li id="note-1" tabindex="-1"><b class="sign">\N{DAGGER}</b> Failed trials' in notes


def test_the_leader_or_who_was_chosen(board):
    assert reference(board) == "good"
    assert reference(replace(board, reference="fair")) == "fair"


def test_a_leader_that_is_not_shown_or_too_long(board):
    others = tuple(row for row in board.rows if row.model != "good")
    assert reference(replace(board, rows=others)) == "the best"
    named = reference(replace(board, reference="x" * 80))
    assert named == "x" * (LONGEST - 1) + "\N{HORIZONTAL ELLIPSIS}"


def test_a_broken_rule_is_told_to_who_reads_pages(board):
    best, *others = board.rows
    broken = replace(board, rows=(replace(best, broken={"L22": 3}, rank=None), *others))
    sheet, _ = sheet_of(broken)
    (row,) = table_of(sheet, broken.records()).others
    assert (
        row.reason == "broke rule L22: it opened files of the test side in training (in 3 trials)"
    )
    assert row.marks == ()
