"""Splits of one's own as a protocol."""

import pickle

import pytest

from serbench.audit.case import Declared
from serbench.errors import ProtocolError, UnknownName
from serbench.fitting import advise, explained, fits
from serbench.given import GivenFolds, given, protocol_of, remarks, said_of_speakers
from serbench.interchange.reading import read
from serbench.interchange.writing import write
from serbench.protocols import KFOLD, LOSO, Split, split_digest
from serbench.splitters import Row, record

TABLE = [
    Row(f"mine/{speaker}/a{i}", f"{speaker}/a{i}.wav", speaker, "", label, "mine")
    for speaker in ("x", "y", "z")
    for i, label in enumerate(("anger", "fear", ""))
]


@pytest.fixture
def splits(tmp_path):
    def written(*lines, heading="fold,side,id,speaker", name="own.csv"):
        path = tmp_path / name
        path.write_text("\n".join([heading, *lines]) + "\n", encoding="utf-8")
        return path

    return written


def test_folds_of_the_rows_that_are_meant(splits):
    protocol = given(splits("1,train,mine/x/a0,x", "1,valid,y/a0,y", "1,test,mine-z/a1,z"))
    (split,) = protocol.splits(TABLE)
    assert split == Split("1", ("mine/x/a0",), {"mine": ("mine/z/a1",)}, ("mine/y/a0",))
    assert protocol.name == "own"
    assert protocol.speaker_independent
    assert protocol.whole
    assert not protocol.across


@pytest.mark.parametrize(
    ("file", "meant"),
    [
        ("x/a0.wav", "mine/x/a0"),
        ("mine/x/a0.wav", "mine/x/a0"),
        ("here/b7.flac", "mine/w/b7"),
        (r"D:\here\B7.WAV", "mine/w/b7"),
    ],
)
def test_by_file_names(splits, file, meant):
    table = [*TABLE, Row("mine/w/b7", "w/b7.wav", "w", "", "anger", "mine")]
    protocol = given(splits(f"1,train,{file}", "1,test,z/a0.wav", heading="fold,side,file"))
    assert protocol.splits(table)[0].train == (meant,)


def test_what_the_label_space_leaves_out_drops_out(splits):
    protocol = given(splits("1,train,x/a0,", "1,train,x/a2,", "1,test,y/a0,", "1,test,y/a2,"))
    (split,) = protocol.splits(TABLE)
    assert split.train == ("mine/x/a0",)
    assert split.tests == {"mine": ("mine/y/a0",)}


def test_what_no_fold_names_is_told(splits):
    protocol = given(splits("1,train,x/a0,", "1,test,y/a0,"))
    assert isinstance(protocol.splitter, GivenFolds)
    assert protocol.splitter.left_over(TABLE) == (
        "mine/x/a1", "mine/y/a1", "mine/z/a0", "mine/z/a1",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["1,train,x/a0,", "1,train,q,", "1,test,y/a0,"],
         ["1 of 3 utterances of the splits is none of mine: q", "mine/x/a0 or x/a0.wav"]),
        (["1,train,x/a0,", "1,test,a0,"], ["none of mine: a0"]),  # of three speakers
        (["1,train,x/a0,", "1,test,x/a0,"], ["fold '1' has 1 utterance in train and in test"]),
        (["1,train,x/a0,", "1,valid,y/a0,", "1,test,y/a0,"], ["in test and in validation"]),
        (["1,train,x/a0,", "1,train,mine/x/a0,", "1,test,y/a0,"],
         ["has 1 utterance twice in train (mine/x/a0)"]),
        (["1,train,x/a0,", "1,test,y/a0,", "2,train,x/a0,", "2,test,y/a0,"],
         ["1 utterance is tested in more than one fold: mine/y/a0"]),
        (["1,train,x/a0,", "2,train,x/a0,", "2,test,y/a0,"], ["the test side", "'1'", "empty"]),
    ],
)  # fmt: skip
def test_refused_with_counts_and_examples(splits, lines, words):
    protocol = given(splits(*lines))
    with pytest.raises(ProtocolError) as caught:
        protocol.splits(TABLE)
    for word in ["'own' does not fit mine", *words] if "empty" not in words else words:
        assert word in str(caught.value), str(caught.value)


