"""Names of pages: safe, and another for each."""

import re

from hypothesis import given
from hypothesis import strategies as st

from serbench.site.names import LONGEST, slug


def test_plain_names_stay():
    assert [slug(name) for name in ("svm-mfcc", "loso", "shared5")] == [
        "svm-mfcc",
        "loso",
        "shared5",
    ]


def test_others_carry_a_digest():
    names = [
        "SVM",
        "svm ",
        "con",
        "../etc/passwd",
        "a" * 300,
        "",
        "svm-b4fcdf6e",
        "\N{CJK UNIFIED IDEOGRAPH-5B66}",
    ]
    slugs = [slug(name) for name in names]
    assert len(set(slugs)) == len(names)
    assert all(re.search("-[0-9a-f]{8}$", one) for one in slugs)


@given(st.text(), st.text())
def test_safe_and_told_apart(one, other):
    for name in (one, other):
        assert re.fullmatch("[a-z0-9]([a-z0-9-]*[a-z0-9])?", slug(name))
        assert len(slug(name)) <= LONGEST + 9
    assert (slug(one) == slug(other)) == (one == other)
