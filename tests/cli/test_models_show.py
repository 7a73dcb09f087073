"""``serbench models list`` and ``show``: what there is, how large it is, what it costs."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from serbench.cli.app import app
from serbench.errors import ModelError, UnknownName, UsageError
from serbench.registry import registered


def said(*command):
    result = CliRunner().invoke(app, ["models", *command], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def shown(*command):
    return json.loads(said("show", *command, "--json"))


@pytest.fixture
def file(tmp_path):
    """``file(source)``: the path of a file of models."""

    def write(source):
        path = tmp_path / "models.py"
        path.write_text(source)
        return path

    return write


def test_list_names_everything_and_its_owner():
    rows = json.loads(said("list", "--json"))
    assert {row["name"] for row in rows} == set(registered("models"))
    assert all(row["owner"].startswith("serbench ") for row in rows if row["name"] == "timnet")
    assert "timnet" in said("list")


def test_a_net_is_counted():
    found = shown("timnet")
    assert (found["parameters"], found["classes"]) == (104_496, 7)
    assert found["seconds_counted"] == pytest.approx(100_000 / 22050)
    assert found["macs"] == pytest.approx(196 * 100_386, rel=1e-3)
    assert found["macs_per_second"] == round(found["macs"] / found["seconds_counted"])
    assert found["arrays"] == {"mfcc": [196, 39]}
    assert (found["corpus"], found["settings"]["length"]) == (None, 100_000)
    assert found["corpus_settings"]["iemocap"] == {"length": 310_000, "blocks": 10}
    (recipe,) = found["recipes"]
    assert (recipe["name"], recipe["rate"], recipe["dims"]) == ("mfcc", 22050, 39)
    assert found["unresolved"] == {}


def test_a_recurrent_net_is_counted():
    found = shown("dblmm")
    assert found["parameters"] == 34_553_863
    assert found["settings"]["hidden"] == 1024
    narrow = ("dblmm", "--set", "hidden=8")  # the classes see eight times the width
    fewer = shown(*narrow, "--classes", "4")["parameters"]
    assert fewer == shown(*narrow)["parameters"] - 3 * (8 * 8 + 1)


def test_a_corpus_brings_its_settings():
    found = shown("timnet", "--corpus", "iemocap", "--classes", "4", "--set", "length=22050")
    assert (found["parameters"], found["classes"], found["corpus"]) == (129_650, 4, "iemocap")
    assert found["settings"]["blocks"] == 10
    assert found["settings"]["length"] == 22050  # what is set goes before
    assert found["seconds_counted"] == 1.0
    assert shown("timnet", "--corpus", "cmu-mosei", "--set", "length=22050")["settings"] == {
        **found["settings"], "blocks": 8,
    }  # fmt: skip


def test_people_read_the_same():
    text = said("show", "timnet", "--corpus", "emodb")
    for line in (
        "parameters: 104,496 for 7 classes",
        "multiply-accumulates: 4.33 M per second of sound",
        "18.9 M for an utterance of 4.35 s (mfcc 188 x 39)",
        "matrix products, convolutions and recurrences",
        "mfcc, 39 columns: rate 22050, channel mean, coefficients 39",
        "settings on emodb (--set NAME=VALUE):",
        "  length=96000",
        "  on iemocap: length=310000, blocks=10",
    ):
        assert line in text, line


def test_what_is_no_net_says_so():
    text = said("show", "svm-mfcc")
    assert "parameters: not a net" in text
    assert "multiply-accumulates" not in text
    assert "functionals, 480 columns: of mfcc (rate 16000" in text
    assert "deterministic: one seed is enough" in text
    found = shown("prior")
    assert (found["parameters"], found["macs"], found["macs_per_second"]) == (None, None, None)
    assert (found["recipes"], found["inputs"]) == ([], [])
    assert "features: none" in said("show", "prior")


def test_a_file_can_be_shown(file):
    path = file(
        "class Mine:\n"
        "    '''Says nothing.\n\n    At length.'''\n"
        "    targets = {'gender'}\n"
        "    classes_shown = 4\n"
        "    def __init__(self, *, width=3):\n        pass\n"
        "    def fit(self, train, *, seed):\n        return self\n"
        "    def predict_proba(self, test):\n        return None\n"
        "    def parameters_for(self, task):\n        return 10 * len(task.names)\n"
    )
    found = shown(f"{path}:Mine", "--set", "width=5")
    assert (found["owner"], found["about"]) == (None, "Says nothing.")
    assert (found["classes"], found["parameters"]) == (4, 40)
    assert (found["targets"], found["settings"]) == (["gender"], {"width": 5})
    assert shown(f"{path}:Mine", "--classes", "5")["parameters"] == 50
    text = said("show", f"{path}:Mine")
    assert "from a file)" in text
    assert "learns from the labels, and from: gender" in text


MISSING = """
from dataclasses import dataclass
from serbench.errors import MissingExtra
from serbench.nets.net import Net
from torch import nn

