"""A plan as a file: what is read is what was written, or it is said what is wrong."""

import json
from pathlib import Path

import pytest

from serbench import planfile
from serbench.choice import ModelChoice
from serbench.errors import StoreError, UsageError
from serbench.jobs import Job
from serbench.planfile import PlanFile
from serbench.store import Plan
from serbench.trial import Trial


def trial(model="m", fold="s1", seed=0, speakers=None):
    validation = None if speakers is None else {"digest": "v", "size": 1, "speakers": speakers}
    return Trial(
        protocol={"name": "loso", "corpora": ["toy"], "target_access": "none"},
        labels={"name": "own"}, task={"kind": "classes", "names": ["anger", "na\u2028if"]},
        corpora={"toy": "f"}, split="s", folds=2, fold=fold, train={"digest": fold, "size": 1},
        tests={"toy": {"digest": "c", "size": 3}}, validation=validation, target=None,
        model={"name": model, "version": "1", "settings": {"c": 1.0, "sizes": [1, 2]}},
        recipes=({"name": "mfcc"},), seed=seed,
    )  # fmt: skip


def job(one, spec="m", **changes):
    return Job(
        one, ModelChoice(spec, {"c": 1.0, "sizes": [1, 2]}, frozenset({"c"})),
        roots={"toy": Path("/corpora/toy")}, results=Path("/results"), cache=Path("/cache"),
        precision="float32", keep="last", compile=False, allow_partial=True,
        protocol="/splits/loso",
        notes={"variant": {}, "findings": [one.model["name"]]}, **changes,
    )  # fmt: skip


@pytest.fixture
def plan():
    first = [job(trial(fold=fold, seed=seed)) for fold in ("s1", "s2") for seed in (0, 1)]
    other = [job(trial("n", speakers=["x"]), spec="n")]
    plans = tuple(
        Plan(jobs[0].trial.row, jobs[0].notes, tuple(sorted(one.trial.id for one in jobs)))
        for jobs in (first, other)
    )
    jobs = (*first[1:], *other)  # the first is finished
    seconds = {jobs[0].trial.id: 2.5}
    return PlanFile(Path("/results"), Path("/cache"), plans, jobs, ("last",), seconds)


@pytest.fixture
def written(plan, tmp_path):
    path = tmp_path / "plan.jsonl"
    planfile.write(path, plan)
    return path


def edited(path, number, change):
    """Change one line, as a hand would."""
    lines = path.read_text("utf-8").split("\n")
    value = json.loads(lines[number])
    change(value)
    lines[number] = json.dumps(value)
    path.write_text("\n".join(lines), "utf-8")


def refused(path, *words):
    with pytest.raises(StoreError) as found:
        planfile.read(path)
    for word in words:
        assert word in str(found.value)


def test_what_is_read_is_what_was_written(plan, written):
    assert planfile.read(written) == plan
    assert len(written.read_text("utf-8").split("\n")) == 1 + 2 + 4 + 1  # header, rows, trials


def test_a_rows_plan_is_whole_though_some_of_it_is_finished(plan, written):
    read = planfile.read(written)
    assert len(read.plans[0].trials) == 4
    assert sum(one.trial.model["name"] == "m" for one in read.jobs) == 3


def test_a_models_file_is_found_from_any_folder(plan, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    only = job(trial(), spec="mine.py:Mine")
    row = Plan(only.trial.row, only.notes, (only.trial.id,))
    path = tmp_path / "plan.jsonl"
    planfile.write(path, PlanFile(plan.results, plan.cache, (row,), (only,)))
    assert planfile.read(path).jobs[0].choice.spec == f"{tmp_path}/mine.py:Mine"


def test_other_folders(plan):
    moved = plan.at(results=Path("/there"), roots={"toy": Path("/mine"), "else": Path("/no")})
    assert {one.results for one in moved.jobs} == {moved.results} == {Path("/there")}
    assert moved.jobs[0].roots == {"toy": Path("/mine")}
    assert moved.cache == plan.cache


def test_a_plan_of_another_version_is_read(written):
    edited(written, 0, lambda header: header.update(serbench="9.9"))
    assert planfile.read(written).serbench == "9.9"


def test_another_format(written):
    edited(written, 0, lambda header: header.update(format=2))
    refused(written, "format 2", "format 1", "serbench plan")


@pytest.mark.parametrize(
    "change",
    [
        lambda line: line.update(seed=7),
        lambda line: line.update(fold="s9"),
        lambda line: line.update(trial="0" * 64),
        lambda line: line.update(of=1),
        lambda line: line["train"].update(size=2),
    ],
)
def test_an_edited_trial(written, change):
    edited(written, 3, change)
    refused(written, "line 4, was altered", "make it again")


def test_an_edited_row_alters_its_trials(written):
    edited(written, 1, lambda line: line["row"]["model"]["settings"].update(c=2.0))
    refused(written, "line 4, was altered")


def test_a_trial_that_stands_there_twice(written):
    lines = written.read_text("utf-8").split("\n")
    lines[4] = lines[3]
    written.write_text("\n".join(lines), "utf-8")
    refused(written, "line 5", "twice")


def test_a_torn_last_line(written):
    written.write_bytes(written.read_bytes()[:-20])
    refused(written, "line 7, is torn")


def test_lost_lines(written):
    written.write_text("\n".join(written.read_text("utf-8").split("\n")[:-2]) + "\n", "utf-8")
    refused(written, "holds 5 lines", "2 rows and 4 trials")


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "is empty"),
        (b"\n", "line 1, is no JSON object"),
        (b"\xff\xfe\x00", "not text"),
        (b'{"format": 1}\n', "is no plan"),
        (b"[1]\n", "no JSON object"),
        (b'{"kind": "serbench plan", "format": 1}\n', "not a whole plan: KeyError: 'rows'"),
        (b'{"kind": "serbench plan", "format": 1, "rows": "two"}\n', "not a whole plan"),
    ],
)
def test_what_is_no_plan(tmp_path, content, word):
    path = tmp_path / "plan.jsonl"
    path.write_bytes(content)
    refused(path, word)


def test_a_file_that_is_not_there(tmp_path):
    refused(tmp_path / "plan.jsonl", "No such file")
    refused(tmp_path, "cannot be read")


@pytest.mark.parametrize(
    "part", ["choice", "roots", "precision", "compile", "row", "notes", "trials"]
)
def test_a_row_that_lacks_a_part(written, part):
    edited(written, 1, lambda line: line.pop(part))
    refused(written, "not a whole plan", part)


def test_a_plan_takes_no_other_files_place(tmp_path, written):
    planfile.check_place(written)
    planfile.check_place(tmp_path / "new.jsonl")
    (tmp_path / "notes.txt").write_text("{}\n")
    (tmp_path / "thesis.tex").write_text("words\n")
    for name in ("notes.txt", "thesis.tex", "nowhere/plan.jsonl", "."):
        with pytest.raises(UsageError, match="-o "):
            planfile.check_place(tmp_path / name)
