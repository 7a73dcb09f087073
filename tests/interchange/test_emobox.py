"""EmoBox's folders: its published folds, and those written for it."""

import json

import pytest

from serbench.interchange.lines import SplitsError
from serbench.interchange.reading import format_of, read
from serbench.interchange.writing import write


def overlaps(listing):
    """Speakers of train that are in test, fold by fold."""
    who = {item.id: item.speaker for item in listing.items}
    assert all(who.values())
    return [
        len(
            {who[name] for name in split.train}
            & {who[name] for ids in split.tests.values() for name in ids}
        )
        for split in listing.splits
    ]


def put(path, *lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


def line(key, **more):
    return {"key": key, "dataset": "mine", "wav": f"w/{key}.wav", "emo": "anger", **more}


def test_emodb_as_published(emobox):
    found = read(emobox / "emodb")
    assert found.name == "emodb"
    assert found.notes == ()
    assert len(found.items) == 535
    assert [split.fold for split in found.splits] == ["1", "2", "3", "4", "5"]
    assert all(len(split.train) == 428 and set(split.tests) == {"emodb"} for split in found.splits)
    assert overlaps(found) == [10] * 5
    # The map says "Neutral" where the lines say "neutral": EmoBox's own loader stops there.
    assert {item.label for item in found.items} - set(found.label_map) == {"neutral"}
    assert found.label_map["boredem"] == "Boredom"
    (item,) = (item for item in found.items if item.id == "emodb-03a01Wa")
    assert (item.speaker, item.gender, item.sentence) == ("03", "male", "a01")
    assert item.text == "Der Lappen liegt auf dem Eisschrank."
    assert (item.label, item.file, item.rate, item.channels) == ("anger", "03a01Wa.wav", 16000, 1)
    assert item.duration == 1.8778125
    assert len(item.samples) == 64


def test_ravdess_as_published(emobox):
    found = read(emobox / "ravdess")
    assert len(found.items) == 1440
    assert overlaps(found) == [0] * 6
    assert len({item.speaker for item in found.items}) == 24
    assert len({item.sentence for item in found.items}) == 2


def test_folds_in_natural_order_and_valid_sets(tmp_path):
    for number in (10, 2, 1):
        folder = tmp_path / f"fold_{number}"
        for side in ("train", "test", "valid"):
            put(folder / f"mine_{side}_fold_{number}.jsonl", line(f"{side}{number}"))
    found = read(tmp_path)
    assert [split.fold for split in found.splits] == ["1", "2", "10"]
    assert found.splits[2].record() == {
        "fold": "10", "train": ["train10"], "tests": {"mine": ["test10"]},
        "validation": ["valid10"],
    }  # fmt: skip
    assert "the speakers of 9 of 9 utterances of mine are not known" in found.notes[0]


def test_without_folders(tmp_path):
    put(tmp_path / "train.jsonl", line("a"), line("b", spk=7))
    put(tmp_path / "test.jsonl", line("c"))
    found = read(tmp_path)
    assert found.splits[0].record() == {
        "fold": "1", "train": ["a", "b"], "tests": {"mine": ["c"]}
    }  # fmt: skip
    assert {item.id: item.speaker for item in found.items} == {"a": "", "b": "7", "c": ""}


def test_one_list_is_utterances_without_folds(tmp_path):
    put(tmp_path / "mine.jsonl", line("a"), line("b"))
    for path in (tmp_path, tmp_path / "mine.jsonl"):
        found = read(path)
        assert [item.id for item in found.items] == ["a", "b"]
        assert found.splits == ()


def test_two_spellings_of_a_fold_are_one(tmp_path):
    put(tmp_path / "fold_1" / "mine_train_fold_1.jsonl", line("a"))
    put(tmp_path / "fold_1" / "mine_train_fold1.jsonl", line("old"))
    put(tmp_path / "fold_1" / "mine_test_fold_1.jsonl", line("b"))
    found = read(tmp_path)
    assert {item.id for item in found.items} == {"a", "b"}
    assert "mine_train_fold1.jsonl" in found.notes[0]


def test_speakers_by_hearsay_come_last(tmp_path):
    put(tmp_path / "train.jsonl", line("a"), line("b", speaker="told"))
    put(
        tmp_path / "test.jsonl",
        {"key": "x", "dataset": "emodb", "wav": "dl/03a01Wa.wav", "emo": "W"},
    )
    stm = "".join(
        f"{key} 1 {spk} 0 2.0 <id={key},lang=en,spk={spk},emotion=W> W\n"
        for key, spk in (("a", "heard"), ("b", "heard"), ("x", "heard"))
    )
    (tmp_path / "data.seg.wrd.stm").write_text(stm, encoding="utf-8")
    speakers = {item.id: item.speaker for item in read(tmp_path).items}
    assert speakers == {"a": "heard", "b": "told", "x": "03"}


def test_lines_that_contradict_each_other_are_told(tmp_path):
    put(tmp_path / "train.jsonl", line("a"), line("a", emo="fear"))
    put(tmp_path / "test.jsonl", line("b"))
    found = read(tmp_path)
    assert found.splits[0].train == ("a", "a")
    assert "1 utterance has another label in another line" in found.notes[0]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ('{"key": "a", "key": "b"}', ["line 1", "'key' stands twice"]),
        ('["a"]', ["line 1", "no JSON object"]),
        ("{", ["line 1"]),
        ("[" * 100_000, ["line 1"]),
        ('{"emo": "anger"}', ["line 1", "neither id nor file"]),
        ('{"key": {"a": 1}}', ["line 1", "id is"]),
        ('{"key": true}', ["line 1", "id is"]),
        ('{"key": "a\\u001b[31m"}', ["line 1", "\\x1b", "no text"]),
        ('{"key": "a\\ud800"}', ["line 1", "\\ud800", "no text"]),
        ('{"key": "a", "length": NaN}', ["line 1", "NaN"]),
        ('{"key": "a", "length": -1}', ["line 1", "duration", "0 or more"]),
        ('{"key": "a", "length": 1e999}', ["line 1", "duration"]),
        ('{"key": "a", "sample_rate": ' + "9" * 5000 + "}", ["line 1"]),
        ('{"key": "a", "sample_rate": 1.5}', ["line 1", "whole number"]),
        ('{"key": "a", "label": "x", "class": "y"}', ["label and class", "label"]),
        ('{"key": "a", "x": "' + "y" * 2**20 + '"}', ["line 1", "1024 KiB"]),
    ],
)
def test_refused_with_the_line(tmp_path, written, words):
    (tmp_path / "train.jsonl").write_text(written + "\n", encoding="utf-8")
    with pytest.raises(SplitsError) as caught:
        read(tmp_path)
    for word in words:
        assert word in str(caught.value)
    assert len(str(caught.value)) < 1000