def test_speakers_unknown_are_not_said_to_be_apart(splits):
    assert not given(splits("1,train,x/a0,", "1,test,y/a0,")).speaker_independent
    assert not given(splits("1,train,x/a0,x", "1,test,y/a0,x")).speaker_independent


def test_several_corpora_at_once(splits):
    other = [Row(f"theirs/{i}", f"{i}.wav", "x", "", "anger", "theirs") for i in range(2)]
    lines = ["a,train,mine/x/a0,mine", "a,test,theirs/0,theirs", "a,test,theirs/1,theirs",
             "b,train,mine/y/a0,mine", "b,test,theirs/0,theirs"]  # fmt: skip
    protocol = given(splits(*lines, heading="fold,side,id,corpus"))
    assert protocol.across
    found = protocol.splits([*TABLE, *other])
    assert [split.fold for split in found] == ["a", "b"]
    assert found[0].tests == {"theirs": ("theirs/0", "theirs/1")}
    with pytest.raises(ProtocolError, match="--corpus for each"):
        protocol.splits(TABLE)


def test_the_record_knows_no_place(splits, tmp_path):
    lines = ["1,train,x/a0,x", "1,train,y/a1,y", "1,test,z/a1,z"]
    protocol = given(splits(*lines))
    kept = record(protocol.splitter)
    assert set(kept) == {"kind", "digest"}
    assert str(tmp_path) not in str(protocol.record(["mine"])) + str(protocol.card())
    again = given(splits(lines[2], lines[1], lines[0], name="other.csv"))
    assert record(again.splitter) == kept  # order is no part of folds
    fewer = given(splits(lines[0], lines[2], name="fewer.csv"))
    assert record(fewer.splitter) != kept
    thawed = pickle.loads(pickle.dumps(protocol.splitter))
    assert thawed == protocol.splitter
    assert next(iter(thawed.folds(TABLE, 0))).name == "1"


def test_order_of_lines_moves_nothing(splits):
    lines = ["1,train,y/a1,y", "1,train,x/a0,x", "1,test,z/a1,z", "1,test,z/a0,z"]
    one = given(splits(*lines)).splits(TABLE)
    other = given(splits(*reversed(lines), name="other.csv")).splits(list(reversed(TABLE)))
    assert split_digest(one) == split_digest(other)


@pytest.mark.parametrize("format_", ["csv", "emobox", "nkululeko"])
def test_a_protocol_of_ours_comes_back_as_given(format_, tmp_path):
    from serbench.listing import Item, Listing

    splits = LOSO.splits(TABLE)
    items = tuple(
        Item(id=r.id, corpus=r.corpus, file=r.file, speaker=r.speaker, label=r.label) for r in TABLE
    )
    path = tmp_path / ("back.csv" if format_ == "csv" else "back")
    write(Listing("loso", items, splits), path, format_)
    assert split_digest(given(path).splits(TABLE)) == split_digest(splits)


def test_a_name_or_a_place(splits, monkeypatch, tmp_path):
    path = splits("1,train,x/a0,", "1,test,y/a0,")
    assert protocol_of("loso") is LOSO
    assert protocol_of(str(path)).name == "own"
    monkeypatch.chdir(tmp_path)
    assert protocol_of("own.csv").name == "own"
    splits("1,train,x/a0,", "1,test,y/a0,", name="loso")  # a registered name comes first
    assert protocol_of("loso") is LOSO
    with pytest.raises(UnknownName, match=r"nowhere\.csv does not exist"):
        protocol_of("nowhere.csv")
    with pytest.raises(UnknownName, match="or a file or folder of splits"):
        protocol_of("lsoo")


def test_a_name_that_is_taken(splits):
    with pytest.raises(ProtocolError, match="has the name of the registered protocol 'loso'") as e:
        given(splits("1,train,x/a0,", "1,test,y/a0,", name="loso.csv"))
    assert e.value.advice == "rename it, to loso-mine.csv for example"


def test_utterances_without_a_fold_are_no_protocol(splits):
    path = splits(",none,x/a0,", ",none,y/a0,")
    assert len(read(path).items) == 2
    with pytest.raises(ProtocolError, match="names 2 utterances and no fold"):
        given(path)


DECLARING = "fold,side,id,speaker,label_space,speakers_declared"


