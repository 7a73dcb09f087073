"""What is known of encoders by name."""

from __future__ import annotations

import re

import pytest

from serbench.nets.encoders import PRETRAINED_ON, pretrained_on


@pytest.mark.parametrize(
    ("source", "corpora"),
    [
        ("microsoft/wavlm-base", ("LibriSpeech",)),
        ("microsoft/wavlm-base-plus", ("Libri-Light", "GigaSpeech", "VoxPopuli")),
        ("facebook/hubert-large-ll60k", ("Libri-Light",)),
        ("superb/hubert-large-superb-er", ("Libri-Light", "IEMOCAP")),
        ("bert-base-uncased", ("BooksCorpus", "English Wikipedia")),
        ("somebody/wavlm-base", None),
        ("", None),
    ],
)
def test_by_name(source, corpora):
    assert pretrained_on(source) == corpora


def test_fine_tuned_to_emotion():
    corpora = pretrained_on("audeering/wav2vec2-large-robust-12-ft-emotion-msp-dim")
    assert set(corpora) > {"MSP-Podcast", "Fisher"}


def test_a_folder_is_not_known_by_its_name(tmp_path, monkeypatch):
    folder = tmp_path / "microsoft" / "wavlm-base"
    folder.mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert pretrained_on(str(folder)) is None
    assert pretrained_on("microsoft/wavlm-base") is None


def test_a_folder_of_the_hubs_cache(tmp_path):
    folder = tmp_path / "models--microsoft--wavlm-base" / "snapshots" / ("a" * 40)
    folder.mkdir(parents=True)
    assert pretrained_on(str(folder)) == ("LibriSpeech",)


def test_the_table():
    for name, corpora in PRETRAINED_ON.items():
        assert re.fullmatch(r"[\w.-]+/[\w.-]+", name)
        assert corpora
        assert len(set(corpora)) == len(corpora)
