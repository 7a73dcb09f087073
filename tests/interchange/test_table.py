"""One table of splits."""

import csv
import io

import pytest

from serbench.interchange.lines import SplitsError
from serbench.interchange.reading import format_of, read
from serbench.interchange.sounds import Sounds
from serbench.interchange.table import write_table
from serbench.interchange.writing import write
from serbench.listing import Item, Listing
from serbench.protocols import Split


@pytest.fixture
def table(tmp_path):
    def written(*lines, name="mine.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_text("".join(line + "\n" for line in lines), encoding=encoding)
        return path

    return written


def records(path):
    return [split.record() for split in read(path).splits]


BOTH = [
    {"fold": "1", "train": ["a"], "tests": {"test": ["b"]}},
    {"fold": "2", "train": ["b"], "tests": {"test": ["a"]}},
]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_columns_in_any_order_and_spelling(table, mark):
    rows = [("Split", "FOLD", "key"), ("test", "2", "a"), ("training", "1", "a"),
            ("TEST", "1", "b"), ("train", "2", "b")]  # fmt: skip
    path = table(*(mark.join(row) for row in rows), encoding="utf-8-sig")
    assert format_of(path) == "csv"
    assert records(path) == BOTH


def test_a_fold_for_each_utterance(table):
    path = table("file,fold", "a,2", "b,1", "c,")
    assert records(path) == BOTH
    found = read(path)
    assert [item.id for item in found.items] == ["a", "b", "c"]
    assert found.notes[0].startswith("no column side, split, subset or partition says who trains")


def test_sides_without_folds(table):
    path = table("id,side", "a,train", "b,test", "c,dev", "d,none")
    assert records(path) == [
        {"fold": "1", "train": ["a"], "tests": {"test": ["b"]}, "validation": ["c"]}
    ]


def test_what_else_a_table_may_tell(table):
    path = table(
        "id,file,side,spk,sex,dataset,emo,start,end,parent_id,text,mood",
        '1,w/a.wav,train,007,f,mine,anger,0 days 00:01:02.500000,63.5,,"Nein, nein",x',
        "2,w/a.wav,test,008,m,mine,fear,0,NaT,1,,y",
    )
    found = read(path)
    first, second = found.items
    assert (first.speaker, first.gender, first.corpus, first.label) == ("007", "f", "mine", "anger")
    assert (first.start, first.end, first.text) == (62.5, 63.5, "Nein, nein")
    assert (second.start, second.end, second.parent) == (0.0, None, "1")
    assert found.notes[0] == "columns that mean nothing here: mood"
    assert found.splits[0].tests == {"mine": ("2",)}


def test_segments_without_ids_are_told_apart(table):
    path = table("file,start,end,side", "a.wav,0,1.5,train", "a.wav,1.5,2,test", "b.wav,,,train")
    assert [item.id for item in read(path).items] == ["a.wav@0-1.5", "a.wav@1.5-2", "b.wav"]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([], ["no heading"]),
        (["id,speaker", "a,b"], ["who trains and who tests"]),
        (["id,side,id", "a,train,b"], ["'id' twice"]),
        (["id,side,ID", "a,train,b"], ["twice"]),
        (["speaker,side", "a,train"], ["line 2", "neither id nor file"]),
        (["id,side", "a,train", "b"], ["line 3", "1 columns", "2, as its heading"]),
        (["id,side", "a,train", "b,trian"], ["line 3", "'trian'", "train, test, valid"]),
        (["id,side", 'a,"train', "b,test"], ["mine.csv, line"]),
        (["id,side,start", "a,train,-2"], ["line 2", "start is -2"]),
        (["id,side,start", "a,train,soon"], ["line 2", "start is 'soon'"]),
        (["id,fold", "a,1", "b,1"], ["fold '1'", "column side"]),
        (["id,side"], ["names no utterance"]),
        (["id,side", "a\x00,train"], ["line 2"]),
        (["id,side,wav,path", "a,train,b,c"], ["path and wav", "a column file"]),
        (
            ["id,side,label_space", "a,train,own", "b,test,shared5"],
            ["line 3", "'own'", "'shared5'"],
        ),
        (["id,side,speakers_declared", "a,train,yes"], ["line 2", "'yes'", "apart or shared"]),
    ],
)
def test_refused_with_the_line(table, lines, words):
    with pytest.raises(SplitsError) as caught:
        read(table(*lines))
    for word in words:
        assert word in str(caught.value), str(caught.value)


