"""``serbench corpora export``, ``show`` and ``list`` as people and scripts use them."""

import csv
import io
import json
import os
import re
import subprocess
import sysconfig
from pathlib import Path

import pytest
import soundfile

from serbench.cli.corpora.listing import short
from serbench.testing.voices import speak

SERBENCH = Path(sysconfig.get_path("scripts")) / "serbench"


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def serbench(command_line, cache, forged_savee_whole):
    def call(command, *arguments, root=forged_savee_whole, name="savee", **variables):
        where = [] if root is None else ["--corpus-root", f"{name}={root}"]
        here = {"SERBENCH_CACHE": cache, "COLUMNS": "100", **variables}
        return command_line("corpora", command, *arguments, *where, **here)

    return call


def done(ran):
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def refused(ran, *words, status=2):
    """By default a wrong command line; 1 where the folder is at fault."""
    assert ran.returncode == status
    assert "Traceback" not in ran.stderr
    assert ran.stdout == ""
    for word in words:
        assert word in ran.stderr, ran.stderr


def test_csv_to_standard_output_and_to_a_file(serbench, tmp_path, forged_savee_whole):
    printed = done(serbench("export", "savee"))
    rows = list(csv.DictReader(io.StringIO(printed)))
    assert len(rows) == 480
    assert list(rows[0])[:4] == ["id", "file", "speaker", "emotion"]
    assert list(rows[0])[-1] == "path"
    assert all(Path(row["path"]).is_file() for row in rows)
    assert done(serbench("export", "savee", "--out", "a.csv")) == ""
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == printed
    (tmp_path / "ü").symlink_to(forged_savee_whole)
    ascii_only = dict(os.environ, LANG="C", PYTHONIOENCODING="ascii")
    ran = subprocess.run(
        [SERBENCH, "corpora", "export", "savee", "--corpus-root", f"savee={tmp_path / 'ü'}"],
        env=ascii_only, capture_output=True, check=True, encoding="utf-8",
    )  # fmt: skip
    assert ran.stdout == printed.replace(str(forged_savee_whole), str(tmp_path / "ü"))


def test_label_space(serbench):
    ran = serbench("export", "savee", "--labels", "shared5")
    rows = list(csv.DictReader(io.StringIO(done(ran))))
    assert len(rows) == 360
    assert {row["labels"] for row in rows} == {"shared5"}
    assert "counts" not in ran.stderr
    refused(serbench("export", "savee", "--labels", "owm"), "'own'")


@pytest.fixture
def scenes(tmp_path):
    """Two people improvise four emotions, each once."""
    folder = tmp_path / "scenes"
    folder.mkdir()
    rows = ["file,speaker,emotion,style"]
    for who in ("ann", "bob"):
        for label in ("anger", "excitement", "neutral", "happiness"):
            rows.append(f"{who}-{label}.wav,{who},{label},improvised")
            sound = speak(who, label, 0, seed=0, seconds=0.3, rate=8000)
            soundfile.write(folder / f"{who}-{label}.wav", sound, 8000)
    (folder / "table.csv").write_text("\n".join(rows) + "\n")
    labels = "".join(f'{e} = "{e}"\n' for e in ("anger", "excitement", "neutral", "happiness"))
    (folder / "corpus.toml").write_text(f'name = "scenes"\ntable = "table.csv"\n[labels]\n{labels}')
    return folder


@pytest.mark.parametrize("out", ["", "a.csv", "a.parquet", "folder", "db"])
def test_label_space_that_counts_twice_says_so(serbench, scenes, tmp_path, out):
    forms = {"folder": ["--format", "parquet"], "db": ["--format", "audformat"]}
    to = ["--out", out, *forms.get(out, [])] if out else []
    ran = serbench("export", "scenes", "--labels", "sdcaff4", *to, root=scenes, name="scenes")
    printed = done(ran)
    sentence = "each utterance of anger counts 2 times"
    assert f"sdcaff4: {sentence}" in " ".join(ran.stderr.split())
    if out in ("", "a.csv"):
        table = printed or (tmp_path / "a.csv").read_text()
        rows = list(csv.DictReader(io.StringIO(table)))
        assert sorted(row["emotion"] for row in rows) == [
            "anger", "anger", "happiness", "happiness", "neutral", "neutral",
        ]  # fmt: skip
    elif out == "folder":
        assert sentence in (tmp_path / "folder" / "README.md").read_text()
    elif out == "a.parquet":
        import pyarrow.parquet

        said = pyarrow.parquet.read_schema(tmp_path / "a.parquet").metadata[b"serbench"]
        assert json.loads(said)["repeat"] == {"anger": 2}
    else:
        assert sentence in " ".join((tmp_path / "db" / "db.yaml").read_text().split())


