"""``serbench status`` as people and scripts read it."""

import dataclasses
import json
import os
import pty
import select
import sys
import time

import pytest
from typer.testing import CliRunner

from serbench import claims
from serbench.alive import Process
from serbench.claim import Claim
from serbench.cli.app import app
from serbench.cli.status.bar import bar
from serbench.errors import UsageError
from serbench.status import status_of
from serbench.store import Plan, Store
from serbench.trial import Trial


def trial(seed=0, model="[red]m[/red]"):
    return Trial(
        protocol={"name": "loso", "corpora": ["toy"]}, labels={"name": "own"},
        task={"kind": "classes", "names": ["a", "b"]}, corpora={"toy": "f"}, split="s", folds=1,
        fold="s1", train={"digest": "b", "size": 1}, tests={"toy": {"digest": "c", "size": 3}},
        validation=None, target=None, model={"name": model, "version": "1", "settings": {}},
        recipes=(), seed=seed,
    )  # fmt: skip


def claim(root, one, **changes):
    silent = changes.pop("silent", 0.0)
    values = {"worker": "slurm 99_3", "seconds": 61.0, "done": 7, "total": 50, "note": "[b]0.3"}
    made = Claim(
        one.id, one.title, "[red]node7[/red]", Process(4242, "elsewhere", "1"), "cuda:0",
        started="2026-11-22T10:00:00+00:00", **(values | changes),
    )  # fmt: skip
    path = claims.folder(root) / f"{one.id}.node7.4242.ab.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(made.json())
    os.utime(path, (time.time() - silent,) * 2)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Eight trials of a model: one done, three running in one pack, two failed, one interrupted."""
    root = tmp_path_factory.mktemp("results")
    store = Store(root)
    trials = [trial(seed) for seed in range(8)]
    store.plan(Plan(trials[0].row, {"variant": {}}, tuple(one.id for one in trials)))
    store.save(trials[0], {}, {"seconds": 100.0})
    for one in trials[1:4]:
        claim(root, one, done=6 + one.seed)
    for one in trials[4:6]:
        store.fail(one, f"ValueError: [bold]no[/bold] {one.seed}\x1b[2J", "Traceback\n  line\x07")
    claim(root, trials[6], silent=900.0)
    store.checkpoint(trials[6].id).parent.mkdir(parents=True)
    store.checkpoint(trials[6].id).write_bytes(b"?")
    (root / "plans" / "[red]x").write_text("")
    return root


def call(*arguments, width=140):
    ran = CliRunner().invoke(
        app, ["status", *map(str, arguments)], env={"COLUMNS": str(width)}, catch_exceptions=False
    )
    return ran.exit_code, ran.stdout


def test_a_person_sees_all_of_it(results):
    code, text = call("--results", results)
    assert code == 0
    assert f"{results}: 1 of 8 trials done, 3 running, 2 failed, 2 missing" in " ".join(
        text.split()
    )
    lines = [line.split() for line in text.splitlines()]
    row = next(line for line in lines if line[:3] == ["[red]m[/red]", "loso", "toy"])
    assert row[4:8] == ["1/8", "3", "2", "2"]
    assert sorted(set(row[3])) == sorted({"█", "▒", "✗", "·"})
    assert len(row[3]) == 20
    for words in ("[red]m[/red] loso toy s1 seed 1 and 2 more", "[red]node7[/red] 4242", "7-9/50",
                  "slurm 99_3", "[b]0.3", "[red]m[/red] loso toy s1 seed 6", "15 min ago",
                  "silent", "yes", "ValueError: [bold]no[/bold] 4?[2J", "(in others with other",
                  f"serbench status --log {trial(4).id[:12]}", "by one worker, as now",
                  "1 file is not what should be there", "plans/[red]x: not a plan"):  # fmt: skip
        assert words in text, words
    assert "\x1b" not in text


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_no_line_is_wider_than_the_terminal(results, width):
    _, text = call("--results", results, width=width)
    assert max(map(len, text.splitlines())) <= width
    assert "1/8" in text
    assert "7-9/50" in text


def test_a_script_reads_the_same(results):
    code, text = call("--results", results, "--json")
    read = json.loads(text)
    assert code == 0
    assert {name: read[f"trials_{name}"] for name in ("planned", "done", "running", "failed",
            "missing", "resumable", "unplanned")} == {
        "planned": 8, "done": 1, "running": 3, "failed": 2, "missing": 2, "resumable": 1,
        "unplanned": 0,
    }  # fmt: skip
    (row,) = read["rows"]
    assert (row["model"], row["protocol"], row["corpora"]) == ("[red]m[/red]", "loso", ["toy"])
    assert row["seconds_per_trial"] == 100.0
    assert sorted(one["done"] for one in read["running"]) == [7, 8, 9]
    assert read["interrupted"][0]["state"] == "silent"
    assert read["interrupted"][0]["resumable"]
    assert read["failures"][0]["count"] == 2
    assert read["seconds_left"] > 0


def test_a_log_is_printed_without_what_a_terminal_obeys(results):
    code, text = call("--results", results, "--log", trial(4).id[:10])
    assert code == 0
    assert text == (
        f"{trial(4).title}\ntrial {trial(4).id}\n\nValueError: [bold]no[/bold] 4?[2J\n\n"
        "Traceback\n  line?\n"
    )
    _, text = call("--results", results, "--log", trial(4).id, "--json")
    assert json.loads(text)["trial"] == trial(4).id
    with pytest.raises(UsageError, match="no trial that failed"):
        call("--results", results, "--log", trial(0).id)


def test_check_is_for_scripts(results, tmp_path):
    assert call("--results", results, "--check")[0] == 1
    assert call("--results", tmp_path, "--check")[0] == 1  # nothing was planned
    store = Store(tmp_path)
    store.plan(Plan(trial().row, {}, (trial().id,)))
    claim(tmp_path, trial())
    assert call("--results", tmp_path, "--check")[0] == 1  # it is running still
    store.save(trial(), {}, {})
    assert call("--results", tmp_path, "--check")[0] == 0


def test_rows_that_look_alike_are_told_apart(tmp_path):
    store = Store(tmp_path)
    row = trial().row
    for version in ("abcdef0123", "fedcba9876"):
        model = {**row["model"], "version": version}
        store.plan(Plan({**row, "model": model}, {}, (trial().id,)))
    store.plan(Plan({**row, "model": {**row["model"], "version": "x"}, "split": "t"}, {}, ()))
    store.plan(Plan({**row, "model": {**row["model"], "version": "x"}, "split": "u"}, {}, ()))
    _, text = call("--results", tmp_path)
    assert "[red]m[/red] version=abcdef01 " in text
    assert "[red]m[/red] version=fedcba98 " in text
    assert text.count("row=") == 2


def test_what_cannot_be_meant_is_refused(results, tmp_path):
    missing = tmp_path / "nothing"
    with pytest.raises(UsageError, match="does not exist"):
        call("--results", missing)
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="is not a folder"):
        call("--results", tmp_path / "file")
    for options in (["--watch", "--json"], ["--watch", "--check"], ["--log", "a", "--check"],
                    ["--log", "a", "--model", "m"]):  # fmt: skip
        with pytest.raises(UsageError, match="with"):
            call("--results", results, *options)
    with pytest.raises(UsageError, match="no terminal"):
        call("--results", results, "--watch")
    with pytest.raises(UsageError, match="nothing that was planned matches nope") as caught:
        call("--results", results, "--model", "nope")
    assert "toy under loso: [red]m[/red]" in str(caught.value)


def test_a_bar_shows_the_least_of_each_part(results):
    (line,) = status_of(Store(results)).lines
    line = dataclasses.replace(line, planned=9999, done=1, running=0, failed=1, missing=9997)
    assert bar(line, 10, ascii_only=False).plain == "█✗········"
    assert bar(line, 10, ascii_only=True).plain == "#x........"
    line = dataclasses.replace(line, planned=3, done=3, failed=0, missing=0)
    assert bar(line, 10, ascii_only=True).plain == "#" * 10


def test_an_empty_folder_is_no_error(tmp_path):
    code, text = call("--results", tmp_path)
    assert code == 0
    assert "nothing was planned in this folder yet" in " ".join(text.split())


@pytest.mark.slow
def test_watching_looks_again_until_ctrl_c(tmp_path):
    store = Store(tmp_path)
    store.plan(Plan(trial().row, {}, (trial().id,)))
    child, terminal = pty.fork()
    if child == 0:
        os.environ |= {"COLUMNS": "100", "LINES": "40", "TERM": "xterm"}
        command = [sys.executable, "-P", "-m", "serbench", "status", "--watch", "--results"]
        os.execv(sys.executable, [*command, str(tmp_path)])
    shown = b""

    def read_until(words):
        nonlocal shown
        shown, end = b"", time.monotonic() + 30
        while words not in shown:
            assert time.monotonic() < end, shown
            if select.select([terminal], [], [], 1.0)[0]:
                shown += os.read(terminal, 65536)

    read_until(b"0 of 1 trials done")
    read_until(b"0 of 1 trials done")  # and again, with nothing changed
    store.save(trial(), {}, {})
    read_until(b"1 of 1 trials done")
    os.write(terminal, b"\x03")
    read_until(b"1 of 1 trials done")  # it stays on the screen
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
