"""Features of the words: computed, kept and found again as those of the sound are."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from serbench.corpus import Utterance
from serbench.data import Utterances
from serbench.errors import FeatureError, ModelError
from serbench.features.compute import compute, fill
from serbench.features.extract import Wanted, extract_ahead
from serbench.features.frames import LogMel
from serbench.features.key import Key
from serbench.features.recipe import PLACE, Recipe, TextRecipe, reads_text, recipe_digest, record
from serbench.features.sentence import Sentence
from serbench.labels import Classes
from serbench.sources import CorpusSource, items_of

TASK = Classes(("a", "b"))


@dataclass(frozen=True)
class Letters:
    """Of each word its length and a third: what float16 must round."""

    name: ClassVar[str] = "letters"
    reads: ClassVar[str] = "text"

    power: float = 1.0
    folder: str = field(default="", metadata=PLACE, compare=False)

    dims: ClassVar[int] = 2
    extractor: ClassVar[str] = "letters 1"

    def extract_text(self, text):
        words = text.split()
        if not words:
            raise FeatureError("no word in it", expected="a word or more")
        return np.array([[len(word) ** self.power, 1 / 3] for word in words], np.float32)


@dataclass(frozen=True)
class HalfLetters(Letters):
    stored: ClassVar[str] = "float16"


@dataclass(frozen=True)
class OtherLetters(Letters):
    extractor: ClassVar[str] = "letters 2"


@dataclass(frozen=True)
class Broken(Letters):
    """Of each text the fault that it names."""

    def extract_text(self, text):
        if text == "raise":
            raise RuntimeError("no such letter")
        faults = {
            "nan": np.full((1, 2), np.nan),
            "wide": np.ones((1, 3)),
            "whole": np.ones((1, 2), int),
        }
        return faults[text]


class TestSentences:
    def test_the_digest_is_that_of_the_words(self):
        assert Sentence("Tür zu").digest == hashlib.sha256("Tür zu".encode()).hexdigest()
        assert Sentence("Tür zu").digest != Sentence("Tür zu ").digest

    def test_long_ones_are_cut_short_in_messages(self):
        assert str(Sentence("so be it")) == "the text 'so be it'"
        long = str(Sentence("word " * 100))
        assert len(long) < 80
        assert long.endswith("...'")

    def test_longer_ones_are_worked_on_first(self, cache):
        sentences = [Sentence("a " * n) for n in (2, 9, 5)]
        order = []
        progress = lambda done, total: order.append(len(list(cache.folder.rglob("*.array"))))  # noqa: E731
        assert (
            extract_ahead([Wanted(Letters(), s) for s in sentences], cache, progress=progress) == 3
        )
        assert order == [0, 1, 2, 3]
        durations = [s.duration for s in sentences]
        assert sorted(durations) == [durations[0], durations[2], durations[1]]


class TestKeys:
    def test_kinds_of_recipes_are_told_apart(self):
        assert isinstance(Letters(), TextRecipe)
        assert not isinstance(Letters(), Recipe)
        assert reads_text(Letters())
        assert not reads_text(LogMel())

    def test_a_place_is_no_part_of_a_recipe(self):
        here, there = Letters(folder="/here"), Letters(folder="/there")
        assert record(here) == {"name": "letters", "power": 1.0}
        assert here == there
        assert recipe_digest(here) == recipe_digest(there)
        assert Key.of(Sentence("x"), here) == Key.of(Sentence("x"), there)

    def test_a_place_in_a_recipe_within_is_none_either(self):
        @dataclass(frozen=True)
        class Twice:
            of: Letters
            name: ClassVar[str] = "twice"

        assert record(Twice(Letters(folder="/here"))) == {
            "name": "twice",
            "of": {"name": "letters", "power": 1.0},
        }

    def test_what_changes_the_array_changes_the_key(self):
        keys = {
            Key.of(Sentence(text), recipe).array
            for text in ("so be it", "so be it.")
            for recipe in (Letters(), Letters(power=2.0), OtherLetters(), HalfLetters())
        }
        assert len(keys) == 8

    def test_words_are_never_taken_for_a_sound(self, make_clips):
        (clip,) = make_clips(1)
        assert Key.of(clip, LogMel()) != Key.of(Sentence(clip.samples), LogMel())


class TestComputing:
    def test_computed_once(self, cache, monkeypatch):
        first = compute(Sentence("so be it"), Letters(), cache)
        np.testing.assert_allclose(first[:, 0], [2, 2, 2])
        monkeypatch.setattr(Letters, "extract_text", None)
        np.testing.assert_array_equal(compute(Sentence("so be it"), Letters(), cache), first)

    def test_half_precision_is_what_is_kept_and_what_is_given(self, cache):
        sentence, recipe = Sentence("so be it"), HalfLetters()
        fresh = compute(sentence, recipe, cache)
        kept = cache.load(Key.of(sentence, recipe))
        again = compute(sentence, recipe, cache)
        assert (fresh.dtype, kept.dtype, again.dtype) == (np.float32, np.float16, np.float32)
        assert fresh[0, 1] == again[0, 1] == np.float32(np.float16(1 / 3)) != np.float32(1 / 3)
        np.testing.assert_array_equal(fresh, again)
        np.testing.assert_array_equal(fill(sentence, (recipe,), cache)[0], again)

    def test_full_precision_stays(self, cache):
        assert compute(Sentence("x"), Letters(), cache)[0, 1] == np.float32(1 / 3)
        assert cache.load(Key.of(Sentence("x"), Letters())).dtype == np.float32

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("nan", "the text 'nan': .*2 of 2 values as NaN"),
            ("wide", r"the text 'wide': .*\(1, 3\)"),
            ("whole", "the text 'whole': .*int64"),
            (
                "raise",
                "the text 'raise': the recipe 'letters' failed: RuntimeError: no such letter",
            ),
        ],
    )
    def test_faults_are_said_of_their_text(self, cache, text, message):
        with pytest.raises(FeatureError, match=message):
            compute(Sentence(text), Broken(), cache)
        assert cache.load(Key.of(Sentence(text), Broken())) is None

    def test_one_recipe_that_fails_spoils_no_other(self, cache):
        done, failed = fill(Sentence("nan"), (Letters(), Broken()), cache)
        assert done.shape == (1, 2)
        assert isinstance(failed, FeatureError)


class TestAhead:
    def test_sounds_and_words_together(self, make_clips, cache):
        clips, sentences = make_clips(2), [Sentence("so be it"), Sentence("be it so now")]
        want = [Wanted(LogMel(), clip) for clip in clips]
        want += [Wanted(recipe, s) for s in sentences for recipe in (Letters(), HalfLetters())]
        assert extract_ahead(want, cache) == 6
        assert extract_ahead(want, cache) == 0
        assert all(cache.has(Key.of(item.clip, item.recipe)) for item in want)

    def test_a_sentence_that_many_say_is_computed_once(self, cache):
        want = [Wanted(Letters(), Sentence("so be it")) for _ in range(5)]
        assert extract_ahead(want, cache) == 1

    def test_texts_that_fail_are_named_together(self, cache):
        want = [Wanted(Letters(), Sentence(text)) for text in ("so", " ", "")]
        with pytest.raises(FeatureError, match="2 of 3 features") as error:
            extract_ahead(want, cache)
        assert "the text ''" in error.value.found
        assert error.value.expected == "a word or more"
        assert cache.has(Key.of(Sentence("so"), Letters()))

    @pytest.mark.slow
    def test_by_workers(self, tmp_path, cache):
        """Recipes of an installed module go to other processes as they are."""
        from serbench.testing.encoders import tiny_text_encoder

        pytest.importorskip("transformers")
        from serbench.nets.encoders import TokenStates

        recipe = TokenStates.of(str(tiny_text_encoder(tmp_path / "bert")), tokens=6)
        sentences = [Sentence(text) for text in ("i am happy", "you are so sad", "i am happy")]
        assert extract_ahead([Wanted(recipe, s) for s in sentences], cache, workers=2) == 2
        array = compute(sentences[0], recipe, cache)
        assert array.shape[1] == recipe.dims
        np.testing.assert_array_equal(array, array.astype(np.float16))


def utterance(number: int, text: str | None) -> Utterance:
    return Utterance(
        id=f"toy/{number}", audio=Path("none.wav"), file=f"{number}.wav", speaker="ann", native="a",
        corpus="toy", emotion="a", rate=16000, channels=1, duration=1.0, samples=f"{number:064d}",
        text=text,
    )  # fmt: skip


class TestCorpora:
    SAID = (utterance(0, "so be it"), utterance(1, None), utterance(2, "be it so now"))

    def test_items_are_texts_or_clips(self):
        assert items_of(self.SAID, Letters()) == [Sentence("so be it"), Sentence("be it so now")]
        assert [clip.samples for clip in items_of(self.SAID, LogMel())] == [
            u.samples for u in self.SAID
        ]

    def test_a_model_is_given_what_it_declares(self, cache):
        def seen(**declared):
            return Utterances(TASK, CorpusSource(self.SAID, cache), range(3), **declared)

        data = seen(inputs={"text"}, recipes=(Letters(),))
        assert data.feature(0, Letters()).shape == (3, 2)
        assert data.feature(2, replace(Letters(), folder="/elsewhere")).shape == (4, 2)
        with pytest.raises(ModelError, match="no transcript"):
            data.feature(1, Letters())
        with pytest.raises(ModelError, match="did not declare"):
            data.feature(0, Letters(power=2.0))
        with pytest.raises(ModelError, match="asked for text"):
            seen(inputs={"audio"}, recipes=(Letters(),)).feature(0, Letters())
