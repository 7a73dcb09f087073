"""nkululeko's tables, read as audformat reads them, and its .ini as configparser does."""

import ast
import configparser

import pytest

from serbench.interchange.lines import SplitsError
from serbench.interchange.reading import format_of, read
from serbench.interchange.writing import write


def put(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    "names",
    [
        ("mine_train.csv", "mine_test.csv", "mine_dev.csv"),
        ("mine_train_fold_1.csv", "mine_test_fold_1.csv", "mine_val_fold_1.csv"),
        ("fold1/mine_train.csv", "fold1/mine_test.csv", "fold1/mine_dev.csv"),
        ("mine_fold_1_train.csv", "mine_fold_1_test.csv", "mine_fold_1_dev.csv"),
    ],
)
def test_as_its_users_lay_them_out(tmp_path, names):
    for i, name in enumerate(names):
        put(tmp_path / name, f"file,emotion,speaker_id,split\nw/{i}.wav,angry,10{i},{i}\n")
    assert format_of(tmp_path) == "nkululeko"
    found = read(tmp_path)
    (split,) = found.splits
    assert split.record() == {
        "fold": "1", "train": ["w/0.wav"], "tests": {"mine": ["w/1.wav"]},
        "validation": ["w/2.wav"],
    }  # fmt: skip
    speakers = {item.id: item.speaker for item in found.items}
    assert speakers == {"w/0.wav": "100", "w/1.wav": "101", "w/2.wav": "102"}
    assert {(item.corpus, item.label) for item in found.items} == {("mine", "angry")}


def test_two_files_alone(tmp_path):
    put(tmp_path / "train.csv", "id\na\nb\n")
    put(tmp_path / "test.tsv", "id\tlabel\nc\tanger\n")
    put(tmp_path / "readme.csv", "x\ny\n")
    found = read(tmp_path)
    assert found.splits[0].record() == {
        "fold": "1", "train": ["a", "b"], "tests": {"test": ["c"]}
    }  # fmt: skip
    assert "readme.csv" in found.notes[0]


def test_a_table_without_files(tmp_path):
    put(tmp_path / "train.csv", "emotion\nangry\n")
    with pytest.raises(SplitsError, match=r"train\.csv, line 2: neither id nor file"):
        read(tmp_path)


def test_audformat_reads_what_is_written(tmp_path, pairs):
    audformat = pytest.importorskip("audformat")
    write(pairs, tmp_path / "out", "nkululeko")
    table = audformat.utils.read_csv(str(tmp_path / "out/fold_here%3Ethere/there_test.csv"))
    assert audformat.index_type(table.index) == "segmented"
    assert list(table.index.get_level_values("file"))[1] == "there/take 1.wav"
    starts = table.index.get_level_values("start").total_seconds()
    assert list(starts) == pytest.approx([i / 3 for i in range(5)], abs=1e-9)
    assert list(table["emotion"])[:2] == ["anger", "joy, loud"]
    assert {"speaker", "gender", "id"} <= set(table.columns)


def test_the_ini_names_what_is_there(tmp_path, pairs):
    roots = {"here": tmp_path / "100%", "there": tmp_path}
    write(pairs, tmp_path / "out", "nkululeko", roots)
    folder = tmp_path / "out" / "fold_here%3Ethere"
    config = configparser.ConfigParser()
    config.read(folder / "nkululeko.ini", encoding="utf-8")
    data = config["DATA"]
    names = ast.literal_eval(data["databases"])
    assert names == ["here_dev", "here_train", "there_test"]
    assert [data[f"{name}.split_strategy"] for name in names] == ["dev", "train", "test"]
    assert all((folder / data[name]).is_file() for name in names)
    assert data["here_train.audio_path"] == str(roots["here"])
    assert ast.literal_eval(data["labels"]) == ["anger", "joy, loud"]
    assert config["EXP"]["traindevtest"] == "True"
