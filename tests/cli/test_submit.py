"""``serbench submit`` and ``serbench verify``, as they are typed."""

import json

import pytest

from serbench.bench import run
from serbench.cli.progress import Screen
from serbench.request import Request


@pytest.fixture
def typed(command_line, forged_savee, tmp_path):
    """``serbench`` where the prior was run on a forged SAVEE."""
    request = Request(
        [("prior", {})], ["loso"], ["savee"], tmp_path / "results", tmp_path / "cache",
        roots={"savee": forged_savee}, allow_partial=True,
    )  # fmt: skip
    run(request, Screen(quiet=True))
    return command_line


def test_pack_and_follow(typed, tmp_path, forged_savee):
    (tmp_path / "CARD.toml").write_text('title = "The prior"\n')
    done = typed("submit", "-o", "mine.tar", "--card", "CARD.toml")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "prior under loso on savee: 4 trials"
    name = lines[-1].removeprefix("submission ")
    again = typed("submit", "-o", "again.tar", "--card", "CARD.toml", "--json", "--quiet")
    assert json.loads(again.stdout)["id"] == name
    root = f"savee={forged_savee}"
    said = typed("verify", "mine.tar", "--corpus-root", root, "--rerun", "1", "--quiet")
    assert said.returncode == 0, said.stderr
    assert name in said.stdout
    assert "re-run      prior under loso on savee: UA 14.3, 4 trials" in said.stdout
    assert "answers agree bit for bit" in said.stdout
    assert said.stdout.splitlines()[-1] == "1 row: 1 re-run"


def test_a_submission_that_was_edited(typed, tmp_path):
    assert "no.toml cannot be read" in typed("submit", "-o", "x.tar", "--card", "no.toml").stderr
    typed("submit", "-o", "mine.tar")
    path = tmp_path / "mine.tar"
    path.write_bytes(path.read_bytes().replace(b'"title": null', b'"title": 1234'))
    said = typed("verify", path, "--json")
    assert said.returncode == 1
    record = json.loads(said.stdout)
    assert record["holds"] is False
    assert record["rungs"] == {"claimed": 1, "recomputed": 0, "re-run": 0}
    (brought,) = record["brought"]
    assert {one["code"] for one in brought["findings"]} == {"digest"}
    assert brought["findings"][0]["file"] == "card.json"
    assert "error [digest]" in typed("verify", path).stdout


@pytest.mark.parametrize(
    ("words", "complaints"),
    [
        (("submit", "-o", "x.zip"), ("-o x.zip", ".tar")),
        (("submit", "-o", "no/x.tar"), ("-o no/x.tar", "a folder that exists")),
        (("submit", "-o", "x.tar", "--model", "svm"), ("holds no row of svm",)),
    ],
)
def test_what_cannot_be_meant(command_line, tmp_path, words, complaints):
    (tmp_path / "results" / "trials").mkdir(parents=True)
    command_line(*words).refused(*complaints)
