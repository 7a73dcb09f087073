"""``serbench reproduce`` of a figure: as numbers in every format, as a drawing, and refused."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from serbench.cli import reproduce
from serbench.cli.reproduction_formats import sheet_of
from serbench.cli.reproduction_latex import as_latex
from serbench.errors import SerbenchError
from serbench.labels import Classes
from serbench.predictions import Predictions, to_parquet
from serbench.reproducing.picture import picture
from serbench.reproducing.shelf import find
from serbench.store import Plan, Store
from serbench.trial import Trial

SEVEN = ("anger", "boredom", "disgust", "fear", "happiness", "neutral", "sadness")
CORPORA = {"emodb": SEVEN, "ravdess": SEVEN[2:]}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """DBL-MM on EMO-DB, and on RAVDESS with other classes, at 5 epochs."""
    store = Store(tmp_path_factory.mktemp("figures"))
    for corpus, names in CORPORA.items():
        classes = Classes(names)
        trials = [
            Trial(
                protocol={"name": "loso", "corpora": [corpus], "target_access": "none"},
                labels={"name": "own", "repeat": {}}, task=classes.record(),
                corpora={corpus: "f" * 64}, split="s", folds=4, fold=fold,
                train={"digest": "b", "size": 4}, tests={corpus: {"digest": "c", "size": 21}},
                validation=None, target=None, recipes=(), seed=0,
                model={"name": "dblmm", "version": "1", "settings": {"epochs": 5}},
            )
            for fold in "1234"
        ]  # fmt: skip
        notes = {"variant": {"epochs": 5}, "findings": []}
        store.plan(Plan(trials[0].row, notes, tuple(one.id for one in trials)))
        for one in trials:
            truth = np.arange(21) % len(names)
            wrong = np.arange(21) >= 12 + int(one.fold)
            answer = np.where(wrong, (truth + 1) % len(names), truth)
            ids = tuple(f"{corpus}/{one.fold}-{i:02}" for i in range(21))
            sure = np.eye(len(names), dtype=np.float32)[answer]
            said = Predictions(names, ids, (one.fold,) * 21, truth, sure)
            store.save(one, {f"predictions-{corpus}.parquet": to_parquet(said)}, {"notes": notes})
    return store.root


@pytest.fixture
def run(results, tmp_path, monkeypatch):
    monkeypatch.setenv("SERBENCH_RESULTS", str(results))
    monkeypatch.setattr("serbench.unlike.usual_speakers", lambda _corpora: None)  # made up: small
    monkeypatch.setattr("serbench.unlike.usual_utterances", lambda _corpora, _labels: None)
    monkeypatch.setenv("SERBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("SERBENCH_CONFIG", str(tmp_path / "config"))
    monkeypatch.delenv("SERBENCH_CORPORA", raising=False)
    app = typer.Typer()
    app.command()(reproduce.reproduce)

    def called(*words, width=100):
        monkeypatch.setenv("COLUMNS", str(width))
        return CliRunner().invoke(app, [str(word) for word in words])

    return called


def flat(text):
    return " ".join(text.split())


def test_a_matrix_as_numbers(run):
    shown = run("dblmm-fig3")
    assert shown.exit_code == 0
    told = flat(shown.stdout)
    assert "DBL-MM, Fig. 3: confusion matrix of DBL-MM on EMO-DB" in told
    assert "1 panel: 1 measured otherwise than in the paper" in told
    assert "epochs=5 where the paper has 100" in told
    assert "recall of anger, text 95.32" in told
    assert "recall of fear, pooled - (" in told
    assert "DBL-MM on emodb, measured: per cent of each row" in told
    assert "serbench run --model dblmm --protocol loso --corpus emodb --set epochs=100" in told


def test_a_released_matrix_stands_where_nothing_is_measured(run):
    shown = run("sdcaff-confusion")
    told = flat(shown.stdout)
    assert "SD-CAFF(final) on iemocap, released by the authors" in told
    assert "neutral 84.0 5.6 1.9 8.6 1099" in told
    assert "4 panels: 4 not run yet, of a corpus that is not here" in told


def test_machines_read_it_too(run):
    rows = list(csv.DictReader(io.StringIO(run("dblmm-fig3", "--format", "csv").stdout)))
    cells = [row for row in rows if row["quantity"] == "utterances"]
    assert len(cells) == 49
    assert sum(int(row["ours"]) for row in cells) == 84
    (anger,) = (row for row in rows if row["quantity"] == "recall_anger")
    assert float(anger["published"]) == 95.32
    page = json.loads(run("dblmm-fig3", "--json").stdout)
    assert (page["kind"], page["panels"][0]["state"]) == ("confusion", "deviates")
    assert sum(map(sum, page["panels"][0]["counts"])) == 84
    assert page["panels"][0]["deviations"] == ["epochs=5 where the paper has 100"]
    text = run("dblmm-fig3", "--format", "md").stdout
    assert "| recall of sadness, text | 94.96" in text


def test_latex_closes(results):
    for name in ("dblmm-fig3", "sdcaff-confusion", "timnet-fig2"):
        text = as_latex(sheet_of(picture(find(name), Store(results), {})))
        assert text.count(r"\begin{") == text.count(r"\end{")
        assert text.count("{") - text.count(r"\{") == text.count("}") - text.count(r"\}")
        assert text.count(r"\toprule") == text.count(r"\bottomrule") > 0


def test_it_is_drawn_and_says_what_is_not_the_papers(run, tmp_path):
    path = tmp_path / "fig.svg"
    shown = run("dblmm-fig3", "-o", path)
    assert shown.exit_code == 0, shown.stderr
    drawing = path.read_text()
    assert drawing.startswith("<svg")
    assert "epochs=5 where the paper has 100" in drawing
    assert "recalls that the paper prints of DBL-MM: anger 95.32" in drawing
    assert "epochs=5 where the paper has 100" in flat(shown.stderr)


def test_corpora_of_other_classes_are_drawn_one_below_the_other(run, tmp_path):
    path = tmp_path / "fig.svg"
    shown = run("dblmm-fig3", "--corpus", "emodb", "--corpus", "ravdess", "-o", path)
    assert shown.exit_code == 0, shown.stderr
    drawing = path.read_text()
    assert "DBL-MM on emodb, measured" in drawing
    assert "DBL-MM on ravdess, measured" in drawing
    assert "on ravdess where the paper has emodb" in drawing


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("dblmm-table3", "-o", "fig.svg"), "the name of a figure"),
        (("-o", "fig.svg"), "the name of a figure"),
        (("dblmm-fig3", "-o", "fig.docx"), "a file name that ends in .svg"),
        (("dblmm-fig3", "--corpus", "emodbb"), "did you mean 'emodb'"),
        (("dblmm-fig3", "--model", "svm"), "dblmm-fig3 has no model 'svm'"),
        (("dblmm-fig3", "--set", "epochs=5"), "--set without --run"),
        (("dblmm-fig3", "--set", "epochs=5", "-o", "fig.svg"), "--set without --run"),
        (("dblmm-fig3", "--device", "cpu"), "--device without --run"),
        (("timnet-fig3", "-o", "fig.svg"), "serbench run --model gmtcnet --protocol holdout"),
        (("dblmm-fig4", "-o", "fig.svg"), "it takes savee, not here"),
        (("timnet-fig4",), "did you mean 'timnet-fig"),
    ],
)
def test_refusals(run, words, complaint, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shown = run(*words)
    assert shown.exit_code != 0
    assert isinstance(shown.exception, SerbenchError)
    assert complaint in str(shown.exception)
    assert not (tmp_path / "fig.svg").exists()


def test_run_says_what_it_leaves_out(run):
    shown = run("timnet-fig2", "--run")
    assert shown.exit_code == 0
    assert "left out: timnet epochs=500 under last-epoch on casia (casia not here)" in flat(
        shown.stderr
    )


@pytest.mark.slow
def test_planes_are_drawn_of_nets_trained_once_more(run, forged_savee, tmp_path):
    path = tmp_path / "tsne.svg"
    words = (
        "timnet-fig3", "--run", "--corpus", "savee", "--model", "timnet", "--set", "epochs=1",
        "--corpus-root", f"savee={forged_savee}", "--allow-partial", "--device", "cpu",
        "--results", tmp_path / "results", "-o", path,
    )  # fmt: skip
    shown = run(*words)
    assert shown.exit_code == 0, shown.stderr
    told = flat(shown.stderr)
    assert "weights are not kept, so it is trained again, once" in told
    assert "17 of 17 answers are those of the stored trial" in told
    drawing = path.read_text()
    assert "on savee where the paper has casia" in drawing
    assert "epochs=1 where the paper has 500" in drawing


@pytest.mark.slow
def test_a_map_is_drawn_where_the_encoders_are_shown_again(run, tmp_path):
    from serbench.registry import load
    from serbench.testing.encoders import tiny_audio_encoder, tiny_text_encoder
    from serbench.testing.forge import forge_corpus

    emodb = forge_corpus(load("corpora", "emodb")(), tmp_path / "emodb", per_cell=1)
    encoders = (
        "--set", f"audio_encoder={tiny_audio_encoder(tmp_path / 'wavlm')}",
        "--set", f"text_encoder={tiny_text_encoder(tmp_path / 'bert')}",
    )  # fmt: skip
    path, results = tmp_path / "map.svg", tmp_path / "results"
    words = (
        "swrr-fig3", "--corpus", "emodb", "--corpus-root", f"emodb={emodb}", "--allow-partial",
        "--device", "cpu", "--results", results,
    )  # fmt: skip
    small = [word for name in ("epochs=1", "hidden=8", "channels=4") for word in ("--set", name)]
    first = run(*words, *encoders, *small, "--run")
    assert first.exit_code == 0, first.stderr
    shown = run(*words, *encoders, "-o", path)
    assert shown.exit_code == 0, shown.stderr
    assert "7 of 7 answers are those of the stored trial" in flat(shown.stderr)
    assert "frame of sound, 20 ms each" in path.read_text()
