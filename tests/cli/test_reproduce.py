"""``serbench reproduce`` as it is typed: every format, every width, every refusal."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess

import pytest
import typer
from typer.testing import CliRunner

from serbench.cli import reproduce
from serbench.cli.reproduction_formats import as_markdown, sheet_of
from serbench.cli.reproduction_latex import as_latex
from serbench.cli.reproductions import NOISES, legend
from serbench.errors import SerbenchError
from serbench.labels import Classes
from serbench.literature import literature
from serbench.predictions import Predictions, to_parquet
from serbench.reproducing.filling import fill
from serbench.reproducing.noise import Noise
from serbench.reproducing.page import Cell
from serbench.reproducing.shelf import table as table_of
from serbench.reproducing.values import Value
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
    monkeypatch.setattr("serbench.unlike.usual_speakers", lambda _corpora: None)  # made up: small
    monkeypatch.setattr("serbench.unlike.usual_utterances", lambda _corpora, _labels: None)
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
        at for at, line in enumerate(lines) if re.match(" DBL-MM[²³⁴⁵⁶]", line) and "84.87" in line
    )
    shown_at = " ".join(lines[at : at + (3 if width == 60 else 1)])  # beneath where it is narrow
    assert "(69.05)" in shown_at
    assert "-15.82" in shown_at
    assert "+7.30±14.94~" in shown.output  # the other model's 88.10 on four folds that vary
    assert "± half of the 95% interval of ours over its folds" in " ".join(shown.output.split())
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
    assert "24 numbers: 24 not run yet, of a corpus that is not here" in shown
    assert "it takes iemocap, not here: serbench corpora add iemocap DIR" in shown
    assert "not the mean of its own recalls, 74.22" in shown


def test_marks_are_raised_and_numbers_end_above_one_another(run):
    lines = run("timnet-table1", width=120).output.splitlines()
    at = next(at for at, line in enumerate(lines) if line == "EMOVO")
    ends = [line.index(".") for line in lines[at : at + 10] if re.search(r" 20\d\d ", line)]
    assert len(ends) == 6
    assert len(set(ends)) == 1
    assert re.search(r"TIM-Net\*\*[⁰-⁹¹²³,]+ +2023 +92\.00[⁰-⁹¹²³]+,[⁰-⁹¹²³]+ ", lines[at + 9])
    assert not any(re.search(r"\[\d", line) for line in lines)
    assert "[28]: in the paper's own list of references" in run("dblmm-table5").output


def test_markdown(results):
    text = as_markdown(fill(table_of("timnet-table1"), Store(results), {}))
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in table[:3]} == {9}
    assert any(line.startswith("| TIM-Net\\*\\*²") for line in table)
    assert "- ¹ protocol not known" in text


def test_latex_escapes_and_closes(results):
    for name in ("dblmm-table3", "timnet-table1", "timnet-table2", "sdcaff-table3", "swrr-table3"):
        text = as_latex(sheet_of(fill(table_of(name), Store(results), {})))
        assert text.count(r"\begin{") == text.count(r"\end{")
        assert text.count("{") - text.count(r"\{") == text.count("}") - text.count(r"\}")
        assert text.count(r"\toprule") == text.count(r"\bottomrule") > 0
        plain = re.sub(r"\$[^$]*\$|\\[a-zA-Z]+|\\.", "", text.partition(r"\begin{table}")[2])
        rows = [line for line in plain.splitlines() if "&" not in line]
        assert not re.search(r"[_#%^~<>]", "".join(rows)), name
        assert "±" not in text
        found = re.findall(
            r"\\begin\{tabular\}\{([^\n]*)\}\n(.*?)\\end\{tabular\}", text, re.DOTALL
        )
        found = [(spec, body) for spec, body in found if "tabular" not in body]
        assert len(found) == text.count(r"\toprule")
        for spec, body in found:
            columns = re.sub(r"@\{(\\hspace\{\d+pt\})?\}|\{\d+pt\}", "", spec)
            assert re.fullmatch("[lrp]+", columns)
            rows = [line for line in body.splitlines() if line.endswith(r"\\")]
            several = [row for row in rows if "multicolumn" not in row]
            assert {len(re.findall(r"(?<!\\)&", row)) + 1 for row in several} == {len(columns)}


def test_latex_is_labelled_and_keeps_its_notes_with_it(results):
    text = as_latex(sheet_of(fill(table_of("timnet-table1"), Store(results), {})))
    floats = re.findall(r"\\begin\{table\*\}(.*?)\\end\{table\*\}", text, re.DOTALL)
    assert len(floats) == 2
    assert text.count(r"\label{tab:timnet-table1}") == floats[0].count(r"\label") == 1
    assert text.count(r"\addtocounter{table}{-1}") == floats[1].count("(continued)") == 1
    outside = re.sub(
        r"\\begin\{table\*\}.*?\\end\{table\*\}|^%.*$", "", text, flags=re.DOTALL | re.MULTILINE
    )
    assert not outside.strip()
    for one in floats:
        table, _, below = one.partition(r"\begin{minipage}")
        marks = re.findall(r"\\textsuperscript\{([\d,]+)\}", table)
        told = re.findall(r"^\\textsuperscript\{(\d+)\} ", below, re.MULTILINE)
        assert sorted({n for each in marks for n in each.split(",")}, key=int) == told


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no LaTeX here")
def test_a_page_holds_each_float(results, tmp_path):
    told = as_latex(sheet_of(fill(table_of("timnet-table1"), Store(results), {})))
    lines = [r"\documentclass[10pt]{article}", r"\usepackage{booktabs}", r"\begin{document}"]
    (tmp_path / "t.tex").write_text("\n".join([*lines, told, r"\end{document}"]))
    words = ["pdflatex", "-interaction=nonstopmode", "-draftmode", "t.tex"]
    ran = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout
    assert not re.findall("Overfull.*|Float too large.*", ran.stdout)


def test_latex_numbers_have_signs(results):
    text = as_latex(sheet_of(fill(table_of("dblmm-table3"), Store(results), {})))
    assert "$-$15.82" in text
    assert r"w\_X=50" in as_latex(sheet_of(fill(table_of("swrr-table3"), None, {})))
    assert "-{}-model dblmm" in text
    assert r"34.49$\pm$0.43" in as_latex(sheet_of(fill(table_of("timnet-table2"), None, {})))


def test_the_half_width_stands_in_every_form(run):
    for form, text in (("md", r"+7.30±14.94\~"), ("latex", r"$+$7.30$\pm$14.94\textasciitilde{}")):
        assert text in run("dblmm-table3", "--format", form).output
    rows = csv.DictReader(io.StringIO(run("dblmm-table3", "--format", "csv").output))
    (ours,) = (r for r in rows if r["method"] == "BiLSTM-1" and r["ours"] and r["metric"] == "wa")
    assert (float(ours["noise"]), ours["noise_over"]) == (pytest.approx(14.94, abs=0.01), "folds")


def test_whose_noise_it_is_stands_below():
    numbers = [one for one in literature() if one.model and one.metric == "wa"]
    ours = [
        Value(one.share + 0.01, "pooled", noise=Noise(0.005, 9, over))
        for one, over in zip(numbers, ("folds", "runs", "speakers", "corpora"), strict=False)
    ]
    cells = [Cell(one, "measured", value) for one, value in zip(numbers, ours, strict=False)]
    for cell in cells:
        (told,) = (line for line in legend([cell]) if line.startswith("± "))
        assert told.endswith(
            "~ within "
            + NOISES[cell.ours.noise.over][7:]
            + ", which is not to say that the two are equal"
        )
        # How hard the paper's own folds are is common to both; seeds are not.
        assert ("the real noise is smaller" in told) is (cell.ours.noise.over != "runs")
        assert ("seed noise only, unpaired" in told) is (cell.ours.noise.over == "runs")
    both = [line for line in legend(cells[:2]) if line.startswith("± ")]
    assert [numbers[at].method in line for at, line in enumerate(both)] == [True, True]


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
    assert "12 numbers: 12 not run yet, of a corpus that is not here" in shown.output


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
    assert "2 measured otherwise than in the paper" in told
    again = run(*words)
    assert "0 trials run, 4 found finished" in again.stderr
