"""The register: lazy, helpful, and fair to both claimants of a name."""

import subprocess
import sys

import pytest

from serbench import registry
from serbench.errors import AmbiguousName, BrokenPlugin, UnknownName, UsageError
from serbench.registry import Registered


def claims(*targets):
    return tuple(Registered("models", "twin", target, owner) for target, owner in targets)


def test_every_builtin_loads():
    for group in registry.GROUPS:
        assert registry.registered(group)
        for name in registry.registered(group):
            assert registry.load(group, name) is not None


def test_listing_imports_nothing_that_is_listed():
    code = (
        "import sys; from serbench.registry import registered; registered('models');"
        "sys.exit(any(name.startswith('serbench_baselines') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_checkout_that_is_not_installed_finds_what_ships_with_it():
    """Under Python 3.11 entry points come as a mapping, later as a sequence; others stay."""
    code = """
import importlib.metadata as metadata, pathlib, sys, tempfile
folder = pathlib.Path(tempfile.mkdtemp(), "guest-1.0.dist-info")
folder.mkdir()
(folder / "METADATA").write_text("Name: guest\\nVersion: 1.0\\n")
(folder / "entry_points.txt").write_text("[serbench.models]\\nguest = guest:Guest\\n")
metadata.distributions = lambda **known: iter([metadata.PathDistribution(folder)])
from serbench.registry import registered
assert "serial" in registered("executors")
assert {"guest", "prior"} <= set(registered("models")), set(registered("models"))
assert registered("models")["guest"][0].owner == "guest 1.0"
"""
    found = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)
    assert found.returncode == 0, found.stderr.decode()


def test_near_name_is_suggested():
    with pytest.raises(UnknownName, match="did you mean 'dblmm'"):
        registry.load("models", "dblm")


def test_half_a_checkout_says_what_it_lacks(monkeypatch):
    monkeypatch.setattr(registry, "registered", lambda group: {})
    with pytest.raises(UnknownName, match="none is found") as error:
        registry.load("executors", "serial")
    assert "pyproject.toml" in error.value.advice


def test_both_claimants_are_named_and_only_that_name_is_refused(monkeypatch):
    twins = claims(("a:A", "one 1.0"), ("b:B", "two 2.0"))
    known = registry.registered("models")
    monkeypatch.setattr(registry, "registered", lambda group: {**known, "twin": twins})
    with pytest.raises(AmbiguousName, match=r"a:A \(from one 1.0\) and b:B \(from two 2.0\)"):
        registry.load("models", "twin")
    assert registry.load("models", "prior")


def test_broken_plugin_names_its_owner(monkeypatch):
    broken = (Registered("models", "bad", "no_such_module:X", "guest 0.1"),)
    monkeypatch.setattr(registry, "registered", lambda group: {"bad": broken})
    with pytest.raises(BrokenPlugin, match=r"from guest 0\.1"):
        registry.load("models", "bad")


def test_path_loads_a_class(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text("class Mine:\n    pass\n")
    mine = registry.load("models", f"{file}:Mine")
    assert mine.__name__ == "Mine"
    assert registry.load("models", f"{file}:Mine") is mine
    assert len(registry.source_digest(mine)) == 64


def test_path_errors_say_what_there_is(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text("class Mine:\n    pass\n")
    with pytest.raises(UnknownName, match="did you mean 'Mine'"):
        registry.load("models", f"{file}:Mien")
    with pytest.raises(UsageError, match="does not exist"):
        registry.load("models", f"{tmp_path}/other.py:Mine")
    (tmp_path / "leaver.py").write_text("raise SystemExit(0)")
    with pytest.raises(BrokenPlugin, match="SystemExit"):
        registry.load("models", f"{tmp_path}/leaver.py:Mine")
    (tmp_path / "torn.py").write_text("class (")
    with pytest.raises(BrokenPlugin, match="SyntaxError"):
        registry.load("models", f"{tmp_path}/torn.py:Mine")
