"""The command line without a process of its own: the same words in, the same words out."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from serbench.cli.app import main


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit status, under the names of ``subprocess``."""

    returncode: int
    stdout: str
    stderr: str

    def refused(self, *words: str) -> None:
        """An error in words: non-zero, no traceback, nothing on standard output."""
        assert self.returncode != 0
        assert "Traceback" not in self.stderr
        assert self.stdout == ""
        for word in words:
            assert word in self.stderr, self.stderr


def _text() -> io.TextIOWrapper:
    """Takes bytes as a pipe does, so what sets the encoding of its output finds one to set."""
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n", write_through=True)


def _written(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()


def _said(words: list[str]) -> Said:
    """Call the entry point of the script ``serbench``; what it does not catch is not caught."""
    status = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["serbench", *words])
        out, err = _text(), _text()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                main()
            except SystemExit as end:
                status = int(end.code or 0)
        return Said(status, _written(out), _written(err))


@pytest.fixture
def command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    """``command_line("models", "list", COLUMNS="80")``: a command with its environment.

    Folders of its own stand in for the user's, and it runs in one: a path may be relative. A test
    whose point is the process (what it imports, how it ends, what it leaves behind) starts one.
    """
    for name in ("RESULTS", "CACHE", "CONFIG"):
        monkeypatch.setenv(f"SERBENCH_{name}", str(tmp_path / name.lower()))
    monkeypatch.delenv("SERBENCH_CORPORA", raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)

    def call(*words: Any, **variables: Any) -> Said:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in variables.items():
                patch.setenv(name, str(value))
            return _said([str(word) for word in words])

    return call