def test_a_quoted_cell_over_two_lines_keeps_the_count(table):
    path = table("id,side,text", 'a,train,"one', 'two"', "b,trian,")
    with pytest.raises(SplitsError, match="line 4: 'trian'"):
        read(path)


def test_no_table(table, tmp_path):
    with pytest.raises(SplitsError, match=r"\.csv, \.tsv or \.jsonl"):
        read(table("a", name="mine.txt"))
    large = tmp_path / "large.csv"
    with large.open("wb") as file:
        file.truncate(2**29 + 1)  # sparse: nothing is written
    with pytest.raises(SplitsError, match="more than 512 MiB"):
        read(large)


def test_transcripts_and_places_are_not_passed_on(pairs, tmp_path):
    import dataclasses

    item = dataclasses.replace(
        pairs.items[0], text="secret", path=tmp_path / "s.wav", source=str(tmp_path)
    )
    told = dataclasses.replace(pairs, items=(item, *pairs.items[1:]))
    text = io.StringIO()
    write_table(told, text, Sounds())
    heading, first = text.getvalue().splitlines()[:2]
    assert heading == (
        "fold,side,id,corpus,file,speaker,emotion,gender,session,sentence,parent,start,end,duration"
    )
    assert first == (
        "here>there,train,here/0,here,here/take 0.wav,00,anger,female,1,0,,0.0,0.1,0.1"
    )
    assert "secret" not in text.getvalue()
    assert str(tmp_path) not in text.getvalue()


def test_a_heading_that_a_terminal_would_obey(table):
    with pytest.raises(SplitsError, match="is no text"):
        read(table("fold,side,id,\x1b]0;owned\x07", "1,train,a,b"))


def test_many_columns_are_refused_at_once(table):
    headings = ["id", *(f"c{number}" for number in range(100_000)), "id"]
    with pytest.raises(SplitsError, match="'id' twice"):
        read(table(",".join(headings)))


def test_utf_16_is_told_from_latin_1(tmp_path):
    lines = "id,side\nä,train\n"
    for encoding, asked in (("utf-16", "utf-16"), ("utf-16-be", "utf-16"), ("latin1", "latin1")):
        path = tmp_path / "my splits.csv"
        mark = "\ufeff" if encoding == "utf-16-be" else ""  # "utf-16" writes its own
        path.write_bytes((mark + lines).encode(encoding))
        with pytest.raises(SplitsError, match=f"iconv -f {asked} -t utf-8 'my splits.csv'"):
            read(path)


def test_cells_that_a_spreadsheet_would_run_come_back_as_they_were(tmp_path):
    ids = ("=1+1", "-2+3+cmd|'/C'!A0", "-3g5yACwYnA", "'=x", "@a")
    items = tuple(Item(id=one, file=f"{one}.wav", speaker=one, label="+x") for one in ids)
    listing = Listing("odd", items, (Split("=1", ids[:3], {"": ids[3:]}),))
    path = tmp_path / "folds.csv"
    write(listing, path, "csv")
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        for cell in next(csv.reader([line])):
            assert cell[:1] not in {"=", "+", "@"}
    back = read(path)
    assert {item.id for item in back.items} == set(ids)
    assert {item.speaker for item in back.items} == set(ids)
    assert back.splits[0].fold == "=1"


@pytest.mark.parametrize("content", [b"id,fold\rx,1\r", b'"id,fold\nx,1\n'])
def test_a_heading_that_is_no_csv_is_an_error_with_its_path(tmp_path, content):
    (tmp_path / "odd.csv").write_bytes(content)
    with pytest.raises(SplitsError, match=r"odd\.csv"):
        read(tmp_path / "odd.csv")


def test_links_that_lead_nowhere_are_an_error_with_their_path(tmp_path):
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    (tmp_path / "zero.csv").symlink_to("/dev/zero")
    for name in ("loop.csv", "zero.csv"):
        with pytest.raises(SplitsError, match=name):
            read(tmp_path / name)
        (tmp_path / name).unlink()
    (tmp_path / "x_train.csv").symlink_to("gone.csv")
    with pytest.raises(SplitsError, match=r"x_train\.csv is no file"):
        read(tmp_path, "nkululeko")
