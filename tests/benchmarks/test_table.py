"""One table from the figures of all parts."""

from __future__ import annotations

import json
import sys

import pytest


def leg(seconds, *, extrapolated=True):
    return {"epoch_s": seconds / 500, "whole_s": seconds, "start_s": 1.0, "epochs_seen": 3,
            "extrapolated": extrapolated, "peak_mib": 512.0, "note": ""}  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    """Figures as the scripts write them."""
    times = {"median": 0.5, "min": 0.4, "ratio": 10.0}
    startup = dict.fromkeys(("serbench --help", "serbench models list"), times)
    figures = {
        "startup": {**startup, "python -c pass": {"median": 0.05, "min": 0.04, "ratio": 1.0}},
        "leaderboard": {
            "legs": [
                {"leg": "cold", "trials": 100_000, "seconds": 50.0, "peak_mib": 900.0},
                {"leg": "warm", "trials": 100_000, "seconds": 3.5, "peak_mib": 300.0},
            ]
        },
        "stacking-cuda": {
            "device": "cuda: NVIDIA H100 80GB HBM3", "threads": 8, "small": False,
            "precision": "bfloat16 autocast", "processor": "EPYC", "cores": 16, "memory_gib": 128,
            "system": "Linux", "date": "2026-11-22", "versions": {"torch": "2.11.0"},
            "cases": {
                "timnet-emodb": {
                    "trainings": 10, "epochs": 500, "floor": {"seconds": 2.0},
                    "legs": {"stacked": leg(30.0, extrapolated=False), "one by one": leg(300.0),
                             "compiled": {"not_run": "time was over"}},
                }
            },
        },
    }  # fmt: skip
    for name, each in figures.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(each), encoding="utf-8")
    return tmp_path


def made(script, folder, monkeypatch, *more):
    every = script("all")
    monkeypatch.setattr(every, "there_is_cuda", lambda: False)
    monkeypatch.setattr(sys, "argv", ["all", "--table", "--folder", str(folder), *more])
    every.main()
    whole = json.loads((folder / "bench.json").read_text(encoding="utf-8"))
    return {row["what"] + " " + row["beside"].partition(",")[0]: row for row in whole["rows"]}


def test_targets_are_held_against_figures(script, folder, monkeypatch, capsys):
    rows = made(script, folder, monkeypatch)
    warm = rows["leaderboard over 100000 packed trials, warm cold"]
    assert (warm["figure"], warm["target"], warm["met"]) == ("3.5 s", "under 3 s", False)
    title = "timnet-emodb, 10 x 500 epochs, GPU"
    stacked = rows[f"{title}: stacked floor"]
    assert stacked["figure"] == "30 s, 512 MiB"
    assert (stacked["floors"], stacked["met"]) == (15.0, True)
    faster = rows[f"{title}: stacked one by one"]
    assert (faster["beside"], faster["ratio"]) == ("one by one, ~300 s", 10.0)
    assert (faster["target"], faster["met"]) == ("8 x", True)
    assert rows[f"{title}: compiled "]["figure"] == "not run: time was over"
    assert rows["scan "]["figure"] == "not run: not measured yet"
    assert "NO" in capsys.readouterr().out


def test_without_a_gpu_the_table_says_so(script, folder, monkeypatch):
    (folder / "stacking-cuda.json").unlink()
    row = made(script, folder, monkeypatch)["dblmm-loso, stacked on a GPU "]
    assert row["figure"] == "not run: no CUDA device"
    assert row["target"] == "under 360 s on one H100, 3 x plain"


def test_the_table_goes_between_the_pages_markers(script, folder, monkeypatch):
    every = script("all")
    page = folder / "performance.md"
    page.write_text(f"before\n{every.START}\nstale\n{every.END}\nafter\n", encoding="utf-8")
    for _ in range(2):
        made(script, folder, monkeypatch, "--into", str(page))
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"before\n{every.START}\nMeasured on ")
    assert text.endswith(f"|\n{every.END}\nafter\n")
    assert "stale" not in text
    assert "On a GPU, cuda: NVIDIA H100 80GB HBM3" in text
    assert text.count("| what |") == 1
    page.write_text("no markers\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="no pair of the lines"):
        made(script, folder, monkeypatch, "--into", str(page))
    assert page.read_text(encoding="utf-8") == "no markers\n"


def test_every_part_has_a_script_and_a_reader(script):
    every, rows = script("all"), script("rows")
    for part in every.PARTS:
        assert (every.HERE / part.script).is_file()
        assert part.name.removesuffix("-cuda") in rows.READ
