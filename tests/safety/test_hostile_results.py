"""A results folder from a stranger: its names are text everywhere, and nothing in it is run."""

from __future__ import annotations

import csv
import hashlib
import io
import resource
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from serbench import parquet
from serbench.cli.app import app
from serbench.errors import StoreError
from serbench.planned import Plan, read_plan
from serbench.predictions import Predictions, from_parquet, to_parquet
from serbench.printable import cell_name, name_cell, unfit
from serbench.store import Store
from serbench.trial import Trial

FORMULAS = ("=cmd|'/C calc'!A0", "+1+1", "-2+3+cmd|' /C calc'!A0", "@SUM(1)")
NAMES = ("<script>alert(1)</script>", '"onmouseover=alert(1) x="', *FORMULAS,
         r"\input{/etc/passwd}\write18{id}%", "evil.py:Model")  # fmt: skip
MARK = "it ran"


class Handlers(HTMLParser):
    """The attributes of a page that run something."""

    def __init__(self) -> None:
        super().__init__()
        self.every: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.every += [
            f"{tag} {name}"
            for name, value in attrs
            if name.startswith("on") or (value or "").strip().lower().startswith("javascript:")
        ]


def trial(model: str, **other: Any) -> Trial:
    fields: dict[str, Any] = {
        "protocol": {"name": "loso", "corpora": ["savee"]},
        "labels": {"name": "own", "label_field": "perceived", "repeat": {}},
        "task": {"kind": "classes", "names": ["anger", "sadness"]}, "corpora": {"savee": "f" * 64},
        "split": "s" * 64, "folds": 1, "fold": "a", "train": {"digest": "b", "size": 45},
        "tests": {"savee": {"digest": "c", "size": 8}}, "validation": None, "target": None,
        "model": {"name": model, "version": "1", "settings": {}}, "recipes": (), "seed": 0, **other,
    }  # fmt: skip
    return Trial(**fields)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A row for each name; beside them the file that one points to, which leaves a mark."""
    root = tmp_path_factory.mktemp("hostile")
    (root / "evil.py").write_text(f"open({str(root / MARK)!r}, 'w').write('')\nclass Model: pass\n")
    store = Store(root / "results")
    truth = np.arange(8) % 2
    said = np.full((8, 2), 0.5, dtype=np.float32)
    for name in NAMES:
        one = trial(name)
        store.plan(Plan(one.row, {"variant": {"note": name, "x": -0.5}, "findings": []}, (one.id,)))
        ids = tuple(f"savee/a{each}" for each in range(8))
        answers = Predictions(("anger", "sadness"), ids, ("a", "b") * 4, truth, said)
        store.save(one, {"predictions-savee.parquet": to_parquet(answers)}, {"notes": {}})
    return root


@pytest.fixture
def called(results, tmp_path, monkeypatch):
    """``called("leaderboard")``: the standard output of a command in the folder of results."""
    monkeypatch.chdir(results)
    monkeypatch.setenv("COLUMNS", "220")
    monkeypatch.setenv("SERBENCH_RESULTS", str(results / "results"))
    for name in ("CACHE", "CONFIG"):
        monkeypatch.setenv(f"SERBENCH_{name}", str(tmp_path / name))

    def call(*words: str) -> str:
        done = CliRunner().invoke(app, [str(word) for word in words])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.stdout

    return call


def test_csv_cells_are_no_formulas_and_numbers_stay_numbers(called):
    rows = list(csv.DictReader(io.StringIO(called("leaderboard", "--format", "csv"))))
    for row in rows:
        for cell in row.values():
            if cell[:1] in {"=", "+", "@", "-", "\t", "\r"}:
                float(cell)
    assert {f"'{name}" for name in FORMULAS} <= {row["model"] for row in rows}


def test_latex_runs_nothing(called):
    table = called("leaderboard", "--format", "latex")
    assert r"\textbackslash{}input\{/etc/passwd\}\textbackslash{}write18\{id\}\%" in table
    assert r"\input{" not in table
    assert r"\write18" not in table


@pytest.mark.slow
def test_pages_show_names_as_text(called, results, tmp_path):
    called("site", str(tmp_path / "site"))
    pages = list((tmp_path / "site").rglob("*.html"))
    assert pages
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "<script>alert" not in text
        found = Handlers()
        found.feed(text)
        assert not found.every
    assert any("&lt;script&gt;alert" in page.read_text(encoding="utf-8") for page in pages)
    assert not (results / MARK).exists()


@pytest.mark.parametrize(
    "words",
    [["leaderboard"], ["leaderboard", "--format", "md"], ["status"], ["results", "gc", "--dry-run"],
     ["results", "merge", "results", "--into", "other"], ["compare", NAMES[0], "evil.py:Model"],
     ["verify", "results"]],
    ids=lambda words: words[0],
)  # fmt: skip
def test_a_path_in_a_result_is_not_imported(called, results, words):
    called(*words)
    assert not (results / MARK).exists()


@pytest.mark.parametrize("odd", ["\x1b[31mred", "a\x07", "\u202egnp.exe", "\x9b2J", "\x00"])
def test_a_plan_whose_names_a_terminal_obeys_is_none(tmp_path, odd):
    """Tables would print them, and a page's drawing aborts at them."""
    for one in (trial(odd), trial("m", corpora={odd: "f" * 64})):
        store = Store(tmp_path / "results")
        path = store.root / "plans"
        store.plan(Plan(one.row, {"variant": {}}, (one.id,)))
        for plan in path.rglob("*.json"):
            with pytest.raises(ValueError, match="no text"):
                read_plan(plan)
    assert unfit([{"a": [odd]}]) == odd
    assert unfit({"names": ["é", "快乐", "two\nlines", "ß"]}) is None