def test_parquet(serbench, tmp_path, forged_savee_whole):
    import pyarrow.parquet

    ran = serbench("export", "savee", "--format", "parquet", "--out", "a.parquet")
    assert done(ran) == ""
    assert "480 utterances" in ran.stderr
    assert pyarrow.parquet.read_table(tmp_path / "a.parquet").num_rows == 480
    ran = serbench("export", "savee", "--format", "parquet", "--audio", "embed", "--out", "b")
    done(ran)
    assert "licence" in ran.stderr
    said = " ".join(ran.stderr.split())
    assert "b/savee.parquet" in said.replace(" ", "")
    assert "b is a folder" in said
    assert sorted(path.name for path in (tmp_path / "b").iterdir()) == [
        "README.md",
        "savee.parquet",
    ]
    column = pyarrow.parquet.read_table(tmp_path / "b" / "savee.parquet")["audio"]
    sounds = {sound["path"]: sound["bytes"] for sound in column.to_pylist()}
    assert len(column) == 480
    assert sounds["a01.wav"] in [path.read_bytes() for path in forged_savee_whole.rglob("a01.wav")]


def test_format_is_that_of_the_suffix(serbench, tmp_path):
    import pyarrow.parquet

    ran = serbench("export", "savee", "--out", "A.PARQUET")
    done(ran)
    assert "folder" not in ran.stderr
    assert pyarrow.parquet.read_table(tmp_path / "A.PARQUET").num_rows == 480
    done(serbench("export", "savee", "--format", "csv", "--out", "table.txt"))
    assert (tmp_path / "table.txt").read_text().startswith("id,file,")


def test_audformat(serbench, tmp_path):
    import audformat

    (tmp_path / "db").mkdir()  # an empty one may be there
    done(serbench("export", "savee", "--format", "audformat", "--out", "db"))
    assert len(audformat.Database.load(str(tmp_path / "db"))["files"]) == 480
    assert sorted(path.name for path in tmp_path.iterdir()) == ["db"]


def test_what_does_not_fit_is_refused_before_anything_is_read(serbench, tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "thesis.tex").write_text("precious")
    (tmp_path / "there.parquet").write_text("precious")
    nowhere = tmp_path / "nowhere"
    cases = (
        (("--format hdf5", "parquet"), ["--format", "hdf5"]),
        (("without --out",), ["--format", "parquet"]),
        (("--audio link", "path, embed"), ["--format", "parquet", "--audio", "link"]),
        (("no --audio",), ["--audio", "embed"]),
        (("exists already",), ["--format", "audformat", "--out", "there"]),
        (("exists already",), ["--format", "parquet", "--out", "there"]),
        (("exists already",), ["--format", "parquet", "--out", "there.parquet"]),
        (("own folder",), ["--out", nowhere / "a.csv"]),
        (("without --format", "add --format csv, parquet or audformat"), ["--out", "there"]),
        (("without --format", ".csv or .parquet"), ["--out", "a.txt"]),
        (("--format csv --out a.parquet", "--format parquet"),
         ["--format", "csv", "--out", "a.parquet"]),
        (("--format parquet --out a.csv",), ["--format", "parquet", "--out", "a.csv"]),
        (("--format audformat --out a.csv",), ["--format", "audformat", "--out", "a.csv"]),
    )  # fmt: skip
    for words, arguments in cases:
        refused(serbench("export", "savee", *arguments, root=nowhere), *words)
    assert (tmp_path / "there.parquet").read_text() == "precious"


def test_corpus_that_is_not_here(serbench):
    refused(serbench("export", "savee", root=None), "is not known", "kahlan.eps.surrey", status=1)
    refused(serbench("show", "savee", "--figure", "a.svg", root=None), "is not known", status=1)


def test_show(serbench, tmp_path):
    shown = json.loads(done(serbench("show", "savee", "--json")))
    found = shown["found"]
    assert (found["utterances"], found["speakers"], found["genders"]) == (480, 4, {"male": 4})
    assert found["counts"]["by"] == "speaker"
    assert found["counts"]["rows"]["DC"]["neutral"] == 30
    assert found["utterances_per_speaker"]["median"] == 120
    assert found["seconds"]["min"] <= found["seconds"]["median"] <= found["seconds"]["max"]
    spaces = {space["name"]: space for space in found["label_spaces"]}
    assert spaces["own"] == {
        "name": "own",
        "utterances": 480,
        "classes": 7,
        "classes_found": 7,
    }
    assert (spaces["shared5"]["utterances"], spaces["shared5"]["classes"]) == (360, 5)
    assert "iemocap4-improvised" not in spaces
    text = done(serbench("show", "savee"))
    for words in (
        "SAVEE (savee)",
        "free for research",
        "@incollection{haq2010savee",
        "16000 Hz; mono",
        "4 (male), 120 utterances each",
        "own: 480 of 480 utterances in 7 classes",
    ):
        assert words in text
    assert re.search(r"^KL +15 +15 +15 +15 +30 +15 +15 +120 *$", text, re.MULTILINE)


