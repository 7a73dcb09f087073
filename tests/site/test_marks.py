"""Marks at numbers: which flags have one, and which."""

from types import SimpleNamespace

from serbench.site.marks import SIGNS, marks


def row(*flags, broken=None, canary=False, done=6):
    return SimpleNamespace(
        flags=flags, broken=broken, canary=canary, complete=True, trials_done=done, trials_planned=6
    )


def test_one_for_each_in_the_order_of_the_rows():
    found = marks([row("no_spread", canary=True), row("few_speakers", "no_spread")], {})
    assert [(flag, mark.sign, mark.anchor) for flag, mark in found.items()] == [
        ("no_spread", SIGNS[0], "note-1"),
        ("few_speakers", SIGNS[1], "note-2"),
    ]


def test_what_keeps_a_row_from_being_ranked_is_told_by_its_reason():
    broken = row("L22", "few_seeds", broken={"L22": 3})
    assert marks([broken, row("undefined"), row("no_stages")], {}) == {}
    assert [*marks([row("undefined", canary=True)], {})] == ["undefined"]


def test_seeds_that_are_not_finished():
    (mark,) = marks([row(done=5)], {"unfinished": "more were asked for"}).values()
    assert mark.text == "more were asked for"


def test_more_than_there_are_signs():
    found = marks([row(*map(str, range(12)))], {})
    signs = [mark.sign for mark in found.values()]
    assert signs[:5] == list(SIGNS)
    assert signs[5] == SIGNS[0] * 2
    assert len(set(signs)) == 12
