"""The command line as people and scripts use it."""

import csv
import io
import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

SERBENCH = Path(sysconfig.get_path("scripts")) / "serbench"
HEAVY = ("torch", "transformers", "sklearn", "scipy.stats", "statsmodels", "pandas", "pyarrow",
         "matplotlib", "librosa", "datasets", "numba", "opensmile", "soundfile")  # fmt: skip


@pytest.fixture
def serbench(tmp_path):
    environment = dict(
        os.environ,
        SERBENCH_RESULTS=str(tmp_path / "results"),
        SERBENCH_CACHE=str(tmp_path / "cache"),
        SERBENCH_CONFIG=str(tmp_path / "config"),
        COLUMNS="200",
    )
    environment.pop("SERBENCH_CORPORA", None)

    def call(*arguments, **variables):
        return subprocess.run(
            [SERBENCH, *map(str, arguments)],
            env=environment | variables, cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip

    return call


def refused(result, *words):
    """An error in words: non-zero, no traceback, nothing on standard output."""
    assert result.returncode != 0
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
    for word in words:
        assert word in result.stderr, result.stderr


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["run", "--help"], ["models", "list"], ["corpora", "list"], ["labels", "list"],
     ["protocols", "list"],
     ["leaderboard"]],
)  # fmt: skip
def test_start_up_imports_nothing_heavy(arguments, tmp_path):
    (tmp_path / "results-local").mkdir()
    code = (
        "import sys; from serbench.cli.app import main\n"
        f"sys.argv = ['serbench', *{arguments!r}]\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"print('HEAVY', [m for m in {HEAVY!r} if m in sys.modules])"
    )
    environment = dict(os.environ, SERBENCH_CONFIG=str(tmp_path / "config"))
    environment.pop("SERBENCH_RESULTS", None)
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path,
        env=environment,
    )  # fmt: skip
    assert ran.stdout.splitlines()[-1] == "HEAVY []"


def test_leaderboard_with_results_never_imports_torch(serbench, forged_savee, tmp_path):
    ran = serbench("run", "--model", "prior", "--protocol", "loso", "--corpus", "savee",
                   "--corpus-root", f"savee={forged_savee}", "--allow-partial")  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    code = (
        "import sys; from serbench.cli.app import main\n"
        "sys.argv = ['serbench', 'leaderboard']\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print('HEAVY', [m for m in ('torch', 'librosa', 'sklearn') if m in sys.modules])"
    )
    environment = dict(os.environ, SERBENCH_RESULTS=str(tmp_path / "results"))
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert ran.stdout.splitlines()[-1] == "HEAVY []"
    assert "prior" in ran.stdout


