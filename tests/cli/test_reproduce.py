"""``serbench reproduce`` as it is typed: every format, every width, every refusal."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
import typer
from typer.testing import CliRunner

from serbench.cli import reproduce
from serbench.cli.reproduction_formats import as_latex, as_markdown
from serbench.errors import SerbenchError
from serbench.labels import Classes
from serbench.predictions import Predictions, to_parquet
from serbench.reproducing.filling import fill
from serbench.reproducing.shelf import table as table_of
from serbench.store import Plan, Store
from serbench.trial import Trial

CLASSES = Classes(("anger", "boredom", "disgust", "fear", "happiness", "neutral", "sadness"))
FOLDS = ("1", "2", "3", "4")


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """DBL-MM on EMO-DB at 5 epochs, its first BiLSTM at the paper's 100."""
    import numpy as np

    store = Store(tmp_path_factory.mktemp("reproduce"))
    for model, epochs, right in (("dblmm", 5, 12), ("bilstm-logmel", 100, 16)):
        trials = [
            Trial(
                protocol={"name": "loso", "corpora": ["emodb"], "target_access": "none"},
                labels={"name": "own", "repeat": {}}, task=CLASSES.record(),
                corpora={"emodb": "f" * 64}, split="s", folds=4, fold=fold,
                train={"digest": "b", "size": 4}, tests={"emodb": {"digest": "c", "size": 21}},
                validation=None, target=None, recipes=(), seed=0,
                model={"name": model, "version": "1", "settings": {"epochs": epochs}},
            )
            for fold in FOLDS
        ]  # fmt: skip
        notes = {"variant": {"epochs": 5} if epochs == 5 else {}, "findings": []}
        store.plan(Plan(trials[0].row, notes, tuple(one.id for one in trials)))
        for one in trials:
            truth = np.arange(21) % 7
            answer = np.where(np.arange(21) < right + int(one.fold), truth, (truth + 1) % 7)
            ids = tuple(f"emodb/{one.fold}-{i:02}" for i in range(21))
            said = Predictions(
                CLASSES.names, ids, (one.fold,) * 21, truth, np.eye(7, dtype=np.float32)[answer]
            )
            store.save(one, {"predictions-emodb.parquet": to_parquet(said)}, {"notes": notes})
    return store.root


@pytest.fixture
def run(results, tmp_path, monkeypatch):
    monkeypatch.setenv("SERBENCH_RESULTS", str(results))
    monkeypatch.setenv("SERBENCH_CONFIG", str(tmp_path / "config"))
    monkeypatch.delenv("SERBENCH_CORPORA", raising=False)
    app = typer.Typer()
    app.command()(reproduce.reproduce)

    def called(*words, width=80):
        monkeypatch.setenv("COLUMNS", str(width))
        return CliRunner().invoke(app, list(words))

    return called


def test_a_list_of_all(run):
    shown = run()
    assert shown.exit_code == 0
    assert "timnet-table1" in shown.output
    assert re.search(r"dblmm-table3 .* 2 of 12 numbers \(\+2\)", shown.output)
    assert run("--list").output == shown.output
    tables = {one["name"]: one for one in json.loads(run("--json").output)}
    assert len(tables) == 19
    assert (tables["dblmm-table3"]["measured"], tables["dblmm-table3"]["deviating"]) == (2, 2)


@pytest.mark.parametrize("width", [60, 80, 160])
def test_a_table_in_a_terminal(run, width):
    shown = run("dblmm-table3", width=width)
    assert shown.exit_code == 0
    lines = shown.output.splitlines()
    told = [line for line in lines if "serbench run" not in line]  # to be copied in one piece
    assert max(map(len, told)) <= width
    at = next(
        at for at, line in enumerate(lines) if line.startswith(" DBL-MM[") and "84.87" in line
    )
    shown_at = " ".join(lines[at : at + (3 if width == 60 else 1)])  # beneath where it is narrow
    assert "(69.05)" in shown_at
    assert "-15.82" in shown_at
    assert "+7.30~" in shown.output  # the other model's 88.10 on four folds that vary
    assert "~ within fold noise: inside the 95% interval" in " ".join(shown.output.split())
    assert "epochs=5 where the paper has 100" in " ".join(shown.output.split())
    assert any(line.strip().startswith("serbench run --model dblmm") for line in lines)


def test_a_table_that_is_too_wide_has_ours_beneath(run):
    beside = run("dblmm-table3", width=80).output
    assert re.search(r"WA +ours +diff", beside)
    assert "   ours\n" not in beside
    beneath = run("dblmm-table3", width=40).output
    assert not re.search(r"WA +ours", beneath)
    assert re.search(r"^   ours +\(69.05\)", beneath, re.MULTILINE)
    assert re.search(r"^   diff +-15.82", beneath, re.MULTILINE)


def test_a_row_says_so_where_nothing_is_measured(run):
    shown = " ".join(run("sdcaff-table3").output.split())
    assert "24 numbers: 24 of a corpus that is not here" in shown
    assert "iemocap not here: serbench corpora add iemocap DIR" in shown
    assert "not the mean of its own recalls, 74.22" in shown


def test_markdown(results):
    text = as_markdown(fill(table_of("timnet-table1"), Store(results), {}))
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in table[:3]} == {9}
    assert any(line.startswith("| TIM-Net\\*\\*[") for line in table)
    assert "- [1] protocol not known" in text


