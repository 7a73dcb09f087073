"""An encoder hears each utterance once, however many models, protocols, folds and seeds there are.

Counted is the forward pass of transformers' own module, the one thing that costs hours.
"""

from __future__ import annotations

import dataclasses
import functools

import pytest
import soundfile
import transformers

from serbench import bench
from serbench.cli.progress import Screen
from serbench.request import Request
from serbench.testing.encoders import tiny_audio_encoder, tiny_text_encoder
from serbench.testing.voices import speak

PROBE = {"epochs": "1", "pooling": "attention"}  # which reads frames, as the guest does
GUEST = '''
import numpy as np
from serbench.nets.encoders import EncoderFrames, TokenStates, identified


class Means:
    """Mean states of an encoder of sound, and of text where there is one; nearest class mean."""

    deterministic = True

    def __init__(self, audio="", text=""):
        kinds = (EncoderFrames, audio), (TokenStates, text)
        self.recipes = tuple(kind.of(folder) for kind, folder in kinds if folder)
        self.inputs = {"audio", "text"} if text else {"audio"}

    @staticmethod
    def identify(settings):
        return {**settings, **identified(settings, *(k for k in settings if settings[k]))}

    def vectors(self, data):
        return np.array([
            np.concatenate([data.feature(i, recipe).mean(axis=0) for recipe in self.recipes])
            for i in range(len(data))
        ])

    def fit(self, train, *, seed):
        vectors = self.vectors(train)
        self.means = [vectors[train.y == c].mean(axis=0) for c in range(len(train.task.names))]
        return self

    def predict_proba(self, test):
        distances = np.linalg.norm(self.vectors(test)[:, None] - self.means, axis=2)
        shares = np.exp(-distances)
        return shares / shares.sum(axis=1, keepdims=True)
'''


@pytest.fixture
def forwards(monkeypatch):
    """What was encoded so far, by the kind of the encoder: {"WavLMModel": 3}; in any batches."""
    counts = {}

    def count(kind):
        real = kind.forward

        @functools.wraps(real)
        def counting(self, *arguments, **named):
            given = arguments[0] if arguments else next(iter(named.values()))
            counts[kind.__name__] = counts.get(kind.__name__, 0) + len(given)
            return real(self, *arguments, **named)

        monkeypatch.setattr(kind, "forward", counting)

    count(transformers.WavLMModel)
    count(transformers.BertModel)
    return counts


@pytest.fixture
def guest(tmp_path):
    path = tmp_path / "means.py"
    path.write_text(GUEST)
    return f"{path}:Means"


@pytest.fixture
def request_for(tmp_path):
    """A request with a corpus and models, in this process."""

    def make(name, root, models, protocols):
        return Request(
            models=models, protocols=protocols, corpora=[name], roots={name: root},
            results=tmp_path / "results", cache=tmp_path / "cache", workers=1, allow_partial=True,
        )  # fmt: skip

    return make


def test_two_models_under_two_protocols_hear_once(
    forged_savee, request_for, guest, forwards, tmp_path
):
    folder = str(tiny_audio_encoder(tmp_path / "encoder"))
    models = [("encoder-probe", {**PROBE, "encoder": folder}), (guest, {"audio": folder})]
    request = request_for("savee", forged_savee, models, ["loso", "kfold"])
    outcome = bench.run(request, Screen(quiet=True))
    assert (outcome.planned, outcome.done, outcome.failures) == (2 * (4 + 10), 28, {})
    utterances = len(list(forged_savee.rglob("*.wav")))
    assert forwards == {"WavLMModel": utterances}

    # Another folder of results, more seeds, and a probe of other settings.
    probe = ("encoder-probe", {**models[0][1], "head": "mlp", "hidden": "4"})
    other = dataclasses.replace(
        request,
        results=tmp_path / "other",
        models=[probe, models[1]],
        protocols=["loso"],
        seeds=2,
    )
    assert bench.run(other, Screen(quiet=True)).done == 4 * (2 + 1)
    assert forwards == {"WavLMModel": utterances}

    # Another encoder is another feature.
    folder = str(tiny_audio_encoder(tmp_path / "another", seed=1))
    third = dataclasses.replace(request, models=[(guest, {"audio": folder})], protocols=["loso"])
    assert bench.run(third, Screen(quiet=True)).done == 4
    assert forwards == {"WavLMModel": 2 * utterances}


def test_a_sentence_that_many_say_is_read_once(request_for, guest, forwards, tmp_path):
    root = tmp_path / "whispers"
    root.mkdir()
    lines = ["file,speaker,emotion,text"]
    for number in range(12):
        speaker, emotion = "abc"[number % 3], ("anger", "sadness")[number // 6]
        sound = speak(speaker, emotion, number, seed=0, seconds=0.3, rate=16000)
        soundfile.write(root / f"{number}.wav", sound, 16000, subtype="PCM_16")
        lines.append(f"{number}.wav,{speaker},{emotion},i am sentence {number % 4}")
    (root / "table.csv").write_text("\n".join(lines) + "\n")
    (root / "corpus.toml").write_text(
        'name = "whispers"\ntable = "table.csv"\n[labels]\nanger = "anger"\nsadness = "sadness"\n'
    )
    folders = {
        "audio": str(tiny_audio_encoder(tmp_path / "wavlm")),
        "text": str(tiny_text_encoder(tmp_path / "bert")),
    }
    request = request_for("whispers", root, [(guest, folders)], ["loso"])
    assert bench.run(request, Screen(quiet=True)).done == 3
    assert forwards == {"WavLMModel": 12, "BertModel": 4}
