"""The command line: what it imports, what it refuses and how, what a machine lacks."""

import json
import os
import subprocess
import sys
import sysconfig
from importlib.metadata import version
from pathlib import Path

import pytest

SERBENCH = Path(sysconfig.get_path("scripts")) / "serbench"
HEAVY = ("torch", "transformers", "sklearn", "scipy.stats", "statsmodels", "pandas", "pyarrow",
         "matplotlib", "librosa", "datasets", "numba", "opensmile", "soundfile")  # fmt: skip


LIGHT = ("--help", "run --help", "models list", "corpora list", "labels list", "protocols list",
         "leaderboard")  # fmt: skip


def test_start_up_imports_nothing_heavy(tmp_path):
    """One command after the other in one process: the first that imports something is named."""
    (tmp_path / "results-local").mkdir()
    code = (
        "import sys; from serbench.cli.app import main\n"
        f"for command in {LIGHT!r}:\n"
        "    sys.argv = ['serbench', *command.split()]\n"
        "    try: main()\n"
        "    except SystemExit: pass\n"
        f"    print('HEAVY', command, [m for m in {HEAVY!r} if m in sys.modules])"
    )
    environment = dict(os.environ, SERBENCH_CONFIG=str(tmp_path / "config"))
    environment.pop("SERBENCH_RESULTS", None)
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path,
        env=environment,
    )  # fmt: skip
    told = [line for line in ran.stdout.splitlines() if line.startswith("HEAVY")]
    assert told == [f"HEAVY {command} []" for command in LIGHT]


def test_the_script_that_is_installed(tmp_path):
    """Once through a process of its own; what it answers to the rest is asked in this one."""

    def call(*words):
        environment = dict(os.environ, SERBENCH_CONFIG=str(tmp_path), COLUMNS="200")
        return subprocess.run(
            [SERBENCH, *words], env=environment, cwd=tmp_path, capture_output=True, text=True,
            check=False,
        )  # fmt: skip

    assert call("--version").stdout == f"serbench {version('serbench')}\n"
    ran = call("run", "--model", "priro", "--protocol", "loso", "--corpus", "savee")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("error: no model is called 'priro'")
    assert "did you mean 'prior'?" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_unknown_names(command_line, forged_savee):
    base = {"--model": "prior", "--protocol": "loso", "--corpus": "savee"}
    for option, wrong, hint in (
        ("--model", "priro", "'prior'"),
        ("--protocol", "los", "'loso'"),
        ("--corpus", "save", "'savee'"),
    ):
        options = [word for pair in (base | {option: wrong}).items() for word in pair]
        command_line("run", *options).refused("is called", hint)
    options = [word for pair in base.items() for word in pair]
    command_line("run", *options).refused("the folder of the corpus 'savee' is not known")
    root = ("--corpus-root", f"savee={forged_savee}")
    command_line("run", *options, *root, "--set", "x=1").refused("no parameter 'x'")
    command_line("run", *options, *root, "--executor", "seriel").refused("'serial'")
    command_line("run", *options, *root, "--labels", "owm").refused("'own'")
    command_line("run", *options, *root, "--seeds", "0", "--allow-partial").refused("--seeds 0")
    command_line("run", *options, "--corpus-root", "savee").refused("NAME=DIR")
    command_line("models", "show", "dblm").refused("'dblmm'")
    net = ("run", "--model", "dblmm", "--protocol", "loso", "--corpus", "savee", *root)
    command_line(*net, "--device", "cuda:7").refused("'cuda:7'")
    command_line(*net, "--device", "gpu").refused("'gpu' is unknown")
    command_line(*net, "--set", "hidden=0").refused("hidden=0")


def test_no_results_yet(command_line):
    command_line("leaderboard").refused("results folder", "serbench demo")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_folder_that_cannot_be_written(command_line, forged_savee, tmp_path):
    (tmp_path / "shut").mkdir(mode=0o500)
    ran = command_line("run", "--model", "prior", "--protocol", "loso", "--corpus", "savee",
                   "--corpus-root", f"savee={forged_savee}", "--allow-partial",
                   "--results", tmp_path / "shut" / "results")  # fmt: skip
    ran.refused("cannot be written")


def test_doctor(command_line):
    ran = command_line("doctor", "--json")
    assert ran.returncode == 0, ran.stdout
    assert all(row["ok"] for row in json.loads(ran.stdout))
