"""``serbench protocols list``, ``show`` and ``export`` as people and scripts use them."""

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from serbench.cli.app import app
from serbench.errors import ProtocolError, SerbenchError, UsageError
from serbench.given import GivenFolds, given
from serbench.interchange.reading import format_of, read
from serbench.protocols import split_digest
from serbench.registry import load, registered


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def protocols(cache, tmp_path, monkeypatch, forged_savee_whole):
    """Call the command in this process, on a forged SAVEE where a corpus is asked for."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SERBENCH_CACHE", str(cache))
    monkeypatch.setenv("SERBENCH_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("SERBENCH_CORPORA", raising=False)

    def call(*arguments, root=forged_savee_whole):
        words = [str(argument) for argument in arguments]
        if "savee" in words:
            words += ["--corpus-root", f"savee={root}"]
        return CliRunner().invoke(app, ["protocols", *words])

    return call


def done(result):
    if result.exception is not None:
        raise result.exception
    return result.stdout


def refused(result, kind, *words):
    assert isinstance(result.exception, kind), result.exception
    assert result.stdout == ""
    for word in words:
        assert word in str(result.exception)


def test_list(protocols):
    cards = {card["name"]: card for card in json.loads(done(protocols("list", "--json")))}
    assert set(cards) == set(registered("protocols"))
    assert cards["loso"]["speaker_independent"] is True
    assert cards["kfold"]["speaker_independent"] is False
    assert cards["loso"]["selection"] == "last"
    assert cards["loso"]["target_access"] == "none"
    assert cards["last-epoch"]["split_seeds"]["emodb"] == 46
    assert "leave" in done(protocols("show", "loso"))
    shown = done(protocols("list"))
    for name, card in cards.items():
        assert name in shown
        assert card["reproduces"][:20] in shown
    for word in ("speakers", "epoch", "target", "audio", "apart", "on both sides"):
        assert word in shown
    (chosen,) = (line for line in shown.splitlines() if "as they chose" in line)
    assert chosen.split()[0] == "fixed"


def test_every_card_in_words(protocols):
    for name in registered("protocols"):
        card = load("protocols", name).card()
        shown = " ".join(done(protocols("show", name)).split())
        for key in ("name", "title", "trains", "tests", "reproduces", "source"):
            assert card[key] in shown, (name, key)
        assert card["splitter"]["kind"] in shown
        for seed in card["split_seeds"].values():
            assert f"{seed} of " in shown
        for other in (*card["corpora"], *card["labels"]):
            assert other in shown
        assert f"if it does not fit, try {', '.join(card['alternatives'])} " in shown
        assert card["digest"] in shown.replace(" ", "")
        assert json.loads(done(protocols("show", name, "--json"))) == card


def test_every_selection_and_access_has_its_words():
    from serbench.cli.protocols.showing import ACCESSES, SELECTIONS
    from serbench.protocols import ACCESSES as ALL_ACCESSES
    from serbench.protocols import SELECTIONS as ALL_SELECTIONS

    assert set(SELECTIONS) == set(ALL_SELECTIONS)
    assert set(ACCESSES) == set(ALL_ACCESSES)


def test_another_access_is_another_card(protocols):
    plain = json.loads(done(protocols("show", "loso", "--json")))
    other = json.loads(done(protocols("show", "loso", "--target-access", "speaker-norm", "--json")))
    assert other["target_access"] == "speaker-norm"
    assert other["digest"] != plain["digest"]
    refused(protocols("show", "loso", "--target-access", "all"), UsageError, "unlabelled")


def test_folds_counted(protocols):
    card = json.loads(done(protocols("show", "loso", "--corpus", "savee", "--json")))
    (rows,) = card["folds"].values()
    assert [row["fold"] for row in rows] == ["DC", "JE", "JK", "KL"]
    assert rows[0]["train"] == {"utterances": 360, "speakers": 3, "missing": []}
    assert rows[0]["tests"] == {"savee": {"utterances": 120, "speakers": 1, "missing": []}}
    shown = done(protocols("show", "loso", "--corpus", "savee"))
    assert "loso on savee" in shown
    assert "360" in shown


def test_classes_that_a_side_lacks(protocols, tmp_path):
    path = tmp_path / "narrow.csv"
    path.write_text("id,side\nDC/a01,train\nDC/n01,train\nJE/a01,test\n", encoding="utf-8")
    card = json.loads(done(protocols("show", path, "--corpus", "savee", "--json")))
    (rows,) = card["folds"].values()
    assert "anger" not in rows[0]["train"]["missing"]
    assert {"neutral", "fear"} <= set(rows[0]["tests"]["savee"]["missing"])
    shown = " ".join(done(protocols("show", path, "--corpus", "savee")).split())
    assert "477 utterances stand in no fold" in shown


def test_exports_come_back_equal(protocols, tmp_path):
    table = done(protocols("export", "loso", "--corpus", "savee"))
    (tmp_path / "table.csv").write_text(table, encoding="utf-8")
    found = read(tmp_path / "table.csv")
    rows = list(csv.DictReader(io.StringIO(table)))
    assert list(rows[0])[:5] == ["fold", "side", "id", "corpus", "file"]
    for format_ in ("emobox", "nkululeko"):
        out = tmp_path / format_
        assert done(protocols("export", "loso", "--corpus", "savee", "--format", format_,
                              "--out", out)) == ""  # fmt: skip
        assert format_of(out) == format_
        assert read(out).splits == found.splits
    protocols_given = [given(tmp_path / name) for name in ("table.csv", "emobox", "nkululeko")]
    assert len({str(one.splitter) for one in protocols_given}) == 1
    again = tmp_path / "again.csv"
    done(protocols("export", tmp_path / "emobox", "--corpus", "savee", "--out", again))
    assert split_digest(read(again).splits) == split_digest(found.splits)


def test_files_as_they_stand_on_the_disk(protocols, tmp_path, forged_savee_whole):
    out = tmp_path / "out"
    done(protocols("export", "loso", "--corpus", "savee", "--format", "nkululeko", "--out", out))
    rows = csv.DictReader((out / "fold_DC" / "savee_test.csv").open(encoding="utf-8"))
    files = [row["file"] for row in rows]
    assert len(files) == 120
    assert all((forged_savee_whole / file).is_file() for file in files)
    assert f"audio_path = {forged_savee_whole}\n" in (out / "fold_DC/nkululeko.ini").read_text()


def test_labels_and_a_label_space_that_counts_twice(protocols):
    rows = list(csv.DictReader(io.StringIO(done(
        protocols("export", "loso", "--corpus", "savee", "--labels", "shared5")
    ))))  # fmt: skip
    assert len({row["id"] for row in rows}) == 360
    assert {row["emotion"] for row in rows} == {"anger", "fear", "happiness", "neutral", "sadness"}
    assert not any("#" in row["id"] for row in rows)


@pytest.mark.parametrize("format_", ["csv", "emobox", "nkululeko"])
def test_what_was_declared_comes_back(protocols, tmp_path, format_):
    out = tmp_path / ("kfold-savee.csv" if format_ == "csv" else "kfold-savee")
    done(protocols("export", "kfold", "--corpus", "savee", "--labels", "shared5",
                   "--format", format_, "--out", out))  # fmt: skip
    back = given(out)
    assert back.labels == ("shared5",)
    assert back.record(["savee"])["splitter"]["speaker_independent"] is False
    again = tmp_path / "again.csv"
    done(protocols("export", out, "--corpus", "savee", "--out", again))
    assert read(again).label_space == "shared5"
    assert read(again).speaker_independent is False
    (rows,) = json.loads(done(protocols("show", out, "--corpus", "savee", "--json")))[
        "folds"
    ].values()
    assert {row["train"]["utterances"] for row in rows} == {324}  # of 360 in the five classes


@pytest.mark.slow
def test_a_board_blames_no_export_for_what_its_protocol_declares(
    protocols, tmp_path, forged_savee_whole
):
    done(protocols("export", "kfold", "--corpus", "savee", "--out", "kfold-savee.csv"))
    table = (tmp_path / "kfold-savee.csv").read_text(encoding="utf-8")
    silent = table.replace(",speakers_declared\n", "\n").replace(",shared\n", "\n")
    (tmp_path / "silent.csv").write_text(silent, encoding="utf-8")
    badges = {}
    for name in ("kfold-savee", "silent"):
        asked = ["run", "--model", "prior", "--protocol", f"{name}.csv", "--corpus", "savee"]
        places = ["--corpus-root", f"savee={forged_savee_whole}", "--results", f"of-{name}"]
        done(CliRunner().invoke(app, [*asked, *places, "--workers", "1"]))
        shown = CliRunner().invoke(app, ["leaderboard", "--json", "--results", f"of-{name}"])
        badges[name] = json.loads(done(shown))[0]["badges"]
    assert "speaker-dependent" in badges["kfold-savee"]
    assert not any("error" in badge for badge in badges["kfold-savee"])
    assert "1 error" in badges["silent"]  # sharing speakers is a fault where nobody declares it


def test_splits_of_strangers_declare_nothing_of_speakers(protocols, tmp_path):
    (tmp_path / "theirs.csv").write_text("id,side\nDC/a01,train\nJE/a01,test\n", encoding="utf-8")
    done(protocols("export", "theirs.csv", "--corpus", "savee", "--out", "mine.csv"))
    assert read(tmp_path / "mine.csv").speaker_independent is None
    assert read(tmp_path / "mine.csv").label_space == "own"


@pytest.mark.corpus("EMO-DB")
def test_a_folder_of_tables_names_them(protocols, tmp_path, forged_savee_whole, real_corpus):
    roots = ("--corpus-root", f"emodb={real_corpus('EMO-DB')}")
    done(protocols("export", "kfold", "--corpus", "savee", "--corpus", "emodb", "--out", "two",
                   *roots))  # fmt: skip
    assert sorted(path.name for path in Path("two").iterdir()) == [
        "kfold-emodb.csv", "kfold-savee.csv",
    ]  # fmt: skip
    assert given(Path("two/kfold-savee.csv")).name == "kfold-savee"
    refused(protocols("show", "two"), ProtocolError, "kfold-emodb.csv, kfold-savee.csv",
            str(Path("two/kfold-emodb.csv")))  # fmt: skip


@pytest.mark.corpus("EMO-DB")
def test_cross_corpus_comes_back_under_its_label_space(protocols, tmp_path, real_corpus):
    roots = ("--corpus-root", f"emodb={real_corpus('EMO-DB')}")
    both = ("--corpus", "savee", "--corpus", "emodb", *roots)
    done(protocols("export", "cross-corpus", *both, "--out", "pairs.csv"))
    (back,) = json.loads(done(protocols("show", "pairs.csv", *both, "--json")))["folds"].values()
    (first,) = json.loads(done(protocols("show", "cross-corpus", *both, "--json")))[
        "folds"
    ].values()
    assert back == first
    assert given(Path("pairs.csv")).labels == ("shared5",)
    assert all(not row["train"]["missing"] for row in back)


def test_a_name_under_which_it_cannot_be_run_is_told(protocols, tmp_path):
    result = protocols("export", "loso", "--corpus", "savee", "--out", "loso.csv")
    assert result.exception is None
    assert "loso is a registered protocol" in " ".join(result.stderr.split())
    refused(protocols("show", "./loso.csv"), ProtocolError, "the registered protocol 'loso'",
            "loso-savee.csv")  # fmt: skip


def test_a_table_that_lost_its_sides(protocols, tmp_path):
    table = done(protocols("export", "kfold", "--corpus", "savee"))
    rows = [line.split(",") for line in table.splitlines()]
    assert rows[0][1] == "side"
    lost = "".join(",".join([row[0], *row[2:]]) + "\n" for row in rows)
    (tmp_path / "lost.csv").write_text(lost, encoding="utf-8")
    result = protocols("show", "lost.csv", "--corpus", "savee")
    assert isinstance(result.exception, ProtocolError)
    assert "no column side, split, subset or partition" in str(result.exception)
    assert "loso" not in str(result.exception)


def test_what_differs_from_the_corpus_is_told(protocols, tmp_path):
    (tmp_path / "mixed.csv").write_text(
        "id,side,emotion,speaker,mood\nDC/a01,train,Sadness,JE,x\nJE/a01,test,anger,JE,x\n",
        encoding="utf-8",
    )
    shown = " ".join(done(protocols("show", "mixed.csv", "--corpus", "savee")).split())
    assert "columns that mean nothing here: mood" in shown
    assert "1 utterance has another label in the splits than in savee" in shown
    assert "(savee/DC/a01: Sadness there, anger here); the corpus's is taken" in shown
    assert "1 utterance has another speaker in the splits than in savee" in shown


def test_refused_before_a_corpus_is_read(protocols, tmp_path):
    def export(*arguments):
        return protocols("export", *arguments, root=tmp_path / "nowhere")

    savee = ("--corpus", "savee")
    (tmp_path / "there.csv").write_text("x", encoding="utf-8")
    refused(export("loso", *savee, "--format", "xml"), UsageError, "csv, emobox, nkululeko")
    refused(export("loso", *savee, "--format", "emobox"), UsageError, "--out FOLDER")
    refused(export("loso", *savee, "--out", "folds"), UsageError, "ends in .csv")
    refused(export("loso", *savee, "--out", "there.csv"), UsageError, "exists already")
    refused(export("loso", *savee, "--format", "emobox", "--out", tmp_path), UsageError, "exists")
    refused(export("lsoo", *savee), SerbenchError, "'loso'", "file or folder of splits")
    refused(export("no/such", *savee), SerbenchError, "no/such does not exist")
    refused(
        protocols("export", "loso", "--corpus", "savee", "--corpus", "emodb"),
        UsageError,
        "--out FOLDER",
    )
    refused(protocols("show", "loso", "--labels", "own"), UsageError, "without --corpus")
    refused(protocols("export", "loso"), UsageError, "no corpus", "--corpus NAME")
    refused(protocols("export", "cross-corpus"), SerbenchError, "the folder of the corpus 'casia'")


def test_splits_of_another_corpus(protocols, tmp_path):
    path = tmp_path / "other.csv"
    path.write_text("id,side\n03a01Fa,train\nDC/a01,test\n", encoding="utf-8")
    refused(
        protocols("export", path, "--corpus", "savee"),
        ProtocolError,
        "1 of 2 utterances of the splits is none of savee: 03a01Fa",
    )


@pytest.mark.corpus("EMO-DB")
@pytest.mark.parametrize(
    ("protocol", "names"),
    [("kfold", {"csv": "back.csv", "emobox": "folder"}),
     ("loso", {"csv": "back.csv", "nkululeko": "tables"})],
)  # fmt: skip
def test_the_real_emodb_comes_back_equal(protocols, protocol, names, real_corpus, tmp_path):
    root = ("--corpus-root", f"emodb={real_corpus('EMO-DB')}")
    found = []
    for format_, name in names.items():
        done(protocols("export", protocol, "--corpus", "emodb", "--format", format_,
                       "--out", tmp_path / name, *root))  # fmt: skip
        found.append(read(tmp_path / name))
    assert len(found[0].splits) == 10
    assert found[0].splits == found[1].splits
    assert found[0].notes == found[1].notes == ()
    assert {len(listing.items) for listing in found} == {535}
    assert GivenFolds(found[0]) == GivenFolds(found[1])


@pytest.mark.corpus("EMO-DB")
def test_emobox_as_published_fits_the_real_emodb(protocols, real_corpus):
    emobox = Path(__file__).resolve().parents[3] / "shared" / "peers" / "EmoBox" / "emodb"
    if not emobox.is_dir():
        pytest.skip(f"{emobox} does not exist")
    root = ("--corpus-root", f"emodb={real_corpus('EMO-DB')}")
    card = json.loads(done(protocols("show", emobox, "--corpus", "emodb", *root, "--json")))
    (rows,) = card["folds"].values()
    assert [row["tests"]["emodb"]["utterances"] for row in rows] == [107] * 5
    assert all(row["tests"]["emodb"]["speakers"] == 10 for row in rows)


def test_no_traceback_and_a_status(command_line, tmp_path):
    (tmp_path / "bad.jsonl").write_bytes(b"\xff")
    ran = command_line("protocols", "show", "bad.jsonl")
    assert ran.returncode == 1
    ran.refused("line 1: byte 0xff at column 1 is no UTF-8")
