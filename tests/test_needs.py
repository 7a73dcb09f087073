"""What a corpus, a machine or a folder lacks is said before anything is trained, and leaves no row.

By the command line, as people meet it: exit status, no traceback, what is missing, what helps.
"""

from __future__ import annotations

import importlib.metadata
import shutil
import sys

import pytest
import soundfile

from serbench.cli.app import main
from serbench.features.recipe import library
from serbench.store import Store
from serbench.testing.encoders import tiny_audio_encoder, tiny_text_encoder
from serbench.testing.voices import speak

RATE = 16000
TOML = """
name = "whispers"
table = "table.csv"
[labels]
ang = "anger"
sad = "sadness"
"""
GUEST = """
import numpy as np
class Needy:
    inputs = {inputs}
    targets = {targets}
    instead = {{"text": "take deaf.py:Deaf", "gender": "--set gender=false"}}
    deterministic = True
    def fit(self, train, *, seed):
        raise SystemExit("trained, although something was missing")
    def predict_proba(self, test):
        return np.full((len(test), 2), 0.5)
"""


@pytest.fixture
def corpus(tmp_path):
    """``corpus(text=..)``: eight utterances of two speakers in a folder with a table."""

    def make(*, seconds=0.4, odd_seconds=None, **columns):
        root = tmp_path / "whispers"
        root.mkdir()
        (root / "corpus.toml").write_text(TOML)
        lines = [",".join(["file", "speaker", "emotion", *columns])]
        for number in range(8):
            speaker, label = "ann" if number < 4 else "bob", ("ang", "sad")[number % 2]
            odd = number == 5
            samples = speak(
                speaker,
                {"ang": "anger", "sad": "sadness"}[label],
                number,
                seed=0,
                seconds=0.4,
                rate=RATE,
            )
            length = round((odd_seconds if odd and odd_seconds else seconds) * RATE)
            samples = samples[len(samples) // 2 :][:length]
            soundfile.write(root / f"{number}.wav", samples, RATE, subtype="PCM_16")
            cells = [values(number) for values in columns.values()]
            lines.append(",".join([f"{number}.wav", speaker, label, *cells]))
        (root / "table.csv").write_text("\n".join(lines) + "\n")
        return root

    return make


@pytest.fixture
def guest(tmp_path):
    """``guest(inputs=.., targets=..)``: a model that would be caught if it were ever trained."""

    def make(inputs=("audio",), targets=()):
        path = tmp_path / "guest.py"
        path.write_text(GUEST.format(inputs=set(inputs), targets=set(targets)))
        return f"{path}:Needy"

    return make


@pytest.fixture
def ran(tmp_path, monkeypatch, capsys):
    """``ran(model, root)``: the exit status of a run, and what it said."""
    for name in ("RESULTS", "CACHE", "CONFIG"):
        monkeypatch.setenv(f"SERBENCH_{name}", str(tmp_path / name.lower()))
    monkeypatch.delenv("SERBENCH_CORPORA", raising=False)

    def run(model, root, settings=()):
        options = [option for one in settings for option in ("--set", one)]
        arguments = ["run", "--model", model, "--corpus", "whispers", "--protocol", "loso"]
        arguments += ["--corpus-root", f"whispers={root}", "--workers", "1", *options]
        monkeypatch.setattr(sys, "argv", ["serbench", *arguments])
        with pytest.raises(SystemExit) as stopped:
            main()
        return stopped.value.code, capsys.readouterr()

    return run


@pytest.fixture
def refused(ran, tmp_path):
    """``refused(model, root, "words", ..)``: what it said, which has these words in it."""

    def run(model, root, *words, settings=()):
        status, said = ran(model, root, settings)
        assert status in {1, 2}, said.err
        assert said.out == ""
        assert said.err.startswith("error: ") or "\nerror: " in said.err
        assert "Traceback" not in said.err
        flat = " ".join(said.err.split())
        for word in words:
            assert word in flat, said.err
        store = Store(tmp_path / "results")
        assert list(store.plans()) == []
        assert list(store.ids()) == []
        assert not list((tmp_path / "results").rglob("failed.json"))
        return flat

    return run


@pytest.fixture
def uninstalled(monkeypatch):
    """``uninstalled("opensmile")``: as if the package were not there."""
    real = importlib.metadata.version

    def take_away(*packages):
        def version(name):
            if name in packages:
                raise importlib.metadata.PackageNotFoundError(name)
            return real(name)

        library.cache_clear()
        monkeypatch.setattr(importlib.metadata, "version", version)
        for package in packages:
            for module in [m for m in sys.modules if m.partition(".")[0] == package]:
                monkeypatch.delitem(sys.modules, module)
            monkeypatch.setitem(sys.modules, package, None)

    yield take_away
    library.cache_clear()


def spoken(number):
    return f"sentence {number}"


def half_spoken(number):
    return f"sentence {number}" if number % 2 else ""


def gendered(number):
    return "female" if number < 4 else "male"


def half_gendered(number):
    return gendered(number) if number % 2 else ""


@pytest.mark.parametrize(("columns", "missing"), [({}, 8), ({"text": half_spoken}, 4)])
def test_a_corpus_without_transcripts(columns, missing, corpus, guest, refused):
    model = guest(inputs=("audio", "text"))
    said = refused(model, corpus(**columns), "a transcript", f"{missing} of 8 in whispers")
    assert "to mend it: take deaf.py:Deaf" in said


@pytest.mark.parametrize(("columns", "missing"), [({}, 8), ({"gender": half_gendered}, 4)])
def test_a_corpus_without_genders(columns, missing, corpus, guest, refused):
    model = guest(targets=("gender",))
    said = refused(model, corpus(**columns), "the speaker's gender", f"{missing} of 8 in whispers")
    assert "to mend it: --set gender=false" in said


def test_a_corpus_that_has_it_all_is_trained_on(corpus, guest, ran):
    """So that the refusals above are of what is missing, and of nothing else."""
    model = guest(inputs=("audio", "text"), targets=("gender",))
    _, said = ran(model, corpus(text=spoken, gender=gendered))
    assert said.err.count("SystemExit: trained, although something was missing") == 2


def test_sdcaff_says_how_to_do_without_genders(corpus, refused):
    refused("sdcaff", corpus(), "the speaker's gender", "to mend it: --set gender=false")


def test_swrr_says_which_model_does_without_words(corpus, refused):
    refused("swrr", corpus(), "a transcript", "swrr-no-text")


def test_a_target_that_no_corpus_knows(corpus, guest, refused):
    refused(guest(targets=("shoe size",)), corpus(), "'shoe size'", "gender")


def test_an_input_that_there_is_not(corpus, guest, refused):
    refused(guest(inputs=("audio", "video")), corpus(), "'video'", "audio, text")


def test_opensmile_is_not_installed(corpus, refused, uninstalled):
    uninstalled("opensmile")
    refused("svm", corpus(), "'opensmile', which is not installed", "serbench[opensmile]")


@pytest.mark.parametrize("packages", [("transformers",), ("transformers", "huggingface_hub")])
def test_transformers_is_not_installed(packages, corpus, refused, uninstalled, tmp_path):
    folder = tiny_audio_encoder(tmp_path / "encoder")
    uninstalled(*packages)
    refused(
        "encoder-probe",
        corpus(),
        "'transformers', which is not installed",
        "serbench[hf]",
        settings=[f"encoder={folder}"],
    )


def test_an_utterance_that_is_shorter_than_an_encoders_frame(corpus, refused, tmp_path):
    folder = tiny_audio_encoder(tmp_path / "encoder")
    refused(
        "encoder-probe",
        corpus(odd_seconds=0.024),
        "5.wav",
        "0.0240 s (384 samples) is too short",
        "0.0250 s (400 samples) or more",
        "leave it out of the corpus",
        settings=[f"encoder={folder}"],
    )


def test_an_utterance_that_is_too_short_for_derivatives(corpus, refused):
    refused(
        "dblmm",
        corpus(odd_seconds=0.05),
        "5.wav",
        "0.0500 s (800 samples) of sound are too short",
        "0.0800 s or more",
        "leave it out of the corpus",
        settings=["hidden=4", "epochs=1"],
    )


def test_all_utterances_too_short_are_one_complaint(corpus, refused):
    said = refused(
        "dblmm", corpus(seconds=0.05), "8 of 16 features", "0.wav", settings=["hidden=4"]
    )
    assert "and 3 more" in said


def test_an_encoder_without_weights(corpus, refused, tmp_path):
    folder = tiny_audio_encoder(tmp_path / "encoder")
    (folder / "model.safetensors").unlink()
    said = refused("encoder-probe", corpus(), "holds no weights", settings=[f"encoder={folder}"])
    assert "model.safetensors" in said
    assert "to mend it: fetch it again" in said


def test_an_encoder_whose_weights_are_of_another(corpus, refused, tmp_path):
    folder = tiny_audio_encoder(tmp_path / "encoder")
    other = tiny_text_encoder(tmp_path / "other")
    shutil.copy(other / "model.safetensors", folder)
    refused("encoder-probe", corpus(), "lack some", "config.json", settings=[f"encoder={folder}"])


def test_an_encoder_of_the_other_kind(corpus, refused, tmp_path):
    folder = tiny_text_encoder(tmp_path / "encoder")
    refused(
        "encoder-probe",
        corpus(),
        "an encoder of text",
        "an encoder of sound",
        settings=[f"encoder={folder}"],
    )


@pytest.mark.parametrize(
    ("setting", "word"),
    [
        ("optimiser=adamant", "'adamant'"),
        ("batch=0", "batch=0"),
        ("epochs=0", "epochs=0"),
        ("learning_rate=-1", "learning_rate=-1"),
        ("rate=0", "rate=0"),
        ("channel=left", "channel=left"),
    ],
)
def test_a_net_that_cannot_be_trained(setting, word, corpus, refused):
    refused("dblmm", corpus(), word, settings=["hidden=4", setting])
