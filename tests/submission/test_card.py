"""What authors say of their models, and what their trials say."""

import pytest

from serbench.errors import UsageError
from serbench.planned import Plan
from serbench.submission.card import Card, described, read_card


def card(tmp_path, text):
    path = tmp_path / "CARD.toml"
    path.write_text(text)
    return read_card(path, ["mine", "other"])


def test_what_holds_for_all_and_for_one(tmp_path):
    found = card(
        tmp_path,
        'title = "All"\nauthors = ["A", "B"]\n[models.mine]\ntitle = "Mine"\nurl = "https://x"\n',
    )
    assert found.of("mine")["title"] == "Mine"
    assert found.of("mine")["authors"] == ["A", "B"]
    assert found.of("other") == {
        "title": "All", "authors": ["A", "B"], "contact": None, "url": None, "licence": None,
        "description": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('license = "MIT"', "did you mean 'licence'"),
        ('author = ["A"]', "did you mean 'authors'"),
        ("[models.mien]", "did you mean 'mine'"),
        ('[models.mine]\nmodels = "x"', "is no key of a card"),
        ('authors = "A"', 'expected: ["A. Author", ...]'),
        ("title = 3", "expected: a text"),
        ("models = 3", "tables"),
        ("title = ", "cannot be read"),
        (f'title = "{"x" * 10_001}"', "longer than"),
    ],
)
def test_what_is_refused(tmp_path, text, words):
    with pytest.raises(UsageError) as refused:
        card(tmp_path, text)
    assert words in str(refused.value)


def test_a_card_that_is_not_there(tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        read_card(tmp_path / "none.toml", [])


def plan(name, notes):
    return Plan({"model": {"name": name, "version": "1"}}, notes, ())


def test_what_the_trials_say():
    told = described(
        [
            (plan("mine", {"pretraining": ["b", "a"]}), [{"code": "c1", "parameters": 7}]),
            (plan("mine", {}), [{"code": "c2", "parameters": 9}, {"code": "c2", "parameters": 9}]),
            (plan("other", {"pretraining": None}), [{}]),
        ],
        Card({"title": "T"}),
    )
    mine, other = told
    assert (mine["code"], mine["pretraining"]) == (["c1", "c2"], ["a", "b"])
    assert mine["parameters"] == [7, 9]
    assert (other["pretraining"], other["parameters"], other["title"]) == (None, [None], "T")
