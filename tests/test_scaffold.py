"""The package that ``serbench models new`` begins: installed and run as its author would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest

from serbench.errors import StoreError, UsageError
from serbench.registry import registered
from serbench.scaffold import scaffold

SERBENCH = Path(sysconfig.get_path("scripts")) / "serbench"
FILES = ["README.md", "pyproject.toml", "test_whisper_net.py", "whisper_net.py"]


def test_the_names_are_its_own(tmp_path):
    written = scaffold("whisper-net", tmp_path / "deeper" / "package")
    assert sorted(path.name for path in written) == FILES
    texts = {path.name: path.read_text() for path in written}
    for text in texts.values():
        assert not any(word in text for word in ("my-model", "my_model", "MyModel", "emplate"))
    project = tomllib.loads(texts["pyproject.toml"])
    assert project["project"]["name"] == "whisper-net"
    assert project["project"]["entry-points"]["serbench.models"] == {
        "whisper-net": "whisper_net:WhisperNet"
    }
    assert "class WhisperNet(Net):" in texts["whisper_net.py"]
    assert "serbench run --model whisper-net" in texts["README.md"]


@pytest.mark.parametrize(
    ("name", "class_"),
    [("net", "NetModel"), ("log-mel", "LogMelModel"), ("convolution", "ConvolutionModel"),
     ("none", "NoneModel"), ("x2-y", "X2Y"), ("padded", "PaddedModel")],
)  # fmt: skip
def test_a_class_hides_nothing_that_the_module_imports(tmp_path, name, class_):
    scaffold(name, tmp_path / name)
    source = (tmp_path / name / f"{name.replace('-', '_')}.py").read_text()
    assert f"class {class_}(Net):" in source
    module: dict[str, object] = {"__name__": "scaffolded"}
    sys.modules["scaffolded"] = type(sys)("scaffolded")  # where dataclasses look for it
    exec(compile(source, "scaffolded.py", "exec"), module)
    assert module[class_]().recipes


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("My_Model", "my-model"), ("MyModel", "my-model"), ("my model", "my-model"),
        ("my--model", "my-model"), ("-my", "my"), ("my-", "my"), ("2nd", None), ("", None),
        ("größe", "gr-e"), ("../up", "up"), ("a/b", "a-b"), ("model.py:Class", "model-py-class"),
    ],
)  # fmt: skip
def test_names_that_cannot_be_are_refused(tmp_path, name, advice):
    with pytest.raises(UsageError, match="cannot be the name of a model") as error:
        scaffold(name, tmp_path / "new")
    assert error.value.advice == (f"serbench models new {advice}" if advice else "")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", ["torch", "json", "class", "serbench", "conftest", "test"])
def test_modules_that_python_has_are_refused(tmp_path, name):
    with pytest.raises(UsageError, match="Python has one of that name"):
        scaffold(name, tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", ["dblmm", "svm-mfcc"])
def test_a_registered_name_is_refused_with_its_owner(tmp_path, name):
    with pytest.raises(UsageError, match="is installed") as error:
        scaffold(name, tmp_path / "new")
    assert registered("models")[name][0].owner in error.value.found
    assert not (tmp_path / "new").exists()


def test_what_is_there_stays(tmp_path):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / ".hidden").write_text("mine")
    for folder in ("file", "full"):
        with pytest.raises(UsageError, match="nothing in it is overwritten"):
            scaffold("whisper-net", tmp_path / folder)
    assert (tmp_path / "file").read_text() == "mine"
    assert [path.name for path in (tmp_path / "full").iterdir()] == [".hidden"]
    (tmp_path / "empty").mkdir()
    assert len(scaffold("whisper-net", tmp_path / "empty")) == 4


def test_a_disk_that_refuses_is_said_and_left_clean(tmp_path, monkeypatch):
    real = Path.open

    def refuse(path, *how, **more):
        if path.name == "test_whisper_net.py":
            raise OSError(28, "No space left on device")
        return real(path, *how, **more)

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(StoreError, match="no space is left"):
        scaffold("whisper-net", tmp_path / "new")
    assert list((tmp_path / "new").iterdir()) == []


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The scaffold's wheel in a folder of its own, and an environment that sees it."""
    folder = tmp_path_factory.mktemp("scaffold")
    scaffold("whisper-net", folder / "package")
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run([*install, "--target", folder / "site", folder / "package"], check=True)
    environment = dict(
        os.environ,
        PYTHONPATH=str(folder / "site"),
        SERBENCH_RESULTS=str(folder / "results"),
        SERBENCH_CACHE=str(folder / "cache"),
        SERBENCH_CONFIG=str(folder / "config"),
        PYTEST_DISABLE_PLUGIN_AUTOLOAD="1",  # it needs none, and they take a second
    )

    def run(*command):
        return subprocess.run(
            [*map(str, command)], env=environment, cwd=folder / "package",
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    return run


def test_installed_it_is_listed(installed):
    rows = json.loads(installed(SERBENCH, "models", "list", "--json").stdout)
    (row,) = [row for row in rows if row["name"] == "whisper-net"]
    assert row["owner"] == "whisper-net 0.1.0"


SHOWN_AND_TESTED = """
import pytest, sys
from typer.testing import CliRunner
from serbench.cli.app import app
shown = CliRunner().invoke(app, ["models", "show", "whisper-net", "--json"], catch_exceptions=False)
print(shown.stdout, "-----", sep="")
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider"]))
"""


@pytest.mark.slow
def test_it_is_shown_and_its_own_test_passes(installed):
    """In one process: to import torch takes longer than either."""
    ran = installed(sys.executable, "-P", "-c", SHOWN_AND_TESTED)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    facts, _, told = ran.stdout.partition("-----")
    assert "1 passed" in told
    shown = json.loads(facts)
    assert shown["parameters"] == 5 * 40 * 64 + 64 + 5 * 64 * 64 + 64 + 64 * 7 + 7
    assert shown["arrays"] == {"log-mel": [201, 40]}
    assert shown["macs"] == 201 * (5 * 40 * 64 + 5 * 64 * 64) + 64 * 7


@pytest.mark.slow
def test_it_runs_on_a_corpus(installed, forged_savee):
    ran = installed(
        SERBENCH, "run", "--model", "whisper-net", "--protocol", "loso", "--corpus", "savee",
        "--corpus-root", f"savee={forged_savee}", "--allow-partial", "--set", "epochs=4",
        "--workers", "1", "--seeds", "1", "--json",
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    (row,) = json.loads(ran.stdout)
    assert (row["model"], row["trials_done"]) == ("whisper-net", 4)


@pytest.mark.skipif(not SERBENCH.with_name("ruff").exists(), reason="ruff is not installed")
def test_it_is_as_tidy_as_the_rest(tmp_path):
    scaffold("whisper-net", tmp_path / "package")
    settings = Path(__file__).parents[1] / "pyproject.toml"
    ruff = SERBENCH.with_name("ruff")
    for command in (["check", "--ignore", "INP001"], ["format", "--check"]):  # modules, no package
        told = subprocess.run(
            [ruff, *command, "--config", settings, "--no-cache", tmp_path / "package"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert told.returncode == 0, told.stdout
