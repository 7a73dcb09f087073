"""A normalised corpus as CSV, Parquet and audformat, each read back by its own readers."""

import collections
import csv
import hashlib
import io
import json
import os
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from serbench.audio import inspect
from serbench.corpus import Corpus, CorpusCard, Entry, Release
from serbench.errors import AudioError, CorpusError, MissingExtra
from serbench.exports.audformat import to_audformat, write_audformat
from serbench.exports.authors import author_of
from serbench.exports.columns import COLUMNS, normalise
from serbench.exports.csv import write_csv
from serbench.exports.parquet import dataset_card, write_parquet
from serbench.labels import Classes, Emotion, LabelSpace, Scale, Tags
from serbench.registry import load
from serbench.scan import scan

RATE = 8000
LABELS = {"H": Emotion.HAPPINESS, "S": Emotion.SADNESS, "A": Emotion.ANGER, "x": None}
# Name, speaker, label, start, end, and the rest. Two recordings, one of them also whole.
SEGMENTS = (
    ("-v1/0", "ann", "H", 0.1, 1.0, {"text": "=1+1", "fold": "train"}),
    ("-v1/1", "bob", "x", 1.0, 1.75, {"text": "NA", "fold": "valid", "intended": "S"}),
    ("-v1/2", "ann", "S", 1.75, None, {"text": 'said "so",\nand left', "fold": "test"}),
    ("v2", "bob", "H", None, None, {"text": "Größe", "gender": "male"}),
)
VOTES = {"-v1/0": {"happy": 2.0, "glad, so": 1.0}, "-v1/1": {}}
ATTRIBUTES = {
    "-v1/0": {"valence": 4.5, "text": 1.0},
    "-v1/1": {"valence": -1.0},
    "v2": {"arousal": 0.0},
}


class Chats(Corpus):
    """Segments of long recordings, with everything that an utterance can have."""

    card = CorpusCard(
        name="chats",
        title="Chats, vol. 1",
        language="English",
        licence='for "research" only: sign here',
        how_to_get="ask",
        citation="@article{c, author = {Bee, Ann and C. Dee}, title={Chats}}",
        releases=(Release("Chats 1.0", {"H": 2, "S": 1, "x": 1}, {"ann": 2, "bob": 2}),),
    )
    labels = LABELS

    def entries(self, root):
        for name, speaker, native, start, end, fields in SEGMENTS:
            file = f"talk/{name.partition('/')[0]}.wav"
            yield Entry(
                id=name, audio=root / file, file=file, speaker=speaker, native=native, start=start,
                end=end, votes=VOTES.get(name), attributes=ATTRIBUTES.get(name, {}), **fields,
            )  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("chats")
    (folder / "talk").mkdir()
    noise = np.random.default_rng(0)
    for name, subtype, channels in (("-v1", "PCM_16", 2), ("v2", "PCM_24", 1)):
        sound = noise.uniform(-1, 1, (2 * RATE, channels))
        soundfile.write(folder / "talk" / f"{name}.wav", sound, RATE, subtype=subtype)
    return folder


@pytest.fixture(scope="module")
def found(root):
    return scan(Chats(), root)


@pytest.fixture(scope="module")
def chats(found):
    return normalise(Chats(), found)


def table(corpus):
    file = io.StringIO()
    write_csv(corpus, file)
    return list(csv.DictReader(io.StringIO(file.getvalue())))


def test_csv(chats, found):
    rows = {row["id"]: row for row in table(chats)}
    assert list(rows) == ["chats/-v1/0", "chats/-v1/1", "chats/-v1/2", "chats/v2"]
    first = rows["chats/-v1/0"]
    assert list(first)[:4] == ["id", "file", "speaker", "emotion"]
    assert list(first) == [*COLUMNS, "arousal", "attribute_text", "valence"]
    assert first["file"] == "talk/-v1.wav"
    assert (first["emotion"], first["native"], first["fold"]) == ("happiness", "H", "train")
    assert (float(first["start"]), float(first["end"])) == (0.1, 1.0)
    assert (first["valence"], first["attribute_text"], first["arousal"]) == ("4.5", "1.0", "")
    assert json.loads(first["votes"]) == {"happy": 2.0, "glad, so": 1.0}
    second = rows["chats/-v1/1"]
    assert (second["emotion"], second["intended"], second["votes"]) == ("", "S", "{}")
    assert rows["chats/v2"]["votes"] == ""
    assert rows["chats/v2"]["start"] == ""
    samples = {utterance.id: utterance.samples for utterance in found.utterances}
    assert {name: row["samples"] for name, row in rows.items()} == samples


