"""The authors that a citation names."""

import pytest

from serbench.exports.authors import author_of


@pytest.mark.parametrize(
    ("bibtex", "authors"),
    [
        ("@a{b, author = {Bee, Ann and\n   {von} C. Dee}, title = {T}}", "Ann Bee, von C. Dee"),
        ('@a{b, Author="Bee, Ann", year=1}', "Ann Bee"),
        ("@misc{b, title={T}}", None),
    ],
)
def test_authors(bibtex, authors):
    assert author_of(bibtex) == authors