def test_json_of_a_thousand_brackets_is_no_result(tmp_path):
    deep = b"[" * 100_000
    plan = tmp_path / f"{hashlib.sha256(deep).hexdigest()}.json"
    plan.write_bytes(deep)
    with pytest.raises(ValueError, match="no plan"):
        read_plan(plan)
    store = Store(tmp_path / "results")
    one = trial("m")
    store.plan(Plan(one.row, {"variant": {}}, (one.id,)))
    store.save(one, {}, {"notes": {}})
    for name, read in (("trial.json", store.trial), ("record.json", store.record)):
        (folder,) = (tmp_path / "results" / "trials").glob("*/*")
        kept = (folder / name).read_bytes()
        (folder / name).write_bytes(deep)
        with pytest.raises(StoreError, match=name):
            read(one.id)
        (folder / name).write_bytes(kept)


def packed(value: str, rows: int, groups: int) -> bytes:
    file = io.BytesIO()
    with pq.ParquetWriter(file, pa.schema([("id", pa.string())]), compression="zstd") as writer:
        table = pa.table({"id": pa.array([value] * rows)})
        for _ in range(groups):
            writer.write_table(table)
    return file.getvalue()


def test_parquet_that_unpacks_to_gigabytes_is_refused_within_its_memory():
    """One text of 100 kB in 30,000 rows: 3 GB in a few kilobytes."""
    content = packed("x" * 100_000, 1000, 30)
    assert len(content) < 100_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(StoreError, match=r"p\.parquet holds 3000000000 bytes of text"):
        from_parquet(content, "p.parquet")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000  # kB


def test_parquet_of_too_many_rows_is_refused(monkeypatch):
    monkeypatch.setattr(parquet, "MOST_ROWS", 1000)
    with pytest.raises(StoreError, match=r"p\.parquet claims 2000 rows"):
        from_parquet(packed("x", 1000, 2), "p.parquet")


def test_texts_and_lists_of_texts_are_read_the_careful_way_too(monkeypatch):
    ids = [f"savee/a{each}" for each in range(1000)]
    columns = {"id": pa.array(ids), "both": pa.array([[one, one] for one in ids])}
    content = parquet.to_bytes(columns)
    monkeypatch.setattr(parquet, "MOST_BYTES", 100_000)
    with parquet.read(content, "p", what="a table", columns="id, both") as table:
        assert parquet.texts(table, "id") == tuple(ids)
        assert table.column("both").to_pylist() == [[one, one] for one in ids]


@pytest.mark.parametrize("damage", [b"PAR1", b"PAR1" + bytes(40) + b"PAR1", b"", b"x" * 100])
def test_parquet_that_is_none(damage):
    with pytest.raises(StoreError, match=r"p\.parquet is not a Parquet file"):
        from_parquet(damage, "p.parquet")


CELLS = ("\tx", "\rx", "'=1", "''+1", "'tis", "-3g5yACwYnA", "-", "", "'", "x", "'-3g", "-1.5")


@pytest.mark.parametrize("name", [*FORMULAS, *CELLS])
def test_a_name_comes_back_from_its_cell(name):
    assert cell_name(name_cell(name)) == name
    assert name_cell(name)[:1] not in {"=", "+", "@", "\t", "\r"}


def test_numbers_and_names_that_begin_with_a_minus_sign_stay():
    assert [name_cell(each) for each in ("-1.5", "-3g5yACwYnA")] == ["-1.5", "-3g5yACwYnA"]
