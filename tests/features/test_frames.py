"""Frame features, value for value those of the plain librosa calls."""

from __future__ import annotations

import librosa
import numpy as np
import pytest

from serbench.audio import read
from serbench.errors import FeatureError
from serbench.features.frames import DESCRIPTORS, FrameDescriptors, LogMel, Mfcc, centred
from serbench.features.recipe import Recipe, record

FRAMED = {"n_fft": 512, "win_length": 400, "hop_length": 160, "window": "hamming"}
TIMED = {"frame_length": 400, "hop_length": 160}
ALL = [LogMel(), FrameDescriptors(), Mfcc(), Mfcc(deltas=2)]

# One frame of the features that TIM-Net's authors distribute (its README): RAVDESS
# 03-01-05-01-01-01-01, the 47th of 215.
# fmt: off
TIMNET_ROW = np.array([
    -732.261, 0.76334983, 0.73838884, 0.7000172, 0.6526552, 0.6016959, 0.55283105, 0.51134,
    0.48143077, 0.4657153, 0.4648861, 0.47763415, 0.5008124, 0.5298434, 0.559294, 0.5835557,
    0.59756315, 0.59742963, 0.58094174, 0.5478436, 0.49987558, 0.44056392, 0.3747858,
    0.30816603, 0.24637975, 0.19444916, 0.15612221, 0.1334109, 0.1263473, 0.1329877, 0.14966433,
    0.17145312, 0.1927989, 0.2082195, 0.21300061, 0.20379439, 0.1790465, 0.1391982, 0.08663828,
])
# fmt: on


