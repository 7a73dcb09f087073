"""``serbench models new``: what it says. What it writes: tests/test_scaffold.py."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from serbench.cli.app import app
from serbench.errors import UsageError


def new(*command):
    return CliRunner().invoke(app, ["models", "new", *command], catch_exceptions=False)


def test_it_says_what_it_wrote_and_what_is_next(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = new("my-model")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "my-model/README.md",
        "my-model/my_model.py",
        "my-model/pyproject.toml",
        "my-model/test_my_model.py",
        "next:",
        "  cd my-model",
        "  pip install -e '.[test]' && pytest",
        "  serbench run --model my-model --protocol loso --corpus emodb",
    ]
    assert len(list((tmp_path / "my-model").iterdir())) == 4


def test_another_folder(tmp_path):
    result = new("deep-one", "--dir", str(tmp_path / "a" / "b"))
    assert f"  cd {tmp_path / 'a' / 'b'}" in result.stdout
    assert (tmp_path / "a" / "b" / "deep_one.py").is_file()


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="nothing in it is overwritten"):
        new("my-model", "--dir", str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
