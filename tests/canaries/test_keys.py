"""What canaries look at."""

from __future__ import annotations

import pytest

from serbench.canaries import keys
from serbench.listing import Item


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("Kids are talking, by the door!", "kids are talking by the door"),
        ("  \uff37hat\u2019s   that? ", "whats that"),  # a full-width W, a typographic apostrophe
        ("Heute abend könnte ich…", "heute abend könnte ich"),
        ("你好\uff0c世界。", "你好世界"),
        ("[...]", ""),
    ],
)
def test_texts_are_compared_without_their_marks(written, compared):
    assert keys.normalised(written) == compared


def test_a_numbered_sentence_stands_for_its_corpus_alone_and_words_for_all():
    numbered = [Item(id=name, corpus=name, sentence="01", text="Hello.") for name in ("x", "y")]
    assert keys.text(numbered[0]) != keys.text(numbered[1])
    worded = [Item(id=name, corpus=name, text=text) for name, text in (("x", "Hi!"), ("y", "hi"))]
    assert keys.text(worded[0]) == keys.text(worded[1]) == "hi"
    assert keys.text(Item(id="z", text="...")) is None


def test_namesakes_in_two_corpora_are_two_speakers():
    assert keys.speaker(Item(id="1", corpus="x", speaker="01")) != keys.speaker(
        Item(id="2", corpus="y", speaker="01")
    )
    assert keys.speaker(Item(id="3", corpus="x")) is None


def test_parts_of_a_scenario_are_one():
    def played(name):
        return keys.scenario(Item(id="1", corpus="x", scenario=name))

    assert played("impro05a") == played("impro05b") == played("impro05")
    assert played("script01_1b") == played("script01_1")
    assert played("S01A") != played("S01")  # the letter is the emotion
    assert played("alibi-a") != played("alibi-")


def test_a_dialogue_is_counted_within_its_session():
    first, second = (
        keys.dialogue(Item(id=s, corpus="x", session=s, dialogue="3")) for s in ("1", "2")
    )
    assert first != second
    assert keys.dialogue(Item(id="1", session="1")) is None


def test_a_format_is_the_same_in_every_corpus():
    wav = keys.file(Item(id="1", corpus="x", file="a/b.WAV", rate=16000, channels=1))
    assert wav == keys.file(Item(id="2", corpus="y", file="c.wav", rate=16000, channels=1))
    assert wav != keys.file(Item(id="3", file="c.wav", rate=16000, channels=2))
    assert keys.file(Item(id="4", file="c.wav")) is None


def test_two_things_at_once():
    key = keys.both(keys.speaker, keys.text)
    assert key(Item(id="1", speaker="x", sentence="1")) != key(
        Item(id="2", speaker="y", sentence="1")
    )
    assert key(Item(id="3", speaker="x")) is None