@dataclass(kw_only=True, eq=False)
class Encoded(Net):
    epochs: int = 1
    batch: int = 1
    learning_rate: float = 0.1
    optimiser: str = "adam"
    whole: bool = False

    @property
    def recipes(self):
        raise MissingExtra("whisperer", "whisper", "this encoder")

    def build(self, task):
        if self.whole:
            raise MissingExtra("whisperer", "whisper", "the net")
        return nn.Linear(7, len(task.names))
"""


def test_what_cannot_be_told_has_its_reason_in_its_place(file):
    path = file(MISSING)
    found = shown(f"{path}:Encoded")
    assert (found["recipes"], found["macs"], found["parameters"]) == (None, None, 56)
    assert set(found["unresolved"]) == {"recipes", "macs_per_second"}
    assert "whisperer" in found["unresolved"]["recipes"]
    text = said("show", f"{path}:Encoded")
    assert "parameters: 56 for 7 classes" in text
    assert "multiply-accumulates: cannot be told without its features" in text
    assert "features: cannot be told here: this encoder needs the package 'whisperer'" in text
    assert "  to mend it: pip install" in text
    text = said("show", f"{path}:Encoded", "--set", "whole=true")
    assert "parameters: cannot be told here: the net needs" in text


def test_an_encoder_is_not_counted_and_not_downloaded(tmp_path, monkeypatch):
    pytest.importorskip("transformers")
    from serbench.testing.encoders import tiny_audio_encoder

    folder = str(tiny_audio_encoder(tmp_path / "wavlm"))
    found = shown("encoder-probe", "--set", f"encoder={folder}")
    assert found["encoders"] == ["wavlm"]
    assert found["macs"] < 1e6
    assert "the encoder (wavlm) is not counted" in said(
        "show", "encoder-probe", "--set", f"encoder={folder}"
    )

    import huggingface_hub
    from huggingface_hub import constants

    asked = []
    real = huggingface_hub.snapshot_download

    def watched(*names, **more):
        asked.append(constants.HF_HUB_OFFLINE or more.get("local_files_only", False))
        return real(*names, **more)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", watched)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    before = constants.HF_HUB_OFFLINE, os.environ.get("HF_HUB_OFFLINE")
    found = shown("encoder-probe", "--set", "encoder=nobody/has-this-one")
    assert "nobody/has-this-one" in found["unresolved"]["recipes"]
    assert asked
    assert all(asked)
    assert (constants.HF_HUB_OFFLINE, os.environ.get("HF_HUB_OFFLINE")) == before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--classes", "1"], "--classes 1"),
        (["--set", "hiden=3"], "no parameter 'hiden'"),
        (["--set", "svm:hidden=3"], "--set svm:hidden=3"),
        (["--set", "hidden"], "--set hidden"),
    ],
)
def test_options_that_do_not_fit_are_refused(options, message):
    with pytest.raises(UsageError, match=message):
        said("show", "dblmm", *options)


def test_a_corpus_of_another_name_is_refused(file, tmp_path, monkeypatch):
    monkeypatch.setenv("SERBENCH_CONFIG", str(tmp_path / "config"))
    with pytest.raises(UnknownName, match="no corpus is called 'emobd'") as error:
        said("show", "prior", "--corpus", "emobd")
    assert error.value.advice == "did you mean 'emodb'?"
    path = file(
        "class Mine:\n"
        "    corpus_settings = {'whispers': {'width': 9}, 'shouts': {'wide': 9}}\n"
        "    def __init__(self, *, width=3):\n        pass\n"
        "    def fit(self, train, *, seed):\n        return self\n"
        "    def predict_proba(self, test):\n        return None\n"
    )
    assert shown(f"{path}:Mine", "--corpus", "whispers")["settings"] == {"width": 9}
    with pytest.raises(ModelError, match="wide for shouts"):
        said("show", f"{path}:Mine", "--corpus", "shouts")


def test_torch_is_not_imported_for_what_needs_none():
    check = (
        "import sys; from typer.testing import CliRunner; from serbench.cli.app import app;"
        "r = CliRunner().invoke(app, ['models', 'show', 'svm-mfcc']);"
        "assert r.exit_code == 0, r.output;"
        "r = CliRunner().invoke(app, ['models', 'list']);"
        "assert not {'torch', 'librosa', 'sklearn', 'transformers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-P", "-c", check], check=True)