def test_show_of_a_corpus_that_is_not_here(serbench):
    text = done(serbench("show", "savee", root=None))
    assert "not here" in text
    assert "n neutral 120" in text


@pytest.mark.parametrize("columns", [50, 80, 200])
def test_show_fits_the_terminal(serbench, columns):
    text = done(serbench("show", "savee", COLUMNS=str(columns)))
    table = (
        text[re.search("^(speaker|emotion) ", text, re.MULTILINE).start() :]
        .split("\n\n")[0]
        .splitlines()
    )
    assert max(map(len, table)) <= columns
    assert "…" not in text
    assert table[0].split()[-1] == "all"
    if columns >= 80:
        assert "happiness" in table[0]
    else:
        assert table[0].split() == ["emotion", "DC", "JE", "JK", "KL", "all"]
        assert any(line.split() == ["happiness", "15", "15", "15", "15", "60"] for line in table)


def test_show_counts_the_classes_that_occur(serbench, scenes):
    text = done(serbench("show", "scenes", root=scenes, name="scenes"))
    assert "own: 8 of 8 utterances in 4 classes" in text
    assert "iemocap4: 8 of 8 utterances in 3 of 4 classes" in text


def test_figure(serbench, tmp_path):
    ran = serbench("show", "savee", "--figure", "a.svg")
    done(ran)
    assert "drawn in a.svg" in ran.stderr
    drawn = (tmp_path / "a.svg").read_text()
    assert "480 utterances, 4 speakers" in drawn
    (tmp_path / "a.svg").write_text("an old one")
    done(serbench("show", "savee", "--figure", "a.svg"))
    assert (tmp_path / "a.svg").read_text() == drawn
    assert "overwritten" in done(serbench("show", "--help", root=None))
    refused(serbench("show", "savee", "--figure", "a.gif"), ".svg, .png, .pdf, .html")


def test_list(serbench, tmp_path):
    rows = {row["name"]: row for row in json.loads(done(serbench("list", "--json")))}
    savee, emodb = rows["savee"], rows["emodb"]
    assert (savee["utterances"], savee["speakers"], savee["get"]) == (480, 4, None)
    assert emodb["get"] == "serbench corpora get emodb"
    assert emodb["folder"] is None
    assert "registering" in savee["how_to_get"]


@pytest.mark.parametrize("columns", [80, 100, 140])
def test_list_fits_the_terminal(serbench, columns, forged_savee_whole):
    text = done(serbench("list", COLUMNS=str(columns)))
    assert max(map(len, text.splitlines())) <= columns
    assert "…" not in text
    line = next(line for line in text.splitlines() if line.startswith("savee"))
    assert line.split()[-1] == "yes"
    assert "480" in line
    assert "serbench corpora get emodb" in text
    assert str(forged_savee_whole)[:30] in text


def test_list_knows_folders_that_have_gone_and_tables_of_ones_own(serbench, tmp_path):
    own = tmp_path / "mine"
    own.mkdir()
    text = done(serbench("list", root=tmp_path / "gone"))
    line = next(line for line in text.splitlines() if line.startswith("savee"))
    assert line.split()[-1] == "gone"
    (own / "corpus.toml").write_text("this is no description")
    config = tmp_path / "config"
    config.mkdir()
    (config / "corpora.json").write_text(json.dumps({"mine": str(own)}))
    rows = {row["name"]: row for row in json.loads(done(serbench("list", "--json")))}
    assert "corpus.toml" in rows["mine"]["error"]
    assert "unusable" in done(serbench("list"))


@pytest.mark.parametrize(
    ("licence", "clause"),
    [
        ("CC BY-NC-SA 4.0: non-commercial, with attribution", "CC BY-NC-SA 4.0"),
        ("free to download without a written licence (2005); CC BY 4.0 as re-issued",
         "free to download without a written licence"),
        ("a licence that nobody would ever read to the end of its first sentence",
         "a licence that nobody would ever read to ..."),
        ("MIT", "MIT"),
    ],
)  # fmt: skip
def test_licence_in_short(licence, clause):
    assert short(licence) == clause


@pytest.mark.parametrize("command", ["export", "get", "show", "list"])
def test_help_has_examples(serbench, command):
    text = done(serbench(command, "--help", root=None))
    assert f"serbench corpora {command}" in text.split("Examples")[1]
