"""``serbench corpora add``: where a corpus lies, remembered or from the environment."""

import csv
import io
import json


def test_corpora_add_then_found(command_line, forged_savee_whole):
    added = command_line("corpora", "add", "savee", forged_savee_whole)
    assert added.returncode == 0, added.stderr
    assert "480 utterances of 4 speakers" in added.stdout
    listed = {
        row["name"]: row for row in json.loads(command_line("corpora", "list", "--json").stdout)
    }
    assert listed["savee"]["folder"] == str(forged_savee_whole)
    assert listed["emodb"]["folder"] is None
    checked = command_line("corpora", "check", "savee", "--json")
    assert checked.returncode == 1  # forged: every name is right, and no sound is the release's
    assert json.loads(checked.stdout)["verdict"] == "altered"
    rows = list(csv.DictReader(io.StringIO(command_line("corpora", "export", "savee").stdout)))
    assert len(rows) == 480
    assert list(rows[0])[:4] == ["id", "file", "speaker", "emotion"]
    shown = json.loads(command_line("corpora", "show", "savee", "--json").stdout)
    assert shown["found"]["emotions"]["neutral"] == 120


def test_corpora_by_environment(command_line, forged_savee_whole, tmp_path):
    (tmp_path / "all").mkdir()
    (tmp_path / "all" / "savee").symlink_to(forged_savee_whole)
    shown = command_line("corpora", "show", "savee", SERBENCH_CORPORA=str(tmp_path / "all"))
    assert shown.returncode == 0, shown.stderr
    assert "0.0" in shown.stdout


def test_wrong_folders(command_line, tmp_path, forged_savee):
    command_line("corpora", "add", "savee", tmp_path / "nowhere").refused("does not exist")
    (tmp_path / "empty").mkdir()
    command_line("corpora", "add", "savee", tmp_path / "empty").refused("holds no file of")
    command_line("corpora", "add", "emodb", forged_savee).refused("holds no file of", "sound files")
    command_line("corpora", "add", "savee", forged_savee).refused("findings", "--allow-partial")
    assert json.loads(command_line("corpora", "list", "--json").stdout)[0]["folder"] is None
