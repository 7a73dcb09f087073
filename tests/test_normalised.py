"""A corpus as a Hugging Face dataset."""

import pytest

import serbench
from serbench.errors import CorpusError
from serbench.labels import Classes, LabelSpace


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    monkeypatch.setenv("SERBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("SERBENCH_CONFIG", str(tmp_path / "config"))
    monkeypatch.delenv("SERBENCH_CORPORA", raising=False)


def test_load(forged_savee_whole):
    dataset = serbench.load("savee", forged_savee_whole)
    assert len(dataset) == 480
    first = dataset[0]
    assert first["id"] == "savee/DC/a01"
    assert dataset.features["emotion"].int2str(first["emotion"]) == "anger"
    assert first["audio"]["path"].endswith("DC/a01.wav")
    assert first["audio"]["bytes"] is None


def test_survives_parquet(forged_savee_whole, tmp_path):
    from datasets import Dataset

    dataset = serbench.load("savee", forged_savee_whole)
    dataset.to_parquet(tmp_path / "savee.parquet")
    again = Dataset.from_parquet(str(tmp_path / "savee.parquet"), cache_dir=str(tmp_path / "hf"))
    assert again["id"] == dataset["id"]
    assert again.features["emotion"].names == dataset.features["emotion"].names


def test_label_space_leaves_out(forged_savee_whole, monkeypatch):
    from serbench import normalised

    space = LabelSpace("two", "", task=Classes(("anger", "neutral")))
    real = normalised.load_registered
    monkeypatch.setattr(
        normalised,
        "load_registered",
        lambda group, name: space if group == "labels" else real(group, name),
    )
    assert len(serbench.load("savee", forged_savee_whole)) == 180


def test_unknown_folder_is_said():
    with pytest.raises(CorpusError, match="is not known"):
        serbench.load("savee")


def test_unknown_attribute():
    with pytest.raises(AttributeError, match="no attribute 'lod'"):
        _ = serbench.lod
