"""An audformat database, as the package audformat and the adapters read it back."""

import collections
import dataclasses
import hashlib
import json
import sys

import pytest

from serbench.errors import CorpusError, MissingExtra
from serbench.exports.audformat import to_audformat, write_audformat
from serbench.exports.columns import normalise
from serbench.registry import load
from serbench.scan import scan


def test_audformat(chats, root, tmp_path):
    import audformat

    write_audformat(chats, tmp_path / "db")
    read = audformat.Database.load(str(tmp_path / "db"))
    assert set(read.tables) == {"files", "segments"}
    assert (read.name, read.languages, read.author) == ("chats", ["eng"], "Ann Bee, C. Dee")
    assert read.license == 'for "research" only: sign here'
    assert str(root) in read.description
    assert read.meta["fingerprint"] == chats.scan.fingerprint
    assert read.meta["labels"] is None
    segments = read["segments"].df.reset_index()
    assert list(segments["file"]) == ["talk/-v1.wav"] * 3
    assert list(segments["start"].dt.total_seconds()) == [0.1, 1.0, 1.75]
    assert list(segments["end"].dt.total_seconds())[:2] == [1.0, 1.75]
    assert segments["end"].isna().tolist() == [False, False, True]
    assert segments["emotion"].tolist()[::2] == ["happiness", "sadness"]
    assert segments["emotion"].isna().tolist() == [False, True, False]
    assert segments["text"].tolist() == ["=1+1", "NA", 'said "so",\nand left']
    assert segments["fold"].tolist() == ["train", "valid", "test"]
    assert segments["valence"].tolist()[:2] == [4.5, -1.0]
    assert json.loads(segments["votes"][0]) == {"happy": 2.0, "glad, so": 1.0}
    assert read.schemes["emotion"].labels == ["anger", "happiness", "sadness"]
    assert list(read["files"].index) == ["talk/v2.wav"]
    assert read["files"]["speaker"].get(map="gender").tolist() == ["male"]
    assert (read.media["files"].sampling_rate, read.media["segments"].channels) == (8000, 2)
    assert read.is_portable
    link = tmp_path / "db" / "talk" / "v2.wav"
    assert link.is_symlink()
    assert link.resolve() == (root / "talk" / "v2.wav").resolve()
    lasting = read["files"]["duration"].get().dt.total_seconds().tolist()
    assert lasting == [2.0]


def test_audformat_says_which_labels_these_are(twice, tmp_path):
    import audformat

    write_audformat(twice, tmp_path / "db", link=False)
    read = audformat.Database.load(str(tmp_path / "db"))
    assert read.meta["labels"] == "two"
    assert read.meta["repeat"] == {"sadness": 3}
    assert "Label space two" in read.description
    assert "each utterance of sadness counts 3 times" in read.description
    assert len(read["files"]) + len(read["segments"]) == 3


def test_audformat_without_links(chats, tmp_path):
    write_audformat(chats, tmp_path / "db", link=False)
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == [
        "db.files.parquet",
        "db.segments.parquet",
        "db.yaml",
    ]


def test_audformat_of_a_segment_that_is_two_utterances(chats, found):
    first = found.utterances[0]
    twin = dataclasses.replace(first, id="chats/-v1/9")
    both = dataclasses.replace(chats, utterances=(first, twin), emotions=("happiness", "happiness"))
    with pytest.raises(CorpusError, match="belong to several utterances"):
        to_audformat(both)


def test_audformat_that_is_not_installed(chats, monkeypatch):
    monkeypatch.setitem(sys.modules, "audformat", None)
    with pytest.raises(MissingExtra, match="audformat") as caught:
        to_audformat(chats)
    assert "pip install 'serbench[audformat]'" in caught.value.advice


@pytest.mark.corpus("EMO-DB")
def test_emodb_as_audformat_is_emodb(real_corpus, tmp_path):
    """Counts agree, and the adapter reads the database as the corpus that it was made from."""
    import audformat

    emodb = load("corpora", "emodb")()
    found = scan(emodb, real_corpus("EMO-DB"))
    write_audformat(normalise(emodb, found), tmp_path / "db")
    read = audformat.Database.load(str(tmp_path / "db"))
    assert len(read["files"]) == 535
    counted = read["files"]["emotion"].get().value_counts().to_dict()
    assert counted == dict(collections.Counter(u.emotion for u in found.utterances))
    assert counted["anger"] == 127
    speakers = read["files"]["speaker"].get().value_counts().to_dict()
    assert speakers["16"] == 71
    men = (read["files"]["speaker"].get(map="gender") == "male").sum()
    assert men == 49 + 38 + 55 + 35 + 56
    file = read.files[0]
    original = real_corpus("EMO-DB") / file
    assert hashlib.md5((tmp_path / "db" / file).read_bytes()).hexdigest() == (
        hashlib.md5(original.read_bytes()).hexdigest()
    )
    again = scan(emodb, tmp_path / "db")
    assert again.fingerprint == found.fingerprint
