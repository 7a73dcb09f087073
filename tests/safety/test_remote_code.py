"""An encoder whose weights come with Python files is read without them, or refused in words."""

from __future__ import annotations

import ast
from pathlib import Path

ENCODERS = Path(__file__).resolve().parents[2] / "serbench" / "nets" / "encoders"


def test_every_loading_says_that_it_trusts_no_code() -> None:
    """By default transformers would ask the terminal, and wait for its answer."""
    said = [
        word.value.value
        for path in ENCODERS.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        for word in node.keywords
        if word.arg == "trust_remote_code" and isinstance(word.value, ast.Constant)
    ]
    assert said
    assert not any(said)