def test_csv_keeps_formulas_out_of_spreadsheets(chats):
    rows = {row["id"]: row for row in table(chats)}
    assert rows["chats/-v1/0"]["text"] == "'=1+1"
    assert rows["chats/-v1/1"]["text"] == "NA"
    assert rows["chats/-v1/2"]["text"] == 'said "so",\nand left'
    assert rows["chats/-v1/1"]["valence"] == "-1.0"  # a number stays one


def test_label_spaces(found):
    two = LabelSpace("two", "", task=Classes(("sadness", "happiness")), repeat={"sadness": 3})
    kept = normalise(Chats(), found, two)
    assert kept.classes == ("sadness", "happiness")
    ids = [row["id"] for row in table(kept)]
    assert ids == ["chats/-v1/0", "chats/-v1/2", "chats/v2"]  # each once, whatever is repeated
    valence = LabelSpace("valence", "", task=Scale(-5, 5), label_field="valence")
    rows = table(normalise(Chats(), found, valence))
    assert [(row["id"], row["emotion"], row["target"]) for row in rows] == [
        ("chats/-v1/0", "happiness", "4.5"),
        ("chats/-v1/1", "", "-1.0"),
    ]
    tags = LabelSpace("tags", "", task=Tags(("valence", "text")))
    rows = table(normalise(Chats(), found, tags))
    assert [json.loads(row["target"]) for row in rows] == [["valence", "text"]]


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


def test_parquet_is_there_whole_or_not_at_all(found, root, tmp_path):
    broken = normalise(Chats(), found)
    moved = (root / "talk" / "v2.wav").rename(root / "talk" / "gone.wav")
    try:
        with pytest.raises(AudioError, match=r"v2\.wav"):
            write_parquet(broken, tmp_path / "a.parquet", "embed")
    finally:
        moved.rename(root / "talk" / "v2.wav")
    assert list(tmp_path.iterdir()) == []


def test_dataset_card(chats):
    card = dataset_card(chats, "chats.parquet", "embed")
    import yaml

    heading = yaml.safe_load(card.split("---")[1])
    assert heading["license_name"] == 'for "research" only: sign here'
    assert heading["configs"][0]["data_files"] == "chats.parquet"
    assert "holds the sound itself" in card
    assert "Bee, Ann" in card


def test_audformat(chats, root, tmp_path):
    import audformat

    write_audformat(chats, tmp_path / "db")
    read = audformat.Database.load(str(tmp_path / "db"))
    assert set(read.tables) == {"files", "segments"}
    assert (read.name, read.languages, read.author) == ("chats", ["eng"], "Ann Bee, C. Dee")
    assert read.license == 'for "research" only: sign here'
    assert str(root) in read.description
    assert read.meta["fingerprint"] == chats.scan.fingerprint
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
    assert (read.media["files"].sampling_rate, read.media["segments"].channels) == (RATE, 2)
    assert read.is_portable
    link = tmp_path / "db" / "talk" / "v2.wav"
    assert link.is_symlink()
    assert link.resolve() == (root / "talk" / "v2.wav").resolve()
    lasting = read["files"]["duration"].get().dt.total_seconds().tolist()
    assert lasting == [2.0]


def test_audformat_without_links(chats, tmp_path):
    write_audformat(chats, tmp_path / "db", link=False)
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == [
        "db.files.parquet",
        "db.segments.parquet",
        "db.yaml",
    ]


def test_audformat_of_a_segment_that_is_two_utterances(chats, found):
    import dataclasses

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


@pytest.mark.parametrize(
    ("bibtex", "authors"),
    [
        ("@a{b, author = {Bee, Ann and\n   {von} C. Dee}, title = {T}}", "Ann Bee, von C. Dee"),
        ('@a{b, Author="Bee, Ann", year=1}', "Ann Bee"),
        ("@misc{b, title={T}}", None),
    ],
)
def test_authors(bibtex, authors):
    assert author_of(bibtex) == authors


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
