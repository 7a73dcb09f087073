"""Loading: wholly from the files of the digest, or not at all."""

from __future__ import annotations

import json
import logging
import pickle
import sys
import warnings

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from serbench.errors import EncoderError, MissingExtra, UsageError
from serbench.nets.encoders import EncoderFrames, TokenStates, located
from serbench.nets.encoders.loaded import extractor, loaded
from serbench.nets.encoders.silent import silent


def load(folder):
    return loaded(str(folder), located(str(folder)).weights, "cpu")


def refused(folder, words):
    with pytest.raises(EncoderError, match=words) as caught:
        load(folder)
    assert "Traceback" not in str(caught.value)


@pytest.fixture
def spoil(wavlm, copy):
    """A copy of the encoder with other weights."""

    def make(change):
        folder = copy(wavlm)
        path = folder / "model.safetensors"
        weights = load_file(path)
        change(weights)
        save_file(weights, path, {"format": "pt"})
        return folder

    return make


class TestWhatIsNotWhole:
    @pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.99])
    def test_truncated(self, wavlm, copy, share):
        folder = copy(wavlm)
        path = folder / "model.safetensors"
        content = path.read_bytes()
        path.write_bytes(content[: int(share * len(content))])
        refused(folder, "a? ?'wavlm' in .* cannot be loaded: its weights cannot be read")

    def test_a_weight_that_is_missing(self, spoil):
        """transformers would draw it at random and go on."""
        folder = spoil(lambda weights: weights.pop("encoder.layers.1.layer_norm.weight"))
        refused(folder, r"lack some .*: encoder\.layers\.1\.layer_norm\.weight")

    def test_a_weight_that_training_alone_needs(self, spoil, sound):
        folder = spoil(lambda weights: weights.pop("masked_spec_embed"))
        assert EncoderFrames.of(str(folder)).extract(sound, 16000).shape == (49, 16)

    def test_a_weight_of_another_shape(self, spoil):
        name = "feature_projection.projection.weight"
        refused(
            spoil(lambda weights: weights.update({name: torch.zeros(16, 9)})),
            rf"of other shapes than its config\.json gives: {name}",
        )

    def test_fewer_layers_than_the_weights_have(self, wavlm, copy, set_in):
        folder = copy(wavlm)
        set_in(folder / "config.json", num_hidden_layers=1)
        refused(folder, r"have more layers than its config\.json: encoder\.layers\.1")

    def test_more_layers_than_the_weights_have(self, wavlm, copy, set_in):
        folder = copy(wavlm)
        set_in(folder / "config.json", num_hidden_layers=3)
        refused(folder, r"lack some .*: encoder\.layers\.2")

    def test_a_head_above_the_encoder_is_left_out(self, spoil, wavlm, sound):
        head = {"projector.weight": torch.ones(4, 16), "classifier.bias": torch.ones(4)}

        def add(weights):
            own = {f"wavlm.{name}": value for name, value in weights.items()}
            weights.clear()
            weights.update(own | head)

        states = EncoderFrames.of(str(spoil(add))).extract(sound, 16000)
        plain = EncoderFrames.of(str(wavlm)).extract(sound, 16000)
        np.testing.assert_array_equal(states, plain)

    def test_another_encoder_than_was_planned(self, wavlm):
        with pytest.raises(EncoderError, match="has changed: its digest is"):
            loaded(str(wavlm), "0" * 64, "cpu")

    def test_a_preprocessor_that_is_none(self, wavlm, copy):
        folder = copy(wavlm)
        (folder / "preprocessor_config.json").write_text("do_normalize: true")
        refused(folder, "what prepares its input cannot be read")


class TestPickledWeights:
    def pickled(self, wavlm, copy, content):
        folder = copy(wavlm)
        (folder / "model.safetensors").unlink()
        torch.save(content, folder / "pytorch_model.bin")
        return folder

    def test_as_the_older_ids_of_the_hub_have_them(self, wavlm, copy, sound):
        """With the names that weight normalisation had before torch's parametrizations."""
        weights = load_file(wavlm / "model.safetensors")
        conv = "encoder.pos_conv_embed.conv"
        weights[f"{conv}.weight_g"] = weights.pop(f"{conv}.parametrizations.weight.original0")
        weights[f"{conv}.weight_v"] = weights.pop(f"{conv}.parametrizations.weight.original1")
        folder = self.pickled(wavlm, copy, weights)
        states = EncoderFrames.of(str(folder)).extract(sound, 16000)
        plain = EncoderFrames.of(str(wavlm)).extract(sound, 16000)
        np.testing.assert_array_equal(states, plain)

    def test_truncated(self, wavlm, copy):
        folder = self.pickled(wavlm, copy, load_file(wavlm / "model.safetensors"))
        path = folder / "pytorch_model.bin"
        path.write_bytes(path.read_bytes()[:-5000])
        refused(folder, "its weights cannot be read")

    def test_nothing_in_them_is_run(self, wavlm, copy, tmp_path):
        class Evil:
            def __reduce__(self):
                return exec, (f"open({str(tmp_path / 'ran')!r}, 'w')",)

        folder = self.pickled(wavlm, copy, {"masked_spec_embed": Evil()})
        refused(folder, "its weights cannot be read")
        (folder / "pytorch_model.bin").write_bytes(pickle.dumps({"masked_spec_embed": Evil()}))
        refused(folder, "its weights cannot be read")
        assert not (tmp_path / "ran").exists()