def test_the_label_space_that_is_named_is_the_usual_one(splits):
    lines = ["1,train,x/a0,x", "1,test,y/a0,y"]
    assert given(splits(*lines)).labels == ("own",)
    named = [f"{line},shared5," for line in lines]
    assert given(splits(*named, heading=DECLARING)).labels == ("shared5",)


@pytest.mark.parametrize(("word", "says"), [("shared", False), ("apart", True), ("", None)])
def test_what_is_declared_of_speakers(splits, word, says):
    lines = [f"1,train,x/a0,x,,{word}", f"1,test,y/a0,y,,{word}"]
    protocol = given(splits(*lines, heading=DECLARING))
    assert said_of_speakers(protocol) is says
    assert Declared.by(protocol).speaker_independent is says
    kept = record(protocol.splitter)
    assert kept.get("speaker_independent") is says
    silent = record(given(splits("1,train,x/a0,x", "1,test,y/a0,y", name="silent.csv")).splitter)
    assert set(silent) == {"kind", "digest"}  # of strangers' splits, trials are as they were
    assert kept["digest"] == silent["digest"]
    assert pickle.loads(pickle.dumps(protocol.splitter)) == protocol.splitter


def test_nobodys_word_makes_speakers_apart(splits):
    lines = ["1,train,x/a0,x,,apart", "1,test,x/a1,x,,apart"]
    assert not given(splits(*lines, heading=DECLARING)).speaker_independent
    lines = ["1,train,x/a0,x,,shared", "1,test,y/a1,y,,shared"]
    assert not given(splits(*lines, heading=DECLARING)).speaker_independent


def test_no_other_protocol_stands_in_for_given_folds(splits):
    protocol = given(splits("1,train,x/a0,", "1,train,x/a1,", "1,test,x/a0,"))
    assert protocol.alternatives == ()
    assert advise(LOSO, TABLE, {"given": protocol, "kfold": KFOLD, "loso": LOSO}) == ""
    whole = [row for row in TABLE if row.label]
    assert fits(LOSO, whole) is None
    assert advise(protocol, whole, {"loso": LOSO}) == ""
    error = fits(protocol, whole)
    assert "--protocol" not in str(explained(error, protocol, whole, {"loso": LOSO}))


def test_a_class_that_no_training_has_asks_for_another_label_space(splits):
    protocol = given(splits("1,train,x/a0,", "1,test,y/a1,"))
    error = fits(protocol, TABLE)
    assert "no training utterance is of the class 'fear'" in error.found
    assert "--labels" in explained(error, protocol, TABLE, {"loso": LOSO}).advice


def test_what_was_odd_in_reading_is_told(splits):
    protocol = given(splits("x/a0,2,bad", "y/a1,1,good", heading="id,fold,mood"))
    found = remarks(protocol, TABLE)
    assert "no column side" in found[0]
    assert found[1] == "columns that mean nothing here: mood"
    assert "stand in no fold" in found[2]
    assert len(found) == 3  # with the corpus at hand, nobody misses the speakers


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("1,train,x/a0,x,fear", "label in the splits than in mine (mine/x/a0: fear there, anger"),
        ("1,train,x/a0,y,Anger", "speaker in the splits than in mine (mine/x/a0: y there, x"),
        ("1,train,x/a0,x,W", ""),  # a native name
        ("1,train,x/a0,x,rage", ""),  # no class of the label space
        ("1,train,x/a2,x,fear", ""),  # left out by the label space
        ("1,train,x/a0,,", ""),
    ],
)  # fmt: skip
def test_labels_and_speakers_that_are_not_the_corpuss(splits, line, words):
    heading = "fold,side,id,speaker,emotion"
    protocol = given(splits(line, "1,test,y/a1,y,fear", heading=heading))
    found = [one for one in remarks(protocol, TABLE) if "no fold" not in one]
    told = f"1 utterance has another {words} here); the corpus's is taken"
    assert found == ([told] if words else [])


def test_speakers_by_other_names_are_not_compared(splits):
    lines = ["1,train,x/a0,y,", "1,test,y/a1,speaker 2,"]  # "y" may be anybody
    protocol = given(splits(*lines, heading="fold,side,id,speaker,emotion"))
    assert not any("speaker" in one for one in remarks(protocol, TABLE))
