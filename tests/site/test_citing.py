"""How a board is cited."""

import re
from dataclasses import replace

import pytest

from serbench.scorecache import METRICS
from serbench.site.atlas import Atlas
from serbench.site.citing import cited, printed
from serbench.site.masthead import Masthead


@pytest.fixture(scope="module")
def sheet(found):
    from serbench.cli.site import words

    return next(one for one in Atlas.of(found, words(found)).sheets if one.slug == "savee--loso")


def test_nobody_is_made_up(sheet):
    told = cited(sheet, Masthead(version="1.2"))
    how = f"Scored by serbench 1.2 (metrics version {METRICS})"
    assert told.text == (
        "savee under loso: a board of speech emotion recognition. "
        f"{how}; release of savee {'f' * 12}, folds {'s' * 12}."
    )
    assert told.bibtex.splitlines() == [
        "@misc{serbench-savee--loso-ffffffff,",
        "  key = {serbench},",
        "  title = {{savee under loso: a board of speech emotion recognition}},",
        f"  note = {{{how}; release of savee {'f' * 12}, folds {'s' * 12}}}",
        "}",
    ]
    assert told.digests == (("release of savee", "f" * 64), ("folds", "s" * 64))


def test_who_and_when_as_they_were_given(sheet):
    told = cited(sheet, Masthead("Lab & {Co}_1", "2026-11-22", "1.2"))
    assert told.text.startswith("Lab & {Co}_1. savee under loso")
    assert told.text.endswith("As of 2026-11-22.")
    assert r"author = {{Lab \& {\textbraceleft}Co{\textbraceright}\_1}}," in told.bibtex
    assert "year = {2026}," in told.bibtex
    assert "; as of 2026-11-22}" in told.bibtex


def test_other_folds_are_another_citation(sheet):
    other = replace(sheet, board=replace(sheet.board, split="0" * 64))
    assert cited(other, Masthead()).bibtex != cited(sheet, Masthead()).bibtex


@pytest.mark.parametrize("text", ["}", "{{", "a}, author = {x", '"%\\'])
def test_a_field_stays_one(text):
    """BibTeX counts braces; as it does, those of a name close nothing."""
    shown = printed(text)
    depth = 0
    for brace in re.findall(r"[{}]", shown):
        depth += 1 if brace == "{" else -1
        assert depth >= 0
    assert depth == 0
    assert "%" not in shown.replace(r"\%", "")