def test_latex_escapes_and_closes(results):
    for name in ("dblmm-table3", "timnet-table1", "timnet-table2", "sdcaff-table3", "swrr-table3"):
        text = as_latex(fill(table_of(name), Store(results), {}))
        assert text.count(r"\begin{") == text.count(r"\end{")
        assert text.count("{") - text.count(r"\{") == text.count("}") - text.count(r"\}")
        assert text.count(r"\toprule") == text.count(r"\bottomrule") > 0
        plain = re.sub(r"\$[^$]*\$|\\[a-zA-Z]+|\\.", "", text.partition(r"\begin{table}")[2])
        rows = [line for line in plain.splitlines() if "&" not in line]
        assert not re.search(r"[_#%^~<>]", "".join(rows)), name
        assert "±" not in text
        for begin in re.finditer(
            r"\\begin\{tabular\}\{([lr]+)\}(.*?)\\end\{tabular\}", text, re.DOTALL
        ):
            rows = [line for line in begin[2].splitlines() if line.endswith(r"\\")]
            several = [row for row in rows if "multicolumn" not in row]
            assert {len(re.findall(r"(?<!\\)&", row)) + 1 for row in several} == {len(begin[1])}


def test_latex_numbers_have_signs(results):
    text = as_latex(fill(table_of("dblmm-table3"), Store(results), {}))
    assert "$-$15.82" in text
    assert r"w\_X=50" in as_latex(fill(table_of("swrr-table3"), None, {}))
    assert "-{}-model dblmm" in text
    assert r"34.49$\pm$0.43" in as_latex(fill(table_of("timnet-table2"), None, {}))


def test_csv_and_json_hold_every_number(run):
    rows = list(csv.DictReader(io.StringIO(run("dblmm-table3", "--format", "csv").output)))
    assert len(rows) == 12
    (ours,) = (
        row for row in rows if row["method"] == "DBL-MM" and row["ours"] and row["metric"] == "wa"
    )
    assert float(ours["difference"].lstrip("'")) == pytest.approx(100 * 14.5 / 21 - 84.87)
    page = json.loads(run("dblmm-table3", "--json").output)
    assert (page["name"], len(page["cells"])) == ("dblmm-table3", 12)
    assert page == json.loads(run("dblmm-table3", "--format", "json").output)
    states = [one["state"] for one in page["cells"]]
    assert (states.count("measured"), states.count("deviates")) == (2, 2)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("timnet-tabel1",), "did you mean 'timnet-table1'"),
        (("dblmm-table3", "--set", "epochs=5"), "--set without --run"),
        (("dblmm-table3", "--device", "cuda", "--rerun"), "--device, --rerun without --run"),
        (("--format", "csv"), "--format csv without a name"),
        (("--run",), "--run without a name"),
        (("dblmm-table3", "--list"), "--list with dblmm-table3"),
        (("dblmm-table3", "--format", "html"), "html"),
        (("dblmm-table3", "--json", "--format", "md"), "--json with --format md"),
        (("dblmm-table3", "--results", "nowhere"), "nowhere does not exist"),
        (("dblmm-table3", "--run", "--model", "svm"), "dblmm-table3 has no model 'svm'"),
        (("dblmm-table3", "--run", "--workers", "0"), "--workers 0"),
    ],
)
def test_refusals(run, words, complaint):
    shown = run(*words)
    assert shown.exit_code != 0
    assert isinstance(shown.exception, SerbenchError)
    assert complaint in str(shown.exception)


def test_run_says_what_it_leaves_out(run):
    shown = run("dblmm-table3", "--run")
    assert shown.exit_code == 0
    assert "nothing to run" in shown.stderr
    told = " ".join(shown.stderr.split())
    assert "left out: dblmm epochs=100 under loso on emodb (emodb not here)" in told
    assert "bilstm-logmel epochs=100 under loso on emodb" not in told  # it is measured
    assert "DBL-MM" in shown.stdout


def test_without_a_results_folder_the_paper_stands_alone(run, tmp_path, monkeypatch):
    monkeypatch.setenv("SERBENCH_RESULTS", str(tmp_path / "none"))
    shown = run("dblmm-table3")
    assert shown.exit_code == 0
    assert "12 numbers: 12 of a corpus that is not here" in shown.output


@pytest.mark.slow
def test_a_small_corpus_is_run_and_never_passed_off(run, forged_savee, tmp_path):
    words = (
        *("dblmm-table3", "--run", "--corpus", "savee", "--model", "dblmm", "--allow-partial"),
        *("--set", "hidden=4", "--set", "epochs=1", "--corpus-root", f"savee={forged_savee}"),
        *("--device", "cpu", "--results", str(tmp_path / "results")),
    )
    shown = run(*words)
    assert shown.exit_code == 0, shown.stderr
    assert "dblmm epochs=1 hidden=4 under loso on savee" in shown.stderr
    assert "4 trials run, 0 found finished" in shown.stderr
    told = " ".join(shown.stdout.split())
    assert "epochs=1 where the paper has 100, hidden=4, a partial corpus" in told
    assert "2 measured with other settings" in told
    again = run(*words)
    assert "0 trials run, 4 found finished" in again.stderr
