"""What docs/protocols.md says is so."""

import re
from pathlib import Path

import pytest

from serbench.interchange.columns import NAMES
from serbench.interchange.reading import FORMATS, read
from serbench.registry import load, registered
from serbench.splitters import Row

PAGE = Path(__file__).resolve().parents[2] / "docs" / "protocols.md"


@pytest.fixture(scope="module")
def page():
    return PAGE.read_text(encoding="utf-8")


def test_every_protocol_and_format_is_on_it(page):
    for name in registered("protocols"):
        (row,) = re.findall(rf"^\| `{name}` \|.*$", page, re.MULTILINE)
        said = {"apart": True, "on both sides": False, "as they chose": False}
        assert said[row.split("|")[3].strip()] is load("protocols", name).speaker_independent
    for name in FORMATS:
        assert f"| `{name}` |" in page


def test_every_column_is_on_it(page):
    for names in NAMES.values():
        for name in names:
            assert f"`{name}`" in page, name


def test_its_table_is_read(page, tmp_path):
    table = re.search(r"```\n(fold,side.*?)```", page, re.DOTALL)[1]
    (tmp_path / "mine.csv").write_text(table, encoding="utf-8")
    found = read(tmp_path / "mine.csv")
    assert found.splits[0].record() == {
        "fold": "1", "train": ["emodb/03a01Fa"], "tests": {"emodb": ["emodb/08a01Fd"]}
    }  # fmt: skip
    assert len(found.items) == 3
    assert found.notes == ()


def test_its_rule_cuts(page):
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    names = {"__name__": "page"}
    exec(code, names)
    rows = [Row(f"{s}{i}", f"{s}{i}.wav", s, "", "anger", "x") for s in "abcde" for i in range(2)]
    (split,) = names["FIRST_SPEAKERS"].splits(rows)
    assert split.tests == {"x": ("e0", "e1")}
    assert len(split.train) == 8
