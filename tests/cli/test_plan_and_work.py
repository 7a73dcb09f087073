"""``serbench plan`` and ``serbench work``: what is printed, what is written, what is refused."""

import json

import pytest


@pytest.fixture
def ask(command_line, forged_savee):
    def call(command, *words, **variables):
        root = ["--corpus-root", f"savee={forged_savee}"] if command != "work" else []
        partial = ["--allow-partial"] if command != "work" else []
        return command_line(command, *words, *root, *partial, **variables)

    return call


PLAN = (  # of nothing
    '{"kind": "serbench plan", "format": 1, "serbench": "9", "created": "", "results": "r", '
    '"cache": "c", "selections": [], "rows": 0, "jobs": 0}\n'
)
PRIOR = ("--model", "prior", "--protocol", "loso", "--corpus", "savee")


def test_plan_then_work_by_shares(ask, tmp_path):
    said = ask("plan", *PRIOR, "--no-measure", "-o", "plan.jsonl")
    assert said.returncode == 0, said.stderr
    assert "4 trials planned" in said.stdout
    assert "written to plan.jsonl" in said.stderr
    assert "unknown" in said.stdout
    assert not (tmp_path / "results").exists()
    first = ask("work", "plan.jsonl", "--shard", "1/2")
    assert first.returncode == 0, first.stderr
    assert "2 trials: 2 run" in first.stderr
    array = {
        "SLURM_ARRAY_TASK_ID": 2, "SLURM_ARRAY_TASK_MIN": 1, "SLURM_ARRAY_TASK_MAX": 2,
        "SLURM_ARRAY_TASK_COUNT": 2,
    }  # fmt: skip
    second = ask("work", "plan.jsonl", "--shard", "auto", "--json", **array)
    (row,) = [row for row in json.loads(second.stdout) if row["model"] == "prior"]
    assert row["trials_done"] == row["trials_planned"] == 4
    ran = ask("run", *PRIOR)
    assert "4 trials: 0 run, 4 found finished" in ran.stderr
    again = ask("plan", *PRIOR, "-o", "plan.jsonl")
    assert "0 trials planned, 4 finished already" in again.stdout
    assert "0 trials: 0 run" in ask("work", "plan.jsonl").stderr


def test_work_into_another_folder(ask, tmp_path):
    ask("plan", *PRIOR, "--no-measure", "-o", "plan.jsonl", "--results", "planned")
    said = ask("work", "plan.jsonl", "--results", "elsewhere")
    assert said.returncode == 0, said.stderr
    assert (tmp_path / "elsewhere" / "trials").is_dir()
    assert not (tmp_path / "planned").exists()
    assert ask("work", "plan.jsonl", SERBENCH_RESULTS=tmp_path / "third").returncode == 0
    assert (tmp_path / "planned" / "trials").is_dir()  # the plan says where
    assert not (tmp_path / "third").exists()


def test_a_plan_as_json(ask):
    ask("run", *PRIOR)
    said = ask("plan", *PRIOR, "--all", "--no-measure", "--json", "--workers", "2")
    found = json.loads(said.stdout)
    (row,) = found["rows"]
    assert (row["trials"], row["missing"], row["planned"]) == (4, 0, 4)
    assert (row["seconds_source"], row["memory_source"]) == ("finished", "unknown")
    assert row["memory"] is None
    assert found["seconds"] == pytest.approx(4 * row["seconds_a_trial"])
    assert found["seconds_by_workers"] == pytest.approx(found["seconds"] / 2, rel=0.6)
    assert found["trials"] == 4


def test_a_net_s_figures_say_where_they_come_from(ask):
    said = ask(
        "plan", "--model", "dblmm", "--protocol", "loso", "--corpus", "savee", "--set", "hidden=4",
        "--seeds", "2", "--no-measure",
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    assert "counted" in said.stdout
    assert "at least" in said.stdout
    assert "dblmm (hidden=4)" in said.stdout
    assert "8 trials planned" in said.stdout


def test_a_failing_trial_ends_work_with_1(ask, tmp_path):
    (tmp_path / "bad.py").write_text(
        "class Bad:\n"
        "    def fit(self, train, *, seed):\n        raise ValueError('no')\n"
        "    def predict_proba(self, test):\n        return None\n"
    )
    mine = ("--model", "bad.py:Bad", "--protocol", "loso", "--corpus", "savee")
    assert ask("plan", *mine, "--no-measure", "-o", "plan.jsonl").returncode == 0
    said = ask("work", "plan.jsonl", "--shard", "1/4")
    assert said.returncode == 1
    assert "failed: Bad loso savee" in said.stderr
    assert "ValueError: no" in said.stderr
    assert "Traceback" not in said.stderr


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("plan.jsonl", "--shard", "0/4"), ["1/4 to 4/4"]),
        (("plan.jsonl", "--shard", "5/4"), ["no share 5 of 4"]),
        (("plan.jsonl", "--shard", "half"), ["i/n"]),
        (("plan.jsonl", "--shard", "auto"), ["outside of a job array", "SLURM_ARRAY_TASK_ID"]),
        (("none.jsonl",), ["none.jsonl cannot be read", "serbench plan -o"]),
        ((".",), ["holds no bundle"]),
        (("thesis.tex",), ["no JSON object"]),
        (("plan.jsonl", "--features", "half"), ["--features half"]),
        (("plan.jsonl", "--executor-set", "half"), ["NAME=VALUE"]),
        (("plan.jsonl", "--tar", "out"), ["only of a bundle"]),
        (("plan.jsonl", "--tar-mib", "4"), ["only with --tar OUT"]),
    ],
)
def test_what_work_refuses(ask, tmp_path, words, expected):
    (tmp_path / "plan.jsonl").write_text("{}\n" if "--executor-set" not in words else PLAN)
    (tmp_path / "thesis.tex").write_text("words\n")
    ask("work", *words).refused(*expected)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("-o", "nowhere/plan.jsonl"), ["in a folder that exists"]),
        (("-o", "thesis.tex"), ["is no plan"]),
        (("--workers", "0"), ["--workers"]),
        (("--seeds", "0"), ["--seeds 0"]),
        (("--rerun", "--reuse"), ["one of them"]),
        (("--precision", "half"), ["--precision half"]),
        (("--features", "torch"), ["--bundle DIR", "serbench work"]),
    ],
)
def test_what_plan_refuses(ask, tmp_path, words, expected):
    (tmp_path / "thesis.tex").write_text("words\n")
    ask("plan", *PRIOR, "--no-measure", *words).refused(*expected)
    assert (tmp_path / "thesis.tex").read_text() == "words\n"


@pytest.mark.parametrize("option", ["--executor", "--stack", "--executor-set", "--scheduler"])
def test_plan_has_no_options_of_a_worker(ask, option):
    said = ask("plan", *PRIOR, option, "2")
    assert said.returncode == 2
    assert option in said.stderr
