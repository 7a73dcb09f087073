"""Hidden states of sound: transformers' own, one utterance at a time."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import soundfile
import torch

from serbench.errors import EncoderError, FeatureError, SerbenchError
from serbench.features.cache import FeatureCache
from serbench.features.clip import Clip
from serbench.features.compute import compute
from serbench.features.extract import Wanted, extract_ahead
from serbench.features.guests import is_portable
from serbench.features.key import Key
from serbench.features.recipe import Recipe, record
from serbench.features.sentence import Sentence
from serbench.nets.encoders import EncoderFrames, EncoderLayers, TokenStates
from serbench.nets.encoders.loaded import loaded
from serbench.nets.encoders.silent import silent
from serbench.testing.encoders import tiny_audio_encoder


def plain_states(folder, samples):
    """What a user of transformers would write."""
    from transformers import AutoFeatureExtractor, AutoModel

    inputs = AutoFeatureExtractor.from_pretrained(folder)(
        samples, sampling_rate=16000, return_tensors="pt"
    )
    with torch.no_grad():
        model = AutoModel.from_pretrained(folder).eval()
        states = model(inputs["input_values"], output_hidden_states=True).hidden_states
    return [state[0].numpy() for state in states]


@pytest.fixture
def cache(tmp_path):
    return FeatureCache(tmp_path / "cache")


@pytest.fixture
def make_clips(tmp_path, sound):
    def make(count):
        clips = []
        for i in range(count):
            path = tmp_path / f"{i}.wav"
            soundfile.write(path, sound[: 5000 + 700 * i], 16000)
            clips.append(Clip.of(path))
        return clips

    return make


class TestValues:
    @pytest.mark.parametrize("kind", ["wavlm", "hubert", "wav2vec2"])
    @pytest.mark.parametrize("normalise", [True, False])
    def test_as_transformers_gives_them(self, kind, normalise, sound, tmp_path):
        folder = tiny_audio_encoder(tmp_path / kind, kind=kind, normalise=normalise)
        expected = plain_states(folder, sound)
        assert len(expected) == 3
        for layer in (0, 1, -1):
            found = EncoderFrames.of(str(folder), layer=layer).extract(sound, 16000)
            assert found.dtype == np.float32
            np.testing.assert_allclose(found, expected[layer], atol=1e-5)
        means = EncoderLayers.of(str(folder)).extract(sound, 16000)
        assert means.dtype == np.float32
        np.testing.assert_allclose(means, [state.mean(axis=0) for state in expected], atol=1e-5)

    def test_loudness_is_normalised_where_the_encoder_says_so(self, wavlm, sound, tmp_path):
        raw = tiny_audio_encoder(tmp_path / "raw", normalise=False)
        for folder, alike in ((wavlm, True), (raw, False)):
            recipe = EncoderFrames.of(str(folder), layer=0)
            loud, soft = recipe.extract(sound, 16000), recipe.extract(0.01 * sound, 16000)
            assert np.allclose(loud, soft, atol=1e-2) is alike

    def test_frames(self, wavlm, sound):
        """25 ms every 20 ms: n samples give (n - 400) // 320 + 1 frames."""
        recipe = EncoderFrames.of(str(wavlm))
        for samples, frames in ((400, 1), (719, 1), (720, 2), (16000, 49)):
            assert recipe.extract(sound[:samples], 16000).shape == (frames, 16)

    def test_what_is_beyond_the_last_frame_is_not_heard(self, wavlm, sound):
        whole, first = EncoderFrames.of(str(wavlm)), EncoderFrames.of(str(wavlm), frames=10)
        found = first.extract(sound, 16000)
        assert found.shape == (10, 16)
        np.testing.assert_array_equal(found, whole.extract(sound[: 400 + 9 * 320], 16000))
        assert not np.allclose(found, whole.extract(sound, 16000)[:10], atol=1e-3)
        np.testing.assert_array_equal(
            EncoderFrames.of(str(wavlm), frames=1000).extract(sound, 16000),
            whole.extract(sound, 16000),
        )

    def test_255_frames_are_81680_samples(self, wavlm, sound):
        recipe = EncoderFrames.of(str(wavlm), frames=255)
        long = np.tile(sound, 6)
        expected = EncoderFrames.of(str(wavlm)).extract(long[:81680], 16000)
        assert expected.shape == (255, 16)
        np.testing.assert_array_equal(recipe.extract(long, 16000), expected)

    def test_any_number_of_threads_and_whatever_was_drawn(self, wavlm, sound):
        recipe = EncoderFrames.of(str(wavlm))
        first = recipe.extract(sound, 16000)
        before = torch.get_num_threads()
        torch.set_num_threads(2)
        try:
            torch.rand(1)
            np.testing.assert_array_equal(recipe.extract(sound, 16000), first)
            assert torch.get_num_threads() == 2
        finally:
            torch.set_num_threads(before)
        assert torch.is_grad_enabled()

    def test_samples_that_may_not_be_written_to(self, wavlm, sound):
        sound.flags.writeable = False
        assert np.isfinite(EncoderFrames.of(str(wavlm)).extract(sound, 16000)).all()


