"""The canary that reads file names."""

from __future__ import annotations

import dataclasses

import pytest

from serbench.canaries.predict import AUDITED, predict
from serbench.canaries.significance import verdict

PATH = {"path": AUDITED["path"]}


@pytest.mark.parametrize("corpus", ["casia", "emodb", "emovo", "ravdess", "savee"])
def test_the_names_of_corpora_spell_the_emotion(corpus, released, left_out):
    found = verdict(predict(left_out(released(corpus)), PATH), "path")
    assert found.ua == 1.0
    assert found.tells


def test_names_that_say_nothing(released, random_folds):
    """A running number tells each utterance apart, and nothing that another could share."""
    listing = random_folds(released("emodb"))
    bare = tuple(
        dataclasses.replace(item, file=f"{i * 7919 % 535:05d}.wav")
        for i, item in enumerate(listing.items)
    )
    found = verdict(predict(dataclasses.replace(listing, items=bare), PATH), "path")
    assert not found.tells


def test_an_id_stands_for_a_file_that_is_not_known(released, random_folds):
    listing = random_folds(released("emodb"))
    nameless = tuple(dataclasses.replace(item, file="") for item in listing.items)
    found = verdict(predict(dataclasses.replace(listing, items=nameless), PATH), "path")
    assert found.ua == 1.0


def test_one_name_for_all_is_nothing_to_read(small):
    items = {name: {"label": "a", "file": "x.wav"} for name in "12"}
    assert predict(small(items, train="1", test="2"), PATH).names == ()
