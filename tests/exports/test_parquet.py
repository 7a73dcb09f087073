"""Parquet, as ``datasets`` and pyarrow read it back."""

import json
import os
import subprocess
import sys

import pytest

from serbench.audio import inspect
from serbench.errors import AudioError
from serbench.exports.columns import normalise
from serbench.exports.dataset_card import dataset_card
from serbench.exports.parquet import write_parquet

READ = """
import json, sys
from datasets import load_dataset
how, where, cache = sys.argv[1:]
if how == "file":
    data = load_dataset("parquet", data_files=where, split="train", cache_dir=cache)
else:
    data = load_dataset(where, split="train", cache_dir=cache)
rows = [dict(row) for row in data]
for row in rows:
    row["audio"]["bytes"] = None if row["audio"]["bytes"] is None else len(row["audio"]["bytes"])
names = data.features["emotion"].names
print(json.dumps({"features": str(data.features), "names": names, "rows": rows}))
"""


def read_back(how, where, tmp_path):
    """What ``datasets`` makes of it in a process of its own, with no network."""
    environment = dict(
        os.environ, HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", HF_HOME=str(tmp_path / "hf")
    )
    ran = subprocess.run(
        [sys.executable, "-c", READ, how, str(where), str(tmp_path / "cache")],
        env=environment, capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout.splitlines()[-1])


def test_parquet_as_load_dataset_reads_it(chats, root, tmp_path):
    write_parquet(chats, tmp_path / "out" / "chats.parquet")
    read = read_back("file", tmp_path / "out" / "chats.parquet", tmp_path)
    assert read["names"] == ["anger", "happiness", "sadness"]
    assert "'emotion': ClassLabel(names=" in read["features"]
    assert "'audio': Audio(" in read["features"]
    first, second, _, last = read["rows"]
    assert (first["id"], first["emotion"], second["emotion"]) == ("chats/-v1/0", 1, None)
    assert first["text"] == "=1+1"
    assert first["votes"] == [
        {"label": "happy", "raters": 2.0},
        {"label": "glad, so", "raters": 1.0},
    ]
    assert (second["votes"], last["votes"]) == ([], None)
    assert (first["valence"], first["arousal"], last["arousal"]) == (4.5, None, 0.0)
    assert first["audio"] == {"bytes": None, "path": str(root / "talk" / "-v1.wav")}
    assert (first["start"], last["start"]) == (0.1, None)
    (tmp_path / "out" / "README.md").write_text(dataset_card(chats, "chats.parquet", "path"))
    assert read_back("folder", tmp_path / "out", tmp_path) == read


def test_parquet_with_the_sound_in_it(chats, root, tmp_path):
    from datasets import Dataset

    told = []
    write_parquet(chats, tmp_path / "a.parquet", "embed", lambda *done: told.append(done))
    assert told == [(4, 4)]
    data = Dataset.from_parquet(str(tmp_path / "a.parquet"), cache_dir=str(tmp_path / "hf"))
    for row, utterance in zip(data, chats.utterances, strict=True):
        path = tmp_path / row["audio"]["path"]
        path.write_bytes(row["audio"]["bytes"])
        alone = inspect(path)
        assert alone.samples == utterance.samples  # the segment, and nothing else of the file
        assert (alone.rate, alone.channels) == (utterance.rate, utterance.channels)
    whole = (root / "talk" / "v2.wav").read_bytes()
    assert data[3]["audio"] == {"bytes": whole, "path": "v2.wav"}


def test_parquet_is_there_whole_or_not_at_all(corpus, found, root, tmp_path):
    broken = normalise(corpus, found)
    moved = (root / "talk" / "v2.wav").rename(root / "talk" / "gone.wav")
    try:
        with pytest.raises(AudioError, match=r"v2\.wav"):
            write_parquet(broken, tmp_path / "a.parquet", "embed")
    finally:
        moved.rename(root / "talk" / "v2.wav")
    assert list(tmp_path.iterdir()) == []


def test_schema_says_which_labels_these_are(chats, twice, tmp_path):
    from pyarrow.parquet import read_schema

    for corpus in (chats, twice):
        write_parquet(corpus, tmp_path / "a.parquet")
        read = read_schema(tmp_path / "a.parquet")
        assert json.loads(read.metadata[b"serbench"]) == corpus.record()
        assert b"huggingface" in read.metadata