class TestRefusals:
    @pytest.mark.parametrize("samples", [0, 1, 399])
    def test_too_short(self, wavlm, sound, samples):
        recipe = EncoderFrames.of(str(wavlm))
        with pytest.raises(FeatureError, match=rf"of {samples / 16000:.4f} s \({samples} samples"):
            recipe.extract(sound[:samples], 16000)
        with pytest.raises(FeatureError, match=r"expected: 0\.0250 s \(400 samples\) or more"):
            EncoderLayers.of(str(wavlm)).extract(sound[:samples], 16000)

    def test_another_rate(self, wavlm, sound):
        with pytest.raises(FeatureError, match="samples at 8000 Hz"):
            EncoderFrames.of(str(wavlm)).extract(sound, 8000)

    def test_no_frames(self, wavlm):
        with pytest.raises(EncoderError, match="at most 0 frames"):
            EncoderFrames.of(str(wavlm), frames=0)

    def test_an_encoder_of_another_rate(self, wavlm, copy, set_in, sound):
        folder = copy(wavlm)
        set_in(folder / "preprocessor_config.json", sampling_rate=8000)
        with pytest.raises(EncoderError, match="reads sound at 8000 Hz"):
            EncoderFrames.of(str(folder)).extract(sound, 16000)

    def test_an_encoder_of_spectra(self, wavlm, copy, sound):
        folder = copy(wavlm)
        kind = {"feature_extractor_type": "WhisperFeatureExtractor"}
        (folder / "preprocessor_config.json").write_text(json.dumps(kind))
        with pytest.raises(EncoderError, match="gives input_features"):
            EncoderFrames.of(str(folder)).extract(sound, 16000)

    def test_an_encoder_that_squeezes_its_frames(self, sound, tmp_path):
        import transformers

        shape = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
        shape |= {"intermediate_size": 32, "num_conv_pos_embeddings": 16, "squeeze_factor": 2}
        config = transformers.SEWConfig(num_conv_pos_embedding_groups=2, **shape)
        with silent():
            transformers.SEWModel(config).save_pretrained(tmp_path)
            transformers.Wav2Vec2FeatureExtractor().save_pretrained(tmp_path)
        recipe = EncoderFrames.of(str(tmp_path))
        with pytest.raises(EncoderError, match="makes 24 frames of 16000 samples") as caught:
            recipe.extract(sound, 16000)
        assert caught.value.expected.startswith("49: a frame every 320 samples")


class TestIdentity:
    def test_no_path(self, wavlm, copy, make_clips):
        (clip,) = make_clips(1)
        other = str(copy(wavlm, "elsewhere"))
        for kind in (EncoderFrames, EncoderLayers):
            one, two = kind.of(str(wavlm)), kind.of(other, device="cuda")
            assert isinstance(one, Recipe)
            assert is_portable(one)
            assert str(wavlm) not in json.dumps(record(one))
            assert record(one) == record(two)
            assert (one, hash(one), Key.of(clip, one)) == (two, hash(two), Key.of(clip, two))
            assert two.folder == other

    def test_other_weights(self, wavlm, tmp_path, make_clips):
        (clip,) = make_clips(1)
        other = tiny_audio_encoder(tmp_path / "other", seed=1)
        one, two = EncoderFrames.of(str(wavlm)), EncoderFrames.of(str(other))
        assert one != two
        assert Key.of(clip, one) != Key.of(clip, two)

    def test_settings(self, wavlm):
        of = EncoderFrames.of
        assert of(str(wavlm), layer=-1) == of(str(wavlm), layer=2)
        others = [
            of(str(wavlm), layer=1),
            of(str(wavlm), frames=3),
            of(str(wavlm), channel="first"),
        ]
        records = [json.dumps(record(each)) for each in [of(str(wavlm)), *others]]
        assert len(set(records)) == 4

    def test_resolved_and_sent(self, wavlm):
        recipe = EncoderFrames.of(str(wavlm), layer=1, frames=7)
        assert pickle.loads(pickle.dumps(recipe)).folder == str(wavlm)
        assert EncoderFrames(recipe.model_type, recipe.weights, 16, 1, 7) == recipe

    def test_extractor(self, wavlm):
        import transformers

        expected = f"transformers {transformers.__version__}"
        assert EncoderFrames.of(str(wavlm)).extractor == expected
        assert EncoderLayers.of(str(wavlm)).extractor == expected


