"""The models of docs/your-model.md keep the contract, as they stand on the page."""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path

import pytest

from serbench.choice import ModelChoice
from serbench.registry import load
from serbench.testing import check_model

PAGE = Path(__file__).parents[1] / "docs" / "your-model.md"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Every block of the page that begins with a file's name, written to that file."""
    folder = tmp_path_factory.mktemp("page")
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        if name := re.match(r"# (\w+\.py)(, continued)?\n", block):
            with (folder / name[1]).open("a", encoding="utf-8") as file:
                file.write(block)
    return folder


@pytest.fixture
def model(folder):
    return lambda spec: load("models", f"{folder}/{spec}")


def test_the_first_try(model):
    check_model(model("my_model.py:MyModel"))
    check_model(model("energy.py:Loud"))


def test_one_that_hears_the_test_side(model):
    check_model(model("shifted.py:Shifted"))


def test_the_nets(model):
    small = {"hidden": 4, "epochs": 1}
    check_model(model("net.py:Gendered"), small)
    check_model(model("net.py:Gendered"), {**small, "gender": False})


def test_the_setting_that_the_page_sets(folder):
    assert ModelChoice.of(f"{folder}/my_model.py:MyModel", {"c": "0.1"}).settings == {"c": 0.1}


def test_the_tests(folder, monkeypatch):
    monkeypatch.syspath_prepend(str(folder))
    tests = runpy.run_path(str(folder / "test_my_model.py"))
    try:
        tests["test_my_model"]()
        tests["test_my_net"]()
    finally:  # or other tests would find modules of these names
        for name in ("my_model", "net"):
            sys.modules.pop(name, None)