def test_run_and_leaderboard_in_every_format(serbench, forged_savee):
    ran = serbench(
        "run", "--model", "svm-mfcc", "--model", "prior", "--protocol", "loso", "--corpus", "savee",
        "--corpus-root", f"savee={forged_savee}", "--allow-partial", "--set", "svm-mfcc:c=2",
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert "svm-mfcc" in ran.stdout
    table = serbench("leaderboard").stdout
    assert "savee under loso" in table
    assert "PARTIAL CORPUS" in table
    assert "c=2.0" in table
    rows = json.loads(serbench("leaderboard", "--format", "json").stdout)
    promised = {"corpora", "protocol", "selection", "model", "variant", "ua", "ua_low", "ua_high",
                "wa", "ua_fold", "n_speakers", "n_folds", "n_seeds", "trials_done",
                "trials_planned"}  # fmt: skip
    assert promised <= set(rows[0])
    assert rows[0]["model"] == "svm-mfcc"
    assert rows[0]["variant"] == "c=2.0"
    assert rows[0]["corpora"] == ["savee"]
    read = list(csv.DictReader(io.StringIO(serbench("leaderboard", "--format", "csv").stdout)))
    models = [row["model"] for row in read if row["canary"] == "False"]
    assert models == ["svm-mfcc", "prior"]
    assert "canary: majority" in {row["model"] for row in read}
    assert float(read[0]["ua"]) == rows[0]["ua"]
    assert "| svm-mfcc | c=2.0 |" in serbench("leaderboard", "--format", "md").stdout
    refused(serbench("leaderboard", "--model", "none", "--json"), "no board matches none")


def test_corpora_add_then_found(serbench, forged_savee_whole):
    added = serbench("corpora", "add", "savee", forged_savee_whole)
    assert added.returncode == 0, added.stderr
    assert "480 utterances of 4 speakers" in added.stdout
    listed = {row["name"]: row for row in json.loads(serbench("corpora", "list", "--json").stdout)}
    assert listed["savee"]["folder"] == str(forged_savee_whole)
    assert listed["emodb"]["folder"] is None
    checked = serbench("corpora", "check", "savee", "--json")
    assert checked.returncode == 1  # forged: every name is right, and no sound is the release's
    assert json.loads(checked.stdout)["verdict"] == "altered"
    rows = list(csv.DictReader(io.StringIO(serbench("corpora", "export", "savee").stdout)))
    assert len(rows) == 480
    assert list(rows[0])[:4] == ["id", "file", "speaker", "emotion"]
    shown = json.loads(serbench("corpora", "show", "savee", "--json").stdout)
    assert shown["found"]["emotions"]["neutral"] == 120


def test_corpora_by_environment(serbench, forged_savee_whole, tmp_path):
    (tmp_path / "all").mkdir()
    (tmp_path / "all" / "savee").symlink_to(forged_savee_whole)
    shown = serbench("corpora", "show", "savee", SERBENCH_CORPORA=str(tmp_path / "all"))
    assert shown.returncode == 0, shown.stderr
    assert "0.0" in shown.stdout


def test_models_show_counts_parameters(serbench):
    shown = json.loads(serbench("models", "show", "dblmm", "--json").stdout)
    assert shown["parameters"] == 34_553_863
    assert shown["settings"]["hidden"] == 1024
    four = json.loads(serbench("models", "show", "dblmm", "--classes", "4", "--json").stdout)
    assert four["parameters"] == 34_553_863 - 3 * (8192 + 1)


def test_protocols(serbench):
    cards = {
        card["name"]: card for card in json.loads(serbench("protocols", "list", "--json").stdout)
    }
    assert cards["loso"]["speaker_independent"] is True
    assert cards["last-epoch"]["split_seeds"]["emodb"] == 46
    assert "leave" in serbench("protocols", "show", "loso").stdout


def test_doctor(serbench):
    ran = serbench("doctor", "--json")
    assert ran.returncode == 0, ran.stdout
    assert all(row["ok"] for row in json.loads(ran.stdout))


def test_unknown_names(serbench, forged_savee):
    base = {"--model": "prior", "--protocol": "loso", "--corpus": "savee"}
    for option, wrong, hint in (
        ("--model", "priro", "'prior'"),
        ("--protocol", "los", "'loso'"),
        ("--corpus", "save", "'savee'"),
    ):
        options = [word for pair in (base | {option: wrong}).items() for word in pair]
        refused(serbench("run", *options), "is called", hint)
    options = [word for pair in base.items() for word in pair]
    refused(serbench("run", *options), "the folder of the corpus 'savee' is not known")
    root = ("--corpus-root", f"savee={forged_savee}")
    refused(serbench("run", *options, *root, "--set", "x=1"), "no parameter 'x'")
    refused(serbench("run", *options, *root, "--executor", "seriel"), "'serial'")
    refused(serbench("run", *options, *root, "--labels", "owm"), "'own'")
    refused(serbench("run", *options, *root, "--seeds", "0", "--allow-partial"), "--seeds 0")
    refused(serbench("run", *options, "--corpus-root", "savee"), "NAME=DIR")
    refused(serbench("models", "show", "dblm"), "'dblmm'")
    net = ("run", "--model", "dblmm", "--protocol", "loso", "--corpus", "savee", *root)
    refused(serbench(*net, "--device", "cuda:7"), "'cuda:7'")
    refused(serbench(*net, "--device", "gpu"), "'gpu' is unknown")
    refused(serbench(*net, "--set", "hidden=0"), "hidden=0")


def test_wrong_folders(serbench, tmp_path, forged_savee):
    refused(serbench("corpora", "add", "savee", tmp_path / "nowhere"), "does not exist")
    (tmp_path / "empty").mkdir()
    refused(serbench("corpora", "add", "savee", tmp_path / "empty"), "holds no file of")
    refused(serbench("corpora", "add", "emodb", forged_savee), "holds no file of", "sound files")
    refused(serbench("corpora", "add", "savee", forged_savee), "findings", "--allow-partial")
    assert json.loads(serbench("corpora", "list", "--json").stdout)[0]["folder"] is None


def test_no_results_yet(serbench):
    refused(serbench("leaderboard"), "results folder", "serbench demo")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_folder_that_cannot_be_written(serbench, forged_savee, tmp_path):
    (tmp_path / "shut").mkdir(mode=0o500)
    ran = serbench("run", "--model", "prior", "--protocol", "loso", "--corpus", "savee",
                   "--corpus-root", f"savee={forged_savee}", "--allow-partial",
                   "--results", tmp_path / "shut" / "results")  # fmt: skip
    refused(ran, "cannot be written")