class TestAgainstLibrosa:
    def test_log_mel(self, y):
        power = librosa.feature.melspectrogram(y=y, sr=16000, n_mels=64, **FRAMED)
        expected = librosa.power_to_db(power, ref=1.0, amin=1e-10, top_db=None).T
        np.testing.assert_array_equal(LogMel().extract(y, 16000), expected)

    def test_log_mel_within_other_limits(self, y):
        kwargs = {"n_mels": 30, "fmin": 50.0, "fmax": 7000.0} | FRAMED | {"window": "hann"}
        power = librosa.feature.melspectrogram(y=y, sr=16000, **kwargs)
        recipe = LogMel(bands=30, low_hz=50.0, high_hz=7000.0, window="hann")
        expected = librosa.power_to_db(power, top_db=None).T
        np.testing.assert_array_equal(recipe.extract(y, 16000), expected)

    def test_descriptors(self, y):
        feature = librosa.feature
        mfcc = feature.mfcc(y=y, sr=16000, n_mfcc=13, **FRAMED)
        rows = [
            mfcc,
            feature.delta(mfcc),
            feature.delta(mfcc, order=2),
            feature.zero_crossing_rate(y, **TIMED),
            feature.rms(y=y, **TIMED),
            feature.spectral_centroid(y=y, sr=16000, **FRAMED),
            feature.spectral_bandwidth(y=y, sr=16000, **FRAMED),
            feature.spectral_flatness(y=y, **FRAMED),
            feature.spectral_rolloff(y=y, sr=16000, **FRAMED),
        ]
        expected = np.concatenate(rows).T.astype(np.float32)
        found = FrameDescriptors().extract(y, 16000)
        assert found.shape == (1 + len(y) // 160, 45)
        for column, name in enumerate(DESCRIPTORS):
            np.testing.assert_array_equal(found[:, column], expected[:, column], err_msg=name)

    @pytest.mark.parametrize("deltas", [0, 1, 2])
    def test_mfcc_with_the_defaults_of_librosa(self, y, deltas):
        mfcc = librosa.feature.mfcc(y=y, sr=16000)
        rows = [mfcc, librosa.feature.delta(mfcc), librosa.feature.delta(mfcc, order=2)]
        found = Mfcc(deltas=deltas).extract(y, 16000)
        np.testing.assert_array_equal(found, np.concatenate(rows[: deltas + 1]).T)

    def test_mfcc_with_all_settings(self, y):
        recipe = Mfcc(
            rate=22050,
            coefficients=60,
            mel_bands=80,
            fft=2048,
            window=768,
            hop=384,
            shape="hamming",
        )
        expected = librosa.feature.mfcc(
            y=y, sr=22050, n_mfcc=60, n_mels=80, win_length=768, hop_length=384, window="hamming"
        )
        np.testing.assert_array_equal(recipe.extract(y, 22050), expected.T)

    def test_the_remembered_spectrum_is_the_right_one(self, y):
        other = y[::-1].copy()
        expected = [LogMel().extract(each, 16000) for each in (y, other)]
        for each in (y, other):
            each.flags.writeable = False
        for i in (0, 0, 1, 0, 1, 1):
            FrameDescriptors().extract((y, other)[i], 16000)
            np.testing.assert_array_equal(LogMel().extract((y, other)[i], 16000), expected[i])
            LogMel(window="hann").extract((y, other)[i], 16000)

    def test_an_odd_window(self):
        y = np.random.default_rng(0).standard_normal(2205 * 3).astype(np.float32)
        recipe = FrameDescriptors(rate=22050, fft=1024)  # 551 and 220 samples
        found = recipe.extract(y[: 220 * 20], 22050)
        assert found.shape == (20, 45)  # 21 frames by the spectrum
        rms = librosa.feature.rms(y=y[: 220 * 20], frame_length=551, hop_length=220)
        np.testing.assert_array_equal(found[:, DESCRIPTORS.index("rms")], rms[0])


@pytest.mark.corpus("RAVDESS")
def test_a_frame_of_what_the_authors_of_timnet_distribute(real_corpus):
    folder = real_corpus("RAVDESS") / "Audio_Speech_Actors_01-24" / "Actor_01"
    samples, rate = read(folder / "03-01-05-01-01-01-01.wav", rate=22050)
    found = Mfcc(rate=22050, coefficients=39, length=110000).extract(samples, rate)
    assert found.shape == (215, 39)
    np.testing.assert_allclose(found[46, 0], TIMNET_ROW[0], atol=0.1)
    np.testing.assert_allclose(found[46, 1:], TIMNET_ROW[1:], atol=1e-3)
    padded = centred(samples, 110000)
    assert padded.shape == (110000,)
    np.testing.assert_array_equal(found, librosa.feature.mfcc(y=padded, sr=22050, n_mfcc=39).T)


class TestLength:
    def test_zeros_on_both_sides_the_odd_one_at_the_end(self):
        assert centred(np.array([1, 2, 3], np.float32), 6).tolist() == [0, 1, 2, 3, 0, 0]

    def test_the_middle(self):
        assert centred(np.arange(5, dtype=np.float32), 3).tolist() == [1, 2, 3]
        assert centred(np.arange(6, dtype=np.float32), 3).tolist() == [1, 2, 3]
        assert centred(np.arange(3, dtype=np.float32), 3).tolist() == [0, 1, 2]

    def test_frames_are_those_of_the_length(self, y):
        assert Mfcc(length=40000).extract(y, 16000).shape == (1 + 40000 // 512, 20)
        assert Mfcc(length=3000).extract(y, 16000).shape == (1 + 3000 // 512, 20)


class TestRefusals:
    @pytest.mark.parametrize("recipe", ALL, ids=lambda recipe: f"{recipe.name}-{recipe.dims}")
    def test_no_samples(self, recipe):
        with pytest.raises(FeatureError, match=r"0\.0000 s \(0 samples\)"):
            recipe.extract(np.zeros(0, np.float32), 16000)

    def test_the_shortest_that_has_deltas(self, y):
        assert FrameDescriptors().extract(y[:1280], 16000).shape == (9, 45)
        with pytest.raises(FeatureError) as caught:
            FrameDescriptors().extract(y[:1279], 16000)
        assert "0.0799 s (1279 samples)" in caught.value.found
        assert caught.value.expected == "0.0800 s or more (1280 samples, for 9 frames)"

    def test_mfcc_without_deltas_needs_one_sample(self, y):
        with pytest.warns(UserWarning, match="n_fft"):
            assert Mfcc().extract(y[:1], 16000).shape == (1, 20)
        with pytest.raises(FeatureError, match="too short"):
            Mfcc(deltas=1).extract(y[: 8 * 512 - 1], 16000)
        assert Mfcc(deltas=1).extract(y[: 8 * 512], 16000).shape == (9, 40)

    @pytest.mark.parametrize("recipe", ALL, ids=lambda recipe: f"{recipe.name}-{recipe.dims}")
    def test_another_rate(self, recipe, y):
        with pytest.raises(FeatureError, match="8000 Hz"):
            recipe.extract(y, 8000)

    @pytest.mark.parametrize("recipe", ALL, ids=lambda recipe: f"{recipe.name}-{recipe.dims}")
    def test_digital_silence_is_finite(self, recipe):
        assert np.isfinite(recipe.extract(np.zeros(16000, np.float32), 16000)).all()

    def test_sound_beyond_float32(self):
        loud = np.full(16000, 3e38, np.float32)
        loud[::2] *= -1
        with pytest.warns(RuntimeWarning), pytest.raises(FeatureError, match="NaN or infinity"):
            LogMel().extract(loud, 16000)

    @pytest.mark.parametrize(
        "make",
        [
            lambda: LogMel(fft=256),
            lambda: LogMel(hop_ms=0),
            lambda: FrameDescriptors(rate=44100),
            lambda: Mfcc(window=4096),
            lambda: Mfcc(hop=0),
            lambda: Mfcc(deltas=3),
            lambda: Mfcc(coefficients=200),
        ],
    )
    def test_settings_that_do_not_fit(self, make):
        with pytest.raises(ValueError, match=r"."):
            make()


@pytest.mark.parametrize("recipe", ALL, ids=lambda recipe: f"{recipe.name}-{recipe.dims}")
def test_what_a_recipe_says_of_itself(recipe, y):
    assert isinstance(recipe, Recipe)
    assert recipe.extractor == f"librosa {librosa.__version__}"
    found = recipe.extract(y, 16000)
    assert found.dtype == np.float32
    assert found.flags.c_contiguous
    assert found.shape[1] == recipe.dims
    assert record(recipe)["name"] == recipe.name
    assert record(recipe)["rate"] == 16000


def test_descriptors_have_names():
    assert len(DESCRIPTORS) == len(set(DESCRIPTORS)) == 45
    assert DESCRIPTORS[13] == "mfcc_delta_0"
    assert DESCRIPTORS[39:41] == ("zero_crossing_rate", "rms")
