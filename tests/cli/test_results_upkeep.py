"""``serbench results gc``, ``repair`` and ``export``, as they are called."""

import json

import pytest

from serbench.store import Store


@pytest.fixture
def results(command_line, forged_savee, tmp_path):
    """A results folder of a run."""
    ran = command_line(
        "run", "--model", "prior", "--protocol", "loso", "--corpus", "savee", "--corpus-root",
        f"savee={forged_savee}", "--allow-partial", "--quiet",
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return tmp_path / "results"


def test_from_a_run_to_tables_and_back_to_health(command_line, results, tmp_path):
    said = command_line("results", "export", "out", "--json")
    told = json.loads(said.stdout)
    assert told["trials"] == 4
    assert set(told["rows"]) == {"predictions.parquet", "scores.csv"}
    assert (tmp_path / "out" / "scores.csv").read_text().startswith("corpora,")
    assert command_line("results", "export", "out", "--format", "csv").returncode == 0
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").touch()
    command_line("results", "export", "mine").refused("thesis.tex")
    command_line("results", "export", "out", "--format", "xlsx").refused("parquet, csv")
    command_line("results", "export", "new", "--model", "none").refused("no finished trial")

    assert command_line("results", "repair", "--check").returncode == 0
    store = Store(results)
    victim = next(store.ids())
    path = store.folder(victim) / "predictions-savee.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    found = command_line("results", "repair", "--check")
    assert found.returncode == 1
    assert f"trials/{victim[:2]}/{victim}/predictions-savee.parquet: its SHA-256" in found.stdout
    assert "goes to superseded/" in found.stdout
    assert path.exists()
    mended = json.loads(command_line("results", "repair", "--json").stdout)
    assert (mended["mended"], [one["whole"] for one in mended["damaged"]]) == (True, [victim])
    assert not store.has(victim)
    command_line("results", "repair", "--check", "--migrate").refused("one of them")

    left = results / "unfinished" / next(store.ids())
    left.mkdir(parents=True)
    (left / "checkpoint.pt").write_bytes(b"x" * 3000)
    shown = command_line("results", "gc")
    assert "1 x checkpoint of a trial that is finished: 2.9 KiB" in shown.stdout
    assert "would be removed; --yes removes it" in shown.stdout
    assert left.exists()
    assert json.loads(command_line("results", "gc", "--yes", "--json").stdout)["bytes"] == 3000
    assert not left.exists()
    command_line("results", "gc", "--older-than", "-1").refused("a number of days")
    moved = command_line("results", "repair", "--migrate")
    assert moved.returncode == 0
    assert "0 trials and 0 plans brought up to date" in moved.stdout
