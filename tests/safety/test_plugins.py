"""A guest's code runs when it is asked for by name: never to be listed, and never for another."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

MODULE = """
from pathlib import Path
Path({mark!r}).write_text("")
raise RuntimeError("broken on purpose")
"""
POINTS = """[serbench.models]
broken = broken_guest:Model
[serbench.corpora]
brokencorpus = broken_guest:Corpus
[serbench.protocols]
brokenprotocol = broken_guest:PROTOCOL
[serbench.labels]
brokenlabels = broken_guest:LABELS
[serbench.executors]
brokenexecutor = broken_guest:Executor
"""
# One process for all of them: each command starts a new one otherwise, at a second apiece.
RUN = """
import sys, contextlib, io
from serbench.cli.app import main
for words in {every!r}:
    sys.argv = ["serbench", *words]
    text = io.StringIO()
    with contextlib.redirect_stdout(text), contextlib.redirect_stderr(text):
        try:
            main()
        except SystemExit as end:
            status = end.code or 0
        else:
            status = 0
    print("\\x1e", *words, "\\x1f", status, "\\x1f", text.getvalue())
"""


@pytest.fixture
def guest(tmp_path):
    """An installed distribution whose only module leaves a mark and fails; what commands print."""
    site = tmp_path / "site"
    info = site / "broken_guest-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken-guest\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(POINTS)
    mark = tmp_path / "imported"
    (site / "broken_guest.py").write_text(MODULE.format(mark=str(mark)))

    def call(*every: list[str]) -> dict[str, tuple[int, str]]:
        places = {f"SERBENCH_{n}": str(tmp_path / n) for n in ("RESULTS", "CACHE", "CONFIG")}
        more = {"PYTHONPATH": str(site), "COLUMNS": "200", "_TYPER_COMPLETE_TEST": ""}
        done = subprocess.run(
            [sys.executable, "-c", RUN.format(every=every)], cwd=tmp_path, capture_output=True,
            text=True, env=os.environ | places | more, timeout=120, check=True,
        )  # fmt: skip
        said = {}
        for part in done.stdout.split("\x1e")[1:]:
            words, status, text = part.split("\x1f", 2)
            said[words.strip()] = int(status), text
        return said

    call.mark = mark  # type: ignore[attr-defined]
    return call


def test_listing_imports_nothing(guest):
    said = guest(["models", "list"], ["corpora", "list"], ["protocols", "list"], ["labels", "list"],
                 ["run", "--help"], ["status"], ["models", "show", "svm"])  # fmt: skip
    assert not Path(guest.mark).exists()
    assert "broken" in said["models list"][1]
    assert "brokencorpus" in said["corpora list"][1]
    for words in (
        "models list",
        "corpora list",
        "protocols list",
        "labels list",
        "models show svm",
    ):
        assert said[words][0] == 0, said[words]


def test_one_that_is_broken_is_said_when_it_is_asked_for(guest):
    status, text = guest(["models", "show", "broken"])["models show broken"]
    assert status == 1
    assert guest.mark.exists()
    for word in ("broken_guest", "broken-guest 1.0", "broken on purpose", "everything else works"):
        assert word in text.replace("\n", " ")
    assert "Traceback" not in text


def test_completion_imports_nothing(guest, tmp_path):
    env = os.environ | {
        "PYTHONPATH": str(tmp_path / "site"),
        "_SERBENCH_COMPLETE": "complete_bash",
        "COMP_WORDS": "serbench run --model b",
        "COMP_CWORD": "3",
    }
    subprocess.run(
        [Path(sys.executable).with_name("serbench")], env=env, cwd=tmp_path, capture_output=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert not guest.mark.exists()
