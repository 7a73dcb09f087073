"""A guest distribution is built, installed and run, as its author would."""

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

GUEST = Path(__file__).parent / "guest"
SERBENCH = Path(sysconfig.get_path("scripts")) / "serbench"


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The guest's wheel in a folder of its own, and an environment that sees it."""
    folder = tmp_path_factory.mktemp("guest")
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run([*build, "-w", folder / "dist", GUEST], check=True)
    (wheel,) = (folder / "dist").glob("serbench_guest-0.3.0-*.whl")
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target"]
    subprocess.run([*install, folder / "site", wheel], check=True)
    environment = dict(
        os.environ,
        PYTHONPATH=str(folder / "site"),
        SERBENCH_RESULTS=str(folder / "results"),
        SERBENCH_CACHE=str(folder / "cache"),
        SERBENCH_CONFIG=str(folder / "config"),
        COLUMNS="160",
    )

    def serbench(*arguments):
        return subprocess.run(
            [SERBENCH, *map(str, arguments)],
            env=environment, cwd=folder, capture_output=True, text=True, check=False,
        )  # fmt: skip

    return serbench, folder


def test_guest_is_listed_with_its_owner(installed):
    serbench, _ = installed
    rows = json.loads(serbench("models", "list", "--json").stdout)
    (loudness,) = [row for row in rows if row["name"] == "loudness"]
    assert loudness["owner"] == "serbench-guest 0.3.0"
    assert "dblmm" in {row["name"] for row in rows}


FORGED_AND_CHECKED = """
from pathlib import Path
from serbench.registry import load
from serbench.testing import check_corpus, check_model
from serbench.testing.forge import forge_corpus
forge_corpus(load("corpora", "whispers")(), Path("whispers"))
print("forged", flush=True)
check_model(load("models", "loudness"))
check_corpus(load("corpora", "whispers")())
"""


@pytest.fixture(scope="module")
def checked(installed):
    """What became of forging and of the contract tests, in one process."""
    _, folder = installed
    return subprocess.run(
        [sys.executable, "-c", FORGED_AND_CHECKED],
        env=dict(os.environ, PYTHONPATH=str(folder / "site")), cwd=folder, stdout=subprocess.PIPE,
        text=True, check=False,
    )  # fmt: skip


def test_guest_model_runs_on_the_guest_corpus(installed, checked):
    serbench, _ = installed
    assert checked.stdout == "forged\n"
    added = serbench("corpora", "add", "whispers", "whispers")
    assert added.returncode == 0, added.stderr
    ran = serbench(
        "run", "--model", "loudness", "--model", "prior",
        "--protocol", "loso", "--corpus", "whispers", "--json",
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    rows = {row["model"]: row for row in json.loads(ran.stdout)}
    assert rows["loudness"]["trials_done"] == 2
    assert rows["prior"]["ua"] == 0.5


def test_guest_passes_the_contract_tests(checked):
    assert checked.returncode == 0
