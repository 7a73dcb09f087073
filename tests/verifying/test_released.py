"""Releases as their manifests know them."""

import pytest

from serbench.registry import load
from serbench.scan import scan
from serbench.verifying.released import releases_of


@pytest.mark.parametrize(("name", "count"), [("savee", 480), ("emovo", 588)])
def test_releases_whose_names_tell_all(name, count):
    (found,) = releases_of(load("corpora", name)(), "f" * 64)
    assert len(found.utterances) == count
    assert found.fingerprint == "f" * 64
    assert not found.partial


def test_a_release_without_a_manifest():
    assert list(releases_of(load("corpora", "iemocap")(), "")) == []


@pytest.mark.corpus("EMO-DB")
def test_nothing_but_the_place_differs_from_a_scan(real_corpus):
    corpus = load("corpora", "emodb")()
    here = scan(corpus, real_corpus("EMO-DB")).utterances
    (found,) = releases_of(corpus, "")
    told = [(u.id, u.speaker, u.emotion, u.file, u.samples, u.rate) for u in found.utterances]
    assert told == [(u.id, u.speaker, u.emotion, u.file, u.samples, u.rate) for u in here]