class TestCache:
    def test_threads_are_as_before(self, wavlm, make_clips, cache):
        """MKL's too, which the limit around all features does not know of."""
        before = torch.get_num_threads()
        torch.set_num_threads(2)
        try:
            told = torch.__config__.parallel_info()
            for clip in make_clips(2):
                compute(clip, EncoderFrames.of(str(wavlm)), cache)
            assert torch.__config__.parallel_info() == told
        finally:
            torch.set_num_threads(before)

    def test_kept_as_float16(self, wavlm, make_clips, cache):
        (clip,) = make_clips(1)
        recipe = EncoderFrames.of(str(wavlm))
        first = compute(clip, recipe, cache)
        assert cache.load(Key.of(clip, recipe)).dtype == np.float16
        again = compute(clip, recipe, cache)
        assert first.dtype == again.dtype == np.float32
        np.testing.assert_array_equal(first, again)
        exact = recipe.extract(clip.waveform(16000, "mean")[0], 16000)
        np.testing.assert_allclose(first, exact, atol=2e-3)
        layers = EncoderLayers.of(str(wavlm))
        compute(clip, layers, cache)
        assert cache.load(Key.of(clip, layers)).dtype == np.float32

    def test_channels(self, wavlm, sound, tmp_path, cache):
        path = tmp_path / "stereo.wav"
        soundfile.write(path, np.stack([sound, 0 * sound], axis=1), 16000, subtype="FLOAT")
        clip = Clip.of(path)
        first, mean = (
            compute(clip, EncoderFrames.of(str(wavlm), channel=channel), cache)
            for channel in ("first", "mean")
        )
        np.testing.assert_allclose(first, mean, atol=1e-2)  # half as loud, and normalised

    @pytest.mark.slow  # each process loads torch and transformers, which takes eight seconds
    def test_by_workers(self, wavlm, bert, make_clips, cache, tmp_path):
        want = [Wanted(EncoderFrames.of(str(wavlm)), clip) for clip in make_clips(3)]
        want.append(Wanted(TokenStates.of(str(bert)), Sentence("You are very happy!")))
        kinds = [f"transformers.models.{kind}.modeling_{kind}" for kind in ("wavlm", "bert")]
        assert extract_ahead(want, cache, workers=2, preload=kinds) == 4
        here = FeatureCache(tmp_path / "here")
        extract_ahead(want, here, workers=1)
        for each in want:
            key = Key.of(each.clip, each.recipe)
            one, two = cache.load(key), here.load(key)
            assert one.dtype == np.float16
            np.testing.assert_allclose(one.astype(np.float32), two.astype(np.float32), atol=2e-3)

    def test_an_encoder_that_is_gone_ends_it_at_once(self, wavlm, make_clips, cache):
        recipe = replace(EncoderFrames.of(str(wavlm)), weights="0" * 64)
        with pytest.raises(SerbenchError, match="has changed: its digest is"):
            extract_ahead([Wanted(recipe, clip) for clip in make_clips(3)], cache)

    def test_nothing_heavy_is_imported_for_what_is_cached(self, wavlm, make_clips, cache):
        (clip,) = make_clips(1)
        compute(clip, EncoderFrames.of(str(wavlm)), cache)
        code = (
            "import sys; from pathlib import Path; from serbench.features.clip import Clip;"
            "from serbench.features.cache import FeatureCache;"
            "from serbench.features.compute import compute;"
            "from serbench.nets.encoders import EncoderFrames;"
            "clip, cache = Clip.of(Path(sys.argv[1])), FeatureCache(Path(sys.argv[2]));"
            "compute(clip, EncoderFrames.of(sys.argv[3]), cache);"
            "print(sorted({'torch', 'transformers', 'librosa'} & set(sys.modules)))"
        )
        command = [sys.executable, "-P", "-c", code]
        arguments = [str(clip.path), str(cache.folder.parent), str(wavlm)]
        done = subprocess.run([*command, *arguments], stdout=subprocess.PIPE, text=True, check=True)
        assert done.stdout == "[]\n"


@pytest.mark.gpu
def test_on_a_gpu_up_to_rounding(wavlm, sound):
    on_cpu = EncoderFrames.of(str(wavlm)).extract(sound, 16000)
    recipe = EncoderFrames.of(str(wavlm), device="cuda")
    assert loaded(recipe.folder, recipe.weights, "cuda").device.type == "cuda"
    np.testing.assert_allclose(recipe.extract(sound, 16000), on_cpu, atol=1e-4)
