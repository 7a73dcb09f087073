"""The README.md of an exported folder, and the code in it."""

import re

import numpy as np
import pytest
import yaml

from serbench.exports.dataset_card import dataset_card
from serbench.exports.parquet import write_parquet


def test_dataset_card(chats):
    card = dataset_card(chats, "chats.parquet", "embed")
    heading = yaml.safe_load(card.split("---")[1])
    assert heading["license_name"] == 'for "research" only: sign here'
    assert heading["configs"][0]["data_files"] == "chats.parquet"
    assert "holds the sound itself" in " ".join(card.split())
    assert "Bee, Ann" in card
    assert "Every utterance, under the corpus's own emotions." in card
    assert "0 anger, 1 happiness, 2 sadness." in " ".join(card.split())


def test_labels(twice):
    card = dataset_card(twice, "chats.parquet", "path")
    assert "Label space two: sad and glad." in card
    assert "each utterance of sadness counts 3 times" in card
    assert "0 sadness, 1 happiness." in " ".join(card.split())


@pytest.mark.parametrize("sound", ["path", "embed"])
def test_code_that_reads_samples(chats, tmp_path, sound):
    """Each row gives the samples of its utterance, segment or not, with soundfile alone."""
    import soundfile
    from datasets import Dataset

    code = re.findall(r"```python\n(.*?)```", dataset_card(chats, "c.parquet", sound), re.DOTALL)
    loads, reads, casts = code
    assert "load_dataset(" in loads
    assert 'cast_column("audio", Audio())' in casts
    write_parquet(chats, tmp_path / "c.parquet", sound)
    data = Dataset.from_parquet(str(tmp_path / "c.parquet"), cache_dir=str(tmp_path / "hf"))
    for row, utterance in zip(data, chats.utterances, strict=True):
        held = {"dataset": [row]}
        exec(reads, held)
        begin = round((utterance.start or 0) * 8000)
        end = None if utterance.end is None else round(utterance.end * 8000)
        whole, _ = soundfile.read(utterance.audio)
        np.testing.assert_array_equal(held["samples"], whole[begin:end])
        assert held["rate"] == 8000
        assert len(held["samples"]) == round(utterance.duration * 8000)