def test_refused_where_no_text(tmp_path):
    (tmp_path / "train.jsonl").write_bytes(b'{"key": "a"}\n{"key": "\xe4"}\n')
    with pytest.raises(SplitsError, match="line 2: byte 0xe4 at column 10 is no UTF-8"):
        read(tmp_path)


def test_one_id_of_two_corpora_is_refused(tmp_path):
    put(tmp_path / "train.jsonl", line("a"), line("a") | {"dataset": "yours"})
    with pytest.raises(SplitsError, match=r"line 2: 'a' is of yours, and in a line before of mine"):
        read(tmp_path)


@pytest.mark.parametrize("written", ['["a"]', '{"a": "b", "a": "c"}', '{"a": ["b"]}', "{"])
def test_label_maps_that_are_none(tmp_path, written):
    put(tmp_path / "train.jsonl", line("a"))
    (tmp_path / "label_map.json").write_text(written, encoding="utf-8")
    with pytest.raises(SplitsError, match=r"label_map\.json"):
        read(tmp_path)


def test_no_splits_at_all(tmp_path, emobox):
    with pytest.raises(SplitsError, match="does not exist"):
        read(tmp_path / "nowhere")
    with pytest.raises(SplitsError, match="holds no splits"):
        read(tmp_path)
    with pytest.raises(SplitsError, match="in it stand emodb, ravdess"):
        read(emobox)
    put(tmp_path / "train.jsonl", line("a"))
    (tmp_path / "train.csv").write_text("id\na\n", encoding="utf-8")
    with pytest.raises(SplitsError, match="two formats"):
        read(tmp_path)


def test_written_as_emobox_reads_it(tmp_path, pairs):
    """The keys that EmoBox's own loader looks up, in files where it looks for them."""
    write(pairs, tmp_path / "out", "emobox")
    assert format_of(tmp_path / "out") == "emobox"
    text = (tmp_path / "out/fold_1/there_test_fold_1.jsonl").read_text(encoding="utf-8")
    first = json.loads(text.splitlines()[0])
    assert first["key"] == "there-0"
    assert first["dataset"] == "there"
    assert first["wav"] == "downloads/there/there/take 0.wav"
    assert (first["emo"], first["length"], first["num_frame"]) == ("anger", 0.1, 1600)
    assert (first["start_time"], first["end_time"]) == (0.0, 0.1)
    assert first["type"] == "raw"
    label_map = json.loads((tmp_path / "out/label_map.json").read_text(encoding="utf-8"))
    assert label_map == {"anger": "Angry", "joy, loud": "Joy, loud"}
    assert (tmp_path / "out/fold_1/here_valid_fold_1.jsonl").is_file()
