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


def test_columns_are_typed_whatever_is_known(forged_savee_whole):
    """A column without a value is of the type that it has in other corpora."""
    dataset = serbench.load("savee", forged_savee_whole)
    types = {name: getattr(kind, "dtype", None) for name, kind in dataset.features.items()}
    assert types["fold"] == types["intended"] == types["session"] == "string"
    assert types["start"] == types["duration"] == "float64"
    assert types["rate"] == "int64"
    first = dataset[0]
    assert (first["fold"], first["votes"], first["start"]) == (None, None, None)
    assert (first["speaker"], first["gender"], first["rate"]) == ("DC", "male", 16000)


@pytest.mark.corpus("EMO-DB")
def test_emodb(real_corpus):
    root = real_corpus("EMO-DB")
    dataset = serbench.load("emodb", root)
    assert len(dataset) == 535
    names = dataset.features["emotion"].names
    assert names[0] == "fear"  # A, the first of its labels
    counts = {name: dataset["emotion"][:].count(i) for i, name in enumerate(names)}
    assert counts == {"anger": 127, "boredom": 81, "disgust": 46, "fear": 69, "happiness": 71,
                      "neutral": 79, "sadness": 62}  # fmt: skip
    first = dataset[0]
    assert first["id"] == "emodb/03a01Fa"
    assert first["audio"] == {"bytes": None, "path": str(root / "wav" / "03a01Fa.wav")}
    assert sum(dataset["duration"]) == pytest.approx(0.413 * 3600, abs=2)
    men = dataset.filter(lambda row: row["gender"] == "male")
    assert set(men["speaker"]) == {"03", "10", "11", "12", "15"}
