"""No code reads a file in a way that runs what is in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(
    path
    for folder in ("serbench", "corpora", "baselines", "benchmarks")
    for path in (ROOT / folder).rglob("*.py")
)
UNPICKLERS = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "marshal", "shelve",
              "jsonpickle", "pandas.read_pickle", "yaml"}  # fmt: skip
RUNNERS = {"eval", "exec", "compile", "__import__"}
# File, what stands there, and why it may.
ALLOWED = {
    ("serbench/nets/checkpoints.py", "import pickle"): "for the name of an error",
    (
        "corpora/serbench_corpora/mosei/mmsa_pickle.py",
        "read_pickle",
    ): "runs nothing",
    ("serbench/registry.py", "exec"): "path/to/file.py:Class, which its user asked for by name",
    ("serbench/registry.py", "compile"): "the same",
}


# Only a file with one of these words in it is parsed: all 700 would take seconds.
WORDS = re.compile(
    r"pickle|dill|joblib|marshal|shelve|yaml|eval|exec|compile\(|__import__|load\(|read_array"
    r"|unpack_archive|extractall|trust_remote_code|from_pretrained|shell|os\.(system|popen)"
)


def called(node: ast.Call) -> str:
    parts: list[str] = []
    function: ast.expr = node.func
    while isinstance(function, ast.Attribute):
        parts.append(function.attr)
        function = function.value
    parts.append(function.id if isinstance(function, ast.Name) else "")
    return ".".join(reversed(parts))


def given(node: ast.Call, name: str) -> object:
    for word in node.keywords:
        if word.arg == name and isinstance(word.value, ast.Constant):
            return word.value.value
    return None


# What a call may not do without, by the end of its name: a word, and its value.
NEEDED = {
    "np.load": ("allow_pickle", False),  # NumPy's own default, which was another once
    "numpy.load": ("allow_pickle", False),
    "read_array": ("allow_pickle", False),
    "torch.load": ("weights_only", True),
    "from_pretrained": ("trust_remote_code", False),
}
NEVER = {"read_pickle", "to_pickle", "unpack_archive", "extractall"}
SHELLS = {"os.system", "os.popen"}


def faults(tree: ast.AST) -> Iterator[str]:
    """What of a module could run the content of a file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (f"import {a.name}" for a in node.names if a.name in UNPICKLERS)
        elif isinstance(node, ast.ImportFrom) and node.module in UNPICKLERS:
            yield f"import {node.module}"
        elif isinstance(node, ast.Call) and runs(node):
            yield called(node)


def runs(node: ast.Call) -> bool:
    name = called(node)
    last = name.rpartition(".")[2]
    word, value = NEEDED.get(name) or NEEDED.get(last) or ("", None)
    return (
        name in RUNNERS | SHELLS
        or last in NEVER
        or (word != "" and given(node, word) is not value)
        or given(node, "trust_remote_code") is True
        or given(node, "shell") is True
    )


@pytest.mark.parametrize(
    "line",
    ["import pickle", "from joblib import load", "np.load(p)", "np.load(p, allow_pickle=True)",
     "torch.load(p)", "torch.load(p, weights_only=False)", "eval(text)", "tar.extractall(p)",
     "AutoModel.from_pretrained(p)", "Auto.from_pretrained(p, trust_remote_code=True)",
     "subprocess.run(line, shell=True)", "pd.read_pickle(p)", "import yaml"],
)  # fmt: skip
def test_the_search_finds(line: str) -> None:
    assert list(faults(ast.parse(line)))


def test_nothing_is_unpickled_or_run() -> None:
    found = {
        (str(path.relative_to(ROOT)), fault)
        for path in SOURCES
        if WORDS.search(source := path.read_text(encoding="utf-8"))
        for fault in faults(ast.parse(source))
    }
    assert len(SOURCES) > 500
    assert found - set(ALLOWED) == set()
    assert set(ALLOWED) - found == set()