class TestWhatTheDigestDoesNotCover:
    def test_an_adapter(self, wavlm, copy):
        folder = copy(wavlm)
        adapter = {"peft_type": "LORA", "base_model_name_or_path": "elsewhere/model"}
        (folder / "adapter_config.json").write_text(json.dumps(adapter))
        refused(folder, "holds an adapter")

    @pytest.mark.parametrize("name", ["quantization_config", "transformers_weights"])
    def test_settings_that_lead_elsewhere(self, wavlm, copy, set_in, name):
        folder = copy(wavlm)
        set_in(folder / "config.json", **{name: {"quant_method": "none"}})
        refused(folder, f"sets {name}")


class TestOtherModels:
    def test_of_another_input(self, bert, copy, set_in):
        """A model of sound whose configuration looks like one of text."""
        folder = copy(bert)
        shape = {"model_type": "wav2vec2-bert", "vocab_size": 9, "hidden_size": 16}
        (folder / "config.json").write_text(json.dumps({**shape, "num_hidden_layers": 2}))
        refused(folder, "cannot be loaded|lack some|is given 'input_features'")

    def test_sound_for_text_and_text_for_sound(self, wavlm, bert):
        with pytest.raises(EncoderError, match="'bert', which is an encoder of text") as caught:
            EncoderFrames.of(str(bert))
        assert "an encoder of sound (WavLM" in caught.value.expected
        with pytest.raises(EncoderError, match="'wavlm', which is an encoder of sound"):
            TokenStates.of(str(wavlm))


class TestProcess:
    def test_once_in_a_process(self, wavlm):
        assert load(wavlm) is load(wavlm)

    def test_no_such_device(self, wavlm):
        with pytest.raises(UsageError, match="the device 'tpu' is unknown"):
            loaded(str(wavlm), located(str(wavlm)).weights, "tpu")

    def test_a_device_is_chosen_by_the_environment(self, wavlm, bert, monkeypatch):
        monkeypatch.setenv("SERBENCH_ENCODER_DEVICE", "cuda:1")
        assert EncoderFrames.of(str(wavlm)).device == TokenStates.of(str(bert)).device == "cuda:1"
        assert EncoderFrames.of(str(wavlm), device="cpu").device == "cpu"

    def test_nothing_is_said(self, spoil, capfd):
        from transformers.utils import logging as talk

        folder = spoil(lambda weights: weights.pop("masked_spec_embed"))
        level, bars = talk.get_verbosity(), talk.is_progress_bar_enabled()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            load(folder)
        assert capfd.readouterr() == ("", "")
        assert (talk.get_verbosity(), talk.is_progress_bar_enabled()) == (level, bars)

    @pytest.mark.parametrize("bars", [True, False])
    def test_what_was_said_before_is_said_after(self, bars):
        from huggingface_hub.utils.tqdm import are_progress_bars_disabled
        from transformers.utils import logging as talk

        before = talk.get_verbosity(), talk.is_progress_bar_enabled()
        talk.set_verbosity(logging.INFO)
        (talk.enable_progress_bar if bars else talk.disable_progress_bar)()
        try:
            with silent():
                assert not talk.is_progress_bar_enabled()
                assert are_progress_bars_disabled()
            assert talk.get_verbosity() == logging.INFO
            assert talk.is_progress_bar_enabled() is bars
            assert are_progress_bars_disabled() is not bars
        finally:
            talk.set_verbosity(before[0])
            (talk.enable_progress_bar if before[1] else talk.disable_progress_bar)()

    def test_transformers_is_not_installed(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "transformers.utils", None)
        with pytest.raises(MissingExtra, match=r"serbench\[hf\]"), silent():
            pass
        with pytest.raises(MissingExtra, match=r"serbench\[hf\]"):
            extractor("no-such-distribution")
