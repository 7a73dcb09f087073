"""Marks of printed numbers, and what stands below them."""

from __future__ import annotations

import dataclasses

import pytest

from serbench.asprinted import Remarks, as_printed, epoch, told
from serbench.literature import literature
from serbench.quoted import Quoted, quoted

SWRR = quoted(("iemocap",), "iemocap4", "loso", "none", ("last",))
DBLMM = quoted(("savee",), "own", "loso", "none", ("last",))


def test_no_number_of_another_aggregation_is_bare() -> None:
    for one in literature():
        if one.metric in {"ua", "wa"} and not one.unmatched:
            mark = {"pooled": "", "run_mean": "", "fold_mean": "~", "unknown": "^"}[one.aggregation]
            assert as_printed(one) == f"{one.value}{mark}{'?' * bool(one.query)}"
    assert as_printed(None) == ""


def test_an_epoch_that_is_not_said_is_not_the_last() -> None:
    assert {epoch(one) for one in (*SWRR, *DBLMM)} == {"not said"}
    (said,) = {epoch(one) for one in quoted(("emodb",), "own", "last-epoch", "none", ("last",))}
    assert said == "last"
    assert [one.record([])["selection"] for one in SWRR] == [None] * len(SWRR)


def test_all_that_is_to_be_known_stands_below_once() -> None:
    lines = told(SWRR)
    assert "^ whether pooled or a mean over folds is not said" in lines
    assert "all that is printed: which epoch was scored is not said" in lines
    assert "[1] reads sound and words" in lines
    assert len(lines) == len(set(lines))
    hears = {one.method for one in SWRR if "[1]" in Remarks(SWRR).mark(one)}
    assert hears == {"SWRR"}
    assert sum("not said" in line for line in lines) == 2  # a mark tells it, and no remark again


def test_what_the_marks_mean() -> None:
    assert any(line.startswith("~ the mean over folds") for line in told(DBLMM))
    assert any(line.startswith("? a question to its authors: no count") for line in told(DBLMM))
    assert not any(line.startswith("^") for line in told(DBLMM))
    assert told(()) == []


def test_one_row_numbers_what_is_to_be_known() -> None:
    (first, *_) = SWRR
    remarks = Remarks((first,))
    assert remarks.shared == ()
    assert remarks.mark(first) == f"[{','.join(str(n + 1) for n in range(len(remarks.numbered)))}]"


@pytest.mark.parametrize("rows", [SWRR, DBLMM])
def test_what_of_the_board_is_not_as_in_the_papers(rows: tuple[Quoted, ...]) -> None:
    off = tuple(dataclasses.replace(one, unlike=("3 speakers", "a draw")) for one in rows)
    assert "not as in the papers: 3 speakers; a draw" in told(off)
    assert not any(line.startswith("not as in") for line in told(rows))
